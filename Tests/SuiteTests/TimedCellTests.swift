// Claim: a cell that measures time runs alone, after all others.
import ExperimentSuite
import Foundation
import Synchronization
import TestSupport
import Testing

/// Six cells, of which the even ones measure time.
private enum Clocked: Experiment {
  static let identity = ExperimentIdentity(
    name: "clocked", paper: "T", figure: "Table 1", title: "t", question: "q")

  /// What was under way, and in which order cells began.
  struct Log {
    var active = 0
    var begun = [Int]()
    var mostBesideTimed = 0
  }

  static let log = Mutex(Log())

  static func measuresTime(_ cell: NumberedCell) -> Bool { cell.index.isMultiple(of: 2) }

  static func settings(for profile: Profile) -> [String: Int] { ["count": 6] }

  static func cells(_ settings: [String: Int], _ inputs: NoInputs) -> [NumberedCell] {
    NumberedCell.cells(6)
  }

  static func measure(
    _ cell: NumberedCell, _ settings: [String: Int], _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Int] {
    log.withLock { log in
      log.active += 1
      log.begun.append(cell.index)
      if measuresTime(cell) { log.mostBesideTimed = max(log.mostBesideTimed, log.active) }
    }
    defer { log.withLock { $0.active -= 1 } }
    // Long enough that threads which began together meet.
    return [(0..<200_000).reduce(cell.index) { ($0 &* 31 &+ $1) % 1_009 }]
  }

  static func tables(
    _ settings: [String: Int], _ results: [CellResult<NumberedCell, Int>]
  ) throws -> [Table] { [] }
}

struct TimedCellTests {
  @Test("cells that measure time come last, one at a time")
  func order() throws {
    let folder = try TemporaryFolder()
    let options = try RunOptions.parse(["--profile", "smoke", "--no-plots", "--jobs", "3"])
    let runner = Runner<Clocked>(
      options: options, results: folder["Results"], root: nil, output: folder["output"])
    _ = try runner.run()
    let log = Clocked.log.withLock { $0 }
    #expect(log.begun.count == 6)
    #expect(Set(log.begun.prefix(3)) == [1, 3, 5])
    #expect(log.begun.suffix(3) == [0, 2, 4])
    #expect(log.mostBesideTimed == 1)
  }
}
