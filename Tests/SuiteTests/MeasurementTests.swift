// Claim: intervals are nested in their confidence and cover as often as they say.
import ExperimentSuite
import RealModule
import Testing

struct MeasurementTests {
  static let values = [0.3, -0.1, 0.8, 0.25, 0.4, 1.1]

  static let measurements: [Measurement] = [
    .exact(0.5), .mean(values, of: "draws"), .mean([2, 2, 2], of: "draws"),
    .mean(values, of: "seeds", imageStandardError: 0.2, images: 1_000),
    .mean([2, 2, 2], of: "seeds", imageStandardError: 0.2, images: 1_000),
    .percent(7, of: 10, "draws"), .percent(0, of: 10, "draws"),
    .bootstrap(values.count, of: "draws") { chosen in
      Statistics.median(chosen.map { values[$0] })
    },
    .mean([1], of: "seeds"), .none,
  ]

  @Test("an interval contains those of a lower confidence", arguments: measurements)
  func nested(_ measurement: Measurement) {
    let intervals = [0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1 - 1e-9].map(measurement.interval)
    for (inner, outer) in zip(intervals, intervals.dropFirst()) {
      // Where an interval ends at 0 or 100 %, rounding is what remains.
      #expect(outer.lower <= inner.lower + 1e-12 && inner.upper <= outer.upper + 1e-12)
      #expect(inner.lower <= inner.upper)
    }
  }

  private func significance(_ measurement: Measurement, _ rule: VerdictRule) throws -> Double {
    let claim = ClaimTest(
      "a", decides: [], "s", source: "S", .number("x", unit: ""), measurement, holdsWhen: rule)
    // Of a single claim Holm's method corrects nothing.
    return try #require(ClaimTest.judge([claim])[0].significance)
  }

  @Test("the significance of a mean is Student’s, where that has a closed form")
  func student() throws {
    // ν = 1: P(|T| ≤ t) = 2/π · arctan t, with t = 2.
    let two = try significance(.mean([1, 3], of: "draws"), .above(0))
    #expect(abs(two - (1 - 2 / .pi * Double.atan(2))) < 1e-6)
    // ν = 2: P(|T| ≤ t) = t/√(2 + t²), with t = 2√3.
    let three = try significance(.mean([1, 2, 3], of: "draws"), .above(0))
    #expect(abs(three - (1 - (12.0 / 14).squareRoot())) < 1e-6)
    // The same distance on the other side.
    #expect(try significance(.mean([1, 2, 3], of: "draws"), .below(4)) == three)
  }

  @Test("the significance of a share is that of the score test, which is normal")
  func normal() throws {
    // (0.6 − 0.5)/√(0.25/100) = 2.
    let share = try significance(.percent(60, of: 100, "draws"), .above(50))
    #expect(abs(share - (1 - Double.erf(2.0.squareRoot()))) < 1e-6)
  }

  @Test("images alone, all seeds being alike, give the normal interval")
  func imagesAlone() {
    let bounds = Measurement.mean(
      [2, 2, 2], of: "seeds", imageStandardError: 0.1, images: 1_000
    ).interval(0.95)
    // The quantile of 200 degrees of freedom is 1.972, the normal one 1.960.
    #expect(abs(bounds.upper - 2.196) < 0.0015 && abs(bounds.lower - 1.804) < 0.0015)
  }

  /// How often 95 % intervals of seeds of spread 1 contain the truth, of 4,000; every repetition draws
  /// other test images, whose sampling error all its seeds share.
  private func coverage(seeds: Int, imageStandardError: Double, isTold: Bool = true) -> Double {
    var stream = RandomStream("coverage")
    let count = 4_000
    let covered = (0..<count).count { _ in
      let images = imageStandardError * stream.normal()
      let values = (0..<seeds).map { _ in images + stream.normal() }
      let bounds = Measurement.mean(
        values, of: "seeds", imageStandardError: isTold ? imageStandardError : 0, images: 1_000
      ).interval(0.95)
      return bounds.lower <= 0 && 0 <= bounds.upper
    }
    return Double(covered) / Double(count)
  }

  @Test(
    "the interval of seeds and test images covers the truth 95 times in a hundred",
    arguments: [3, 5], [0, 0.3, 1, 3])
  func coverage(_ seeds: Int, _ imageStandardError: Double) {
    let found = coverage(seeds: seeds, imageStandardError: imageStandardError)
    // The standard error of 4,000 repetitions is 0.0034. The degrees of freedom of Welch and
    // Satterthwaite are approximate: with three seeds and few images' error 0.928 was found in 20,000
    // repetitions of an independent computation.
    #expect(found > 0.915 && found < 0.965, "\(found)")
  }

  @Test("the seeds’ spread alone would cover the truth half as often")
  func coverageOfSeedsAlone() {
    #expect(coverage(seeds: 3, imageStandardError: 3, isTold: false) < 0.55)
  }

  @Test("one draw has a value and no interval, no draw has neither")
  func few() {
    let one = Measurement.mean([3], of: "seeds")
    #expect(one.value == 3 && one.interval(0.95) == (-.infinity, .infinity))
    #expect(Measurement.mean([], of: "seeds").value == nil)
    #expect(Measurement.mean([1, .nan], of: "seeds").value == nil)
    #expect(Measurement.exact(.infinity).value == nil)
    #expect(Measurement.percent(0, of: 0, "draws").value == nil)
    #expect(Measurement.violations(0, of: 0, "draws").value == nil)
    #expect(Measurement.bootstrap(0, of: "draws") { _ in 1 }.value == nil)
  }
}
