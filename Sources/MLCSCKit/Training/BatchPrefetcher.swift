import Dispatch
import Synchronization

/// Makes the mini-batches of one epoch, each on another thread while the one before is used.
///
/// What a batch holds depends on its number alone, so the result is the same as without.
final class BatchPrefetcher {
  private final class Slot: Sendable {
    let batch = Mutex<MiniBatches.Batch?>(nil)
  }

  private let batches: MiniBatches
  private let epoch: Int
  private let order: [Int]
  private let queue = DispatchQueue(label: "mini-batches")
  private var pending: (number: Int, slot: Slot)?

  init(_ batches: MiniBatches, epoch: Int) {
    (self.batches, self.epoch) = (batches, epoch)
    order = batches.order(epoch: epoch)
  }

  /// A batch of the epoch; begins to make the next one.
  func batch(_ number: Int) -> MiniBatches.Batch {
    if pending?.number != number { begin(number) }
    let slot = pending?.slot
    let batch = queue.sync { slot?.batch.withLock { $0 } }
    pending = nil
    if number + 1 < batches.count { begin(number + 1) }
    return batch ?? batches.batch(number, epoch: epoch, order: order)
  }

  private func begin(_ number: Int) {
    let slot = Slot()
    queue.async { [batches, epoch, order] in
      let made = batches.batch(number, epoch: epoch, order: order)
      slot.batch.withLock { $0 = made }
    }
    pending = (number, slot)
  }
}
