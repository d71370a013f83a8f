import Dispatch
import Foundation
import MLCSCBase
import Synchronization

/// Lines for people on standard error; redrawn only on a terminal.
public enum Terminal {
  private static let state = Mutex<Bool>(false)
  private static let lastLogged = Mutex(DispatchTime.now().uptimeNanoseconds)
  /// Nanoseconds between two lines about progress in a log.
  private static let logInterval: UInt64 = 60_000_000_000
  private static let isTerminal =
    isatty(STDERR_FILENO) != 0 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

  /// Shows a line that the next one replaces; where there is no terminal, a line a minute.
  public static func progress(_ line: String) {
    guard isTerminal else {
      let now = DispatchTime.now().uptimeNanoseconds
      let isDue = lastLogged.withLock { last in
        guard now >= last + logInterval else { return false }
        last = now
        return true
      }
      if isDue { write(line + "\n") }
      return
    }
    state.withLock { drawn in
      write("\r\u{1B}[2K" + String(line.prefix(width)))
      drawn = true
    }
  }

  /// The characters that fit into a line.
  private static var width: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1
      ? Int(size.ws_col) - 1 : 100
  }

  /// Prints a line that stays; control characters in it are spelled out.
  public static func note(_ line: String) {
    let line = line.escapingControls(except: ["\n", "\t"])
    state.withLock { drawn in
      write((drawn ? "\r\u{1B}[2K" : "") + line + "\n")
      drawn = false
    }
  }

  /// Prints a line about an error.
  public static func error(_ line: String) { note(line) }

  /// Removes the line that is still to be replaced.
  public static func clear() {
    state.withLock { drawn in
      if drawn { write("\r\u{1B}[2K") }
      drawn = false
    }
  }

  private static func write(_ text: String) {
    // The terminal may be gone, as after SIGHUP, or nobody reads; a run goes on without it.
    _ = WrittenBytes.write(Data(text.utf8), to: STDERR_FILENO)
  }
}
