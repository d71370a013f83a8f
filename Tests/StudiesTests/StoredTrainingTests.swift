// Claim: the stored rows of R's trainings at `standard` are those of the stored trainings, one for one:
// whoever doubts a number finds the record, epoch by epoch, that it was computed from. The same for
// those of the second implementation.
import ExperimentSuite
import Foundation
import MLCSCKit
import MLCSCStudies
import Testing

/// Who trained, and where the trainings and the tables of them lie in the checkout.
private enum Origin: String, CaseIterable, CustomTestStringConvertible {
  case suite, pytorch

  var trainings: String {
    self == .suite ? "Results/trainings" : "Experiments/rescsc-table2/pytorch/trainings"
  }

  var baseline: String {
    "Results/baselines/standard\(self == .suite ? "" : "-pytorch")/rescsc-table2/trainings.csv"
  }

  var testDescription: String { rawValue }
}

struct StoredTrainingTests {
  private let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// R's residual trainings that are stored.
  private func stored(_ origin: Origin) throws -> ResidualStudy.Results {
    let folder = checkout.appendingPathComponent(origin.trainings)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().compactMap {
      name in
      let cell = try FinishedCell(folder.appendingPathComponent(name))
      let text = try #require(cell.description, "\(name) does not say what it is")
      #expect(try #require(cell.machines).isEmpty == false)
      #expect(cell.files == nil)
      guard
        let run = try? JSONDecoder().decode(TrainingRun<ResidualArchitecture>.self, from: text)
      else { return nil }
      // Another implementation names its files as it likes.
      #expect(origin != .suite || name.hasPrefix(run.id + "."))
      // `paper` has others.
      guard run.plan.trainedEpochs == ResidualStudy.settings(for: .standard).epochs else {
        return nil
      }
      return CellResult(
        cell: run, rows: try JSONDecoder().decode([EpochRecord].self, from: cell.body))
    }
  }

  @Test(
    "the table of R's trainings is computed from the stored trainings", arguments: Origin.allCases)
  fileprivate func table(_ origin: Origin) throws {
    let rows = ResidualStudy.settings(for: .standard).trainings(try stored(origin)).rows
    let computed = try Table("trainings", rows).csv.split(separator: "\n")
    let baseline = try String(
      contentsOf: checkout.appendingPathComponent(origin.baseline), encoding: .utf8
    ).split(separator: "\n")
    #expect(computed.count > 1 && computed.first == baseline.first)
    #expect(Set(computed) == Set(baseline) && computed.count == baseline.count)
  }

  @Test("every stored training is of the plan that standard has now", arguments: Origin.allCases)
  fileprivate func plans(_ origin: Origin) throws {
    let study = ResidualStudy.settings(for: .standard)
    for result in try stored(origin) {
      #expect(result.cell.plan == study.plan(for: result.cell.data), "\(result.cell.id)")
      #expect(result.rows.count == study.epochs)
    }
  }

  @Test("both implementations learn alike: training losses and accuracies of every network")
  func implementations() throws {
    struct Means {
      var accuracy = 0.0
      var loss = 0.0
      var seeds = 0.0
    }
    func means(_ origin: Origin) throws -> [String: Means] {
      try stored(origin).reduce(into: [String: Means]()) { all, result in
        let run = result.cell
        // Deep networks without a shortcut spread by ten points from seed to seed, and some do not
        // train: three seeds of each say nothing of what is the same.
        guard run.architecture.depth == 20 || run.architecture.model.hasShortcut else { return }
        let last = try #require(result.rows.last)
        let name = "\(run.data.rawValue) \(run.architecture.name)"
        all[name, default: Means()].accuracy += 100 * last.testAccuracy
        all[name, default: Means()].loss += last.trainingLoss
        all[name, default: Means()].seeds += 1
      }.mapValues {
        Means(accuracy: $0.accuracy / $0.seeds, loss: $0.loss / $0.seeds, seeds: $0.seeds)
      }
    }
    let (ours, theirs) = try (means(.suite), means(.pytorch))
    let both = Set(ours.keys).intersection(theirs.keys)
    #expect(both.count >= 10)
    for name in both {
      let (suite, other) = try (#require(ours[name]), #require(theirs[name]))
      // Half a point of 10,000 images, a point of 2,000: about two errors of a mean of three seeds.
      let margin = name.hasPrefix("cifar10") ? 0.5 : 1
      #expect(abs(suite.accuracy - other.accuracy) < margin, "\(name)")
      // Where images are not learnt by heart, losses tell more than accuracies.
      if name.hasPrefix("cifar10") {
        #expect(abs(suite.loss / other.loss - 1) < 0.03, "\(name)")
      }
    }
  }
}
