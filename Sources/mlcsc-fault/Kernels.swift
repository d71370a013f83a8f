import ArgumentParser
import ExperimentSuite
import FaultInjection
import Foundation
import MLCSCBase

extension Fault {
  /// Kernels of the numerical libraries.
  struct Kernels: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Solve and train with all kernels that OpenBLAS and oneDNN have for this processor.",
      discussion: """
        Supports must be the same and objectives equal within 1e-9 of what the libraries choose by \
        themselves; the losses of a small training within 1e-4. Kernels that this processor lacks \
        are named and left out. A name that oneDNN does not know limits nothing: the second column \
        says what the libraries used.
        """)

    func run() throws { try Fault.require(count()) }

    func count() throws -> Bool {
      let trials = try KernelTrials(worker: Fault.program)
      defer { trials.finish() }
      StandardOutput.print("kernels: used, difference of objectives, of losses, wrong")
      StandardOutput.print("chosen by themselves: \(trials.own)")
      var isWhole = true
      for choice in KernelTrials.Choice.openBLAS + KernelTrials.Choice.oneDNN {
        let name = "\(choice.variable)=\(choice.value)"
        guard choice.canRun else {
          StandardOutput.print("\(name): left out, this processor cannot run them")
          continue
        }
        let found = try trials.compare(choice)
        isWhole = isWhole && found.wrong.isEmpty
        StandardOutput.print(
          "\(name): \(found.used), \(found.objective), \(found.loss), \(found.wrong.count)")
        for problem in found.wrong { StandardOutput.print("  \(problem)") }
      }
      return isWhole
    }
  }

  /// What one process does of the kernels' part: it trains and prints losses.
  struct KernelWorker: ParsableCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)

    func run() throws {
      let training = try KernelTrials.training()
      StandardOutput.print(String(decoding: try JSONText.pretty(training), as: UTF8.self))
    }
  }
}
