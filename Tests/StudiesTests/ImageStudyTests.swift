// Claim: studies compare trainings by seed, decide only what repetitions support, and quote the
// papers' tables as they are printed.
import ExperimentSuite
import Foundation
import MLCSCKit
import MLCSCStudies
import TestSupport
import Testing

struct ImageStudyTests {
  /// Trainings with one epoch of a given test accuracy, by network and seed.
  private func results(
    _ study: ResidualStudy, _ accuracies: [(ResidualModel, depth: Int, seed: Int, Double)]
  ) -> ResidualStudy.Results {
    accuracies.map { model, depth, seed, accuracy in
      CellResult(
        cell: TrainingRun(
          data: study.sources[0], architecture: ResidualArchitecture(model, depth: depth),
          plan: study.plan(for: study.sources[0]), seed: seed),
        rows: [
          EpochRecord(
            epoch: 1, trainingLoss: 1 - accuracy, trainingAccuracy: accuracy, testLoss: 1,
            testAccuracy: accuracy, learningRate: 0.1, consistency: 1)
        ])
    }
  }

  private let study = ResidualStudy.settings(for: .quick)
  private let deep = ResidualArchitecture(.resNet, depth: 56)
  private let plain = ResidualArchitecture(.plain, depth: 56)

  private func claim(_ results: ResidualStudy.Results, margin: Double = 0) -> Claim {
    study.claim("id", "s", "R", deep, over: plain, margin: margin, in: results)
  }

  @Test("differences are paired by seed; a seed that one of two networks lacks does not count")
  func pairing() throws {
    let all = study.comparison(
      of: study.sources[0],
      in: results(
        study,
        [
          (.resNet, 56, 1, 0.5), (.resNet, 56, 2, 0.7), (.resNet, 56, 4, 0.1),
          (.plain, 56, 2, 0.6), (.plain, 56, 1, 0.3), (.plain, 56, 3, 0.9),
        ]))
    let gain = try #require(all.difference(deep, minus: plain, \.testPercent))
    // 20 and 10 points: mean 15, and Student's interval of two values is 12.706 · 5 wide.
    #expect(abs(gain.value - 15) < 1e-12 && abs(gain.upper - 15 - 12.7062047 * 5) < 1e-5)
    let one = study.comparison(
      of: study.sources[0],
      in: results(study, [(.resNet, 56, 1, 0.5), (.plain, 56, 1, 0.3), (.plain, 56, 2, 0.3)]))
    #expect(one.difference(deep, minus: plain, \.testPercent) == nil)
  }

  @Test("three seeds decide by their interval; a margin makes equality hold")
  func verdicts() {
    func trainings(_ gains: [Double]) -> ResidualStudy.Results {
      results(
        study,
        gains.enumerated().flatMap { seed, gain in
          [(.resNet, 56, seed + 1, 0.5 + gain), (.plain, 56, seed + 1, 0.5)]
        })
    }
    #expect(claim(trainings([0.10, 0.11, 0.12])).verdict == .holds)
    #expect(claim(trainings([-0.10, -0.11, -0.12])).verdict == .doesNotHold)
    #expect(claim(trainings([0.10, -0.11, 0.12])).verdict == .undecided)
    let equal = trainings([0.001, -0.001, 0])
    #expect(claim(equal).verdict == .undecided && claim(equal, margin: 1).verdict == .holds)
    #expect(claim(trainings([-0.05, -0.051, -0.052]), margin: 1).verdict == .doesNotHold)
  }

  @Test("one training each is reported with its numbers and decides nothing")
  func singleTrainings() {
    let claim = claim(results(study, [(.resNet, 56, 1, 0.5), (.plain, 56, 1, 0.25)]))
    #expect(claim.verdict == .undecided)
    #expect(claim.measured.contains("ResNet-56 50 %") && claim.measured.contains("25"))
    #expect(claim.measured.contains("one training each"), "\(claim.measured)")
    #expect(claim.paper == "93.15 against 87.04 %")
    #expect(self.claim([]).measured == "not run")
  }

  @Test("tables have a row for every network of the paper, empty where nothing was run")
  func table() throws {
    let found = results(study, [(.resNet, 56, 1, 0.5), (.plain, 14, 1, 0.25)])
    let table = try ResidualStudy.published.table(study, found)
    let lines = table.csv.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(lines.count == 1 + 3 * (24 + 1))
    #expect(lines[0].starts(with: ["data", "model", "layers", "row", "paper_percent"]))
    let filled = lines.dropFirst().filter { !$0[5].isEmpty }
    #expect(
      filled.map { $0[1] } == ["ResNet", "Plain"] && filled.map { Double($0[5]) } == [50, 25])
    #expect(filled.map { $0[4] } == ["93.15", ""])
  }

  @Test(
    "R's tables are quoted as they are printed",
    .enabled(if: SharedFolder.url != nil, Comment(rawValue: SharedFolder.absence)))
  func published() throws {
    let folder = try #require(SharedFolder.url).appendingPathComponent("paper-values")
    func lines(_ name: String) throws -> [[String]] {
      let url = folder.appendingPathComponent(name)
      return try CSVFile.lines(AtomicFile.read(url), path: url.path).dropFirst().map { $0 }
    }
    var count = 0
    for line in try lines("rescsc-table2.csv") {
      let depth = try #require(Int(line[1]))
      for (column, model) in [ResidualModel.plain, .simplified, .resNet, .resCSC].enumerated() {
        let ours = ResidualStudy.published.percent(
          of: ResidualArchitecture(model, depth: depth), on: line[0])
        #expect(ours == Double(line[3 + column]), "\(line)")
        count += 1
      }
    }
    #expect(count == 72)
    let rows = DenseStudy.published.rows
    let table = try lines("msdcsc-table3.csv")
    #expect(table.count == rows.count)
    for line in table {
      let row = try #require(
        rows.first {
          $0.model.title == line[0] && "\($0.model.depth)" == line[1]
            && "\($0.model.unfoldings)" == line[3]
        }, "\(line)")
      #expect(row.percent == line[4...6].map { Double($0) }, "\(line)")
    }
  }
}
