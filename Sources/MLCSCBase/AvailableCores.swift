import Foundation

extension Parallelism {
  /// The cores that this process may use, at least one.
  ///
  /// A scheduler, a container or `taskset` may leave fewer than the machine has. On Linux these are
  /// the bits of `Cpus_allowed` in /proc/self/status, whatever the processor's size.
  public static let availableCores: Int = {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    return cores(inStatus: text) ?? max(ProcessInfo.processInfo.activeProcessorCount, 1)
  }()

  /// The number of processors that a text like /proc/self/status allows; nil where it says nothing.
  package static func cores(inStatus text: String) -> Int? {
    let mark = "Cpus_allowed:"
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(mark) }) else {
      return nil
    }
    // Hexadecimal digits, with a comma after every eight.
    let count = line.dropFirst(mark.count).reduce(0) { sum, digit in
      sum + (digit.hexDigitValue?.nonzeroBitCount ?? 0)
    }
    return count > 0 ? count : nil
  }
}
