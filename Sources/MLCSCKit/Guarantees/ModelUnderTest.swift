import RealModule

/// A model of convolutional layers on which theorems are tested.
public struct ModelUnderTest: Sendable {
  /// What tables call it.
  public let name: String
  /// Atoms, stripes and patches of every layer.
  public let geometry: ModelGeometry
  /// D₁ … D_L.
  public let layers: [any SparseDictionary<Double>]
  /// D⁽¹⁾ … D⁽ᴸ⁾, explicit.
  public let effective: [any SparseDictionary<Double>]

  /// L.
  public var depth: Int { layers.count }

  /// A model.
  ///
  /// - Parameters:
  ///   - name: What tables call it.
  ///   - dictionaries: D₁ … D_L with strides of one.
  ///   - isDense: Whether D₁ and the effective dictionaries are kept as matrices, which are no larger
  ///     than their patches where filters are as long as the signal.
  /// - Throws: `ModelError` where the layers do not fit each other.
  /// - Complexity: that of `ModelGeometry`.
  public init(
    _ name: String, _ dictionaries: [ConvolutionalDictionary<Double>], isDense: Bool = false
  ) throws {
    self.name = name
    geometry = try ModelGeometry(dictionaries)
    let model = try MultiLayerModel<Double>(dictionaries)
    let products = try dictionaries.indices.map { try model.effectiveConvolution($0 + 1) }
    let all: [any SparseDictionary<Double>] = dictionaries
    layers = isDense ? [DenseDictionary(dictionaries[0])] + all.dropFirst() : all
    effective = isDense ? products.map { DenseDictionary($0) } : products
  }

  /// True codes with a noisy signal, and what the theorems ask of them.
  public struct Draw: Sendable {
    /// γ₁ … γ_L.
    public let codes: [[Double]]
    /// y = x + v.
    public let signal: [Double]
    /// E₀ = ‖v‖₂.
    public let noise: Double
    /// What the layer-wise theorems ask of the codes.
    public let profiles: [LayerProfile]
    /// ‖γᵢ‖ˢ_{0,∞} for the filters of D⁽ⁱ⁾.
    public let effectiveSparsities: [Int]
  }

  /// Draws codes with a number of non-zeros in γ_L, wherever they fall, and noise of a kind.
  ///
  /// White noise lies mostly outside the span of the atoms used; noise within that span is what a
  /// projection cannot tell from signal.
  /// - Parameters:
  ///   - count: How many draws.
  ///   - cardinality: ‖γ_L‖₀; entries are ±(1 + u), u uniform in [0, 1).
  ///   - withinSpan: Whether noise is a Gaussian combination of the atoms used; else white.
  ///   - range: E₀/‖x‖ is log-uniform between these two.
  ///   - stream: Where random numbers come from.
  /// - Returns: The draws.
  /// - Throws: `ModelError`, never for layers that fit.
  public func draws(
    _ count: Int, cardinality: Int, withinSpan: Bool, noise range: [Double],
    from stream: inout RandomStream
  ) throws -> [Draw] {
    let model = try MultiLayerModel(layers)
    let m = model.deepestDimension
    var deepest = Matrix<Double>(zeros: count, m)
    var shaped = Matrix<Double>(zeros: count, m)
    for b in 0..<count {
      for j in stream.indices(cardinality, below: m) {
        deepest[b, j] = stream.sign() * (1 + stream.uniform())
        shaped[b, j] = stream.normal()
      }
    }
    let codes = model.propagate(deepest)
    let clean = model.synthesize(deepest)
    let n = clean.columns
    let noise =
      withinSpan ? model.synthesize(shaped) : Tensor<Double>.normal(count, n, from: &stream)
    return (0..<count).map { b in
      let (x, v) = (clean.row(b), noise.row(b))
      let level = range[0] * Double.pow(range[1] / range[0], stream.uniform())
      let scale = level * Double.norm2(n, x) / Double.norm2(n, v)
      let truth = codes.map { $0.row(b) }
      return Draw(
        codes: truth, signal: zip(x, v).map { $0 + scale * $1 },
        noise: scale * Double.norm2(n, v), profiles: geometry.profiles(truth),
        effectiveSparsities: geometry.effectiveSparsities(truth))
    }
  }
}
