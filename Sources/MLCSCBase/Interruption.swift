import Synchronization

/// Whether somebody asked the process to stop.
public enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Whether SIGINT, SIGTERM or SIGHUP has arrived.
  public static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Asks every cell to save its state and stop.
  package static func request() { flag.store(true, ordering: .relaxed) }
}

/// Thrown by a cell that stopped because it was asked to; what it had finished is saved.
public struct Interrupted: ClassifiedError, CustomStringConvertible {
  /// The error of a cell that stops.
  package init() {}

  /// The process was asked to stop.
  public var failureKind: FailureKind { .interruption }

  public var description: String { "interrupted" }
}
