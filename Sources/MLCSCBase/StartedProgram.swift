import Foundation

/// A program that cannot be started.
package struct ProgramError: ClassifiedError, CustomStringConvertible {
  /// The executable file.
  let path: String
  /// The system's reason.
  let reason: String

  /// A needed program is missing, or the system allows no further process.
  package var failureKind: FailureKind { .data }

  package var description: String { "cannot start \(path): \(reason)" }
}

/// A program that was started, in a process group of its own and without input (`posix_spawn`).
///
/// Foundation's `Process` needs a thread that watches, and waits for ever where the system allows no
/// further thread.
package struct StartedProgram: Sendable {
  /// How a program ended.
  package struct End: Sendable {
    /// The exit code; the signal's number where a signal ended it.
    package let status: Int32
    /// Whether a signal ended it.
    package let isSignal: Bool
  }

  /// The process.
  package let identifier: pid_t

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: The executable file.
  ///   - arguments: Its arguments.
  ///   - environment: Variables that it gets beside those of this process.
  ///   - streams: Open files that become its output (1) or errors (2); the others are those of this
  ///     process.
  /// - Throws: `ProgramError`.
  package init(
    _ program: URL, _ arguments: [String], environment: [String: String] = [:],
    streams: [Int32: Int32] = [:]
  ) throws {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for (stream, file) in streams { posix_spawn_file_actions_adddup2(&actions, file, stream) }
    // It gets no other open file: the end of a pipe that a long program holds keeps its reader waiting.
    var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP
    #if canImport(Darwin)
      flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
      for stream in [STDOUT_FILENO, STDERR_FILENO] where streams[stream] == nil {
        posix_spawn_file_actions_addinherit_np(&actions, stream)
      }
    #else
      let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
      for file in (open ?? []).compactMap({ Int32($0) }) where file > STDERR_FILENO {
        // One that was closed meanwhile is no error.
        posix_spawn_file_actions_addclose(&actions, file)
      }
    #endif
    // It begins with no signal blocked, whichever thread starts it.
    var mask = sigset_t()
    sigemptyset(&mask)
    posix_spawnattr_setsigmask(&attributes, &mask)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(flags))
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let words = CWords([program.path] + arguments)
    let settings = CWords(variables.map { "\($0)=\($1)" })
    var process: pid_t = 0
    let status = posix_spawn(
      &process, program.path, &actions, &attributes, words.pointers, settings.pointers)
    guard status == 0 else {
      throw ProgramError(path: program.path, reason: String(cString: strerror(status)))
    }
    identifier = process
  }

  /// Whether it has not ended; for the time before `wait`.
  package var isRunning: Bool {
    var information = siginfo_t()
    let status = waitid(P_PID, id_t(identifier), &information, WEXITED | WNOHANG | WNOWAIT)
    return status == 0 && information.si_signo == 0
  }

  /// Waits for the end; once.
  package func wait() -> End {
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
    // The low seven bits are the signal, the next eight the exit code.
    let signal = status & 0x7f
    return End(status: signal == 0 ? (status >> 8) & 0xff : signal, isSignal: signal != 0)
  }

  /// Words as C's list of strings, as long as the value lives.
  private final class CWords {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ words: [String]) { pointers = words.map { strdup($0) } + [nil] }

    deinit { pointers.forEach { free($0) } }
  }
}
