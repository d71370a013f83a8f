import ArgumentParser
import Foundation

/// The exit codes of all commands.
public enum SuiteExit {
  /// A value is outside its tolerance, or a verdict differs from the stored baseline.
  public static let differs = ExitCode(1)
  /// Wrong usage.
  public static let usage = ExitCode(2)
  /// Data or a needed program are missing or damaged, or a file cannot be written.
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

  /// The arguments with `--name -1` written as `--name=-1`.
  ///
  /// The parser takes a negative number for an option of its own and says that a value is missing;
  /// joined, the number reaches the check that says what would be right.
  static func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
    var joined = [String]()
    var option: String?
    for argument in arguments.dropFirst() {
      if let option, argument.hasPrefix("-"), Double(argument) != nil {
        if joined.last == option { joined.removeLast() }
        joined.append("\(option)=\(argument)")
      } else {
        if argument.hasPrefix("--") { option = argument.contains("=") ? nil : argument }
        joined.append(argument)
      }
    }
    return joined
  }

  /// Runs a command line with the exit codes of this suite, in place of ArgumentParser's.
  public static func run<Command: ParsableCommand>(_ type: Command.Type, name: String) -> Never {
    do {
      var command = try Command.parseAsRoot(joiningNegativeNumbers(CommandLine.arguments))
      try command.run()
    } catch {
      let parserCode = Command.exitCode(for: error)
      if parserCode == .success || parserCode == .validationFailure {
        let message = Command.fullMessage(for: error)
        if parserCode == .success {
          print(message)
          exit(0)
        }
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(usage.rawValue)
      }
      report(error, prefix: name)
      exit(code(for: error).rawValue)
    }
    exit(0)
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
