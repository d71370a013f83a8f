// Claim: `mlcsc solve` gives right codes for signals near the ends of the range of numbers, says where
// a sum is beyond it, says why a support is smaller than asked, and writes nothing that is no number.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct SolveExtremesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func run(
    _ solver: String, _ dictionary: [[Double]], _ signal: [Double], _ options: [String]
  ) throws -> (run: ToolRun, report: SolveCommandTests.Report?) {
    try MatrixFile.write(Matrix(rows: dictionary), to: folder["D.npy"])
    try MatrixFile.write(
      Matrix(shape: [signal.count, 1], elements: signal), to: folder["y.npy"])
    let run = try ToolRun(
      executable: "mlcsc",
      [
        "solve", "--json", "--solver", solver, "--dictionary", folder["D.npy"].path, "--signal",
        folder["y.npy"].path, "--output", folder["out"].path,
      ] + options, environment: [:])
    let report = try? JSONDecoder().decode(
      SolveCommandTests.Report.self, from: Data(run.output.utf8))
    return (run, report)
  }

  func code() throws -> [Double] {
    try MatrixFile.read(folder["out"].appendingPathComponent("gamma1.npy")).elements
  }

  @Test(
    "choosing atoms: a signal of 1e200 or 1e-200 is as good as any",
    arguments: ["omp", "subspace-pursuit", "projection"], [1e200, 1e-200])
  func greedy(_ solver: String, _ size: Double) throws {
    let (run, report) = try run(
      solver, [[1, 0], [0, 1]], [2 * size, size], ["--sparsity", "1"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try code() == [2 * size, 0])
    #expect(report?.residual_norm == size && report?.objective == nil)
    #expect(run.errors.contains("objective: beyond the range of numbers"))
  }

  @Test(
    "with penalties: codes of signals of 1e-170 to 1e200 are those of ordinary ones, scaled",
    arguments: ["ista", "fista", "ml-ista", "ml-fista", "admm", "exact", "layered-bp"],
    [1e-200, 1e-170, 1e-160, 1e155, 1e200])
  func convex(_ solver: String, _ size: Double) throws {
    let (run, report) = try run(
      solver, [[1, 0.5], [0.3, 1]], [0.5 * size, 2 * size], ["--lambda", "\(0.1 * size)"])
    #expect(run.status == 0, "\(run.errors)")
    let found = try code().map { $0 / size }
    // Of a relative gap of 1e-8 the root, at worst.
    #expect(abs(found[0] + 0.304_498_27) < 1e-4 && abs(found[1] - 1.914_878_89) < 1e-4)
    if let gap = report?.relative_gap { #expect(gap <= 1e-8) }
  }

  @Test(
    "a penalty that is nothing beside D and y is refused at once",
    arguments: ["exact", "layered-bp"],
    [
      ([[1e200, 0], [0, 1e200]], [2e200, 1e200], 0.3),
      ([[1, 0.3], [0.2, 1]], [1, 2], 0x1p-1063),
    ])
  func vanishingPenalty(_ solver: String, _ problem: ([[Double]], [Double], Double)) throws {
    let (dictionary, signal, λ) = problem
    let (run, _) = try run(solver, dictionary, signal, ["--lambda", "\(λ)"])
    #expect(run.status == 4 && run.errors.contains("no certificate"), "\(run.errors)")
  }

  @Test(
    "signals that no common unit serves are refused together", arguments: ["omp", "projection"])
  func mixedSignals(_ solver: String) throws {
    try MatrixFile.write(Matrix(rows: [[1, 0.5], [0.3, 1]]), to: folder["D.npy"])
    try MatrixFile.write(Matrix(rows: [[1e200, 1e-200], [0, 2e-200]]), to: folder["y.npy"])
    let run = try ToolRun(
      executable: "mlcsc",
      [
        "solve", "--solver", solver, "--sparsity", "1", "--dictionary", folder["D.npy"].path,
        "--signal", folder["y.npy"].path,
      ], environment: [:])
    #expect(run.status == 2 && run.errors.contains("only apart, in two calls"), "\(run.errors)")
  }

  @Test("penalties that ADMM can only round are refused, and infinite ones by all")
  func largePenalties() throws {
    try MatrixFile.write(
      Matrix(rows: [[1, 0.5], [0.2, 1], [0.3, 0.1]]), to: folder["D2.npy"])
    try MatrixFile.write(
      Matrix(rows: [[1, 0.2, 0.1], [0.1, 1, 0.3]]), to: folder["D1.npy"])
    try MatrixFile.write(Matrix(rows: [[1], [2]]), to: folder["y.npy"])
    func solve(_ solver: String, _ λ: String) throws -> ToolRun {
      try ToolRun(
        executable: "mlcsc",
        [
          "solve", "--solver", solver, "--signal", folder["y.npy"].path, "--dictionary",
          folder["D1.npy"].path, folder["D2.npy"].path, "--lambda", λ, "0.1",
        ], environment: [:])
    }
    let rounded = try solve("admm", "1e20")
    #expect(rounded.status == 2 && rounded.errors.contains("lambda 1 of ADMM"), "\(rounded.errors)")
    for solver in ["ml-ista", "ml-fista", "admm", "exact", "layered-bp", "layered-thresholding"] {
      let infinite = try solve(solver, "inf")
      #expect(infinite.status == 2, "\(solver): \(infinite.errors)")
    }
    // The optimum for so large a penalty: nothing in γ₁.
    #expect(try solve("exact", "1e20").status == 0)
  }

  @Test("a support that is smaller than asked is explained")
  func reasons() throws {
    let square = [[1.0, 0, 1], [0, 1, 1]]
    let (run, report) = try run("omp", square, [3, 0], ["--sparsity", "3"])
    #expect(report?.stopped == "residual zero" && report?.nonzeros == [1])
    #expect(
      run.errors
        == "mlcsc: layer 1: 1 of 1 signals have no more non-zeros than these: residual zero\n")
    let (full, complete) = try self.run("omp", square, [3, 1], ["--sparsity", "1"])
    #expect(complete?.stopped == "support complete" && full.errors.isEmpty)
  }

  @Test("a code beyond the range of numbers is refused before anything is written, exit 4")
  func refusal() throws {
    for (solver, option) in [("exact", ["--lambda", "0.1"]), ("omp", ["--sparsity", "1"])] {
      let (run, _) = try run(solver, [[1e-200]], [1e200], option)
      #expect(run.status == 4 && run.output.isEmpty)
      #expect(run.errors.contains("beyond the range of numbers"), "\(run.errors)")
      #expect(!folder.names.contains("out"))
    }
  }

  @Test("a step that moves nothing is refused, exit 2", arguments: ["ista", "ml-fista"])
  func step(_ solver: String) throws {
    let (run, _) = try run(solver, [[1]], [1], ["--lambda", "0.1", "--step-scale", "1e-300"])
    #expect(run.status == 2 && run.errors.contains("--step-scale is 1e-300"))
  }

  @Test("λ = 0 is solved where it can be and refused where nothing could be certified")
  func zeroPenalty() throws {
    for (solver, status) in [("fista", Int32(0)), ("admm", 0), ("exact", 2), ("layered-bp", 2)] {
      let (run, _) = try run(
        solver, [[1, 0.5], [0.3, 1]], [0.5, 2], ["--lambda", "0", "--tolerance", "1e-12"])
      #expect(run.status == status, "\(solver): \(run.errors)")
      // D⁻¹y for det D = 0.85.
      if status == 0 { #expect(abs(try code()[0] + 0.5 / 0.85) < 1e-5) }
    }
  }
}
