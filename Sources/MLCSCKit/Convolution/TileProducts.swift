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

    fileprivate func matrix(_ p: Int) -> UnsafeMutablePointer<Float> {
      UnsafeMutableRawPointer(first + p * plane).assumingMemoryBound(to: Float.self)
    }
  }

  /// Cₚ ← Aₚ Bₚ.
  ///
  /// - Parameters:
  ///   - a: `rows` rows.
  ///   - b: As many rows as A has columns.
  ///   - rows: Those of A and C.
  ///   - c: As many columns as B has.
  static func multiply(_ a: Planes, _ b: Planes, rows: Int, into c: Planes) {
    let (inner, columns) = (16 * a.lanes, 16 * b.lanes)
    for p in 0..<36 {
      tile_product(
        rows, b.lanes, inner, a.matrix(p), inner, 1, b.matrix(p), columns, c.matrix(p), columns, 0)
    }
  }

  /// Cₚ ← Aₚᵀ Bₚ, or Cₚ ← Cₚ + Aₚᵀ Bₚ.
  ///
  /// - Parameters:
  ///   - a: `rows` rows.
  ///   - b: `rows` rows.
  ///   - rows: Those of A and B.
  ///   - c: As many rows as A has columns, as many columns as B has.
  ///   - isFirst: Whether C holds nothing yet.
  static func addTransposed(_ a: Planes, _ b: Planes, rows: Int, to c: Planes, isFirst: Bool) {
    let (height, columns) = (16 * a.lanes, 16 * b.lanes)
    for p in 0..<36 {
      tile_product(
        height, b.lanes, rows, a.matrix(p), 1, height, b.matrix(p), columns, c.matrix(p), columns,
        isFirst ? 0 : 1)
    }
  }
}
