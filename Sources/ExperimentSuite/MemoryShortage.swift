import Foundation
import Synchronization

/// Changed settings that need more memory than there is: they are named, with the exit code of wrong
/// usage, where Swift's runtime would only give up (SIGABRT).
enum MemoryShortage {
  /// The address of what the handler writes: made before, since a handler must not allocate.
  private static let message = Atomic<UInt>(0)

  /// From here on, memory that cannot be had ends the process with a message about the changes.
  ///
  /// No process gets more memory than the machine has: the system would promise it and then end
  /// whichever process it likes.
  /// - Parameters:
  ///   - name: The experiment.
  ///   - changes: What was changed, as `name=value`; nothing is done where nothing was.
  static func blame(_ name: String, _ changes: [String]) {
    guard !changes.isEmpty else { return }
    let error = SettingsError.notComputable(
      changes: changes, reason: "the computation needs more memory than there is")
    let text = strdup("\(name): \(error)".escapingControls() + "\n")
    message.store(UInt(bitPattern: text), ordering: .relaxed)
    var limit = rlimit()
    #if canImport(Darwin)
      let kind = RLIMIT_DATA
    #else
      let kind = __rlimit_resource_t(RLIMIT_DATA.rawValue)
    #endif
    if !Sanitizer.isPresent, getrlimit(kind, &limit) == 0 {
      limit.rlim_cur = min(limit.rlim_cur, rlim_t(ProcessInfo.processInfo.physicalMemory))
      setrlimit(kind, &limit)
    }
    signal(SIGABRT) { _ in
      let address = MemoryShortage.message.load(ordering: .relaxed)
      if let text = UnsafePointer<CChar>(bitPattern: address) {
        _ = write(STDERR_FILENO, text, strlen(text))
      }
      _exit(2)
    }
  }
}
