// Claim: an error ends a command with the exit code of its kind, wherever it comes from.
import ExperimentSuite
import MLCSCKit
import Testing

/// An error that says nothing of itself.
private struct Unknown: Error {}

struct ExitCodeTests {
  @Test(
    "errors of the mathematics and of the suite have the codes of the command contract",
    arguments: [
      (UsageError("x"), 2), (ModelError.noLayers, 2),
      (PursuitError.sparsity(asked: 2, atoms: 1, layer: 1), 2),
      (SettingsError.unknown(name: "x", known: []), 2), (DataMissing("x", remedy: "y"), 3),
      (FileError.notRead(path: "x", reason: "y"), 3), (DownloadError.badAddress("x"), 3),
      (PlotError.gnuplotMissing, 3), (PartialResults(experiment: "x", missing: 1), 3),
      (PursuitError.notFinite(pursuit: "x", iteration: 1, stepSize: 1), 4), (Unknown(), 4),
    ] as [(any Error, Int32)])
  func codes(_ error: any Error, _ code: Int32) {
    #expect(SuiteExit.code(for: error).rawValue == code)
  }
}
