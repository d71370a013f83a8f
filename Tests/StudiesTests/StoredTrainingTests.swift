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

  @Test("both implementations reach the same accuracies, within the spread of seeds")
  func implementations() throws {
    // Ranges over seeds overlap; where the suite has one seed alone, the other's is widened by a point.
    func accuracies(_ origin: Origin) throws -> [String: [Double]] {
      try stored(origin).reduce(into: [:]) { all, result in
        let run = result.cell
        let name = "\(run.data.rawValue) \(run.architecture.name)"
        all[name, default: []].append(100 * (result.rows.last?.testAccuracy ?? 0))
      }
    }
    let (ours, theirs) = try (accuracies(.suite), accuracies(.pytorch))
    var compared = 0
    for (name, suite) in ours {
      guard let other = theirs[name], other.count == 3 else { continue }
      compared += 1
      let margin = suite.count == 1 ? 1 : 0.0
      let range = (other.min() ?? 0) - margin...(other.max() ?? 0) + margin
      let own = (suite.min() ?? 0)...(suite.max() ?? 0)
      #expect(range.overlaps(own), "\(name): \(suite) and \(other)")
    }
    #expect(compared >= 7)
  }
}
