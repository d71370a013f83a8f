import Foundation
import MLCSCBase

/// A finished run of one of the built executables.
public struct ToolRun: Sendable {
  /// The exit status; the signal's number where a signal ended it.
  public let status: Int32
  /// Standard output.
  public let output: String
  /// Standard error.
  public let errors: String

  /// Runs the tool and waits for it.
  public init(_ arguments: String..., environment: [String: String]) throws {
    self = try RunningTool("mlcsc", arguments, environment: environment).finish()
  }

  /// Runs any of the executables and waits for it.
  public init(
    executable: String, _ arguments: [String], environment: [String: String]
  ) throws {
    self = try RunningTool(executable, arguments, environment: environment).finish()
  }

  init(status: Int32, output: String, errors: String) {
    self.status = status
    self.output = output
    self.errors = errors
  }
}

/// An executable that runs.
public final class RunningTool {
  private let process = Process()
  private let folder: TemporaryFolder

  /// The folder of the built executables, beside the package's resources.
  public static func products() throws -> URL {
    var url = try PackageResources.url("style.gp", of: "ExperimentSuite")
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url
  }

  /// Starts an executable.
  ///
  /// The messages go to files: a full pipe would stop the process.
  public init(_ executable: String, _ arguments: [String], environment: [String: String]) throws {
    folder = try TemporaryFolder()
    let folder = folder
    let files = try ["output", "errors"].map { name in
      try Data().write(to: folder[name])
      return try FileHandle(forWritingTo: folder[name])
    }
    process.executableURL = try Self.products().appendingPathComponent(executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = files[0]
    process.standardError = files[1]
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  /// Whether it still runs.
  public var isRunning: Bool { process.isRunning }

  /// Sends a signal.
  public func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits for the end.
  public func finish() throws -> ToolRun {
    process.waitUntilExit()
    return ToolRun(
      status: process.terminationStatus,
      output: String(decoding: try AtomicFile.read(folder["output"]), as: UTF8.self),
      errors: String(decoding: try AtomicFile.read(folder["errors"]), as: UTF8.self))
  }
}
