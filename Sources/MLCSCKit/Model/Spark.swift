import Algorithms

extension IntegerMatrix {
  /// The spark η: the smallest number of linearly dependent columns, exactly.
  ///
  /// Source: the slides, "Synthesis-Analysis Interpretation".
  /// - Returns: η; nil where all columns are independent.
  /// - Throws: `ModelError.parameterOutOfRange` beyond ten million sets of columns,
  ///   `LinearAlgebraError.integerRange`.
  /// - Complexity: Exponential: the rank of every set of up to η columns.
  public func spark() throws -> Int? {
    try refuseLongSearch(columns, largest: min(rows, columns))
    let all = Array(0..<rows)
    for size in 1..<max(min(rows, columns) + 1, 1) {
      for set in (0..<columns).combinations(ofCount: size)
      where try selecting(rows: all, columns: set).rank() < size {
        return size
      }
    }
    return columns > rows ? rows + 1 : nil
  }
}

extension SparseDictionary where Scalar == Double {
  /// The spark η: the smallest number of linearly dependent atoms, by exhaustive search.
  ///
  /// Source: the slides, "Synthesis-Analysis Interpretation". Sets are extended atom by atom; an
  /// atom depends on a set where its part outside the set's span is at most `tolerance` of its norm.
  /// - Parameter tolerance: The relative distance from a span that counts as zero.
  /// - Returns: η; nil where all atoms are independent.
  /// - Throws: `ModelError.parameterOutOfRange` beyond ten million sets of atoms.
  /// - Complexity: Exponential: O(n k) for every set of k ≤ η atoms.
  public func spark(tolerance: Double = 1e-9) throws -> Int? {
    let (n, m) = (signalDimension, atomCount)
    try refuseLongSearch(m, largest: min(n, m))
    let atoms = atoms(Array(0..<m))
    for size in 1..<max(min(n, m) + 1, 1) {
      if hasDependentSet(atoms, of: size, from: 0, outside: NullSpace(dimension: n), tolerance) {
        return size
      }
    }
    return m > n ? n + 1 : nil
  }

  /// Whether `size` atoms from `first` on are dependent, given the complement of those chosen.
  private func hasDependentSet(
    _ atoms: Matrix<Double>, of size: Int, from first: Int, outside complement: NullSpace,
    _ tolerance: Double
  ) -> Bool {
    for j in first..<max(atoms.rows - size + 1, first) {
      let atom = atoms.row(j)
      if size == 1 {
        // Smaller sets are independent, so only the last atom can make the set dependent.
        let outside = complement.basis.multiplied(
          by: Matrix(shape: [atom.count, 1], elements: atom))
        let distance = Double.norm2(outside.count, outside.elements)
        if distance <= tolerance * Double.norm2(atom.count, atom) { return true }
      } else {
        var smaller = complement
        smaller.restrict(orthogonalTo: atom)
        if hasDependentSet(atoms, of: size - 1, from: j + 1, outside: smaller, tolerance) {
          return true
        }
      }
    }
    return false
  }
}

/// Throws where an exhaustive search over sets of columns would take hours.
private func refuseLongSearch(_ columns: Int, largest: Int) throws {
  // A real number, since it grows beyond every integer: the sum of the binomial coefficients.
  var (sets, ofSize) = (1.0, 1.0)
  for size in 1..<max(largest + 1, 1) {
    ofSize *= Double(columns - size + 1) / Double(size)
    sets += ofSize
  }
  guard sets <= 1e7 else {
    throw ModelError.parameterOutOfRange(
      name: "the number of columns for an exact spark", value: "\(columns)",
      range: "so small that there are at most 1e7 sets of up to \(largest) columns")
  }
}
