/// The grid on which a convolutional code lives, for local measures of sparsity.
public struct CodeGrid: Sendable, Hashable {
  /// Filters, or channels of the code.
  public let channels: Int
  /// Positions an axis.
  public let size: Extent
  /// n, the size of a filter an axis, in code positions.
  public let filterSize: Extent
  /// What lies beyond the edge.
  public let boundary: Boundary

  /// A grid from its parts.
  public init(channels: Int, size: Extent, filterSize: Extent, boundary: Boundary) {
    self.channels = channels
    self.size = size
    self.filterSize = filterSize
    self.boundary = boundary
  }

  /// The grid of a dictionary's codes; nil where the stride is not one, for which stripes are not
  /// defined.
  public init?<Scalar>(_ dictionary: ConvolutionalDictionary<Scalar>) {
    let geometry = dictionary.geometry
    guard geometry.stride == .square(1) else { return nil }
    self.init(
      channels: dictionary.filterCount, size: geometry.codeSize,
      filterSize: Extent(
        (geometry.kernelSize.height - 1) * geometry.dilation.height + 1,
        (geometry.kernelSize.width - 1) * geometry.dilation.width + 1),
      boundary: geometry.boundary)
  }
}

/// Measures of how sparse a code is and how far two codes are apart.
public enum SparsityMeasures {
  /// ‖γ‖₀: the number of entries with |γⱼ| > `threshold`.
  public static func cardinality<Scalar: NumericScalar>(
    _ code: [Scalar], threshold: Scalar = 0
  ) -> Int {
    code.count { abs($0) > threshold }
  }

  /// The indices of the entries with |γⱼ| > `threshold`, ascending.
  public static func support<Scalar: NumericScalar>(
    _ code: [Scalar], threshold: Scalar = 0
  ) -> [Int] {
    code.indices.filter { abs(code[$0]) > threshold }
  }

  /// The stripe norm ‖γ‖ˢ_{0,∞}: the most non-zeros, over all channels, at shifts |j − i| ≤ n − 1.
  ///
  /// P, Sec. 2, along each axis. A circular grid counts every position once, also where
  /// N < 2n − 1; at an edge the window is
  /// clipped.
  /// - Complexity: O(channels · positions), by running sums.
  public static func stripeNorm<Scalar: NumericScalar>(
    _ code: [Scalar], on grid: CodeGrid, threshold: Scalar = 0
  ) -> Int {
    let reach = Extent(grid.filterSize.height - 1, grid.filterSize.width - 1)
    return largestWindow(
      code, grid, threshold, before: reach, after: reach)
  }

  /// The patch norm ‖γ‖ᵖ_{0,∞}: as the stripe norm, with shifts i … i + n − 1.
  public static func patchNorm<Scalar: NumericScalar>(
    _ code: [Scalar], on grid: CodeGrid, threshold: Scalar = 0
  ) -> Int {
    largestWindow(
      code, grid, threshold, before: .square(0),
      after: Extent(grid.filterSize.height - 1, grid.filterSize.width - 1))
  }

  /// The local norm ‖x‖ᵖ_{2,∞}: the largest ℓ₂ norm of a patch, all channels at shifts i … i + n − 1.
  ///
  /// S and Papyan et al. measure noise and errors of codes by it; along each axis, patches at an edge
  /// as in `patchNorm`. A signal is a code whose grid has the filter size of D₁.
  /// - Complexity: O(channels · positions), by running sums of squares, so a patch of negligible
  ///   energy is off by rounding of the whole energy; the largest is not.
  public static func patchNorm2(_ code: [Double], on grid: CodeGrid) -> Double {
    let (h, w) = (grid.size.height, grid.size.width)
    precondition(code.count == grid.channels * h * w, "the code does not fill its grid")
    var energies = [Double](repeating: 0, count: h * w)
    for (j, value) in code.enumerated() { energies[j % (h * w)] += value * value }
    let largest = largestWindow(
      energies, grid, before: .square(0),
      after: Extent(grid.filterSize.height - 1, grid.filterSize.width - 1))
    return max(largest, 0).squareRoot()
  }

  private static func largestWindow<Scalar: NumericScalar>(
    _ code: [Scalar], _ grid: CodeGrid, _ threshold: Scalar, before: Extent, after: Extent
  ) -> Int {
    let (h, w) = (grid.size.height, grid.size.width)
    precondition(code.count == grid.channels * h * w, "the code does not fill its grid")
    var counts = [Int](repeating: 0, count: h * w)
    for (j, value) in code.enumerated() where abs(value) > threshold { counts[j % (h * w)] += 1 }
    return largestWindow(counts, grid, before: before, after: after)
  }

  /// The largest sum of one value a position over the windows i − before … i + after of every axis.
  private static func largestWindow<Sum: Comparable & SignedNumeric>(
    _ counts: [Sum], _ grid: CodeGrid, before: Extent, after: Extent
  ) -> Sum {
    let (h, w) = (grid.size.height, grid.size.width)
    let circular = grid.boundary == .circular
    var running = [Sum](repeating: 0, count: max(h, w) + 1)
    var lines = [Sum](repeating: 0, count: h * w)
    for y in 0..<h {
      for x in 0..<w { running[x + 1] = running[x] + counts[y * w + x] }
      for x in 0..<w {
        lines[y * w + x] = windowSum(running, w, x - before.width, x + after.width, circular)
      }
    }
    var largest: Sum = 0
    for x in 0..<w {
      for y in 0..<h { running[y + 1] = running[y] + lines[y * w + x] }
      for y in 0..<h {
        largest = max(
          largest, windowSum(running, h, y - before.height, y + after.height, circular))
      }
    }
    return largest
  }

  /// The sum of the n values at low … high, from `running`, the sums of those before each.
  private static func windowSum<Sum: SignedNumeric>(
    _ running: [Sum], _ n: Int, _ low: Int, _ high: Int, _ circular: Bool
  ) -> Sum {
    if circular, high - low + 1 >= n { return running[n] }
    var sum = running[min(high, n - 1) + 1] - running[max(low, 0)]
    if circular, low < 0 { sum += running[n] - running[n + low] }
    if circular, high >= n { sum += running[high - n + 1] }
    return sum
  }

  /// The normalised support intersection |Ŝ ∩ S| / max(|Ŝ|, |S|); one for two empty supports.
  ///
  /// Source: P, Fig. 3.
  public static func supportIntersection(_ found: [Int], _ truth: [Int]) -> Double {
    let larger = max(found.count, truth.count)
    return larger == 0 ? 1 : Double(Set(found).intersection(truth).count) / Double(larger)
  }

  /// ‖γ̂ − γ‖₂/‖γ‖₂; infinite where only γ is zero, zero where both are.
  public static func relativeError(_ estimate: [Double], _ truth: [Double]) -> Double {
    let distance = Double.squaredDistance(truth.count, estimate, truth).squareRoot()
    let norm = Double.norm2(truth.count, truth)
    return norm > 0 ? distance / norm : (distance > 0 ? .infinity : 0)
  }

  /// ‖D‖₀: the largest number of non-zeros of a filter  [P, footnote 3].
  public static func largestFilterCardinality<Scalar>(
    _ dictionary: ConvolutionalDictionary<Scalar>, threshold: Scalar = 0
  ) -> Int {
    (0..<dictionary.filterCount).reduce(0) {
      max($0, cardinality(dictionary.filters.row($1), threshold: threshold))
    }
  }
}
