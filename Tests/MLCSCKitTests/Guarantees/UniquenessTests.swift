// Claim: the search for competitors is right, and the slides' uniqueness statement needs more than
// it says.
import Algorithms
import MLCSCKit
import Testing

struct UniquenessTests {
  /// Whether two different codes of the given models share a signal, in floating point and in full
  /// coordinates: zero off the supports and on the co-supports, Dγ = Dγ'.
  static func shareSignal(
    _ statement: SynthesisAnalysisUniqueness, _ supports: [[Int]], _ cosupports: [[Int]]
  ) -> Bool {
    let (d, d2) = (statement.effective.reals, statement.analysis.reals)
    let m = d.columns
    var equations = [[Double]]()
    for half in 0..<2 {
      for j in 0..<m where !supports[half].contains(j) {
        equations.append((0..<2 * m).map { $0 == m * half + j ? 1 : 0 })
      }
      for row in cosupports[half] {
        equations.append((0..<2 * m).map { $0 / m == half ? d2[row, $0 % m] : 0 })
      }
    }
    for i in 0..<d.rows { equations.append((0..<2 * m).map { d[i, $0 % m] * ($0 < m ? 1 : -1) }) }
    let pairs = NullSpace(of: Matrix(rows: equations)).basis
    return (0..<pairs.rows).contains { k in
      (0..<m).contains { abs(pairs[k, $0] - pairs[k, m + $0]) > 1e-6 }
    }
  }

