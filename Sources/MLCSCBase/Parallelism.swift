import COpenBLAS
import Dispatch
import Synchronization

/// How many threads one computation may use.
///
/// Work is always cut at the same places and every piece writes its own results, so the number of
/// threads never changes a bit of the outcome. BLAS itself stays single-threaded for the same
/// reason; where cells of an experiment run side by side, the width is one. oneDNN alone cuts its
/// sums by the number of threads: a training has the same bits only for the same width.
public enum Parallelism {
  private static let processWidth = Atomic<Int>(1)
  @TaskLocal private static var scopedWidth: Int?
  /// Done once, since BLAS may be at work on other threads whenever a width is set.
  private static let makeBLASSingleThreaded: Void = openblas_set_num_threads(1)

  /// The number of threads that `forEach` may use; one unless somebody raised it.
  public static var width: Int {
    scopedWidth ?? processWidth.load(ordering: .relaxed)
  }

  /// Sets the number of threads of the whole process and makes BLAS single-threaded.
  public static func setWidth(_ width: Int) {
    makeBLASSingleThreaded
    processWidth.store(max(width, 1), ordering: .relaxed)
  }

  /// Runs `body` with a width of its own, which no computation beside it sees or changes.
  ///
  /// It holds for what `body` computes itself and for the threads of its `forEach`, but not for
  /// threads that `body` starts otherwise.
  public static func withWidth<Result, Failure: Error>(
    _ width: Int, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeBLASSingleThreaded
    // `withValue` only rethrows, so that the failure's type travels in the value.
    let outcome: Swift.Result<Result, Failure> = $scopedWidth.withValue(max(width, 1)) {
      do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
    return try outcome.get()
  }

  /// Runs `body` for every index, on several threads when the width allows it.
  ///
  /// `body` must write only to what belongs to its index.
  public static func forEach(_ count: Int, _ body: (Int) -> Void) {
    if count <= 1 || width == 1 {
      for i in 0..<count { body(i) }
    } else {
      // Each index is touched by one thread and all are done before this returns, so the closure
      // cannot outlive its captures nor race on them.
      withoutActuallyEscaping(body) { escaping in
        let shared = Unchecked(value: escaping)
        guard let scopedWidth else {
          DispatchQueue.concurrentPerform(iterations: count) { shared.value($0) }
          return
        }
        // Threads of the queue have no scope but the one they are given.
        DispatchQueue.concurrentPerform(iterations: count) { index in
          $scopedWidth.withValue(scopedWidth) { shared.value(index) }
        }
      }
    }
  }

  private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value
  }
}
