import Foundation

/// The memory of this process that is in RAM, where the system tells (Linux).
package enum ResidentMemory {
  /// Lets the peak begin again, at what the process has now.
  package static func resetPeak() {
    try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
  }

  /// The most since the last reset, in bytes.
  package static var peak: Double? { bytes("VmHWM:") }

  /// What it has now, in bytes.
  package static var current: Double? { bytes("VmRSS:") }

  private static func bytes(_ name: String) -> Double? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
      let kilobytes = line.split(separator: " ").compactMap({ Double($0) }).first
    else { return nil }
    return kilobytes * 1024
  }
}
