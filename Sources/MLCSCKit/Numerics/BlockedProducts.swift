/// Products and factors of large matrices in Double, cut at fixed places for several threads.
///
/// Every piece computes its own part of the result, so that the number of threads changes no bit.
/// Matrices are row-major and packed unless a leading dimension is given.
enum BlockedProducts {
  private static func forEachPiece(
    of count: Int, size: Int, _ body: (_ first: Int, _ count: Int) -> Void
  ) {
    Parallelism.forEach((count + size - 1) / size) { piece in
      let first = piece * size
      body(first, min(size, count - first))
    }
  }

  /// Mᵀ x, the rows of M weighted and summed.
  ///
  /// - Parameters:
  ///   - rows: M, x.count × `columns`.
  ///   - columns: The columns of M.
  ///   - weights: x.
  /// - Returns: `columns` numbers.
  static func sum(of rows: [Double], columns: Int, weights: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: columns)
    guard !weights.isEmpty else { return result }
    rows.withUnsafeBufferPointer { a in
      result.withUnsafeMutableBufferPointer { y in
        forEachPiece(of: columns, size: 1024) { first, count in
          Double.gemv(
            true, weights.count, count, 1, a.start + first, columns, weights, 0, y.start + first)
        }
      }
    }
    return result
  }

  /// M x, the inner product of every row of M with x.
  ///
  /// - Parameters:
  ///   - rows: M, `count` × x.count.
  ///   - count: The rows of M.
  ///   - x: A vector.
  /// - Returns: `count` numbers.
  static func products(of rows: [Double], count: Int, with x: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    let columns = x.count
    guard columns > 0 else { return result }
    rows.withUnsafeBufferPointer { a in
      result.withUnsafeMutableBufferPointer { y in
        forEachPiece(of: count, size: 128) { first, count in
          Double.gemv(
            false, count, columns, 1, a.start + first * columns, columns, x, 0, y.start + first)
        }
      }
    }
    return result
  }

  /// A Bᵀ, the inner products of the rows of two matrices.
  ///
  /// - Parameters:
  ///   - a: A, `aRows` × `columns`.
  ///   - aRows: The rows of A.
  ///   - b: B, `bRows` × `columns`.
  ///   - bRows: The rows of B.
  ///   - columns: The columns of both.
  /// - Returns: `aRows` × `bRows` numbers.
  static func crossProducts(
    _ a: [Double], _ aRows: Int, _ b: [Double], _ bRows: Int, columns: Int
  ) -> [Double] {
    var result = [Double](repeating: 0, count: aRows * bRows)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        result.withUnsafeMutableBufferPointer { c in
          forEachPiece(of: aRows, size: 64) { first, count in
            Double.gemm(
              false, true, count, bRows, columns, 1, a.start + first * columns, columns, b.start,
              columns, 0, c.start + first * bRows, bRows)
          }
        }
      }
    }
    return result
  }

  /// C ← α A Aᵀ + C in the lower triangle (blocks of 64 on the diagonal are whole).
  ///
  /// - Parameters:
  ///   - α: A factor.
  ///   - a: A, `order` × `columns`.
  ///   - order: The rows of A.
  ///   - columns: The columns of A.
  ///   - c: `order` × `order` numbers.
  static func addGram(
    _ α: Double, _ a: [Double], order: Int, columns: Int, to c: inout [Double]
  ) {
    guard columns > 0 else { return }
    a.withUnsafeBufferPointer { a in
      c.withUnsafeMutableBufferPointer { c in
        forEachPiece(of: order, size: 64) { first, count in
          Double.gemm(
            false, true, count, first + count, columns, α, a.start + first * columns, columns,
            a.start, columns, 1, c.start + first * order, order)
        }
      }
    }
  }

  /// The Cholesky factor of a symmetric matrix in its lower triangle, in place.
  ///
  /// - Parameters:
  ///   - order: The order of the matrix.
  ///   - matrix: `order` × `order` numbers; what is above the diagonal is not read.
  /// - Returns: Whether the matrix is numerically positive definite.
  static func factorize(order: Int, _ matrix: inout [Double]) -> Bool {
    let size = 96
    return matrix.withUnsafeMutableBufferPointer { c in
      let c = c.start
      for first in stride(from: 0, to: order, by: size) {
        let count = min(size, order - first)
        let diagonal = c + first * order + first
        guard Double.potrf(count, diagonal, order) == 0 else { return false }
        let below = first + count
        let rows = order - below
        guard rows > 0 else { continue }
        Scratch.withMemory(rows * count, of: Double.self) { panel in
          forEachPiece(of: rows, size: size) { start, height in
            let part = panel + start * count
            for i in 0..<height {
              (part + i * count).update(
                from: c + (below + start + i) * order + first, count: count)
            }
            Double.trsmRight(height, count, diagonal, order, part)
            for i in 0..<height {
              (c + (below + start + i) * order + first).update(
                from: part + i * count, count: count)
            }
          }
          forEachPiece(of: rows, size: size) { start, height in
            Double.gemm(
              false, true, height, start + height, count, -1, panel + start * count, count, panel,
              count, 1, c + (below + start) * order + below, order)
          }
        }
      }
      return true
    }
  }

  /// Solves L Lᵀ x = b with the factor that `factorize` leaves.
  ///
  /// - Parameters:
  ///   - order: The order of the matrix.
  ///   - factor: L in the lower triangle.
  ///   - right: b.
  /// - Returns: x.
  static func solve(order: Int, factor: [Double], _ right: [Double]) -> [Double] {
    var x = right
    Double.trsv(lower: true, transpose: false, order, factor, order, &x)
    Double.trsv(lower: true, transpose: true, order, factor, order, &x)
    return x
  }
}
