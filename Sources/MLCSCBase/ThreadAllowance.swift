import Foundation

/// The system lets a process start too few threads (`ulimit -u`, the limit of a container).
package struct TooFewThreads: ClassifiedError, CustomStringConvertible {
  /// How many could be started.
  let started: Int
  /// How many were asked for.
  let needed: Int

  /// The machine lacks what is needed, as where a program is absent.
  package var failureKind: FailureKind { .data }

  package var description: String {
    "the system lets this process start only \(started) of the \(needed) threads it needs; raise "
      + "the limit of processes (ulimit -u), or use fewer cores (taskset)"
  }
}

/// Whether threads can be started.
package enum ThreadAllowance {
  /// Starts some threads at once, and ends them again.
  ///
  /// Neither libdispatch nor Foundation nor OpenMP reports a thread that could not be started: they
  /// wait for it, or end the process. So a computation asks before it begins.
  ///
  /// - Parameter count: How many.
  /// - Throws: `TooFewThreads`.
  package static func require(_ count: Int) throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw TooFewThreads(started: 0, needed: count) }
    var threads = [pthread_t]()
    for _ in 0..<count {
      // Each waits until the pipe is closed.
      let end = UnsafeMutableRawPointer(bitPattern: Int(ends[0]) + 1)
      #if canImport(Darwin)
        var thread: pthread_t?
      #else
        var thread = pthread_t()
      #endif
      let status = pthread_create(
        &thread, nil,
        { argument in
          var byte: UInt8 = 0
          let descriptor = Int32(Int(bitPattern: argument) - 1)
          while read(descriptor, &byte, 1) < 0, errno == EINTR {}
          return nil
        }, end)
      guard status == 0 else { break }
      #if canImport(Darwin)
        if let thread { threads.append(thread) }
      #else
        threads.append(thread)
      #endif
    }
    close(ends[1])
    for thread in threads { pthread_join(thread, nil) }
    close(ends[0])
    guard threads.count == count else {
      throw TooFewThreads(started: threads.count, needed: count)
    }
  }
}
