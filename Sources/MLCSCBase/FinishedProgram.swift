import Foundation

/// A program that ran to its end, without input.
package struct FinishedProgram: Sendable {
  /// A stream that a program writes.
  package enum Stream: Sendable {
    /// Standard output.
    case output
    /// Standard error.
    case errors
  }

  /// The exit code; the signal's number where a signal ended the program.
  package let status: Int32
  /// What the program wrote to the stream that was kept.
  package let kept: Data

  /// Runs a program and waits for it.
  ///
  /// - Parameters:
  ///   - program: The executable file.
  ///   - arguments: Its arguments.
  ///   - environment: Variables that it gets beside those of this process.
  ///   - stream: The stream that is kept; none: both are those of this process.
  ///   - isQuiet: Whether errors are thrown away where they are not kept.
  /// - Throws: Where the program cannot be started.
  package init(
    _ program: URL, _ arguments: [String], environment: [String: String] = [:],
    keeping stream: Stream? = nil, isQuiet: Bool = false
  ) throws {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    if isQuiet { process.standardError = FileHandle.nullDevice }
    let pipe = Pipe()
    switch stream {
    case .output: process.standardOutput = pipe
    case .errors: process.standardError = pipe
    case nil: break
    }
    try process.run()
    kept = stream == nil ? Data() : pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    status = process.terminationStatus
  }
}
