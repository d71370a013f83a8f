/// The bodies of the element-wise passes, inlined into the concrete `Float` and `Double` entry
/// points so that each is compiled, and vectorised, for its type.
///
/// Plain loops over pointers: they vectorise to the width of the machine, where `SIMD16` is a
/// hundred times slower on a target without such registers.
enum ElementwiseKernels {
  /// clamp(x, −t, t), branch-free so that the loop around it vectorises.
  @inline(__always)
  static func clamp<T: BinaryFloatingPoint>(_ x: T, _ t: T) -> T {
    let upper = x < t ? x : t
    return upper > -t ? upper : -t
  }

  @inline(__always)
  static func soft<T: BinaryFloatingPoint>(_ x: T, _ t: T) -> T { x - clamp(x, t) }

  @inline(__always)
  static func oneSided<T: BinaryFloatingPoint>(_ x: T, _ t: T) -> T { x > t ? x - t : 0 }

  @inline(__always)
  static func softThreshold<T: BinaryFloatingPoint>(
    _ n: Int, _ x: UnsafePointer<T>, _ t: T, _ out: UnsafeMutablePointer<T>
  ) {
    for i in 0..<n { out[i] = soft(x[i], t) }
  }

  @inline(__always)
  static func oneSidedThreshold<T: BinaryFloatingPoint>(
    _ n: Int, _ x: UnsafePointer<T>, _ t: T, _ out: UnsafeMutablePointer<T>
  ) {
    for i in 0..<n { out[i] = oneSided(x[i], t) }
  }

  @inline(__always)
  static func hardThreshold<T: BinaryFloatingPoint>(
    _ n: Int, _ x: UnsafePointer<T>, _ t: T, _ out: UnsafeMutablePointer<T>
  ) {
    for i in 0..<n { out[i] = abs(x[i]) > t ? x[i] : 0 }
  }

  @inline(__always)
  static func proximalStep<T: BinaryFloatingPoint>(
    _ n: Int, _ z: UnsafePointer<T>, _ g: UnsafePointer<T>, _ μ: T, _ t: T, _ nonnegative: Bool,
    _ out: UnsafeMutablePointer<T>
  ) {
    if nonnegative {
      for i in 0..<n { out[i] = oneSided(z[i] - μ * g[i], t) }
    } else {
      for i in 0..<n { out[i] = soft(z[i] - μ * g[i], t) }
    }
  }

  @inline(__always)
  static func acceleratedProximalStep<T: BinaryFloatingPoint>(
    _ n: Int, _ z: UnsafeMutablePointer<T>, _ g: UnsafePointer<T>, _ μ: T, _ t: T, _ β: T,
    _ nonnegative: Bool, _ γ: UnsafeMutablePointer<T>
  ) {
    if nonnegative {
      for i in 0..<n {
        let next = oneSided(z[i] - μ * g[i], t)
        z[i] = next + β * (next - γ[i])
        γ[i] = next
      }
    } else {
      for i in 0..<n {
        let next = soft(z[i] - μ * g[i], t)
        z[i] = next + β * (next - γ[i])
        γ[i] = next
      }
    }
  }

  @inline(__always)
  static func subtract<T: BinaryFloatingPoint>(
    _ n: Int, _ x: UnsafePointer<T>, _ y: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>
  ) {
    for i in 0..<n { out[i] = x[i] - y[i] }
  }

  /// Sums `term(i)` in eight interleaved partial sums, a fixed order that vectorises.
  @inline(__always)
  static func sum<T: BinaryFloatingPoint>(_ n: Int, _ term: (Int) -> T) -> T {
    var s0: T = 0
    var s1: T = 0
    var s2: T = 0
    var s3: T = 0
    var s4: T = 0
    var s5: T = 0
    var s6: T = 0
    var s7: T = 0
    var i = 0
    while i + 8 <= n {
      s0 += term(i)
      s1 += term(i + 1)
      s2 += term(i + 2)
      s3 += term(i + 3)
      s4 += term(i + 4)
      s5 += term(i + 5)
      s6 += term(i + 6)
      s7 += term(i + 7)
      i += 8
    }
    var total = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
    while i < n {
      total += term(i)
      i += 1
    }
    return total
  }

  @inline(__always)
  static func squaredDistance<T: BinaryFloatingPoint>(
    _ n: Int, _ x: UnsafePointer<T>, _ y: UnsafePointer<T>
  ) -> T {
    sum(n) { i in
      let d = x[i] - y[i]
      return d * d
    }
  }

  @inline(__always)
  static func squaredNorm<T: BinaryFloatingPoint>(_ n: Int, _ x: UnsafePointer<T>) -> T {
    sum(n) { x[$0] * x[$0] }
  }

  /// x − x is zero for every finite x and NaN for all others, so one sum tells.
  @inline(__always)
  static func allFinite<T: BinaryFloatingPoint>(_ n: Int, _ x: UnsafePointer<T>) -> Bool {
    sum(n) { x[$0] - x[$0] } == 0
  }

  @inline(__always)
  static func countAbove<T: BinaryFloatingPoint>(_ n: Int, _ x: UnsafePointer<T>, _ t: T) -> Int {
    var count = 0
    for i in 0..<n { count &+= abs(x[i]) > t ? 1 : 0 }
    return count
  }
}
