// Claim: studies compare trainings by seed, decide only what repetitions support, and quote the
// papers' tables as they are printed.
import ExperimentSuite
import Foundation
import MLCSCKit
import MLCSCStudies
import TestSupport
import Testing

struct ImageStudyTests {
  private let study = ResidualStudy.settings(for: .quick)
  private let deep = ResidualKey(.resNet, layers: 56)
  private let plain = ResidualKey(.plain, layers: 56)
  /// Of a thousand test images the linear classifier gets this share right.
  private static let pixels = 0.2

  /// Trainings with one epoch that get the first images of a thousand right, by network and seed.
  private func results(
    _ accuracies: [(ResidualModel, depth: Int, seed: Int, Double)]
  ) -> ResidualStudy.Results {
    accuracies.map { model, depth, seed, accuracy in
      func first(_ share: Double) -> ImageFlags {
        ImageFlags((0..<1_000).map { Double($0) < 1_000 * share - 0.5 })
      }
      var record = EpochRecord(
        epoch: 1, trainingLoss: 1 - accuracy, trainingAccuracy: accuracy, testLoss: 1,
        testAccuracy: accuracy, right: first(accuracy), learningRate: 0.1, consistency: 1)
      record.rightFromPixels = first(Self.pixels)
      record.seconds = model == .plain ? 1_800 : 5_400
      return CellResult(
        cell: TrainingRun(
          data: study.sources[0], architecture: ResidualArchitecture(model, depth: depth),
          plan: study.plan(for: study.sources[0]), seed: seed),
        rows: [record])
    }
  }

  private func tables(_ results: ResidualStudy.Results) throws -> TableSet {
    TableSet(
      try study.trainings(results).tables([NetworkContrast("gain", of: deep, minus: plain)]))
  }

  private func claim(
    _ results: ResidualStudy.Results, holdsWhen rule: VerdictRule = .above(0)
  ) throws -> Claim {
    let claims = try NetworkClaims<ResidualKey>(tables(results))
    return ClaimTest.judge([
      claims.claim("gain", decides: ["R1"], "s", source: "R", holdsWhen: rule)
    ])[0]
  }

  /// Three seeds of both networks whose accuracies differ by so much.
  private func trainings(_ gains: [Double]) -> ResidualStudy.Results {
    results(
      gains.enumerated().flatMap { seed, gain in
        [(.resNet, 56, seed + 1, 0.5 + gain), (.plain, 56, seed + 1, 0.5)]
      })
  }

  @Test("differences are paired by seed; a seed that one of two networks lacks does not count")
  func pairing() throws {
    let found = results([
      (.resNet, 56, 1, 0.5), (.resNet, 56, 2, 0.7), (.resNet, 56, 4, 0.1),
      (.plain, 56, 2, 0.6), (.plain, 56, 1, 0.3), (.plain, 56, 3, 0.9),
    ])
    let rows: [SeedDifferenceRow] = try tables(found).rows("differences")
    #expect(rows.map(\.seed) == [1, 2])
    #expect(zip(rows.map(\.difference), [20, 10]).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test("the interval holds the seeds' spread and the images' sampling error, paired")
  func interval() throws {
    let claim = try claim(trainings([0.20, 0.10]))
    // 20 and 10 points: mean 15, standard error 5. Of a thousand images 100 differ in both seeds and
    // 100 in one: mean 0.15, mean square (100 + 100/4)/1000, standard error √((0.125 − 0.0225)/999).
    let images = 100 * (0.1025 / 999).squareRoot()
    let variance = 25 + images * images
    // One degree of freedom by the seeds, raised by Welch and Satterthwaite to 1.09: 1.
    let half = 12.7062047 * variance.squareRoot()
    #expect(abs((claim.estimate ?? 0) - 15) < 1e-4)
    #expect(abs((claim.upper ?? 0) - 15 - half) < 1e-3, "\(claim.measured)")
  }

  @Test("three seeds decide by their interval; a margin makes equality hold")
  func verdicts() throws {
    #expect(try claim(trainings([0.10, 0.11, 0.12])).verdict == .holds)
    #expect(try claim(trainings([-0.10, -0.11, -0.12])).verdict == .doesNotHold)
    #expect(try claim(trainings([0.10, -0.11, 0.12])).verdict == .undecided)
    let equal = trainings([0.001, -0.001, 0])
    #expect(try claim(equal).verdict == .undecided)
    #expect(try claim(equal, holdsWhen: .above(-1)).verdict == .holds)
    #expect(
      try claim(trainings([-0.05, -0.051, -0.052]), holdsWhen: .above(-1)).verdict
        == .doesNotHold)
  }

  @Test("a network that does not beat the linear classifier on the pixels decides nothing")
  func untrained() throws {
    let found = results(
      (1...3).flatMap { seed in
        [(.resNet, 56, seed, 0.5 + 0.01 * Double(seed)), (.plain, 56, seed, Self.pixels)]
      })
    let claim = try claim(found)
    #expect(claim.verdict == .undecided && claim.significance == nil)
    #expect(claim.unmet == ["Plain-56 clearly ahead of a linear classifier on the pixels"])
  }

