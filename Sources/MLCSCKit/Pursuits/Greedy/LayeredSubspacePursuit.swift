extension MultiLayerModel<Double> {
  /// Subspace pursuit layer by layer: γᵢ from γ_{i−1} with Dᵢ, γ₀ = y.
  ///
  /// The layered pursuit of P, Fig. 3: the codes need not belong to the model.
  /// - Parameters:
  ///   - signals: y, shape [B, n].
  ///   - sparsities: For every layer the cardinality of every signal's code, at least one atom each.
  ///   - leastIndependence: That of `SubspacePursuit`.
  ///   - interrupted: Called before every signal's layer; what it throws ends the pursuit.
  /// - Returns: γ₁ … γ_L, shape [B, mᵢ] each.
  /// - Throws: What `SubspacePursuit` and `interrupted` throw; `ModelError.parameterCount` where there
  ///   is not one cardinality for every layer and signal.
  public func layeredSubspacePursuit(
    of signals: Tensor<Double>, sparsities: [[Int]], leastIndependence: Double,
    interrupted: () throws -> Void = {}
  ) throws -> [Tensor<Double>] {
    guard sparsities.count == depth else {
      throw ModelError.parameterCount(name: "sparsity", expected: depth, found: sparsities.count)
    }
    var codes = [signals]
    for (layer, cardinalities) in zip(layers, sparsities) {
      guard cardinalities.count == signals.rows else {
        throw ModelError.parameterCount(
          name: "sparsity", expected: signals.rows, found: cardinalities.count)
      }
      let (inner, norms) = (codes[codes.count - 1], layer.atomNorms)
      let found = try cardinalities.enumerated().map { b, k in
        try interrupted()
        var pursuit = try SubspacePursuit<Double>(layer, sparsity: max(k, 1), norms: norms)
        pursuit.leastIndependence = leastIndependence
        return try pursuit.codes(inner.gathering(rows: [b]))[0]
      }
      codes.append(found.densified(layer.atomCount))
    }
    return Array(codes.dropFirst())
  }
}