  @Test("a competitor is found exactly where some model shares a signal", arguments: 0..<30)
  func competitors(_ seed: Int) throws {
    var stream = RandomStream("competitors", "\(seed)")
    let statement = try SynthesisAnalysisUniqueness(
      .uniform(3, 5, upTo: 1 + seed % 3, from: &stream),
      .uniform(5, 5, upTo: 1 + seed % 3, from: &stream))
    let support = stream.indices(3, below: 5).sorted()
    let cosupport = stream.indices(1 + seed % 2, below: 5)
    let found = try statement.competitor(support: support, cosupport: cosupport)
    if let found {
      #expect(
        Self.shareSignal(statement, [support, found.support], [cosupport, found.cosupport]))
    }
    let any = (0..<5).combinations(ofCount: 3).contains { other in
      (0..<5).combinations(ofCount: cosupport.count).contains {
        Self.shareSignal(statement, [support, other], [cosupport, $0])
      }
    }
    #expect((found != nil) == any)
  }

  @Test("one layer's worth of sparsity: unique exactly up to half the spark", arguments: 0..<20)
  func synthesisOnly(_ seed: Int) throws {
    // With no co-support this is the classical statement of Donoho and Elad, for any dictionary.
    var stream = RandomStream("synthesis only", "\(seed)")
    let statement = try SynthesisAnalysisUniqueness(
      .uniform(3, 4, upTo: 1 + seed % 3, from: &stream),
      .uniform(4, 5, upTo: 1 + seed % 3, from: &stream))
    let spark = try #require(statement.spark)
    for s in 1...5 {
      let all = try (0..<5).combinations(ofCount: s).allSatisfy {
        try statement.competitor(support: $0, cosupport: []) == nil
      }
      #expect(all == (2 * s < spark))
    }
  }

  @Test("in general position both conditions together suffice", arguments: 0..<10)
  func generalPosition(_ seed: Int) throws {
    var stream = RandomStream("general position", "\(seed)")
    let statement = try SynthesisAnalysisUniqueness(
      .uniform(4, 5 + seed % 3, upTo: 99, from: &stream),
      .uniform(5 + seed % 3, 6, upTo: 99, from: &stream))
    for s in 1...6 {
      for cosparsity in 0..<s {
        let support = stream.indices(s, below: 6).sorted()
        let cosupport = stream.indices(cosparsity, below: 5 + seed % 3).sorted()
        let holds = try statement.guarantee(support: support, cosupport: cosupport).premise
        if holds {
          #expect(try statement.competitor(support: support, cosupport: cosupport) == nil)
        }
      }
    }
  }

  @Test("the slides' statement fails in general position where γ₁ has too few non-zeros")
  func shortInnerCode() throws {
    var stream = RandomStream("short inner code")
    let statement = try SynthesisAnalysisUniqueness(
      .uniform(4, 5, upTo: 99, from: &stream), .uniform(5, 6, upTo: 99, from: &stream))
    #expect(statement.spark == 5)
    let (support, cosupport) = ([0, 1, 2, 3], [0, 1])
    #expect(try statement.rank(support: support, cosupport: cosupport) == 2)
    #expect(try statement.slack(support: support, cosupport: cosupport) == 0)
    #expect(try statement.innerSlack(support: support, cosupport: cosupport) == -0.5)
    #expect(try statement.asPrinted(support: support, cosupport: cosupport).premise)
    #expect(try !statement.guarantee(support: support, cosupport: cosupport).premise)
    #expect(try statement.competitor(support: support, cosupport: cosupport) != nil)
  }

  @Test("the slides' statement fails where D₁ sends the difference of two codes to zero")
  func constructed() throws {
    // D₂ = [I; A], D₁ = [E 0] with E of null space (1,1,1,1,1,1): D₁D₂ = E has spark 6. On the rows
    // (1,−1,0,0,0,0) and so on of A, γ = (1,1,1,0,0,0) and γ' = −(0,0,0,1,1,1) are zero, and
    // γ − γ' is in the null space.
    var first = IntegerMatrix(zeros: 5, 8)
    for i in 0..<5 {
      first[i, i] = 1
      first[i, i + 1] = -1
    }
    var second = IntegerMatrix(zeros: 8, 6)
    for i in 0..<6 { second[i, i] = 1 }
    (second[6, 0], second[6, 1]) = (1, -1)
    (second[7, 3], second[7, 4]) = (1, -1)
    let statement = try SynthesisAnalysisUniqueness(first, second)
    #expect(statement.spark == 6)
    #expect(try statement.rank(support: [0, 1, 2], cosupport: [6]) == 1)
    #expect(try statement.asPrinted(support: [0, 1, 2], cosupport: [6]).slack == 0.5)
    let found = try #require(try statement.competitor(support: [0, 1, 2], cosupport: [6]))
    #expect(found.support == [3, 4, 5])
  }

  // η(D₁) = 5 asks ‖γ₁‖₀ ≤ 2 of a layered analysis. Here γ₁ has four non-zeros and more.
  @Test("the deepest code is unique though the intermediate one is beyond its own layer's limit")
  func denseInnerCode() throws {
    var stream = RandomStream("dense inner code")
    let first = IntegerMatrix.uniform(4, 6, upTo: 99, from: &stream)
    let statement = try SynthesisAnalysisUniqueness(
      first, .uniform(6, 6, upTo: 99, from: &stream))
    #expect(try first.spark() == 5 && statement.spark == 5)
    for support in (0..<6).combinations(ofCount: 3) {
      for cosupport in (0..<6).combinations(ofCount: 2) {
        #expect(try statement.guarantee(support: support, cosupport: cosupport).premise)
        #expect(try statement.competitor(support: support, cosupport: cosupport) == nil)
      }
    }
  }

  @Test("indices that do not exist or repeat are refused")
  func refusal() throws {
    let identity = IntegerMatrix(2, 2, elements: [1, 0, 0, 1])
    let statement = try SynthesisAnalysisUniqueness(identity, identity)
    #expect(statement.spark == nil)
    #expect(try statement.slack(support: [0], cosupport: []) == .infinity)
    #expect(throws: ModelError.self) { try statement.competitor(support: [2], cosupport: []) }
    #expect(throws: ModelError.self) { try statement.competitor(support: [0, 0], cosupport: []) }
    #expect(throws: ModelError.self) { try statement.competitor(support: [0], cosupport: [5]) }
    #expect(throws: ModelError.self) {
      try SynthesisAnalysisUniqueness(identity, IntegerMatrix(zeros: 3, 2))
    }
  }
}
