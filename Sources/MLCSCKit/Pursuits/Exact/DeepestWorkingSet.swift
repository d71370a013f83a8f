/// Some deepest atoms of a multi-layer model, with what every layer sees of them.
///
/// Matrices have one atom a row; w is the number of atoms.
struct DeepestWorkingSet {
  private let layers: [any SparseDictionary<Double>]
  private let signal: [Double]
  /// m₁ + … + m_{L−1}, the number of inner rows.
  let innerCount: Int
  /// The atoms' indices in the order in which they came.
  private(set) var indices: [Int] = []
  /// Whether an atom belongs to the set.
  private(set) var contains: [Bool]
  /// The atoms of A = D₁ ⋯ D_L, w × n.
  private var effective: [Double] = []
  /// The atoms of D₂ ⋯ D_L, …, D_L side by side, w × (m₁ + … + m_{L−1}).
  private(set) var inner: [Double] = []
  /// AᵀA, w × w.
  private(set) var gram: [Double] = []
  /// Aᵀy.
  private(set) var products: [Double] = []
  /// Whether an inner row has an entry that is not zero.
  private(set) var isTouched: [Bool]

  /// An empty set for one signal.
  init(_ model: MultiLayerModel<Double>, signal: [Double]) {
    layers = model.layers
    self.signal = signal
    innerCount = model.layers.dropLast().reduce(0) { $0 + $1.atomCount }
    contains = Array(repeating: false, count: model.deepestDimension)
    isTouched = Array(repeating: false, count: innerCount)
  }

  /// w.
  var count: Int { indices.count }

  /// Adds atoms.
  ///
  /// - Complexity: a synthesis of every layer and w n operations for each.
  mutating func add(_ new: [Int]) {
    func synthesize(_ d: some SparseDictionary<Double>, _ x: Tensor<Double>) -> Tensor<Double> {
      d.synthesize(x)
    }
    var block = layers[layers.count - 1].atoms(new)
    var parts = [Tensor<Double>]()
    for layer in layers.dropLast().reversed() {
      parts.insert(block, at: 0)
      block = synthesize(layer, block)
    }
    for row in new.indices {
      var offset = 0
      for part in parts {
        let values = part.row(row)
        for (r, value) in values.enumerated() where value != 0 { isTouched[offset + r] = true }
        inner += values
        offset += values.count
      }
    }
    indices += new
    for j in new { contains[j] = true }
    effective += block.elements
    products += BlockedProducts.products(of: block.elements, count: new.count, with: signal)
    extendGram(by: block)
  }

  private mutating func extendGram(by block: Tensor<Double>) {
    let (width, count) = (indices.count, block.rows)
    let old = width - count
    var grown = [Double](repeating: 0, count: width * width)
    for i in 0..<old {
      for j in 0..<old { grown[i * width + j] = gram[i * old + j] }
    }
    let cross = BlockedProducts.crossProducts(
      block.elements, count, effective, width, columns: signal.count)
    for i in 0..<count {
      for j in 0..<width {
        grown[(old + i) * width + j] = cross[i * width + j]
        grown[j * width + old + i] = cross[i * width + j]
      }
    }
    gram = grown
  }

  /// D_{i+1} ⋯ D_L x for all i < L.
  func innerCodes(_ x: [Double]) -> [Double] {
    BlockedProducts.sum(of: inner, columns: innerCount, weights: x)
  }

  /// y − A x.
  func residual(_ x: [Double]) -> [Double] {
    zip(signal, BlockedProducts.sum(of: effective, columns: signal.count, weights: x)).map(-)
  }

  /// The adjoint of `innerCodes`.
  func innerProducts(_ q: [Double]) -> [Double] {
    BlockedProducts.products(of: inner, count: count, with: q)
  }

  /// AᵀA x.
  func gramProduct(_ x: [Double]) -> [Double] {
    BlockedProducts.products(of: gram, count: count, with: x)
  }

  /// The inner rows of a list for some atoms, one atom a row, every row scaled.
  ///
  /// - Parameters:
  ///   - rows: The inner rows.
  ///   - scales: A factor for every one of them.
  ///   - atoms: Positions in the set; all if not given.
  /// - Returns: atoms × rows numbers.
  func innerEntries(
    rows: [Int], scales: [Double], atoms: [Int]? = nil
  ) -> [Double] {
    let atoms = atoms ?? Array(0..<count)
    return [Double](unsafeUninitializedCapacity: atoms.count * rows.count) { target, filled in
      inner.withUnsafeBufferPointer { source in
        var next = 0
        for j in atoms {
          for (k, row) in rows.enumerated() {
            target.initializeElement(at: next, to: scales[k] * source[j * innerCount + row])
            next += 1
          }
        }
        filled = next
      }
    }
  }
}
