/// Copies and sums of a few numbers, as the lines of a patch have: two vectors that overlap take
/// any count up to twice their width, where a loop takes its rest one by one and a call of `memcpy`
/// costs more than its numbers.
///
/// To be inlined into code that is compiled for `Float` and `Double` themselves.
enum ShortRuns {
  /// out ← x, or out ← out + x, which do not overlap.
  @inline(__always)
  static func move<Scalar: NumericScalar>(
    _ n: Int, _ x: UnsafePointer<Scalar>, into out: UnsafeMutablePointer<Scalar>, adding: Bool
  ) {
    switch n {
    case 4..<8: moveEnds(n, x, out, adding, SIMD4<Scalar>.self)
    case 8...16: moveEnds(n, x, out, adding, SIMD8<Scalar>.self)
    default:
      if adding {
        for i in 0..<n { out[i] += x[i] }
      } else {
        out.update(from: x, count: n)
      }
    }
  }

  /// The first vector and the last one; both are ready before one is stored, so that what they share
  /// is added once.
  @inline(__always)
  private static func moveEnds<V: SIMD>(
    _ n: Int, _ x: UnsafePointer<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>,
    _ adding: Bool, _ type: V.Type
  ) where V.Scalar: FloatingPoint {
    let last = n &- V.scalarCount
    func end(_ place: Int) -> V {
      let new = UnsafeRawPointer(x + place).loadUnaligned(as: type)
      return adding ? UnsafeRawPointer(out + place).loadUnaligned(as: type) + new : new
    }
    let (first, second) = (end(0), end(last))
    UnsafeMutableRawPointer(out).storeBytes(of: first, as: type)
    UnsafeMutableRawPointer(out + last).storeBytes(of: second, as: type)
  }
}
