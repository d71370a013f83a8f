extension SparseDictionary {
  /// The mutual coherence μ(D) = max_{i≠j} |dᵢᵀdⱼ| / (‖dᵢ‖ ‖dⱼ‖).
  ///
  /// P, eq. (3). Zero atoms are passed over. Dictionaries that are invariant to shifts are compared through
  /// their representative atoms only; D is never formed.
  /// - Complexity: O(n m r) for r representative atoms, as products with blocks of 256 atoms.
  public func mutualCoherence() -> Scalar { nearestTwins().max() ?? 0 }

  /// Every representative atom's coherence with its nearest twin, max_{j≠i} |dᵢᵀdⱼ| / (‖dᵢ‖ ‖dⱼ‖).
  ///
  /// - Returns: One number for each of `representativeAtoms`; zero for a zero atom.
  /// - Complexity: that of `mutualCoherence()`.
  public func nearestTwins() -> [Scalar] {
    let norms = atomNorms
    let representatives = representativeAtoms
    var twins = [Scalar](repeating: 0, count: representatives.count)
    for start in stride(from: 0, to: representatives.count, by: 256) {
      let block = Array(representatives[start..<Swift.min(start + 256, representatives.count)])
      let products = analyze(atoms(block))
      products.withElements { p in
        for (row, i) in block.enumerated() where norms[i] > 0 {
          for j in 0..<atomCount where j != i && norms[j] > 0 {
            twins[start + row] = Swift.max(
              twins[start + row], abs(p[row * atomCount + j]) / (norms[i] * norms[j]))
          }
        }
      }
    }
    return twins
  }
}
