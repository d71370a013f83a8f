import Dispatch
import Foundation

/// The right to compute a cell, renewed as long as its holder lives.
///
/// The lock is the kernel's (`flock`): it ends with the process, and where the file system is shared
/// and knows of locks, with the node. A file server that never hears of a dead node again (NFS 3)
/// keeps its lock for ever, though. So a holder also sets the lock file's time anew every minute, and
/// whoever waits for a lock that nobody renews takes the cell over (`LockWatch`).
package final class CellHold {
  /// How often the lock file's time is set.
  package static let interval = DispatchTimeInterval.seconds(60)

  private let file: HeldFile
  private let queue = DispatchQueue(label: "mlcsc.cell-hold")
  private let timer: any DispatchSourceTimer

  /// The right to a cell; nil where somebody else has it.
  ///
  /// - Parameters:
  ///   - url: The lock file.
  ///   - interval: How often its time is set.
  /// - Throws: `FileError.notWritten`.
  package init?(_ url: URL, every interval: DispatchTimeInterval = CellHold.interval) throws {
    guard var held = try HeldFile(url) else { return nil }
    if !held.renew() {
      // It is another user's, whose run was killed: one of our own can be renewed.
      let reason = held.remove()
      guard reason == 0 else {
        throw FileError.notWritten(
          path: url.path,
          reason: "left there by another user's run, and not to be removed: "
            + String(cString: strerror(reason)))
      }
      guard let own = try HeldFile(url) else { return nil }
      own.renew()
      held = own
    }
    file = held
    timer = DispatchSource.makeTimerSource(queue: queue)
    let descriptor = held.descriptor
    timer.schedule(deadline: .now() + interval, repeating: interval)
    timer.setEventHandler { HeldFile.renew(descriptor) }
    timer.resume()
  }

  // Nothing is renewed after this, when the descriptor may be that of another file.
  deinit { queue.sync { timer.cancel() } }

  /// Gives the right back and removes the lock file.
  package func remove() { file.remove() }
}

/// How long somebody else's lock has not been renewed.
///
/// Only changes count, by the clock of the one who waits, so that the clocks of nodes and servers need
/// not agree.
package struct LockWatch {
  /// After how many seconds without a renewal a holder counts as dead: ten renewals.
  package static let patience = 600.0

  private var mark: HeldFile.Mark?
  private var since: Double

  /// A watch that begins.
  ///
  /// - Parameters:
  ///   - url: The lock file.
  ///   - now: Seconds from any fixed moment.
  package init(_ url: URL, at now: Double) {
    mark = HeldFile.Mark(url)
    since = now
  }

  /// Whether the lock has been as it is for so long.
  ///
  /// - Parameters:
  ///   - url: The lock file.
  ///   - now: Seconds from the same moment as before.
  ///   - patience: How many seconds without a renewal are too many.
  /// - Returns: Whether its holder counts as dead.
  package mutating func isAbandoned(_ url: URL, at now: Double, patience: Double) -> Bool {
    let found = HeldFile.Mark(url)
    guard let found, found == mark else {
      (mark, since) = (found, now)
      return false
    }
    return now - since >= patience
  }
}
