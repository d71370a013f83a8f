// Claim: the words of a claim have the sign, the interval and the sample that its numbers have.
import ExperimentSuite
import Testing

struct ClaimWordingTests {
  private let gain = Quantity.difference(
    of: "test accuracy", "ResNet-56", minus: "Plain-56", unit: "points")

  private func claim(
    _ quantity: Quantity, _ measurement: Measurement, paper: PaperValue? = nil,
    details: [Detail] = [], _ rule: VerdictRule = .above(0), premises: [Premise] = []
  ) -> Claim {
    ClaimTest.judge([
      ClaimTest(
        "a", decides: [], "s", source: "S", quantity, measurement, paper: paper, details: details,
        holdsWhen: rule, premises: premises)
    ])[0]
  }

  @Test("a negative difference is so much below, and its interval turns with it")
  func below() {
    // Student's interval of two values ±1 around −20 is ∓12.706.
    let words = claim(gain, .mean([-21, -19], of: "seeds")).measured
    #expect(
      words == "test accuracy of ResNet-56: 20 [7.29, 32.7] points below that of Plain-56 (2 seeds)"
    )
  }

  @Test("a positive difference is so much above")
  func above() {
    let words = claim(gain, .mean([19, 21], of: "seeds")).measured
    #expect(
      words == "test accuracy of ResNet-56: 20 [7.29, 32.7] points above that of Plain-56 (2 seeds)"
    )
  }

  @Test("an interval that contains zero shows both signs")
  func bothSigns() {
    #expect(
      claim(gain, .mean([-2, 0], of: "seeds")).measured.contains("1 [-11.7, 13.7] points below"))
  }

  @Test("a difference of two quantities names them alone; a number keeps its sign")
  func plain() {
    let quantities = Quantity.difference(of: "", "the gap", minus: "the bound", unit: "")
    #expect(claim(quantities, .exact(-0.5)).measured == "the gap: 0.5 below the bound")
    #expect(claim(.number("slope", unit: ""), .exact(-2.83)).measured == "slope: -2.83")
  }

  @Test("what was not measured is said, with the unit of nothing")
  func missing() {
    #expect(
      claim(gain, .none).measured
        == "test accuracy of ResNet-56 minus that of Plain-56: not measured")
  }

  @Test("details follow the number with their units, counts have their thousands set apart")
  func details() {
    let words = claim(
      .number("violations", unit: ""), .violations(0, of: 12_000, "draws"),
      details: [Detail("premise met in", 52.03, unit: "%")], .never(atLeast: 1_000)
    ).measured
    #expect(words == "violations: 0 (12,000 draws); premise met in 52 %")
  }

  @Test("the judgement names the rule, the corrected significance and what is not met")
  func judgement() {
    let sure = claim(gain, .mean([20, 20.001], of: "seeds"))
    #expect(sure.judgement == "holds where above 0; p < 0.001 after Holm’s correction for 1 claim")
    // ν = 1, t = 2: p = 0.295.
    let open = claim(gain, .mean([1, 3], of: "seeds"))
    #expect(open.judgement == "holds where above 0; p = 0.3 after Holm’s correction for 1 claim")
    let unmet = claim(
      gain, .mean([20, 20.001], of: "seeds"), .above(1),
      premises: [Premise("both networks trained", isMet: false), Premise("x", isMet: true)])
    #expect(unmet.judgement == "holds where above 1 points; not met: both networks trained")
  }

  @Test("the paper’s numbers stand alone, as a range or against each other")
  func paper() {
    func words(_ paper: PaperValue) -> String? { claim(gain, .none, paper: paper).paperWords }
    #expect(words(PaperValue(93.15, unit: "%")) == "93.15 %")
    #expect(words(PaperValue(93.15, against: 87.04, unit: "%")) == "93.15 against 87.04 %")
    #expect(words(PaperValue(1, to: 2)) == "1 to 2")
    #expect(claim(gain, .none).paperWords == nil)
  }
}
