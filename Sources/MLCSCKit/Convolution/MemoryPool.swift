import Synchronization

#if os(Linux)
  import Glibc
#endif

/// Memory for activations and gradients, kept for the next training step.
///
/// A step asks for the same sizes as the one before it, so blocks are kept by size: after the first
/// step nothing is asked of the system, and no page is faulted in twice. Blocks are aligned to a
/// cache line and hold whatever was last written to them.
public final class MemoryPool: Sendable {
  private struct Block: @unchecked Sendable {
    let memory: UnsafeMutableRawPointer
  }

  private struct State {
    var free: [Int: [Block]] = [:]
    var byteCount = 0
    var peak = 0
  }

  private let state = Mutex(State())

  /// An empty pool.
  public init() {}

  deinit { trim() }

  /// The bytes that are in use now.
  public var byteCount: Int { state.withLock { $0.byteCount } }

  /// The most bytes that were in use at any time since `resetPeak`.
  public var peakByteCount: Int { state.withLock { $0.peak } }

  /// Lets the peak begin again at what is in use now.
  public func resetPeak() { state.withLock { $0.peak = $0.byteCount } }

  /// Returns the blocks that nobody uses to the system.
  public func trim() {
    let blocks = state.withLock { state in
      defer { state.free = [:] }
      return state.free.values.flatMap { $0 }
    }
    for block in blocks { block.memory.deallocate() }
  }

  /// A block of at least so many bytes; its contents are undefined.
  func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let size = Self.rounded(byteCount)
    let block = state.withLock { state in
      state.byteCount += size
      state.peak = max(state.peak, state.byteCount)
      return state.free[size]?.popLast()
    }
    return block?.memory ?? Self.allocate(size)
  }

  /// Takes a block back that `take` gave for the same number of bytes.
  func give(_ memory: UnsafeMutableRawPointer, _ byteCount: Int) {
    let size = Self.rounded(byteCount)
    let block = Block(memory: memory)
    state.withLock { state in
      state.byteCount -= size
      state.free[size, default: []].append(block)
    }
  }

  /// New memory, in large pages where the system has them: a training step walks through all of its
  /// memory, and the first one waits for every page.
  private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let page = 1 << 21
    guard byteCount >= 2 * page else { return .allocate(byteCount: byteCount, alignment: 64) }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: page)
    #if os(Linux)
      // A refusal changes nothing.
      madvise(memory, byteCount, MADV_HUGEPAGE)
    #endif
    return memory
  }

  private static func rounded(_ byteCount: Int) -> Int { (max(byteCount, 1) + 63) & ~63 }
}
