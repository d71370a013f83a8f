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

  @Test("the ratio of two paired means, and its spread by the delta method")
  func ratio() {
    let found = Statistics.ratio(of: [2, 4, 9], to: [1, 2, 2])
    #expect(abs(found.value - 3) < 1e-14)
    // Residuals −1, −2, 3: variance 7, over three draws, over the mean 5/3.
    #expect(abs(found.standardError - (7.0 / 3).squareRoot() * 3 / 5) < 1e-14)
    // In proportion there is no spread.
    #expect(Statistics.ratio(of: [2, 4, 6], to: [1, 2, 3]).standardError < 1e-14)
  }
}