  @Test("one training each is reported with its numbers and decides nothing")
  func singleTrainings() throws {
    let claim = try claim(results([(.resNet, 56, 1, 0.5), (.plain, 56, 1, 0.25)]))
    #expect(claim.verdict == .undecided && claim.estimate == 25 && claim.lower == nil)
    #expect(claim.measured.contains("ResNet-56 50 %"), "\(claim.measured)")
    #expect(claim.measured.contains("1 seeds"), "\(claim.measured)")
    #expect(try self.claim([]).measured.hasSuffix("not measured"))
  }

  @Test("an open comparison says how many seeds and hours would decide it; a decided one does not")
  func neededSeeds() throws {
    func details(_ gains: [Double]) throws -> [Detail] {
      try claim(trainings(gains)).details.filter { $0.unit.isEmpty }
    }
    // One seed of both takes two hours. Two more than one:
    #expect(try details([0.1]).map(\.value) == [3, 4])
    #expect(try details([0.10, 0.11, 0.12]) == [])
    // Means of 0 to 8 points: mean 4, the seeds' deviation 4. So many seeds as make the interval that a
    // claim is judged by shorter than 4 on its lower side, and not one fewer.
    let open = try details([0, 0.04, 0.08])
    let images = 100 * ((0.04 * 4.0 / 9 + 0.04 / 9 - 0.04 * 0.04) / 999).squareRoot()
    func half(_ seeds: Double) -> Double {
      let (own, all) = (16 / seeds, 16 / seeds + images * images)
      let freedom = Int(all * all / (own * own) * (seeds - 1))
      return Statistics.studentQuantile(0.95, degreesOfFreedom: freedom) * all.squareRoot()
    }
    let seeds = try #require(open.first?.value)
    #expect(half(3) > 4 && half(seeds - 1) >= 4 && half(seeds) < 4, "\(open)")
    #expect(open.map(\.value) == [seeds, 2 * (seeds - 3)], "\(open)")
    // A difference that is 3.4 of its standard errors is open with three seeds, and says so.
    #expect(try details([0.155, 0.11, 0.05]).first?.value ?? 0 > 3)
    // Another network's spread is not this comparison's.
    let noisy = results([(.plain, 20, 1, 0.3), (.plain, 20, 2, 0.6), (.plain, 20, 3, 0.9)])
    #expect(
      try claim(trainings([0, 0.04, 0.08]) + noisy).details.filter { $0.unit.isEmpty } == open)
    // No number of seeds tells a difference of a tenth of a point from none on a thousand images.
    #expect(try details([0.001, 0, 0.002]) == [])
  }

  @Test("a row that is deleted voids the claim that needs it")
  func deletedRows() throws {
    let all = try tables(trainings([0.10, 0.11, 0.12]))
    for (name, row) in [("networks", 0), ("comparisons", 0), ("differences", 0)] {
      let fewer = TableSet(
        try all.tables.map { table in
          guard table.name == name else { return table }
          return try table.removing(row: row)
        })
      let claims = try NetworkClaims<ResidualKey>(fewer)
      let claim = ClaimTest.judge([claims.claim("gain", decides: [], "s", source: "R")])[0]
      let whole = ClaimTest.judge([
        try NetworkClaims<ResidualKey>(all).claim("gain", decides: [], "s", source: "R")
      ])[0]
      #expect(claim != whole, "\(name)")
      if name != "differences" { #expect(claim.verdict == .undecided, "\(name)") }
    }
  }

  @Test("tables have a row for every network of the paper, empty where nothing was run")
  func table() throws {
    let found = results([(.resNet, 56, 1, 0.5), (.plain, 14, 1, 0.25)])
    let rows = study.trainings(found).networks(published: ResidualStudy.published)
    #expect(rows.count == 3 * 24 + 1)
    let filled = rows.filter { $0.accuracy != nil }
    #expect(filled.map(\.network) == ["ResNet-56", "Plain-14"])
    #expect(filled.map(\.accuracy) == [50, 25])
    #expect(filled.map(\.paper) == ["93.15", nil])
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
        let key = ResidualKey(model, layers: depth, data: line[0])
        let ours = ResidualStudy.published.first { $0.key == key }?.percent
        #expect(ours.flatMap(Double.init) == Double(line[3 + column]), "\(line)")
        count += 1
      }
    }
    #expect(count == 72)
    let rows = DenseStudy.published
    let table = try lines("msdcsc-table3.csv")
    #expect(3 * table.count == rows.count)
    for line in table {
      for (column, data) in ["CIFAR10", "CIFAR100", "SVHN"].enumerated() {
        let row = try #require(
          rows.first {
            $0.key.data == data && $0.key.model == line[0] && "\($0.key.layers)" == line[1]
              && "\($0.key.unfoldings)" == line[3]
          }, "\(line)")
        #expect(row.percent.flatMap(Double.init) == Double(line[4 + column]), "\(line)")
      }
    }
  }
}
