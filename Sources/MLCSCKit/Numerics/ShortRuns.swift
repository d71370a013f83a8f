/// Copies and sums of a few numbers, as the lines of a patch have: two vectors that overlap take
/// any count up to twice their width, where a loop takes its rest one by one and a call of `memcpy`
/// costs more than its numbers.
///
/// To be inlined into code that is compiled for `Float` and `Double` themselves.
enum ShortRuns {
  /// out ← x, which do not overlap.
  @inline(__always)
  static func copy<Scalar: NumericScalar>(
    _ n: Int, _ x: UnsafePointer<Scalar>, into out: UnsafeMutablePointer<Scalar>
  ) {
    switch n {
    case 4..<8: copy(n, x, out, SIMD4<Scalar>.self)
    case 8...16: copy(n, x, out, SIMD8<Scalar>.self)
    case 17...: out.update(from: x, count: n)
    default: for i in 0..<n { out[i] = x[i] }
    }
  }

  /// out ← out + x, which do not overlap.
  @inline(__always)
  static func add<Scalar: NumericScalar>(
    _ n: Int, _ x: UnsafePointer<Scalar>, into out: UnsafeMutablePointer<Scalar>
  ) {
    switch n {
    case 4..<8: add(n, x, out, SIMD4<Scalar>.self)
    case 8...16: add(n, x, out, SIMD8<Scalar>.self)
    default: for i in 0..<n { out[i] += x[i] }
    }
  }

  @inline(__always)
  private static func copy<V: SIMD>(
    _ n: Int, _ x: UnsafePointer<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>, _ type: V.Type
  ) {
    let last = n &- V.scalarCount
    let (first, second) = (load(x, type), load(x + last, type))
    store(first, out)
    store(second, out + last)
  }

  /// Both sums are taken before one is stored: what they share is added once.
  @inline(__always)
  private static func add<V: SIMD>(
    _ n: Int, _ x: UnsafePointer<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>, _ type: V.Type
  ) where V.Scalar: FloatingPoint {
    let last = n &- V.scalarCount
    let first = load(UnsafePointer(out), type) + load(x, type)
    let second = load(UnsafePointer(out + last), type) + load(x + last, type)
    store(first, out)
    store(second, out + last)
  }

  @inline(__always)
  private static func load<V: SIMD>(_ x: UnsafePointer<V.Scalar>, _ type: V.Type) -> V {
    UnsafeRawPointer(x).loadUnaligned(as: type)
  }

  @inline(__always)
  private static func store<V: SIMD>(_ value: V, _ out: UnsafeMutablePointer<V.Scalar>) {
    UnsafeMutableRawPointer(out).storeBytes(of: value, as: V.self)
  }
}
