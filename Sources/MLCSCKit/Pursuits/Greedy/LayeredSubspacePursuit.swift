extension MultiLayerModel<Double> {
  /// Subspace pursuit layer by layer: γᵢ from γ_{i−1} with Dᵢ, γ₀ = y.
  ///
  /// The layered pursuit of P, Fig. 3: the codes need not belong to the model.
  /// - Parameters:
  ///   - signals: y, shape [B, n].
  ///   - sparsities: The cardinality of every layer's code, at least one atom each.
  ///   - leastIndependence: That of `SubspacePursuit`.
  /// - Returns: γ₁ … γ_L, shape [B, mᵢ] each.
  /// - Throws: What `SubspacePursuit` throws.
  public func layeredSubspacePursuit(
    of signals: Tensor<Double>, sparsities: [Int], leastIndependence: Double
  ) throws -> [Tensor<Double>] {
    var codes = [signals]
    for (layer, k) in zip(layers, sparsities) {
      var pursuit = try SubspacePursuit<Double>(layer, sparsity: max(k, 1))
      pursuit.leastIndependence = leastIndependence
      codes.append(try pursuit.codes(codes[codes.count - 1]).densified(layer.atomCount))
    }
    return Array(codes.dropFirst())
  }
}
