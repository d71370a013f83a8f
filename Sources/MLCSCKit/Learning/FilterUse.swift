/// What a filter of a learned model is and what codes make of it.
public struct FilterUse: Codable, Sendable, Equatable {
  /// ‖d‖₀, its non-zeros.
  public let nonzeros: Int
  /// How many entries carry its energy, 1/Σd⁴: one for a single entry, ‖d‖₀ for equal ones.
  public let effectiveNonzeros: Double
  /// Its share of the non-zeros of the layer's codes.
  public let useShare: Double
  /// Its share of the layer's energy Σ γⱼ²‖d⁽ⁱ⁾ⱼ‖², where d⁽ⁱ⁾ⱼ is the effective atom.
  public let energyShare: Double
  /// The largest |cosine| of one of its effective atoms with any other effective atom of the layer.
  public let twinCoherence: Double

  /// The filters of all layers.
  ///
  /// - Parameters:
  ///   - layers: D₁ … D_L.
  ///   - codes: γ₁ … γ_L of a batch of signals, shape [B, mᵢ] each.
  /// - Returns: One array a layer, one entry a filter.
  /// - Throws: `ModelError` where layers do not chain.
  /// - Complexity: every effective dictionary's coherence, O(n m²) at most.
  public static func all(
    of layers: [ConvolutionalDictionary<Double>], codes: [Tensor<Double>]
  ) throws -> [[FilterUse]] {
    let model = try MultiLayerModel<Double>(layers)
    return try layers.indices.map { i in
      let effective = try model.effectiveConvolution(i + 1)
      let (norms, twins) = (effective.atomNorms, effective.nearestTwins())
      let representatives = effective.representativeAtoms
      let positions = effective.geometry.codeSize.area
      let count = effective.filterCount
      var twin = [Double](repeating: 0, count: count)
      for (j, coherence) in zip(representatives, twins) {
        twin[j / positions] = max(twin[j / positions], coherence)
      }
      var uses = [Double](repeating: 0, count: count)
      var energies = uses
      for (place, value) in codes[i].elements.enumerated() where value != 0 {
        let atom = place % codes[i].columns
        uses[atom / positions] += 1
        energies[atom / positions] += value * value * norms[atom] * norms[atom]
      }
      let (allUses, allEnergy) = (uses.reduce(0, +), energies.reduce(0, +))
      return (0..<count).map { o in
        let filter = layers[i].filters.row(o)
        let energy = filter.reduce(0) { $0 + $1 * $1 }
        let fourth = filter.reduce(0) { $0 + $1 * $1 * $1 * $1 }
        return FilterUse(
          nonzeros: SparsityMeasures.cardinality(filter),
          effectiveNonzeros: fourth > 0 ? energy * energy / fourth : 0,
          useShare: allUses > 0 ? uses[o] / allUses : 0,
          energyShare: allEnergy > 0 ? energies[o] / allEnergy : 0, twinCoherence: twin[o])
      }
    }
  }
}

extension [ConvolutionalDictionary<Double>] {
  /// The same layers with the filters of each in another order; the next layer's channels follow.
  ///
  /// The signals that the layers represent stay the same, up to the order of the codes.
  /// - Parameter orders: One permutation of the filters a layer; the first becomes filter zero.
  /// - Returns: D₁ … D_L.
  public func reordered(_ orders: [[Int]]) -> [ConvolutionalDictionary<Double>] {
    precondition(orders.count == count, "one order a layer")
    return indices.map { i in
      let filters = self[i].filters.gathering(rows: orders[i])
      guard i > 0 else { return self[i].replacingFilters(filters) }
      let area = self[i].geometry.kernelSize.area
      let elements = (0..<filters.rows).flatMap { o -> [Double] in
        let row = filters.row(o)
        return orders[i - 1].flatMap { row[$0 * area..<($0 + 1) * area] }
      }
      return self[i].replacingFilters(Tensor(shape: filters.shape, elements: elements))
    }
  }
}
