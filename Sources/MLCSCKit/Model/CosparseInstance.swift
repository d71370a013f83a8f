/// A random two-layer signal with known sparse codes.
///
/// Source: B, Sec. 2.3, and the slides.
/// γ₂ has a support S of `sparsity` atoms and lies in the null space of the rows Λ of D₂ restricted
/// to S, so γ₁ = D₂γ₂ is zero on Λ: both codes are sparse exactly. With |S| = 30 and |Λ| = 28 the
/// null space has two dimensions, and ‖γ₁‖₀ = 70 − 28 = 42.
public struct CosparseInstance: Sendable {
  /// D₁ and D₂.
  public let layers: [DenseDictionary<Double>]
  /// S, ascending.
  public let support: [Int]
  /// Λ, ascending.
  public let cosupport: [Int]
  /// rank Φ^Λ, Φ^Λ = D₂[Λ, S].
  public let rank: Int
  /// γ₁ and γ₂, ‖γ₂‖₂ = 1.
  public let codes: [[Double]]
  /// x = D₁γ₁.
  public let signal: [Double]

  /// Draws dictionaries, Gaussian with unit columns, and codes.
  ///
  /// - Parameters:
  ///   - dimensions: n, m₁, m₂.
  ///   - sparsity: |S|.
  ///   - cosparsity: |Λ|, smaller than |S|.
  ///   - stream: Where everything is drawn from.
  /// - Throws: `ModelError.parameterOutOfRange`, `LinearAlgebraError`.
  public init(
    dimensions: [Int], sparsity: Int, cosparsity: Int, from stream: inout RandomStream
  ) throws {
    guard dimensions.count == 3, dimensions.allSatisfy({ $0 > 0 }),
      (1...dimensions[2]).contains(sparsity), (0..<sparsity).contains(cosparsity),
      cosparsity <= dimensions[1]
    else {
      throw ModelError.parameterOutOfRange(
        name: "instance",
        value: "dimensions \(dimensions), sparsity \(sparsity), cosparsity \(cosparsity)",
        range: "n, m1, m2 with cosparsity < sparsity <= m2")
    }
    let layers = [
      DenseDictionary<Double>.gaussian(
        dimensions[0], dimensions[1], normalized: true, from: &stream),
      DenseDictionary<Double>.gaussian(
        dimensions[1], dimensions[2], normalized: true, from: &stream),
    ]
    let support = stream.indices(sparsity, below: dimensions[2]).sorted()
    let cosupport = stream.indices(cosparsity, below: dimensions[1]).sorted()
    try self.init(layers: layers, support: support, cosupport: cosupport, from: &stream)
  }

  /// Draws codes for given dictionaries, support and co-support.
  ///
  /// - Parameters:
  ///   - layers: D₁ and D₂.
  ///   - support: S.
  ///   - cosupport: Λ; its rows may be dependent, as long as rank D₂[Λ, S] < |S|.
  ///   - stream: Where γ₂ is drawn from: a random unit vector of the null space.
  /// - Throws: `ModelError`, `LinearAlgebraError`.
  public init(
    layers: [DenseDictionary<Double>], support: [Int], cosupport: [Int],
    from stream: inout RandomStream
  ) throws {
    guard layers.count == 2 else {
      throw ModelError.parameterCount(name: "dictionaries", expected: 2, found: layers.count)
    }
    let (d1, d2) = (layers[0], layers[1])
    guard d1.atomCount == d2.signalDimension else {
      throw ModelError.shapesDoNotChain(
        layer: 1, atoms: d1.atomCount, nextLayerRows: d2.signalDimension)
    }
    try SupportIndices.validate(support, below: d2.atomCount, name: "support")
    try SupportIndices.validate(cosupport, below: d1.atomCount, name: "co-support")
    var restricted = Matrix<Double>(zeros: max(cosupport.count, 1), support.count)
    for (i, row) in cosupport.enumerated() {
      for (j, atom) in support.enumerated() { restricted[i, j] = d2.atomRows[atom, row] }
    }
    // Eigenvectors of the smallest eigenvalues (ascending) span the null space.
    let (values, vectors) = try restricted.multiplied(by: restricted, transposingSelf: true)
      .symmetricEigen()
    let free = values.count { $0 <= 1e-12 * (values.last ?? 0) }
    guard free > 0 else {
      throw ModelError.parameterOutOfRange(
        name: "co-support", value: "\(cosupport)",
        range: "such that its rows of D2 have a rank below the \(support.count) atoms")
    }
    // A random vector's projection: weights of the eigenvectors themselves would hang on rounding,
    // which turns them within their space.
    var γ2 = [Double](repeating: 0, count: d2.atomCount)
    let drawn = support.map { _ in stream.normal() }
    let weights = (0..<free).map { i in
      drawn.indices.reduce(0) { $0 + drawn[$1] * vectors[$1, i] }
    }
    let length = Double.norm2(weights.count, weights)
    for (j, atom) in support.enumerated() {
      γ2[atom] = weights.indices.reduce(0) { $0 + weights[$1] / length * vectors[j, $1] }
    }
    var γ1 = d2.synthesize(Matrix(shape: [1, γ2.count], elements: γ2)).elements
    for row in cosupport { γ1[row] = 0 }  // zero but for rounding
    self.layers = layers
    self.support = support
    self.cosupport = cosupport
    rank = support.count - free
    codes = [γ1, γ2]
    signal = d1.synthesize(Matrix(shape: [1, γ1.count], elements: γ1)).elements
  }

