/// What the guarantees ask of a convolutional model: atoms, stripes and patches of every layer.
///
/// Both for the dictionaries Dᵢ, as the layer-wise theorems need them, and for the effective ones
/// D⁽ⁱ⁾ = D₁ ⋯ Dᵢ, whose filters are longer and so have wider stripes.
public struct ModelGeometry: Sendable {
  /// The atoms of Dᵢ.
  public let layers: [AtomGeometry]
  /// The grids of γᵢ with the filter size of Dᵢ.
  public let stripes: [CodeGrid]
  /// The atoms of D⁽ⁱ⁾.
  public let effective: [AtomGeometry]
  /// The grids of γᵢ with the filter size of D⁽ⁱ⁾.
  public let effectiveStripes: [CodeGrid]
  /// The grids of γ₀, the signal, to γ_L with the patches that the next layer sees; those of γ_L,
  /// which no layer follows, have the size of the filters of D_L.
  public let patches: [CodeGrid]

  /// The geometry of dictionaries, outermost first.
  ///
  /// - Throws: `ModelError` where strides are not one or the products are not convolutional.
  /// - Complexity: that of the coherences and the products of filters.
  public init(_ dictionaries: [ConvolutionalDictionary<Double>]) throws {
    let model = try MultiLayerModel<Double>(dictionaries)
    let products = try (1...model.depth).map { try model.effectiveConvolution($0) }
    func grid(_ dictionary: ConvolutionalDictionary<Double>) throws -> CodeGrid {
      guard let grid = CodeGrid(dictionary) else {
        throw ModelError.parameterOutOfRange(
          name: "stride", value: "\(dictionary.geometry.stride)",
          range: "1 along both axes; stripes are not defined for others")
      }
      return grid
    }
    let grids = try dictionaries.map(grid)
    layers = dictionaries.map { AtomGeometry($0) }
    stripes = grids
    effective = products.map { AtomGeometry($0) }
    effectiveStripes = try products.map(grid)
    let signal = dictionaries[0].geometry
    let next = grids.map(\.filterSize) + [grids[grids.count - 1].filterSize]
    let grounds =
      [
        CodeGrid(
          channels: signal.channels, size: signal.signalSize, filterSize: next[0],
          boundary: signal.boundary)
      ] + grids
    patches = zip(grounds, next).map { ground, size in
      CodeGrid(
        channels: ground.channels, size: ground.size, filterSize: size, boundary: ground.boundary)
    }
  }

  /// The profiles of true codes γ₁ … γ_L for the layer-wise theorems.
  public func profiles(_ codes: [[Double]]) -> [LayerProfile] {
    codes.indices.map { i in
      LayerProfile(
        code: codes[i], stripes: stripes[i], patches: patches[i + 1],
        coherence: layers[i].coherence)
    }
  }

  /// ‖γᵢ‖ˢ_{0,∞} for the filters of D⁽ⁱ⁾; entries up to 10⁻¹² count as zeros.
  public func effectiveSparsities(_ codes: [[Double]]) -> [Int] {
    zip(codes, effectiveStripes).map {
      SparsityMeasures.stripeNorm($0, on: $1, threshold: 1e-12)
    }
  }
}
