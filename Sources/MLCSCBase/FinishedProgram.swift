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
  /// - Throws: `ProgramError` where the program cannot be started.
  package init(
    _ program: URL, _ arguments: [String], environment: [String: String] = [:],
    keeping stream: Stream? = nil, isQuiet: Bool = false
  ) throws {
    var streams = [Int32: Int32]()
    let silence = isQuiet && stream != .errors ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1
    defer { if silence >= 0 { close(silence) } }
    if silence >= 0 { streams[STDERR_FILENO] = silence }
    guard let stream else {
      kept = Data()
      status = try StartedProgram(
        program, arguments, environment: environment, streams: streams
      ).wait().status
      return
    }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw ProgramError(path: program.path, reason: String(cString: strerror(errno)))
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let reader = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
    let started: StartedProgram
    do {
      defer { close(ends[1]) }
      streams[stream == .output ? STDOUT_FILENO : STDERR_FILENO] = ends[1]
      started = try StartedProgram(
        program, arguments, environment: environment, streams: streams)
    }
    kept = reader.readDataToEndOfFile()
    status = started.wait().status
  }
}