  /// D₁ and D₂ as a model.
  ///
  /// - Throws: Nothing in practice: the shapes chain.
  public func model() throws -> MultiLayerModel<Double> { try MultiLayerModel<Double>(layers) }

  /// D₁ and D₂ with Gaussian entries, those of D₁ over √n and those of D₂ over √m₂.
  ///
  /// So the authors' public code scales them (erratum 16).
  /// - Parameters:
  ///   - dimensions: n, m₁, m₂.
  ///   - stream: Where entries are drawn from.
  /// - Returns: Both layers; their columns have about unit norm in D₁ alone.
  public static func scaledLayers(
    dimensions: [Int], from stream: inout RandomStream
  ) -> [DenseDictionary<Double>] {
    (0..<2).map { i in
      let divisor = Double(i == 0 ? dimensions[0] : dimensions[2]).squareRoot()
      let entries = Matrix<Double>.normal(dimensions[i + 1], dimensions[i], from: &stream)
      return DenseDictionary(
        atomRows: Matrix(shape: entries.shape, elements: entries.elements.map { $0 / divisor }))
    }
  }

  /// y = x + w with white noise scaled so that ‖x‖₂/‖w‖₂ is exactly a ratio.
  public func noisy(amplitudeRatio: Double, from stream: inout RandomStream) -> [Double] {
    let noise = signal.map { _ in stream.normal() }
    let scale =
      Double.norm2(signal.count, signal) / Double.norm2(noise.count, noise) / amplitudeRatio
    return zip(signal, noise).map { $0 + scale * $1 }
  }

  /// The signal with noise of an amplitude ratio ‖x‖₂/‖w‖₂, by whose variance errors are measured.
  public func noisySignal(
    amplitudeRatio: Double, from stream: inout RandomStream
  ) -> NoisySignal {
    let y = noisy(amplitudeRatio: amplitudeRatio, from: &stream)
    let norm = Double.norm2(y.count, signal)
    return NoisySignal(
      values: Matrix(shape: [1, y.count], elements: y),
      variance: norm * norm / amplitudeRatio / amplitudeRatio / Double(y.count), codes: codes)
  }

  /// A signal with noise and the codes that it was made of.
  public struct NoisySignal: Sendable {
    /// y = x + w, shape [1, n].
    public let values: Matrix<Double>
    /// ‖w‖²/n.
    public let variance: Double
    /// γ₁ and γ₂.
    let codes: [[Double]]

    /// ‖γ̂ᵢ − γᵢ‖² in units of the noise variance, layers from 1.
    public func error(_ found: [[Double]], layer: Int) -> Double {
      let truth = codes[layer - 1]
      return Double.squaredDistance(truth.count, found[layer - 1], truth) / variance
    }
  }
}
