import CTileProducts

/// The 36 products of matrices between Winograd's transforms, run by the calling thread.
///
/// Sums run in the order of the inner index whatever the processor and however rows are cut into
/// blocks. Rates on one thread of a Zen 5: for 128×16 by 16×16 148 GFLOP/s, where oneDNN's
/// matrix product has 115, and for 69×32 by 32×32 226; 119 with AVX2 alone.
enum TileProducts {
  /// 36 row-major matrices.
  struct Planes {
    /// The first of them.
    let first: UnsafeMutablePointer<ChannelLanes>
    /// The columns of each, in sixteens.
    let lanes: Int
    /// From one matrix to the next.
    let plane: Int

    init(_ first: UnsafeMutablePointer<ChannelLanes>, lanes: Int, plane: Int) {
      (self.first, self.lanes, self.plane) = (first, lanes, plane)
    }

    /// The same matrices from a block of sixteen columns on.
    func columns(from block: Int) -> Planes { Planes(first + block, lanes: lanes, plane: plane) }

    fileprivate func matrix(_ p: Int) -> UnsafeMutablePointer<Float> { numbers(first + p * plane) }
  }

  /// 36 matrices, each cut into strips of sixteen columns that lie one after another.
  ///
  /// A strip of some hundred rows stays in the cache while it is multiplied with row after row; as
  /// part of a row-major matrix of 512 columns its rows would fall into a few of the cache's sets.
  struct Strips {
    /// The first strip of the first matrix.
    let first: UnsafeMutablePointer<ChannelLanes>
    /// How many strips a matrix has.
    let count: Int
    /// The rows of a strip.
    let rows: Int
    /// From one matrix to the next.
    let plane: Int

    init(_ first: UnsafeMutablePointer<ChannelLanes>, count: Int, rows: Int, plane: Int) {
      (self.first, self.count, self.rows, self.plane) = (first, count, rows, plane)
    }

    /// Row `row` of strip `strip`.
    func row(_ strip: Int, _ row: Int) -> UnsafeMutablePointer<ChannelLanes> {
      first + strip * rows + row
    }

    fileprivate func matrix(_ p: Int) -> UnsafeMutablePointer<Float> { numbers(first + p * plane) }
  }

  /// The distance of matrices of so many lanes; odd, so that the 36 numbers of a tile or a filter do
  /// not fall into the same set of the cache.
  static func plane(lanes: Int) -> Int { lanes | 1 }

  private static func numbers(
    _ lanes: UnsafeMutablePointer<ChannelLanes>
  ) -> UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer(lanes).assumingMemoryBound(to: Float.self)
  }

  /// Cₚ ← Aₚ Bₚ.
  ///
  /// - Parameters:
  ///   - a: `rows` rows.
  ///   - b: As many rows as A has columns.
  ///   - rows: Those of A and C.
  ///   - c: As many columns as B has.
  static func multiply(_ a: Planes, _ b: Strips, rows: Int, into c: Planes) {
    multiply(a, b, rows: rows, inner: 16 * a.lanes, into: c, isFirst: true)
  }

  /// Cₚ ← Aₚ Bₚ, or Cₚ ← Cₚ + Aₚ Bₚ, for some columns of A and C.
  ///
  /// - Parameters:
  ///   - a: `rows` rows, from the first of the columns.
  ///   - b: `inner` rows.
  ///   - rows: Those of A and C.
  ///   - inner: How many columns of A.
  ///   - c: From the first of as many columns as B has.
  ///   - isFirst: Whether C holds nothing yet.
  static func multiply(
    _ a: Planes, _ b: Strips, rows: Int, inner: Int, into c: Planes, isFirst: Bool
  ) {
    for p in 0..<36 {
      tile_product(
        rows, b.count, inner, a.matrix(p), 16 * a.lanes, 1, b.matrix(p), 16, 16 * b.rows,
        c.matrix(p), 16 * c.lanes, isFirst ? 0 : 1)
    }
  }

  /// Cₚ ← Aₚᵀ Bₚ, or Cₚ ← Cₚ + Aₚᵀ Bₚ, for some columns of A and B.
  ///
  /// - Parameters:
  ///   - a: `rows` rows, from the first of the columns.
  ///   - b: `rows` rows, from the first of the columns.
  ///   - rows: Those of A and B.
  ///   - height: How many columns of A.
  ///   - c: `height` rows, and as many columns as are taken of B.
  ///   - isFirst: Whether C holds nothing yet.
  static func addTransposed(
    _ a: Planes, _ b: Planes, rows: Int, height: Int, to c: Planes, isFirst: Bool
  ) {
    for p in 0..<36 {
      tile_product(
        height, c.lanes, rows, a.matrix(p), 1, 16 * a.lanes, b.matrix(p), 16 * b.lanes, 16,
        c.matrix(p), 16 * c.lanes, isFirst ? 0 : 1)
    }
  }
}
