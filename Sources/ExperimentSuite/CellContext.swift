import Dispatch
import Foundation

/// What the runner gives to a cell.
public struct CellContext: Sendable {
  /// The cell's own stream, derived from experiment (or family), cell and seed.
  public let stream: RandomStream
  /// The seed of the run, for streams that several cells share.
  public let seed: Int
  /// A folder for the cell's checkpoints; created when the first one is written.
  public let checkpoints: URL

  let report: @Sendable (Double, String) -> Void
  let artefacts: URL
  let kept: KeptDigests

  /// Says how far the cell is, from 0 to 1, with a few words.
  public func progress(_ fraction: Double, _ message: String) { report(fraction, message) }

  /// Throws where the process was asked to stop; save a checkpoint first.
  public func checkInterruption() throws {
    if Interruption.isRequested { throw Interrupted() }
  }

  /// Seconds from a fixed moment, for experiments that measure time.
  public func seconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }

  /// Keeps a file (a learned model, say) with the cell's results.
  ///
  /// - Throws: `FileError.notWritten`.
  public func keep(_ data: Data, as name: String) throws {
    try AtomicFile.write(data, to: artefacts.appendingPathComponent(name))
    kept.add(data, as: name)
  }
}

/// What the runner gives to an experiment's preparation.
public struct RunResources: Sendable {
  /// The profile that runs.
  public let profile: Profile
  /// The folder `Results` of this checkout.
  public let results: URL
  /// Adds a line to the provenance: where data come from, their checksums.
  public let note: @Sendable (String) -> Void
}
