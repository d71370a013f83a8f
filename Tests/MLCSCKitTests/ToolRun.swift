import Foundation
import MLCSCKit

/// What a run of the command-line tool gave.
struct ToolRun {
  let status: Int32
  let output: String
  let errors: String

  /// The tool, built beside the package's resources.
  private static func executable() throws -> URL {
    var url = try PackageResources.url("style.gp")
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.appendingPathComponent("mlcsc")
  }

  /// Runs the tool and waits for it.
  ///
  /// The messages go to files: a full pipe would stop the tool.
  init(_ arguments: String..., environment: [String: String]) throws {
    let folder = try TemporaryFolder()
    let files = try ["output", "errors"].map { name in
      try Data().write(to: folder[name])
      return try FileHandle(forWritingTo: folder[name])
    }
    let process = Process()
    process.executableURL = try Self.executable()
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = files[0]
    process.standardError = files[1]
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    output = String(decoding: try AtomicFile.read(folder["output"]), as: UTF8.self)
    errors = String(decoding: try AtomicFile.read(folder["errors"]), as: UTF8.self)
  }
}
