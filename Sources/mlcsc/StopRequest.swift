import ExperimentSuite
import Foundation
import Synchronization

/// Whether somebody asked this process to stop, handed on to the experiment that it runs.
///
/// Experiments have process groups of their own, so that a terminal's signals reach this process
/// only. Its handlers stay for the whole run, so that no signal is lost between two experiments; an
/// experiment does not inherit them, as it would inherit that a signal is ignored.
enum StopRequest {
  private static let flag = Atomic<Bool>(false)
  /// The experiment that runs, or 0.
  private static let child = Atomic<Int32>(0)

  /// Whether a signal has arrived, here or at an experiment.
  static var isMade: Bool { flag.load(ordering: .sequentiallyConsistent) }

  /// Has signals make the request, from this moment on.
  static func watch() {
    // What a handler touches exists before it is called.
    handOn(to: nil)
    for number in StopSignal.all { StopSignal.handle(number) { _ in StopRequest.make() } }
  }

  /// Makes the request; all that it does is allowed in a signal handler.
  static func make() {
    flag.store(true, ordering: .sequentiallyConsistent)
    tell(child.load(ordering: .sequentiallyConsistent))
  }

  /// Names the experiment that runs; it is told at once where the request was made before.
  static func handOn(to process: Int32?) {
    child.store(process ?? 0, ordering: .sequentiallyConsistent)
    if isMade { tell(process ?? 0) }
  }

  private static func tell(_ process: Int32) {
    if process > 0 { kill(process, SIGTERM) }
  }
}
