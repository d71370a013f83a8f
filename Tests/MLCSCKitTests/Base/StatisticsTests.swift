// Claim: Student's intervals have the published widths.
import MLCSCKit
import Testing

struct StatisticsTests {
  /// Two-sided 95 % points of Student's distribution, from printed tables.
  @Test(
    "Student's interval of the mean",
    arguments: [(2, 12.7062), (3, 4.3027), (4, 3.1824), (5, 2.7764), (6, 2.5706), (11, 2.2281)])
  func student(_ count: Int, _ point: Double) {
    let values = (0..<count).map { Double($0 * $0) }
    let found = Statistics.studentMean(values)
    let half = point * Statistics.standardError(values)
    #expect(abs(found.upper - found.value - half) < 1e-4 * half)
    #expect(abs(found.value - found.lower - half) < 1e-4 * half)
    #expect(found.value == Statistics.mean(values))
  }

  @Test("one value has no interval")
  func single() {
    #expect(Statistics.studentMean([3]) == Estimate(value: 3, lower: -.infinity, upper: .infinity))
  }
}
