extension SparseCode where Scalar == Double {
  /// The least-squares code on a given support: what an oracle that knows the support returns.
  ///
  ///     γ_S = (D_SᵀD_S)⁻¹ D_Sᵀ y
  ///
  /// - Parameters:
  ///   - support: Indices of linearly independent atoms.
  ///   - dictionary: D.
  ///   - signal: y, as long as the atoms.
  /// - Throws: `LinearAlgebraError.singular` where the atoms depend on each other.
  /// - Complexity: O(|S|² n + |S|³).
  public init(
    leastSquaresOn support: [Int], of dictionary: any SparseDictionary<Double>, signal: [Double]
  ) throws {
    let n = signal.count
    guard !support.isEmpty else {
      self.init(
        support: [], coefficients: [], residualNorm: Double.norm2(n, signal), iterations: 0)
      return
    }
    let atoms = dictionary.atoms(support)
    let right = atoms.multiplied(by: Matrix(shape: [n, 1], elements: signal))
    let values = try atoms.gramOfRows.solve(right).elements
    var residual = signal
    for (row, value) in values.enumerated() {
      let atom = atoms.row(row)
      for i in 0..<n { residual[i] -= value * atom[i] }
    }
    self.init(
      support: support, coefficients: values, residualNorm: Double.norm2(n, residual),
      iterations: 1)
  }
}
