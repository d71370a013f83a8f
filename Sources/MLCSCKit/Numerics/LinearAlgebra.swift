/// What can go wrong in dense linear algebra.
public enum LinearAlgebraError: Error, Equatable, CustomStringConvertible {
  /// The matrix has no Cholesky factor: the leading minor of this order is not positive.
  case notPositiveDefinite(order: Int)
  /// The matrix is singular.
  case singular
  /// A LAPACK routine did not converge.
  case noConvergence(routine: String, info: Int)
  /// Integers grew beyond what the exact computation can hold.
  case integerRange(operation: String)

  public var description: String {
    switch self {
    case .notPositiveDefinite(let order):
      "the matrix is not positive definite (leading minor of order \(order)); "
        + "its columns are linearly dependent or it was not a Gram matrix"
    case .singular: "the matrix is singular; a regular one is needed"
    case .noConvergence(let routine, let info):
      "\(routine) did not converge (info \(info)); are all entries finite?"
    case .integerRange(let operation):
      "\(operation): the integers are too large for an exact result; use smaller entries"
    }
  }
}

extension Tensor {
  /// The matrix product op(A) op(B).
  ///
  /// - Complexity: O(m n k).
  public func multiplied(
    by other: Tensor, transposingSelf: Bool = false, transposingOther: Bool = false
  ) -> Tensor {
    let (m, k) = transposingSelf ? (columns, rows) : (rows, columns)
    let (k2, n) = transposingOther ? (other.columns, other.rows) : (other.rows, other.columns)
    precondition(k == k2, "product of \(m)×\(k) and \(k2)×\(n)")
    var result = Tensor(zeros: m, n)
    guard m > 0, n > 0, k > 0 else { return result }
    withElements { a in
      other.withElements { b in
        result.withMutableElements { c in
          Scalar.gemm(
            transposingSelf, transposingOther, m, n, k, 1, a, columns, b, other.columns, 0, c, n)
        }
      }
    }
    return result
  }

  /// The Gram matrix A Aᵀ of the rows.
  public var gramOfRows: Tensor { multiplied(by: self, transposingOther: true) }

  /// The lower Cholesky factor of a symmetric positive definite matrix.
  ///
  /// - Throws: `LinearAlgebraError.notPositiveDefinite`.
  public func choleskyFactor() throws -> Tensor {
    var factor = self
    let n = rows
    let info = factor.withMutableElements { Scalar.potrf(n, $0, n) }
    guard info == 0 else { throw LinearAlgebraError.notPositiveDefinite(order: info) }
    for i in 0..<n { for j in (i + 1)..<max(n, i + 1) { factor[i, j] = 0 } }
    return factor
  }

  /// Eigenvalues (ascending) and eigenvectors (one a column) of a symmetric matrix.
  ///
  /// - Throws: `LinearAlgebraError.noConvergence`.
  public func symmetricEigen() throws -> (values: [Scalar], vectors: Tensor) {
    var vectors = self
    var values = [Scalar](repeating: 0, count: rows)
    let n = rows
    let info = vectors.withMutableElements {
      Scalar.syevd(vectors: true, n, $0, n, &values)
    }
    guard info == 0 else { throw LinearAlgebraError.noConvergence(routine: "syevd", info: info) }
    return (values, vectors)
  }

  /// Eigenvalues of a symmetric matrix, ascending.
  ///
  /// - Throws: `LinearAlgebraError.noConvergence`.
  public func symmetricEigenvalues() throws -> [Scalar] {
    var copy = self
    var values = [Scalar](repeating: 0, count: rows)
    let n = rows
    let info = copy.withMutableElements { Scalar.syevd(vectors: false, n, $0, n, &values) }
    guard info == 0 else { throw LinearAlgebraError.noConvergence(routine: "syevd", info: info) }
    return values
  }

  /// Solves A v = w B v for symmetric A and positive definite B, with Vᵀ B V = I.
  ///
  /// - Throws: `LinearAlgebraError` when B is not positive definite or nothing converged.
  public func generalizedEigen(with b: Tensor) throws -> (values: [Scalar], vectors: Tensor) {
    var vectors = self
    var factor = b
    var values = [Scalar](repeating: 0, count: rows)
    let n = rows
    let info = vectors.withMutableElements { a in
      factor.withMutableElements { Scalar.sygvd(n, a, n, $0, n, &values) }
    }
    guard info <= n else { throw LinearAlgebraError.notPositiveDefinite(order: info - n) }
    guard info == 0 else { throw LinearAlgebraError.noConvergence(routine: "sygvd", info: info) }
    return (values, vectors)
  }

  /// The thin singular value decomposition A = U diag(s) Vᵀ, s descending.
  ///
  /// - Throws: `LinearAlgebraError.noConvergence`.
  public func singularValueDecomposition() throws -> (u: Tensor, values: [Scalar], vt: Tensor) {
    let (m, n) = (rows, columns)
    let k = Swift.min(m, n)
    var work = self
    var u = Tensor(zeros: m, k)
    var vt = Tensor(zeros: k, n)
    var values = [Scalar](repeating: 0, count: k)
    let info = work.withMutableElements { a in
      u.withMutableElements { u in
        vt.withMutableElements { vt in Scalar.gesdd(m, n, a, &values, u, vt) }
      }
    }
    guard info == 0 else { throw LinearAlgebraError.noConvergence(routine: "gesdd", info: info) }
    return (u, values, vt)
  }

  /// Solves A x = b for a square, regular A; b and x one a column.
  ///
  /// - Throws: `LinearAlgebraError.singular`.
  public func solve(_ right: Tensor) throws -> Tensor {
    var a = self
    var x = right
    let (n, r) = (rows, right.columns)
    let info = a.withMutableElements { a in
      x.withMutableElements { Scalar.gesv(n, r, a, n, $0, r) }
    }
    guard info == 0 else { throw LinearAlgebraError.singular }
    return x
  }

  /// The least-squares solution of least norm, min ‖A x − b‖₂, and the numerical rank of A.
  ///
  /// - Throws: `LinearAlgebraError.noConvergence`.
  public func leastSquares(
    _ right: [Scalar], relativeCutoff: Scalar = Scalar.ulpOfOne * 100
  ) throws -> (solution: [Scalar], rank: Int) {
    let (m, n) = (rows, columns)
    precondition(right.count == m, "\(right.count) values for \(m) equations")
    var a = self
    var b = right + [Scalar](repeating: 0, count: Swift.max(0, n - m))
    var s = [Scalar](repeating: 0, count: Swift.min(m, n))
    let (rank, info) = a.withMutableElements {
      Scalar.gelsd(m, n, 1, $0, n, &b, 1, &s, relativeCutoff: relativeCutoff)
    }
    guard info == 0 else { throw LinearAlgebraError.noConvergence(routine: "gelsd", info: info) }
    return (Array(b[..<n]), rank)
  }
}
