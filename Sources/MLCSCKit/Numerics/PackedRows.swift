/// A small matrix laid out for products with one vector.
///
/// Rows are padded with zeros to whole registers and begin at cache lines. A call of gemv costs
/// several times its arithmetic at these sizes; both products here keep their sums in registers, and
/// the sum of rows passes over zero weights, of which a sparse code has many.
final class PackedRows<Scalar: NumericScalar>: Sendable {
  private let rowCount: Int
  private let columnCount: Int
  /// Written once in `init`, then only read: safe to share between threads.
  private nonisolated(unsafe) let rows: UnsafeMutablePointer<Scalar>

  /// The rows up to which there is room for the list of those with non-zero weights.
  static var largestRowCount: Int { 256 }

  /// The elements up to which packing pays: what a second-level cache holds beside the rest.
  static var largestCount: Int { 1 << 15 }

  /// A copy of a matrix, or of its transpose; nothing if it is too large.
  init?(_ matrix: Matrix<Scalar>, transposed: Bool = false) {
    let (r, c) =
      transposed ? (matrix.columns, matrix.rows) : (matrix.rows, matrix.columns)
    guard r <= Self.largestRowCount, r * c <= Self.largestCount else { return nil }
    (rowCount, columnCount) = (r, c)
    let length = (c + Scalar.laneCount - 1) / Scalar.laneCount * Scalar.laneCount
    let count = max(r * length, 1)
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Scalar>.stride, alignment: 64
    ).bindMemory(to: Scalar.self, capacity: count)
    memory.initialize(repeating: 0, count: count)
    matrix.withElements { source in
      for i in 0..<r {
        if transposed {
          Scalar.copyStrided(c, source + i, r, memory + i * length)
        } else {
          (memory + i * length).update(from: source + i * c, count: c)
        }
      }
    }
    rows = memory
  }

  deinit { rows.deallocate() }

  /// out_b ← Σᵢ w_b,ᵢ · rowᵢ for every b of a batch.
  ///
  /// - Parameters:
  ///   - weights: Rows of one number a row of the matrix.
  ///   - batch: How many.
  ///   - out: Rows of one number a column, overwritten.
  func weightedSums(
    _ weights: UnsafePointer<Scalar>, batch: Int, into out: UnsafeMutablePointer<Scalar>
  ) {
    Scalar.weightedRowSums(rows, rowCount, weights, batch, out, columnCount)
  }

  /// outᵢ ← ⟨rowᵢ, x⟩.
  ///
  /// - Parameters:
  ///   - x: One number a column.
  ///   - out: One number a row, overwritten.
  func products(_ x: UnsafePointer<Scalar>, into out: UnsafeMutablePointer<Scalar>) {
    Scalar.rowProducts(rows, rowCount, x, columnCount, out)
  }
}
