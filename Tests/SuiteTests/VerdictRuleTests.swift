// Claim: verdicts follow from the measurements and their number alone; noise never helps a claim.
import ExperimentSuite
import RealModule
import Testing

struct VerdictRuleTests {
  /// Two draws whose mean exceeds 0 with significance p.
  ///
  /// Their standard error is 1, and Student's T of one degree of freedom is Cauchy's:
  /// P(|T| ≤ t) = 2/π · arctan t.
  private func sampled(_ p: Double, sign: Double = 1) -> Measurement {
    let mean = sign * Double.tan(.pi / 2 * (1 - p))
    return .mean([mean - 1, mean + 1], of: "draws")
  }

  private func test(
    _ id: String, _ measurement: Measurement, _ rule: VerdictRule = .above(0),
    premises: [Premise] = []
  ) -> ClaimTest {
    ClaimTest(
      id, decides: [], "s", source: "S", .number("x", unit: ""), measurement, holdsWhen: rule,
      premises: premises)
  }

  private func test(_ parts: [Measurement]) -> ClaimTest {
    ClaimTest(
      "parts", decides: [], "s", source: "S", .number("x", unit: ""),
      parts: parts.enumerated().map { ClaimTest.Part("part \($0.offset + 1)", $0.element) },
      holdsWhen: .above(0))
  }

  private func verdict(_ measurement: Measurement, _ rule: VerdictRule) -> Verdict {
    ClaimTest.judge([test("a", measurement, rule)])[0].verdict
  }

  // MARK: Holm's correction

  @Test("Holm’s method on four claims, by hand")
  func holm() throws {
    // 0.005 · 4, 0.01 · 3, 0.03 · 2, and 0.04 · 1, raised to what stands before it.
    let claims = ClaimTest.judge(
      [0.01, 0.04, 0.03, 0.005].map { test("\($0)", sampled($0)) })
    for (claim, expected) in zip(claims, [0.03, 0.06, 0.06, 0.02]) {
      // Claims keep six digits.
      #expect(abs(try #require(claim.significance) - expected) < 1e-6)
      #expect(claim.family == 4)
    }
    // Without the correction all four would hold.
    #expect(claims.map(\.verdict) == [.holds, .undecided, .undecided, .holds])
  }

