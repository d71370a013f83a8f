import ArgumentParser
import Foundation

/// The exit codes of all commands.
public enum SuiteExit {
  /// A value is outside its tolerance, or a verdict differs from the stored baseline.
  public static let differs = ExitCode(1)
  /// Wrong usage.
  public static let usage = ExitCode(2)
  /// Data or a needed program are missing or damaged, or a file or the output cannot be written.
  public static let data = ExitCode(3)
  /// A computation failed.
  public static let numerical = ExitCode(4)
  /// Interrupted; the state is saved.
  public static let interrupted = ExitCode(130)

  /// The exit code of an error, wherever it came from.
  public static func code(for error: any Error) -> ExitCode {
    switch error {
    case let code as ExitCode: code
    case let error as any ClassifiedError:
      switch error.failureKind {
      case .usage: usage
      case .data: data
      case .computation: numerical
      case .interruption: interrupted
      }
    default: numerical
    }
  }

  /// Prints one line about an error.
  public static func report(_ error: any Error, prefix: String) {
    if error is ExitCode { return }
    Terminal.error("\(prefix): \(error)")
  }

  /// Runs a command line with the exit codes of this suite, in place of ArgumentParser's.
  public static func run<Command: ParsableCommand>(_ type: Command.Type, name: String) -> Never {
    OpenBLASKernels.restartWithBetterOnes()
    StandardOutput.prepare()
    var ended: Int32 = 0
    do {
      let arguments = try ArgumentWords.checked(Array(CommandLine.arguments.dropFirst()))
      var command = try Command.parseAsRoot(arguments)
      try command.run()
    } catch {
      let parserCode = Command.exitCode(for: error)
      if parserCode == .success {
        StandardOutput.print(Command.fullMessage(for: error))
      } else if parserCode == .validationFailure {
        Terminal.error(Command.fullMessage(for: error))
        ended = usage.rawValue
      } else {
        report(error, prefix: name)
        ended = code(for: error).rawValue
      }
    }
    if let error = StandardOutput.error {
      if let message = error.message { Terminal.error("\(name): \(message)") }
      if ended <= differs.rawValue { ended = error.code }
    }
    exit(ended)
  }
}

extension SettingsError: ClassifiedError {
  /// A setting that cannot be.
  public var failureKind: FailureKind { .usage }
}

extension PlotError: ClassifiedError {
  /// A program that is absent, or a script that it refuses.
  public var failureKind: FailureKind { .data }
}

extension CellsMissing: ClassifiedError {
  /// Cells that are not there.
  public var failureKind: FailureKind { .data }
}

extension PartialResults: ClassifiedError {
  /// Results that are not there.
  public var failureKind: FailureKind { .data }
}

extension OtherResults: ClassifiedError {
  /// Results that are not there.
  public var failureKind: FailureKind { .data }
}
