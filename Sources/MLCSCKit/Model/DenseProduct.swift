/// The products of a large dense dictionary with one vector, which memory bounds, on several threads.
///
/// They are cut at places that depend on the shape alone, and every number is summed by one thread in
/// one order, so that the number of threads changes no bit.
enum DenseProduct {
  /// The elements from which cutting pays.
  static var leastCount: Int { 1 << 18 }

  /// γ ← Dᵀx: 256 atoms at a time.
  ///
  /// - Parameters:
  ///   - atoms: Dᵀ, m rows of n numbers.
  ///   - n: The length of an atom.
  ///   - m: The number of atoms.
  ///   - x: n numbers.
  ///   - out: m numbers, overwritten.
  static func analyze<Scalar: NumericScalar>(
    _ atoms: UnsafePointer<Scalar>, _ n: Int, _ m: Int, _ x: UnsafePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    let size = 256
    Parallelism.forEach((m + size - 1) / size) { piece in
      let first = piece * size
      Scalar.gemv(false, min(size, m - first), n, 1, atoms + first * n, n, x, 0, out + first)
    }
  }

  /// x ← Dγ: 128 entries at a time, from the atoms with non-zero coefficients where those are few.
  ///
  /// - Parameters:
  ///   - atoms: Dᵀ, m rows of n numbers.
  ///   - n: The length of an atom.
  ///   - m: The number of atoms.
  ///   - code: m numbers.
  ///   - out: n numbers, overwritten.
  static func synthesize<Scalar: NumericScalar>(
    _ atoms: UnsafePointer<Scalar>, _ n: Int, _ m: Int, _ code: UnsafePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    let size = 128
    let support = Scalar.nonzeroIndices(m, code)
    let isSparse = 2 * support.count < m
    Parallelism.forEach((n + size - 1) / size) { piece in
      let first = piece * size
      let count = min(size, n - first)
      if isSparse {
        Scalar.sumRows(atoms + first, n, support, code, count, into: out + first)
      } else {
        Scalar.gemv(true, m, count, 1, atoms + first, n, code, 0, out + first)
      }
    }
  }
}