  @Test("corrected significances keep the order, lie above the raw ones and below Bonferroni’s")
  func monotone() throws {
    var stream = RandomStream("holm")
    for count in 1...12 {
      let raw = (0..<count).map { _ in 0.001 + 0.5 * stream.uniform() }
      let corrected = try ClaimTest.judge(raw.map { test("\($0)", sampled($0)) }).map {
        try #require($0.significance)
      }
      for (p, q) in zip(raw, corrected) {
        #expect(q > p - 1e-5 && q < min(1, Double(count) * p) + 1e-5)
      }
      let ordered = zip(raw, corrected).sorted { $0.0 < $1.0 }.map(\.1)
      #expect(zip(ordered, ordered.dropFirst()).allSatisfy { $0 <= $1 })
      let (least, first) = (try #require(raw.min()), try #require(corrected.min()))
      #expect(abs(first - min(1, Double(count) * least)) < 1e-5)
    }
  }

  @Test("claims without sampling are judged alone and corrected for by nobody")
  func exactClaims() {
    let claims = ClaimTest.judge([
      test("exact", .exact(1)), test("sampled", sampled(0.04)), test("identity", .exact(-1)),
    ])
    #expect(claims.map(\.verdict) == [.holds, .holds, .doesNotHold])
    #expect(claims.map(\.family) == [nil, 1, nil])
    #expect(claims[0].lower == nil && claims[0].significance == nil)
  }

  @Test("a premise that is not met leaves undecided, and is no part of the family")
  func premise() {
    let unmet = test(
      "unmet", sampled(0.001), premises: [Premise("networks trained", isMet: false)])
    let claims = ClaimTest.judge([unmet, test("met", sampled(0.04))])
    #expect(claims.map(\.verdict) == [.undecided, .holds])
    #expect(claims.map(\.family) == [nil, 1])
    #expect(claims[0].unmet == ["networks trained"])
  }

  // MARK: Parts

  @Test("a claim of several parts holds as surely as its weakest part")
  func parts() throws {
    let claim = ClaimTest.judge([test([sampled(0.01), sampled(0.03)])])[0]
    #expect(abs(try #require(claim.significance) - 0.03) < 1e-6)
    #expect(claim.verdict == .holds && claim.part == "part 2")
    #expect(claim.otherParts.map(\.label) == ["part 1"])
    #expect(ClaimTest.judge([test([sampled(0.01), sampled(0.06)])])[0].verdict == .undecided)
  }

  @Test("one failing part refutes, corrected for the number of parts")
  func failingPart() throws {
    let refuted = ClaimTest.judge([test([sampled(0.001), sampled(0.02, sign: -1)])])[0]
    #expect(abs(try #require(refuted.significance) - 0.04) < 1e-6)
    #expect(refuted.verdict == .doesNotHold && refuted.part == "part 2")
    let open = ClaimTest.judge([test([sampled(0.001), sampled(0.03, sign: -1)])])[0]
    #expect(open.verdict == .undecided)
  }

  @Test("a row that is absent leaves a claim undecided, alone or as one part of several")
  func missing() {
    let claims = ClaimTest.judge([
      test("alone", .none), test([sampled(0.001), .none]),
      test([.none, sampled(0.001, sign: -1)]), test([.exact(-1), .none]), test([]),
      test("beside", sampled(0.04)), test("never", .none, .never(atLeast: 0)),
      test("some", .none, .some), test("equal", .none, .equals(0, tolerance: 1)),
    ])
    #expect(claims.map(\.verdict).filter { $0 != .undecided } == [.holds])
    #expect(claims[5].family == 1 && claims[0].estimate == nil)
    #expect(claims[0].measured == "x: not measured")
  }

  // MARK: Rules

  @Test("noise makes it harder to lie within a margin, never easier")
  func within() throws {
    for center in [0.0, 0.3, 0.9, 1.5, -2] {
      var (last, wasUndecided) = (0.0, false)
      for spread in [0, 0.001, 0.01, 0.1, 0.5, 1, 5, 100] {
        let claim = ClaimTest.judge([
          test("a", .mean([center - spread, center, center + spread], of: "draws"), .within(-1, 1))
        ])[0]
        let p = try #require(claim.significance)
        #expect(p >= last)
        last = p
        #expect(claim.verdict != (abs(center) < 1 ? .doesNotHold : .holds))
        #expect(!wasUndecided || claim.verdict == .undecided)
        wasUndecided = claim.verdict == .undecided
      }
      #expect(wasUndecided)
    }
  }

  @Test("a single draw decides nothing")
  func singleDraw() {
    let one = Measurement.mean([5], of: "seeds")
    for rule: VerdictRule in [.above(0), .below(0), .within(0, 10)] {
      #expect(verdict(one, rule) == .undecided)
    }
  }

  @Test("above and below are opposites, and a limit that is met exactly is not exceeded")
  func sides() {
    for (x, above) in [(1.0, Verdict.holds), (-1, .doesNotHold)] {
      #expect(verdict(sampled(0.01, sign: x), .above(0)) == above)
      #expect(
        verdict(sampled(0.01, sign: x), .below(0))
          == (above == .holds ? .doesNotHold : .holds))
    }
    #expect(verdict(.exact(0), .above(0)) == .doesNotHold)
    #expect(verdict(.exact(0), .below(0)) == .doesNotHold)
    #expect(verdict(.exact(2.1), .equals(2, tolerance: 0.2)) == .holds)
    #expect(verdict(.exact(2.3), .equals(2, tolerance: 0.2)) == .doesNotHold)
  }

  @Test("one violation refutes; none supports only among enough tests")
  func violations() {
    func verdict(_ found: Int, of tests: Int) -> Verdict {
      self.verdict(.violations(found, of: tests, "draws"), .never(atLeast: 1_000))
    }
    #expect(verdict(0, of: 1_000) == .holds)
    #expect(verdict(0, of: 999) == .undecided)
    #expect(verdict(0, of: 0) == .undecided)
    #expect(verdict(1, of: 5) == .doesNotHold)
    #expect(self.verdict(.exact(1), .some) == .holds)
    #expect(self.verdict(.exact(0), .some) == .doesNotHold)
  }
}
