import ExperimentSuite
import Foundation

/// A Python program that runs beside this one and answers every line with a line.
///
/// It stays alive between questions, so that imports are not timed; it times itself.
final class PythonPeer {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var received = Data()
  /// What the program said after "ready": the version of what it times.
  private(set) var version = ""

  /// Starts `python3 -c`; nothing if there is none in PATH or it lacks what the program imports.
  ///
  /// - Parameters:
  ///   - program: Prints "ready" and a version before it reads its first line.
  ///   - arguments: Handed to the program.
  ///   - threads: For the libraries that read it from the environment.
  init?(_ program: String, arguments: [String] = [], threads: Int) {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", program] + arguments
    var environment = OpenBLASKernels.environmentForOthers
    for name in ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"] {
      environment[name] = "\(threads)"
    }
    process.environment = environment
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return nil }
    guard let first = readLine(), first.hasPrefix("ready") else {
      process.waitUntilExit()
      return nil
    }
    version = first.dropFirst("ready".count).trimmingCharacters(in: .whitespaces)
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// The answer to a line.
  ///
  /// - Throws: When the process has ended or answers something else.
  func ask<Answer: Decodable>(_ line: String, for type: Answer.Type) throws -> Answer {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    guard let answer = readLine() else { throw PeerError() }
    return try JSONDecoder().decode(type, from: Data(answer.utf8))
  }

  private func readLine() -> String? {
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: received[..<end], as: UTF8.self)
        received.removeSubrange(...end)
        return line
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      received.append(more)
    }
  }

  /// The process ended before it answered.
  struct PeerError: Error, CustomStringConvertible {
    let description = "the Python program ended early; run it by hand to see why"
  }
}
