/// What kind of failure an error is, which decides the exit code of a command.
public enum FailureKind: Sendable {
  /// Somebody asked for what cannot be.
  case usage
  /// Data or a needed program are missing or damaged, or a file cannot be written.
  case data
  /// A computation failed.
  case computation
  /// The process was asked to stop, and what was finished is saved.
  case interruption
}

/// An error that says which kind of failure it is; all other errors count as failed computations.
public protocol ClassifiedError: Error {
  /// The kind of failure.
  var failureKind: FailureKind { get }
}

/// A command line that asks for what cannot be.
public struct UsageError: ClassifiedError, CustomStringConvertible {
  public let description: String

  /// The command line is at fault.
  public var failureKind: FailureKind { .usage }

  /// A usage error with a message that says what would be right.
  public init(_ description: String) { self.description = description }
}

/// Data that are absent: the experiment is skipped and the others go on.
public struct DataMissing: ClassifiedError, CustomStringConvertible, Sendable {
  /// What is absent.
  public let what: String
  /// The command that brings it.
  public let remedy: String

  /// Names what is absent and the command that brings it.
  public init(_ what: String, remedy: String) {
    self.what = what
    self.remedy = remedy
  }

  /// Data are missing.
  public var failureKind: FailureKind { .data }

  public var description: String { "\(what) missing; get it with: \(remedy)" }
}
