import Synchronization

/// Reusable scratch memory, shared by all threads.
///
/// Operators need work space at every call (the patches of a convolution, the signal between two
/// layers). Asking the system each time costs page faults, so buffers go back on a stack.
enum Scratch {
  private struct Buffer: @unchecked Sendable {
    let memory: UnsafeMutableRawPointer
    let byteCount: Int
  }

  private static let free = Mutex<[Buffer]>([])

  /// Runs `body` on uninitialised memory for `count` numbers, aligned to a cache line.
  static func withMemory<Scalar: NumericScalar, R>(
    _ count: Int, of type: Scalar.Type, _ body: (UnsafeMutablePointer<Scalar>) throws -> R
  ) rethrows -> R {
    let buffer = take(max(count, 1) * MemoryLayout<Scalar>.stride)
    defer { giveBack(buffer) }
    return try body(buffer.memory.bindMemory(to: Scalar.self, capacity: count))
  }

  /// A buffer of at least so many bytes.
  private static func take(_ bytes: Int) -> Buffer {
    let reused = free.withLock { buffers -> Buffer? in
      guard let i = buffers.lastIndex(where: { $0.byteCount >= bytes }) else { return nil }
      return buffers.remove(at: i)
    }
    if let reused { return reused }
    let rounded = (bytes + 4095) & ~4095
    return Buffer(memory: .allocate(byteCount: rounded, alignment: 64), byteCount: rounded)
  }

  private static func giveBack(_ buffer: Buffer) {
    let surplus = free.withLock { buffers -> Buffer? in
      buffers.append(buffer)
      return buffers.count > 64 ? buffers.removeFirst() : nil
    }
    surplus?.memory.deallocate()
  }
}
