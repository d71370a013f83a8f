// Claim: over all solvers and inputs at the edges (sizes of 1e±300, dependent and zero atoms, no signal,
// λ from 0 to beyond λ_max) `mlcsc solve` agrees with exact rational arithmetic, or refuses clearly.
// DegenerateGrid/generate.py makes the problems and solves them, without anything of this package.
import Foundation
import MLCSCKit
import TestSupport
import Testing

/// One degenerate input with what every solver must find.
struct DegenerateInstance: Decodable, Sendable, CustomTestStringConvertible {
  struct Expected: Decodable, Sendable {
    /// Whether the answer is no number, or there is nothing that could be certified.
    let refused: Bool?
    /// The optimum, where it is a number.
    let objective: Double?
    /// γ_L, where it is the only one.
    let code: [Double]?
  }

  struct Run: Decodable, Sendable {
    let solver: String
    let options: [String]
    let expected: Expected
  }

  let name: String
  let layers: [[[Double]]]
  let signal: [Double]
  /// ½‖y‖², where it is a number.
  let energy: Double?
  let runs: [Run]

  var testDescription: String { name }

  static let all: [DegenerateInstance] = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("DegenerateGrid/degenerate-grid.json")
    do {
      return try JSONDecoder().decode([DegenerateInstance].self, from: AtomicFile.read(url))
    } catch {
      Issue.record("\(url.path): \(error)")
      return []
    }
  }()
}

struct DegenerateGridTests {
  /// What stops by itself, not by a certificate or a formula, comes this close.
  static let iterative = ["ista", "fista", "ml-ista", "ml-fista", "admm"]

  @Test("the grid has more than 1,000 combinations")
  func size() {
    #expect(DegenerateInstance.all.reduce(0) { $0 + $1.runs.count } > 1_000)
  }

  @Test("agrees with rational arithmetic, or refuses", arguments: DegenerateInstance.all)
  func agreement(_ instance: DegenerateInstance) throws {
    let folder = try TemporaryFolder()
    let files = instance.layers.indices.map { folder["D\($0 + 1).npy"] }
    for (layer, url) in zip(instance.layers, files) {
      try MatrixFile.write(Matrix(rows: layer), to: url)
    }
    try MatrixFile.write(
      Matrix(shape: [instance.signal.count, 1], elements: instance.signal), to: folder["y.npy"])
    for (index, run) in instance.runs.enumerated() {
      let isIterative = Self.iterative.contains(run.solver)
      let limit = isIterative ? ["--iterations", run.solver == "admm" ? "100" : "2000"] : []
      let output = folder["out-\(index)"]
      let tool = try ToolRun(
        executable: "mlcsc",
        ["solve", "--json", "--solver", run.solver, "--dictionary"] + files.map(\.path)
          + ["--signal", folder["y.npy"].path, "--output", output.path] + run.options + limit,
        environment: [:])
      let place = Comment(rawValue: "\(run.solver) \(run.options): \(tool.errors)")
      guard run.expected.refused != true else {
        #expect([2, 4].contains(tool.status) && tool.output.isEmpty, place)
        #expect(!FileManager.default.fileExists(atPath: output.path), place)
        continue
      }
      #expect(tool.status == 0, place)
      guard tool.status == 0 else { continue }
      let report = try JSONDecoder().decode(
        SolveCommandTests.Report.self, from: Data(tool.output.utf8))
      let code = try MatrixFile.read(
        output.appendingPathComponent("gamma\(files.count).npy")
      ).elements
      check(report, code, run, instance, isIterative, place)
    }
  }

  private func check(
    _ report: SolveCommandTests.Report, _ code: [Double], _ run: DegenerateInstance.Run,
    _ instance: DegenerateInstance, _ isIterative: Bool, _ place: Comment
  ) {
    // The iteration limit is a clear word too; the objective is then no better than the optimum.
    let isFinished = report.stopped != "iteration limit"
    if let objective = report.objective, let optimum = run.expected.objective {
      // A residual of rounding, (1e-13 ‖y‖)², is as good as none.
      let rounding = 1e-26 * (instance.energy ?? .greatestFiniteMagnitude)
      #expect(objective >= optimum * (1 - 1e-9) - rounding, place)
      if isFinished {
        let tolerance = isIterative ? 1e-6 : 1e-9
        #expect(objective <= optimum * (1 + tolerance) + rounding, place)
      }
    }
    // Along a valley of sine 1e-5 an objective that is right to 1e-6 says little of the code.
    let isJudged = isIterative && report.objective != nil
    if let expected = run.expected.code, isFinished, !isJudged {
      let size = expected.reduce(0) { max($0, abs($1)) }
      let difference = zip(code, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(difference <= (isIterative ? 1e-2 : 1e-6) * size, place)
    }
  }
}
