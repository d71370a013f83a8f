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
          twins[start + row] = CoherenceKernels.largest(
            p + row * atomCount, of: i, norms: norms, atomCount)
        }
      }
    }
    return twins
  }
}

/// The loop over atoms, compiled for `Float` and `Double` themselves.
private enum CoherenceKernels {
  /// The largest |dᵢᵀdⱼ| / (‖dᵢ‖ ‖dⱼ‖) over j ≠ i, zero atoms passed over.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func largest<Scalar: NumericScalar>(
    _ products: UnsafePointer<Scalar>, of i: Int, norms: [Scalar], _ count: Int
  ) -> Scalar {
    var largest: Scalar = 0
    for j in 0..<count where j != i && norms[j] > 0 {
      largest = max(largest, abs(products[j]) / (norms[i] * norms[j]))
    }
    return largest
  }
}
