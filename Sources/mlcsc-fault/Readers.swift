import ArgumentParser
import ExperimentSuite
import FaultInjection
import Foundation
import MLCSCBase

extension Fault {
  /// Damaged files through the readers, in processes of their own.
  struct Readers: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read damaged IDX, CIFAR, MAT, CSV, npy, safetensors, tar and gzip files.")

    @Option(help: "How many files.")
    var files = 10_000

    @Option(help: "The first file's number: each has its own damage.")
    var first = 0

    /// Files a process reads.
    private static let chunk = 500

    private struct Row {
      var tried = 0
      var read = 0
      var refused = 0
      var crashed = 0
      var hung = 0
      var unclear = 0
    }

    func run() throws { try Fault.require(count()) }

    func count() throws -> Bool {
      var rows = [ReaderFormat: Row]()
      var problems = [String]()
      var next = first
      while next < first + files {
        let end = min(next + Self.chunk, first + files)
        next = try readOneProcess(next, end, &rows, &problems)
      }
      StandardOutput.print("damaged file         tried  read  refused  unclear  crashed  hung")
      for format in ReaderFormat.allCases {
        let row = rows[format, default: Row()]
        StandardOutput.print(
          format.rawValue.padding(toLength: 20, withPad: " ", startingAt: 0)
            + " \(row.tried)  \(row.read)  \(row.refused)  \(row.unclear)  \(row.crashed)  "
            + "\(row.hung)")
      }
      for problem in problems.prefix(20) { StandardOutput.print("  \(problem)") }
      return problems.isEmpty
    }

    /// - Returns: The number of the first file that was not read.
    private func readOneProcess(
      _ begin: Int, _ end: Int, _ rows: inout [ReaderFormat: Row], _ problems: inout [String]
    ) throws -> Int {
      let run = try FinishedProgram(
        Fault.program, ["reader-worker", "\(begin)", "\(end)"],
        keeping: .output)
      var next = begin
      for line in String(decoding: run.kept, as: UTF8.self).split(separator: "\n") {
        let row = ReaderTrials.format(of: next)
        rows[row, default: Row()].tried += 1
        switch line {
        case "read": rows[row, default: Row()].read += 1
        case "refused": rows[row, default: Row()].refused += 1
        default:
          rows[row, default: Row()].unclear += 1
          problems.append("\(line)")
        }
        next += 1
      }
      guard next < end else { return next }
      let format = ReaderTrials.format(of: next)
      rows[format, default: Row()].tried += 1
      if run.status == SIGALRM {
        rows[format, default: Row()].hung += 1
      } else {
        rows[format, default: Row()].crashed += 1
      }
      problems.append("\(format.rawValue) \(next): ended the process with \(run.status)")
      return next + 1
    }
  }

  /// What one process does of the readers' part: a line a file.
  struct ReaderWorker: ParsableCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)

    @Argument var begin: Int
    @Argument var end: Int

    /// The most seconds that a file may take.
    private static let seconds: UInt32 = 60

    func run() throws {
      let trials = try ReaderTrials()
      defer { trials.finish() }
      for number in begin..<end {
        let file = try trials.file(of: number)
        ResidentMemory.resetPeak()
        let before = ResidentMemory.current
        alarm(Self.seconds)
        let outcome = trials.outcome(of: number, file)
        alarm(0)
        let grown = ResidentMemory.peak.flatMap { peak in before.map { peak - $0 } } ?? 0
        switch outcome {
        case _ where grown > Self.allowance(file.count):
          StandardOutput.print(
            "file \(number) of \(file.count) bytes took \(Int(grown) >> 10) KiB")
        case .read: StandardOutput.print("read")
        case .refused: StandardOutput.print("refused")
        case .unclear(let problem): StandardOutput.print(problem.escapingControls())
        }
      }
    }

    /// The most memory that a file of so many bytes may take, beyond what the process has: the
    /// libraries' own blocks, and what compressed numbers unfold to.
    private static func allowance(_ bytes: Int) -> Double { 8e6 + 64 * Double(bytes) }
  }
}
