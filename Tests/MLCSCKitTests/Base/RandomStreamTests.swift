// Claim: the generator is Philox 4×32-10 as published; variates follow their laws; streams depend
// on their names alone.
import Foundation
import MLCSCKit
import Testing

struct RandomStreamTests {
  @Test(
    "Philox reproduces the known-answer vectors of Random123",
    arguments: [
      (
        SIMD4<UInt32>(repeating: 0), SIMD2<UInt32>(repeating: 0),
        SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
      ),
      (
        SIMD4<UInt32>(repeating: 0xffff_ffff), SIMD2<UInt32>(repeating: 0xffff_ffff),
        SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
      ),
      (
        SIMD4<UInt32>(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        SIMD2<UInt32>(0xa409_3822, 0x299f_31d0),
        SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
      ),
    ])
  func knownAnswers(
    _ counter: SIMD4<UInt32>, _ key: SIMD2<UInt32>, _ expected: SIMD4<UInt32>
  ) {
    func word(_ low: UInt32, _ high: UInt32) -> UInt64 { UInt64(low) | UInt64(high) << 32 }
    // The counter at each of the eight places, also where those behind it begin anew.
    for place in 0..<8 {
      let found = Philox4x32.words(
        from: word(counter[0], counter[1]) &- UInt64(place),
        upper: SIMD2(counter[2], counter[3]), key: key)
      #expect(found.lower[place] == word(expected[0], expected[1]), "at place \(place)")
      #expect(found.upper[place] == word(expected[2], expected[3]), "at place \(place)")
    }
  }

  @Test("a stream gives out the words of its blocks in order, and a copy goes on alike")
  func order() {
    // The first and the forty-first word, as a program in Python makes them block by block.
    var stream = RandomStream("order")
    let words = (0..<41).map { _ in stream.next() }
    #expect(Set(words).count == words.count)
    #expect(words[0] == 0x0976_bcaa_2ecd_1c2f && words[40] == 0x2b9d_78dc_08a6_fcd8)
    var copy = stream
    #expect((0..<50).map { _ in stream.next() } == (0..<50).map { _ in copy.next() })
  }

  @Test("a stream depends on its names, all of them, and on nothing else")
  func names() {
    func first(_ names: String...) -> [UInt64] {
      var stream = RandomStream(names: names)
      return (0..<4).map { _ in stream.next() }
    }
    #expect(first("a", "b") == first("a", "b"))
    #expect(first("a", "b") != first("ab"))
    #expect(first("a", "bc") != first("ab", "c"))
    #expect(first("a", "b", "1") != first("a", "b", "2"))
  }

  @Test("normal variates have the moments and tails of a normal law")
  func normal() {
    var stream = RandomStream("normal")
    let count = 200_000
    let values = (0..<count).map { _ in stream.normal() }
    // Five standard errors of each moment: 1/√n, √2/√n, √15/√n, √96/√n.
    let root = Double(count).squareRoot()
    func moment(_ k: Int) -> Double {
      values.reduce(0) { $0 + pow($1, Double(k)) }
        / Double(count)
    }
    #expect(abs(moment(1)) < 5 / root)
    #expect(abs(moment(2) - 1) < 5 * 2.0.squareRoot() / root)
    #expect(abs(moment(3)) < 5 * 15.0.squareRoot() / root)
    #expect(abs(moment(4) - 3) < 5 * 96.0.squareRoot() / root)
    let beyondTwo = Double(values.count { abs($0) > 2 }) / Double(count)
    #expect(abs(beyondTwo - 0.0455003) < 5 * (0.0455 * 0.9545).squareRoot() / root)
  }

  @Test("indices are uniform and permutations complete")
  func indices() {
    var stream = RandomStream("indices")
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[stream.index(below: 7)] += 1 }
    let chiSquare = counts.reduce(0.0) { $0 + pow(Double($1) - 10_000, 2) / 10_000 }
    #expect(chiSquare < 30)  // 6 degrees of freedom: exceeded once in 25,000 times
    #expect(stream.permutation(of: 50).sorted() == Array(0..<50))
  }
}
