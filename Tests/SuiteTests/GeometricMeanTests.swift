// Claim: an interval is that of the scale on which the draws were averaged.
import ExperimentSuite
import MLCSCBase
import RealModule
import Testing

struct GeometricMeanTests {
  @Test("a geometric mean has the interval of the logarithms' mean")
  func geometricMean() throws {
    let values = [1.0, 10, 100]
    let found = try #require(Measurement.geometricMean(values, of: "draws").estimate)
    let logs = Statistics.studentMean(values.map { Double.log10($0) })
    // Three operations on numbers of order one.
    #expect(abs(Double.log10(found.value) - logs.value) < 1e-12)
    #expect(abs(Double.log10(found.lower) - logs.lower) < 1e-12)
    #expect(abs(Double.log10(found.upper) - logs.upper) < 1e-12)
  }

  @Test("a geometric mean needs positive numbers", arguments: [[], [1.0, 0], [-1.0]])
  func positive(_ values: [Double]) {
    #expect(Measurement.geometricMean(values, of: "draws").estimate == nil)
  }

  @Test("a rule by itself tells yes, no and not yet")
  func verdict() {
    func verdict(_ values: [Double], _ rule: VerdictRule) -> Verdict {
      rule.verdict(on: .mean(values, of: "seeds"))
    }
    #expect(verdict([1, 1.1, 0.9], .above(0)) == .holds)
    #expect(verdict([-1, -1.1, -0.9], .above(0)) == .doesNotHold)
    #expect(verdict([-1, 1.1, 0.9], .above(0)) == .undecided)
    #expect(verdict([0, 0, 0], .above(0)) == .doesNotHold)
    #expect(verdict([0, 0.1, 0.05], .within(-0.5, 0.5)) == .holds)
    #expect(verdict([0.3, 0.7, 0.5], .within(-0.5, 0.5)) == .undecided)
    #expect(verdict([], .above(0)) == .undecided)
  }
}
