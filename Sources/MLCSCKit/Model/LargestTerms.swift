extension SparseDictionary where Scalar == Double {
  /// Coefficient times atom, γⱼdⱼ, of the terms of a code with the most energy, largest first.
  ///
  /// - Parameters:
  ///   - code: γ, one number an atom.
  ///   - count: How many terms; fewer where γ has fewer non-zeros.
  /// - Returns: n numbers a term.
  public func largestTerms(of code: [Double], _ count: Int) -> [[Double]] {
    let norms = atomNorms
    let order = SparsityMeasures.support(code).sorted {
      abs(code[$0]) * norms[$0] > abs(code[$1]) * norms[$1]
    }
    let chosen = Array(order.prefix(count))
    let rows = atoms(chosen)
    return chosen.enumerated().map { row, j in rows.row(row).map { $0 * code[j] } }
  }
}
