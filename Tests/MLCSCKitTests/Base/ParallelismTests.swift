import MLCSCKit
import Synchronization
import Testing

@Suite("Threads of a computation")
struct ParallelismTests {
  private struct Odd: Error, Equatable {
    let width: Int
  }

  @Test("a width of its own holds inside, on every thread, and ends with its scope")
  func scope() {
    let outside = Parallelism.width
    Parallelism.withWidth(outside + 3) {
      #expect(Parallelism.width == outside + 3)
      let seen = Mutex(Set<Int>())
      Parallelism.forEach(64) { _ in
        let width = Parallelism.width
        _ = seen.withLock { $0.insert(width) }
      }
      #expect(seen.withLock { $0 } == [outside + 3])
      Parallelism.withWidth(1) { #expect(Parallelism.width == 1) }
      #expect(Parallelism.width == outside + 3)
    }
    #expect(Parallelism.width == outside)
  }

  @Test("an error leaves the scope as it is, with the width restored")
  func error() {
    let outside = Parallelism.width
    #expect(throws: Odd(width: outside + 1)) {
      try Parallelism.withWidth(outside + 1) { throw Odd(width: Parallelism.width) }
    }
    #expect(Parallelism.width == outside)
  }
}
