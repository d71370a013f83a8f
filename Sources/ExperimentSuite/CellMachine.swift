import COpenBLAS
import Foundation

/// A machine that worked on a cell, and with what.
public struct CellMachine: Codable, Sendable, Equatable {
  /// Commit of the checkout; `unknown` where there is none.
  public let commit: String
  /// Processor.
  public let processor: String
  /// The instruction set that the run kept to; absent where it used all the processor has.
  public let instruction_set: String?
  /// Threads inside the cell.
  public let threads: Int
  /// Version of OpenBLAS and the kernels it chose.
  public let openBLAS: String
  /// Versions of the system libraries by name.
  public let libraries: [String: String]
  /// When it began, or went on with what another one had begun.
  public private(set) var began: String
  /// What else must be known of the cell; absent where it is as its training left it.
  public let note: String?

  /// This machine, now.
  ///
  /// - Parameter root: The checkout, where it is known.
  init(root: URL?) {
    commit = root.map(Provenance.commit) ?? "unknown"
    processor = Provenance.processorName()
    instruction_set = InstructionSet.chosen
    threads = Parallelism.width
    openBLAS = String(cString: openblas_get_config())
    libraries = LibraryVersions.all
    began = Date().formatted(.iso8601)
    note = nil
  }

  /// The machines that worked on an unfinished cell so far, with this one, which begins now, behind
  /// them.
  ///
  /// - Parameter checkpoints: The folder of the cell's checkpoints, which has the list.
  /// - Returns: In their order.
  /// - Throws: `FileError.notWritten`.
  func joining(_ checkpoints: URL) throws -> [CellMachine] {
    let list = checkpoints.appendingPathComponent("machines.json")
    let earlier = try? JSONDecoder().decode([CellMachine].self, from: AtomicFile.read(list))
    var now = self
    now.began = Date().formatted(.iso8601)
    let all = (earlier ?? []) + [now]
    try AtomicFile.write(JSONText.pretty(all), to: list)
    return all
  }
}
