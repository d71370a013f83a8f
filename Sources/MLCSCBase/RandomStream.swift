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
  /// The blocks of eight counters in a row, each as two words of 64 bits.
  ///
  /// - Parameters:
  ///   - position: The lower half of the first counter; behind the largest one it begins anew.
  ///   - upper: The upper half of all counters, least significant word first.
  ///   - key: The 64-bit key, least significant word first.
  /// - Returns: One lane a block, uniform and independent over counters: its lower and its upper 64 bits.
  public static func words(
    from position: UInt64, upper: SIMD2<UInt32>, key: SIMD2<UInt32>
  ) -> (lower: SIMD8<UInt64>, upper: SIMD8<UInt64>) {
    // Every lane holds 32 bits of one counter, so that one instruction multiplies for several.
    let low = SIMD8<UInt64>(repeating: 0xFFFF_FFFF)
    let counter = SIMD8<UInt64>(repeating: position) &+ SIMD8(0, 1, 2, 3, 4, 5, 6, 7)
    var (c0, c1) = (counter & low, counter &>> 32)
    var c2 = SIMD8<UInt64>(repeating: UInt64(upper[0]))
    var c3 = SIMD8<UInt64>(repeating: UInt64(upper[1]))
    var (k0, k1) = (key[0], key[1])
    for _ in 0..<10 {
      let a = (c0 & low) &* SIMD8(repeating: 0xD251_1F53)
      let b = (c2 & low) &* SIMD8(repeating: 0xCD9E_8D57)
      c0 = (b &>> 32) ^ c1 ^ SIMD8(repeating: UInt64(k0))
      c1 = b & low
      c2 = (a &>> 32) ^ c3 ^ SIMD8(repeating: UInt64(k1))
      c3 = a & low
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return (c0 | c1 &<< 32, c2 | c3 &<< 32)
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
  /// The first block that is not among `words`.
  private var position: UInt64 = 0
  /// The lower words of eight blocks, then the upper ones; no vectors, so that a stream has the alignment
  /// of a word wherever it lies.
  private var words: (Words, Words) = (
    (0, 0, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0, 0, 0)
  )
  /// How many of the sixteen were given out.
  private var used = 16

  private typealias Words = (
    UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64
  )

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
    if used == 16 { refill() }
    // A lane that is not known beforehand is read from memory, where the words lie: block by block,
    // the lower one first.
    let place = (used & 1) * MemoryLayout<Words>.size + (used >> 1) * MemoryLayout<UInt64>.size
    used += 1
    return withUnsafeBytes(of: &words) { $0.load(fromByteOffset: place, as: UInt64.self) }
  }

  @inline(never)
  private mutating func refill() {
    let (lower, upper) = Philox4x32.words(from: position, upper: upper, key: key)
    withUnsafeMutableBytes(of: &words) {
      $0.storeBytes(of: lower, as: SIMD8<UInt64>.self)
      $0.storeBytes(of: upper, toByteOffset: MemoryLayout<Words>.size, as: SIMD8<UInt64>.self)
    }
    position &+= 8
    used = 0
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
