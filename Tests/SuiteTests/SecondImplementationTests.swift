// Claim: what is said of the second implementation follows from its trainings: means, intervals, the
// tables of its README, and the signs that the READMEs name.
import Foundation
import MLCSCBase
import TestSupport
import Testing

struct SecondImplementationTests {
  private static let folder = TestCheckout.source.appendingPathComponent(
    "Experiments/mlbp-fig3-mnist-unfolding/pytorch")

  private static func table(_ name: String) throws -> [[String: String]] {
    let lines = try CSVFile.lines(
      Data(contentsOf: folder.appendingPathComponent(name)), path: name)
    let header = try #require(lines.first)
    return lines.dropFirst().map {
      Dictionary(uniqueKeysWithValues: zip(header, $0))
    }
  }

  /// The mean error of the last ten epochs by network and seed.
  private static func errors(_ plan: String) throws -> [String: [Double]] {
    let rows = try table("trainings.csv").filter { $0["plan"] == plan }
    var curves = [String: [String: [Double]]]()
    for row in rows {
      let unfoldings = try #require(row["unfoldings"])
      let network =
        row["gain_matched"] == "1"
        ? "feed-forward, gain matched"
        : unfoldings == "0"
          ? "feed-forward" : "\(try #require(row["method"])), \(unfoldings) unfoldings"
      let accuracy = try #require(row["test_accuracy_percent"].flatMap(Double.init))
      curves[network, default: [:]][try #require(row["seed"]), default: []].append(100 - accuracy)
    }
    return try curves.mapValues { seeds in
      #expect(seeds.count == 3)
      return try seeds.sorted { $0.key < $1.key }.map { _, curve in
        try #require(curve.count == 100)
        return Statistics.mean(curve.suffix(10))
      }
    }
  }

  @Test("summary and README have what the trainings give")
  func numbers() throws {
    let page = try String(
      contentsOf: Self.folder.appendingPathComponent("README.md"), encoding: .utf8)
    let summary = try Self.table("summary.csv")
    #expect(summary.count == 9)
    for row in summary {
      let errors = try Self.errors(try #require(row["plan"]))
      let parts = try #require(row["what"]).split(separator: " minus ").map(String.init)
      let values = try parts.map { try #require(errors[$0]) }
      let found = Statistics.studentMean(
        values.count == 1 ? values[0] : zip(values[0], values[1]).map(-))
      let texts = try ["last_ten_epochs_error", "lower", "upper"].map { try #require(row[$0]) }
      for (text, value) in zip(texts, [found.value, found.lower, found.upper]) {
        // Three decimals are written.
        #expect(abs(try #require(Double(text)) - value) < 0.00051, "\(row)")
      }
      #expect(page.contains("\(texts[0]) [\(texts[1]), \(texts[2])]"), "\(row)")
    }
  }

  @Test("the signs that the READMEs name are beyond the seeds' spread")
  func signs() throws {
    func difference(_ plan: String, _ network: String) throws -> Estimate {
      let errors = try Self.errors(plan)
      return Statistics.studentMean(
        zip(try #require(errors[network]), try #require(errors["ml-ista, 6 unfoldings"])).map(-))
    }
    #expect(try difference("july-a", "feed-forward").upper < 0)
    #expect(try difference("july-b", "feed-forward").lower > 0)
    #expect(try difference("july-b", "feed-forward, gain matched").lower > 0)
  }
}
