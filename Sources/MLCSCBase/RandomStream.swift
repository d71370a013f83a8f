import Foundation

/// The counter-based generator Philox 4×32 with ten rounds.
///
///     (x₀, x₁, x₂, x₃) = Philox₁₀(counter, key)
///
/// A bijection of 128-bit counters for every 64-bit key, without state: any block can be had at
/// any time, which is what makes streams independent of the order of execution. Source: Salmon,
/// Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011; tested against the
/// known-answer vectors of its Random123 distribution.
public enum Philox4x32 {
  /// The four 32-bit words that belong to a counter and a key.
  ///
  /// - Parameters:
  ///   - counter: The 128-bit counter, least significant word first.
  ///   - key: The 64-bit key, least significant word first.
  /// - Returns: Four words, uniform and independent over counters.
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let a = UInt64(c[0]) &* 0xD251_1F53
      let b = UInt64(c[2]) &* 0xCD9E_8D57
      c = SIMD4(
        UInt32(truncatingIfNeeded: b >> 32) ^ c[1] ^ k[0],
        UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a >> 32) ^ c[3] ^ k[1],
        UInt32(truncatingIfNeeded: a))
      k = k &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
    }
    return c
  }
}

/// A random stream with a name.
///
/// The names (say experiment, cell, seed) fix key and upper counter half; the lower half counts
/// blocks. Two streams with different names never share a block, and what a stream yields depends
/// on nothing but its names: not on the platform, the number of threads or the order of execution.
/// All derived variates are made by exact integer or IEEE arithmetic, never by `log` or `cos`.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private let key: SIMD2<UInt32>
  private let upper: SIMD2<UInt32>
  private var position: UInt64 = 0
  private var spare: UInt64?

  /// Opens the stream that belongs to these names, in this order.
  public init(_ names: String...) {
    self.init(names: names)
  }

  /// Opens the stream that belongs to these names, in this order.
  public init(names: [String]) {
    // Lengths are part of what is hashed, so ["ab", "c"] and ["a", "bc"] differ.
    let joined = names.map { "\($0.utf8.count):\($0)" }.joined()
    let words = Digest.sha256(Data(joined.utf8)).words
    key = SIMD2(words[0], words[1])
    upper = SIMD2(words[2], words[3])
  }

  /// The next 64 uniform bits.
  public mutating func next() -> UInt64 {
    if let word = spare {
      spare = nil
      return word
    }
    let counter = SIMD4(
      UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32),
      upper[0], upper[1])
    position &+= 1
    let block = Philox4x32.block(counter: counter, key: key)
    spare = UInt64(block[2]) | UInt64(block[3]) << 32
    return UInt64(block[0]) | UInt64(block[1]) << 32
  }

  /// A uniform number in [0, 1), a multiple of 2⁻⁵³.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A uniform integer in 0 ..< bound, without bias.
  public mutating func index(below bound: Int) -> Int {
    precondition(bound > 0, "a random index needs a positive bound")
    // Lemire's multiplication with rejection, written out so that it never changes with the
    // standard library.
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// `count` different indices of 0 ..< bound, in random order.
  ///
  /// - Complexity: O(bound).
  public mutating func indices(_ count: Int, below bound: Int) -> [Int] {
    precondition(count <= bound, "cannot draw \(count) different indices below \(bound)")
    var all = Array(0..<bound)
    for i in 0..<count { all.swapAt(i, i + index(below: bound - i)) }
    return Array(all[..<count])
  }

  /// A random order of 0 ..< count.
  public mutating func permutation(of count: Int) -> [Int] {
    indices(count, below: count)
  }

  /// +1 or −1 with equal probability.
  public mutating func sign() -> Double {
    next() >> 63 == 0 ? 1 : -1
  }

  /// A standard normal variate.
  ///
  /// Karney's exact sampling (Algorithm N of "Sampling exactly from the normal distribution", ACM
  /// TOMS 42, 2016), which compares uniform numbers only: the bits are the same on every platform,
  /// which no method that calls `log` or `cos` can promise.
  public mutating func normal() -> Double {
    while true {
      var k = 0
      while bernoulliOfExpMinusHalf() { k += 1 }  // step 1: P(k) ∝ exp(−k/2)
      var accepted = true
      for _ in 0..<(k * (k - 1)) where accepted { accepted = bernoulliOfExpMinusHalf() }  // step 2
      guard accepted else { continue }
      let x = uniform()  // step 3
      for _ in 0...k where accepted { accepted = bernoulli(k: k, x: x) }  // step 4
      guard accepted else { continue }
      return sign() * (Double(k) + x)
    }
  }

  /// True with probability exp(−½): the parity of a decreasing run (von Neumann).
  private mutating func bernoulliOfExpMinusHalf() -> Bool {
    var last = uniform()
    if last >= 0.5 { return true }
    var length = 1
    while true {
      let u = uniform()
      if u >= last { return length & 1 == 0 }
      last = u
      length += 1
    }
  }

  /// True with probability exp(−x (2k + x) / (2k + 2)) (Algorithm B of the same paper).
  private mutating func bernoulli(k: Int, x: Double) -> Bool {
    let bound = (2 * Double(k) + x) / (2 * Double(k) + 2)
    var last = x
    var even = true
    while true {
      let z = uniform()
      if z >= last { return even }
      if uniform() >= bound { return even }
      last = z
      even.toggle()
    }
  }
}
