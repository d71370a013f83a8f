import Foundation
import TestSupport

/// A finished run of any command, found on PATH.
struct CommandRun {
  /// The exit status; the signal's number where a signal ended it.
  let status: Int32
  /// Standard output.
  let output: String
  /// Standard error.
  let errors: String

  /// The lines of standard output.
  var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// Runs a command and waits for it.
  init(_ words: [String], environment: [String: String] = [:], in folder: URL? = nil) throws {
    let files = try TemporaryFolder()
    let handles = try ["output", "errors"].map { name in
      try Data().write(to: files[name])
      return try FileHandle(forWritingTo: files[name])
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = folder }
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    output = try String(contentsOf: files["output"], encoding: .utf8)
    errors = try String(contentsOf: files["errors"], encoding: .utf8)
  }
}

/// Writes an executable shell script.
func writeScript(_ text: String, to file: URL) throws {
  try FileManager.default.createDirectory(
    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
  try text.write(to: file, atomically: true, encoding: .utf8)
  try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
}
