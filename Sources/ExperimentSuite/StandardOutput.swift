import Foundation
import MLCSCBase
import Synchronization

/// What a command has to say, on standard output.
///
/// A command whose output cannot be written (a full disk, a closed descriptor, a reader that left)
/// does its work to the end, so that all state is saved; then it ends with the code of a file that
/// cannot be written.
public enum StandardOutput {
  /// The first error, 0 without one.
  private static let failure = Mutex<Int32>(0)

  /// Writes a text and a line's end.
  public static func print(_ text: String = "", terminator: String = "\n") {
    failure.withLock { failure in
      guard failure == 0 else { return }
      failure = WrittenBytes.write(Data((text + terminator).utf8), to: STDOUT_FILENO)
    }
  }

  /// Makes the standard streams ones that fail like files.
  ///
  /// A reader that leaves would end the process by SIGPIPE, and a limit of the size of files by
  /// SIGXFSZ; here the write fails instead. The handlers are not inherited by programs that this one
  /// starts, as ignored signals would be. A descriptor that is closed would be given to the next file
  /// that is opened, into which the messages would then go; it is opened for reading here, so that
  /// writing fails.
  static func prepare() {
    signal(SIGPIPE) { _ in }
    signal(SIGXFSZ) { _ in }
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is the one that is closed.
      _ = open("/dev/null", O_RDONLY)
    }
  }

  /// The error of what could not be written; none where all was.
  ///
  /// A reader that left (`| head -1`) has what it wanted, and nothing is said of it.
  static var error: (code: Int32, message: String?)? {
    failure.withLock { failure in
      guard failure != 0 else { return nil }
      let reason = "cannot write standard output: \(String(cString: strerror(failure)))"
      return (SuiteExit.data.rawValue, failure == EPIPE ? nil : reason)
    }
  }
}
