import Dispatch
import Synchronization

/// How far the cells of an experiment are, as a line for people.
package final class CellProgress: Sendable {
  private struct State {
    /// Cells that were finished before, or are finished now.
    var finished: Int
    /// Of those begun here and not finished, the share that is done.
    var shares: [String: Double] = [:]
    /// What their first message said: a checkpoint's part, which took none of this run's time.
    var inherited: [String: Double] = [:]
    /// What was computed here, in cells.
    var computed = 0.0
    /// What was said last.
    var note = ""
  }

  private let name: String
  private let total: Int
  private let began = DispatchTime.now().uptimeNanoseconds
  private let state: Mutex<State>

  /// The progress of an experiment of which some cells are finished.
  package init(of name: String, total: Int, finished: Int) {
    (self.name, self.total) = (name, total)
    state = Mutex(State(finished: finished))
  }

  /// Of a cell a share is done, 0 … 1.
  package func reach(_ share: Double, of cell: String) {
    let share = min(max(share, 0), 1)
    state.withLock { state in
      state.shares[cell] = share
      if state.inherited[cell] == nil { state.inherited[cell] = share }
    }
  }

  /// A cell is done, and was computed here unless another process has done it.
  package func finish(_ cell: String, isComputed: Bool) {
    state.withLock { state in
      state.shares[cell] = nil
      let inherited = state.inherited.removeValue(forKey: cell) ?? 0
      state.finished += 1
      if isComputed { state.computed += 1 - inherited }
    }
  }

  /// Cells, per cent, seconds, and once something is done, about how long the rest takes if it goes on
  /// like this.
  package func line(after seconds: Double, _ note: String = "") -> String {
    let (finished, begun, computed) = state.withLock { state in
      let begun = state.shares.values.reduce(0, +)
      return (state.finished, begun, state.computed + begun - state.inherited.values.reduce(0, +))
    }
    let done = Double(finished) + begun
    var parts = [
      "\(name): \(finished) of \(total) cells", "\(Int(100 * done / Double(max(total, 1)))) %",
      Self.duration(seconds),
    ]
    if computed > 0, seconds >= 5, done < Double(total) {
      parts.append("about \(Self.duration(seconds * (Double(total) - done) / computed)) left")
    }
    return (note.isEmpty ? parts : parts + [note]).joined(separator: ", ")
  }

  /// Shows the line on the terminal, with what was said last where there is nothing new to say.
  func show(_ new: String? = nil) {
    let note = state.withLock { state in
      if let new { state.note = new }
      return state.note
    }
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - began) * 1e-9
    Terminal.progress(line(after: seconds, note))
  }

  /// Shows the line every few seconds, so that cells which seldom say how far they are look alive.
  ///
  /// - Returns: What ends that when it is cancelled.
  func showRegularly() -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + 5, repeating: 5)
    timer.setEventHandler { self.show() }
    timer.resume()
    return timer
  }

  /// Seconds, minutes or hours, as coarse as they are long.
  package static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<120: "\(Int(seconds.rounded())) s"
    case ..<7_200: "\(Int((seconds / 60).rounded())) min"
    default: "\((seconds / 360).rounded() / 10) h"
    }
  }
}
