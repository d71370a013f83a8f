/// The Gram matrix G = DᵀD of a convolutional dictionary, by pairs of filters and shifts.
///
/// Where every atom lies in the signal as a whole, ⟨d_(o,q), d_(o',q')⟩ depends on o, o' and q' − q alone and
/// is zero where the two do not overlap: G has M²·|shifts| numbers in place of m². It is what makes
/// Batch-OMP pay for a dictionary that codes a single batch (Rubinstein, Zibulevsky, Elad, Technion
/// CS-2008-08, form G from all atoms).
struct ShiftGram<Scalar: NumericScalar>: Sendable {
  private let filterCount: Int
  private let code: Extent
  /// The largest step between two atoms that overlap, along both axes.
  private let reach: Extent
  /// ⟨d_(o,q), d_(o',q+s)⟩ at [o, o', s].
  private let products: [Scalar]

  /// Whether all atoms of a geometry lie in the signal as a whole.
  static func applies(to geometry: ConvolutionGeometry) -> Bool {
    geometry.holdsWholeAtoms && geometry.dilation == .square(1)
  }

  /// How many numbers G has.
  static func count(_ geometry: ConvolutionGeometry, filters: Int) -> Int {
    let reach = reach(of: geometry)
    return filters * filters * (2 * reach.height + 1) * (2 * reach.width + 1)
  }

  private static func reach(of geometry: ConvolutionGeometry) -> Extent {
    let (kernel, stride, code) = (geometry.kernelSize, geometry.stride, geometry.codeSize)
    return Extent(
      min((kernel.height - 1) / stride.height, code.height - 1),
      min((kernel.width - 1) / stride.width, code.width - 1))
  }

  /// - Parameter dictionary: One whose geometry `applies`.
  /// - Complexity: O(M² C |taps| |shifts|) operations.
  init(_ dictionary: ConvolutionalDictionary<Scalar>) {
    let geometry = dictionary.geometry
    precondition(Self.applies(to: geometry), "atoms that are cut off have other inner products")
    let (reach, count) = (Self.reach(of: geometry), dictionary.filterCount)
    let columns = 2 * reach.width + 1
    let area = (2 * reach.height + 1) * columns
    var products = [Scalar](repeating: 0, count: count * count * area)
    for overlap in FilterOverlap.all(of: geometry) {
      let steps = overlap.steps
      // G is symmetric: half of the shifts suffice.
      guard abs(steps.height) <= reach.height, abs(steps.width) <= reach.width,
        (steps.height, steps.width) >= (0, 0)
      else { continue }
      let inner = overlap.stayingColumns(of: dictionary.filters)
        .multiplied(by: overlap.shiftedColumns(of: dictionary.filters), transposingOther: true)
      let place = (steps.height + reach.height) * columns + steps.width + reach.width
      inner.withElements { inner in
        for o in 0..<count {
          for other in 0..<count {
            let value = inner[o * count + other]
            products[(o * count + other) * area + place] = value
            products[(other * count + o) * area + area - 1 - place] = value
          }
        }
      }
    }
    (filterCount, code) = (count, geometry.codeSize)
    (self.reach, self.products) = (reach, products)
  }

  /// ⟨dᵢ, dⱼ⟩.
  func product(_ i: Int, _ j: Int) -> Scalar {
    let (o, q) = i.quotientAndRemainder(dividingBy: code.area)
    let (other, p) = j.quotientAndRemainder(dividingBy: code.area)
    let down = p / code.width - q / code.width + reach.height
    let right = p % code.width - q % code.width + reach.width
    let (height, width) = (2 * reach.height + 1, 2 * reach.width + 1)
    guard (0..<height).contains(down), (0..<width).contains(right) else { return 0 }
    return products[((o * filterCount + other) * height + down) * width + right]
  }

  /// target ← target − a G_j, where G_j is the row of atom j.
  @inline(__always)
  func subtract(_ a: Scalar, timesRow j: Int, from target: UnsafeMutablePointer<Scalar>) {
    let (o, q) = j.quotientAndRemainder(dividingBy: code.area)
    let (y, x) = q.quotientAndRemainder(dividingBy: code.width)
    let columns = 2 &* reach.width &+ 1
    let area = (2 &* reach.height &+ 1) &* columns
    let rows = max(y - reach.height, 0)...min(y + reach.height, code.height - 1)
    let first = max(x - reach.width, 0)
    let count = min(x + reach.width, code.width - 1) - first + 1
    products.withUnsafeBufferPointer { products in
      let own = products.start + o &* filterCount &* area + (first - x + reach.width)
      for other in 0..<filterCount {
        for row in rows {
          let from = own + other &* area + (row &- y &+ reach.height) &* columns
          let line = target + other &* code.area + row &* code.width + first
          for i in 0..<count { line[i] -= a * from[i] }
        }
      }
    }
  }
}
