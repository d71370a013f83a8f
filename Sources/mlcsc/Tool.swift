import ArgumentParser
import ExperimentSuite

/// The suite's command-line tool.
@main
struct Tool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mlcsc",
    abstract: "Regenerate the figures of five papers on multi-layer convolutional sparse coding.",
    discussion: """
      Exit codes: 0 fine; 1 a value is outside its tolerance or a verdict differs from the \
      baseline; 2 usage; 3 data missing or damaged, or a file or the output cannot be written; 4 \
      numerical failure; 130 interrupted.
      """,
    version: "0.1.0",
    subcommands: [
      List.self, Run.self, Diff.self, Accept.self, Claims.self, Ledger.self, Report.self,
      TableCommand.self, CrateCommand.self, Solve.self, Learn.self, Evaluate.self, DataCommand.self,
      ClusterCommand.self,
    ])

  static func main() {
    SuiteExit.run(Tool.self, name: "mlcsc")
  }
}
