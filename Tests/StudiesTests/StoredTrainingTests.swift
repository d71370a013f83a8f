// Claim: the stored rows of R's trainings at `standard` are those of the stored trainings, one for one:
// whoever doubts a number finds the record, epoch by epoch, that it was computed from.
import ExperimentSuite
import Foundation
import MLCSCKit
import MLCSCStudies
import Testing

struct StoredTrainingTests {
  private let results = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Results")

  /// R's residual trainings that are stored.
  private func stored() throws -> ResidualStudy.Results {
    let folder = results.appendingPathComponent("trainings")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().compactMap {
      name in
      let cell = try FinishedCell(folder.appendingPathComponent(name))
      let text = try #require(cell.description, "\(name) does not say what it is")
      #expect(try #require(cell.machines).isEmpty == false)
      #expect(cell.files == nil)
      guard
        let run = try? JSONDecoder().decode(TrainingRun<ResidualArchitecture>.self, from: text)
      else { return nil }
      #expect(name.hasPrefix(run.id + "."))
      // `paper` has others.
      guard run.plan.trainedEpochs == ResidualStudy.settings(for: .standard).epochs else {
        return nil
      }
      return CellResult(
        cell: run, rows: try JSONDecoder().decode([EpochRecord].self, from: cell.body))
    }
  }

  @Test("the table of R's trainings is computed from the stored trainings")
  func table() throws {
    let rows = ResidualStudy.settings(for: .standard).trainings(try stored()).rows
    let computed = try Table("trainings", rows).csv.split(separator: "\n")
    let baseline = try String(
      contentsOf: results.appendingPathComponent("baselines/standard/rescsc-table2/trainings.csv"),
      encoding: .utf8
    ).split(separator: "\n")
    #expect(computed.count > 1 && computed.first == baseline.first)
    #expect(Set(computed) == Set(baseline) && computed.count == baseline.count)
  }

  @Test("every stored training is of the plan that standard has now")
  func plans() throws {
    let study = ResidualStudy.settings(for: .standard)
    for result in try stored() {
      #expect(result.cell.plan == study.plan(for: result.cell.data), "\(result.cell.id)")
      #expect(result.rows.count == study.epochs)
    }
  }
}
