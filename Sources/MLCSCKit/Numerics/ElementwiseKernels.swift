/// What happens to one number in an element-wise pass, and how numbers are summed.
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

  /// The largest of `value(i)` and −∞, in eight interleaved parts; NaN counts as −∞.
  @inline(__always)
  static func largest<T: BinaryFloatingPoint>(_ n: Int, _ value: (Int) -> T) -> T {
    func larger(_ x: T, _ y: T) -> T { x > y ? x : y }
    let low = -T.infinity
    var (l0, l1, l2, l3, l4, l5, l6, l7) = (low, low, low, low, low, low, low, low)
    var i = 0
    while i + 8 <= n {
      l0 = larger(value(i), l0)
      l1 = larger(value(i + 1), l1)
      l2 = larger(value(i + 2), l2)
      l3 = larger(value(i + 3), l3)
      l4 = larger(value(i + 4), l4)
      l5 = larger(value(i + 5), l5)
      l6 = larger(value(i + 6), l6)
      l7 = larger(value(i + 7), l7)
      i += 8
    }
    var all = larger(larger(larger(l0, l1), larger(l2, l3)), larger(larger(l4, l5), larger(l6, l7)))
    while i < n {
      all = larger(value(i), all)
      i += 1
    }
    return all
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
}

/// The element-wise passes of both types. Being requirements of the protocol, they are compiled, and
/// vectorised, for each of them.
///
/// Plain loops over pointers: they vectorise to the width of the machine, where `SIMD16` is a
/// hundred times slower on a target without such registers.
extension NumericScalar {
  public static func softThreshold(
    _ n: Int, _ x: UnsafePointer<Self>, by t: Self, into out: UnsafeMutablePointer<Self>
  ) {
    for i in 0..<n { out[i] = ElementwiseKernels.soft(x[i], t) }
  }

  public static func oneSidedThreshold(
    _ n: Int, _ x: UnsafePointer<Self>, by t: Self, into out: UnsafeMutablePointer<Self>
  ) {
    for i in 0..<n { out[i] = ElementwiseKernels.oneSided(x[i], t) }
  }

  public static func hardThreshold(
    _ n: Int, _ x: UnsafePointer<Self>, by t: Self, into out: UnsafeMutablePointer<Self>
  ) {
    for i in 0..<n { out[i] = abs(x[i]) > t ? x[i] : 0 }
  }

  public static func proximalStep(
    _ n: Int, _ z: UnsafePointer<Self>, _ g: UnsafePointer<Self>, step μ: Self, threshold t: Self,
    nonnegative: Bool, into out: UnsafeMutablePointer<Self>
  ) {
    if nonnegative {
      for i in 0..<n { out[i] = ElementwiseKernels.oneSided(z[i] - μ * g[i], t) }
    } else {
      for i in 0..<n { out[i] = ElementwiseKernels.soft(z[i] - μ * g[i], t) }
    }
  }

  public static func acceleratedProximalStep(
    _ n: Int, _ z: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>, step μ: Self,
    threshold t: Self, momentum β: Self, nonnegative: Bool, _ γ: UnsafeMutablePointer<Self>
  ) {
    if nonnegative {
      for i in 0..<n {
        let next = ElementwiseKernels.oneSided(z[i] - μ * g[i], t)
        z[i] = next + β * (next - γ[i])
        γ[i] = next
      }
    } else {
      for i in 0..<n {
        let next = ElementwiseKernels.soft(z[i] - μ * g[i], t)
        z[i] = next + β * (next - γ[i])
        γ[i] = next
      }
    }
  }

  public static func clear(_ n: Int, _ x: UnsafeMutablePointer<Self>) {
    x.update(repeating: 0, count: n)
  }

  public static func subtract(
    _ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>,
    into out: UnsafeMutablePointer<Self>
  ) {
    for i in 0..<n { out[i] = x[i] - y[i] }
  }

  public static func squaredDistance(
    _ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>
  ) -> Self {
    ElementwiseKernels.sum(n) { i in
      let d = x[i] - y[i]
      return d * d
    }
  }

  public static func squaredNorm(_ n: Int, _ x: UnsafePointer<Self>) -> Self {
    ElementwiseKernels.sum(n) { x[$0] * x[$0] }
  }

  public static func allFinite(_ n: Int, _ x: UnsafePointer<Self>) -> Bool {
    // x − x is zero for every finite x and NaN for all others, so one sum tells.
    ElementwiseKernels.sum(n) { x[$0] - x[$0] } == 0
  }

  public static func indexOfLargestMagnitude(
    _ n: Int, _ x: UnsafePointer<Self>, times w: UnsafePointer<Self>
  ) -> Int {
    var (best, block) = (-Self.infinity, 0)
    for start in stride(from: 0, to: n, by: 64) {
      let value = ElementwiseKernels.largest(min(64, n - start)) {
        abs(x[start + $0]) * w[start + $0]
      }
      if value > best { (best, block) = (value, start) }
    }
    return (block..<min(block + 64, n)).first { abs(x[$0]) * w[$0] == best } ?? 0
  }

  public static func countAbove(_ n: Int, _ x: UnsafePointer<Self>, _ t: Self) -> Int {
    var count = 0
    for i in 0..<n { count &+= abs(x[i]) > t ? 1 : 0 }
    return count
  }

  public static func copyStrided(
    _ n: Int, _ x: UnsafePointer<Self>, _ stride: Int, _ out: UnsafeMutablePointer<Self>
  ) {
    for i in 0..<n { out[i] = x[i &* stride] }
  }

  public static func addStrided(
    _ n: Int, _ x: UnsafePointer<Self>, _ out: UnsafeMutablePointer<Self>, _ stride: Int
  ) {
    if stride == 1 {
      for i in 0..<n { out[i] += x[i] }
    } else {
      for i in 0..<n { out[i &* stride] += x[i] }
    }
  }
}
