/// An orthonormal basis of the vectors that are orthogonal to rows given one by one.
///
/// With no rows it is the identity of dimension s. Every row φ that is independent of those before
/// takes one vector away: with c = Bᵀφ and the Householder reflection H that maps c to a multiple of
/// the first unit vector, B ← BH without its first column. B stays orthonormal to rounding.
/// - Complexity: O(s · dimension) a row.
public struct NullSpace: Sendable {
  /// The basis, one vector a row, shape [dimension, s].
  public private(set) var basis: Matrix<Double>

  /// The part of a row outside the span of those before, relative to the row's norm, up to which it
  /// counts as dependent.
  public let tolerance: Double

  /// The number of independent rows so far.
  public private(set) var rank = 0

  /// The whole space of s dimensions.
  public init(dimension s: Int, tolerance: Double = 1e-10) {
    basis = .identity(s)
    self.tolerance = tolerance
  }

  /// The null space of a matrix.
  public init(of matrix: Matrix<Double>, tolerance: Double = 1e-10) {
    self.init(dimension: matrix.columns, tolerance: tolerance)
    for i in 0..<matrix.rows { restrict(orthogonalTo: matrix.row(i)) }
  }

  /// Keeps the vectors that are orthogonal to one more row.
  ///
  /// - Parameter row: s numbers.
  /// - Returns: Whether the row was independent of those before, so that the dimension fell by one.
  @discardableResult
  public mutating func restrict(orthogonalTo row: [Double]) -> Bool {
    let (d, s) = (basis.rows, basis.columns)
    precondition(row.count == s, "a row of \(row.count) entries for \(s) dimensions")
    guard d > 0 else { return false }
    var c = basis.multiplied(by: Matrix(shape: [s, 1], elements: row)).elements
    let length = Double.norm2(d, c)
    guard length > tolerance * Double.norm2(s, row) else { return false }
    c[0] += c[0] < 0 ? -length : length  // v = c ± ‖c‖ e₁, without cancellation
    let square = c.reduce(0) { $0 + $1 * $1 }
    let weights = Matrix(shape: [1, d], elements: c).multiplied(by: basis)
    var kept = basis.gathering(rows: Array(1..<max(d, 1)))
    kept.withMutableElements { b in
      weights.withElements { w in
        for i in 1..<max(d, 1) { Double.axpy(s, -2 * c[i] / square, w, b + (i - 1) * s) }
      }
    }
    basis = kept
    rank += 1
    return true
  }
}
