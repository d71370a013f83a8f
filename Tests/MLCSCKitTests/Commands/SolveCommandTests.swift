// Claim: `mlcsc solve` agrees with every solved case, and refuses bad input with one line and the
// right exit code.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct SolveCommandTests {
  struct Report: Decodable {
    let solver: String
    let iterations: Int
    let stopped: String
    let objective: Double?
    let duality_gap: Double?
    let relative_gap: Double?
    let nonzeros: [Int]
    let residual_norm: Double?
  }

  struct Optimum: Decodable {
    let lams: [Double]?
    let lam: Double?
    let type: String
    let F_opt: Double
  }

  func solve(_ arguments: [String]) throws -> Report {
    let run = try ToolRun(
      executable: "mlcsc", ["solve", "--json"] + arguments, environment: [:])
    #expect(run.status == 0, "\(run.errors)")
    return try JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
  }

  func arguments(_ fixture: Fixture, _ optimum: Optimum) -> [String] {
    let lambdas = optimum.lams ?? [optimum.lam ?? 0]
    let names = optimum.lams == nil ? ["D"] : lambdas.indices.map { "D\($0 + 1)" }
    func path(_ name: String) -> String {
      fixture.folder.appendingPathComponent("\(name).csv").path
    }
    return ["--dictionary"] + names.map(path) + ["--signal", path("y"), "--lambda"]
      + lambdas.map { "\($0)" } + (optimum.type == "lasso_nonneg" ? ["--nonnegative"] : [])
  }

  @Test(
    "exact and ADMM reach the optimum of every case",
    .enabled(if: Fixture.root != nil, Fixture.absent),
    arguments: Fixture.all("pml") + Fixture.all("lasso"))
  func optimum(_ fixture: Fixture) throws {
    let optimum = try fixture.parameters(Optimum.self)
    let common = arguments(fixture, optimum)
    let exact = try solve(["--solver", "exact"] + common)
    #expect(abs(try #require(exact.objective) - optimum.F_opt) <= 1e-8 * optimum.F_opt)
    let gap = try #require(exact.duality_gap)
    #expect(gap <= 1e-8 * optimum.F_opt)
    let admm = try solve(["--solver", "admm"] + common)
    #expect(abs(try #require(admm.objective) - optimum.F_opt) <= 1e-6 * optimum.F_opt)
    #expect(admm.duality_gap == nil)
    if optimum.lams == nil {
      for solver in ["fista", "ista"] {
        let found = try solve(["--solver", solver] + common)
        #expect(abs(try #require(found.objective) - optimum.F_opt) <= 1e-6 * optimum.F_opt)
      }
    }
  }

  @Test(
    "ML-FISTA ends above the optimum, and closes linearly as the step falls",
    .enabled(if: Fixture.root != nil, Fixture.absent), arguments: Fixture.all("pml"))
  func bias(_ fixture: Fixture) throws {
    let optimum = try fixture.parameters(Optimum.self)
    let gaps = try [1.0, 0.01, 0.001].map { scale in
      let report = try solve(
        ["--solver", "ml-fista", "--step-scale", "\(scale)", "--iterations", "1000000"]
          + arguments(fixture, optimum))
      return try #require(report.objective) - optimum.F_opt
    }
    #expect(gaps.allSatisfy { $0 > 0 })
    #expect(gaps[0] > gaps[1])
    // Small steps: a tenth of the step leaves a tenth of the gap, up to terms of second order.
    #expect((8...12).contains(gaps[1] / gaps[2]))
  }

  @Test("writes codes in the signal's format, and a history")
  func files() throws {
    let folder = try TemporaryFolder()
    var stream = RandomStream("solve")
    let dictionary = Matrix<Double>.normal(6, 9, from: &stream)
    let signals = Matrix<Double>.normal(6, 3, from: &stream)
    for format in ["csv", "npy"] {
      let (d, y) = (folder["D.\(format)"], folder["y.\(format)"])
      try MatrixFile.write(dictionary, to: d)
      try MatrixFile.write(signals, to: y)
      let out = folder["out-\(format)"]
      let report = try solve([
        "--solver", "omp", "--dictionary", d.path, "--signal", y.path, "--sparsity", "2",
        "--output", out.path,
      ])
      #expect(report.nonzeros == [6])
      let codes = try MatrixFile.read(out.appendingPathComponent("gamma1.\(format)"))
      #expect(codes.shape == [9, 3])
      let history = try String(
        contentsOf: out.appendingPathComponent("history.csv"), encoding: .utf8)
      #expect(history.hasPrefix("iteration,seconds,objective\n"))
    }
  }

  /// The iterations and objectives of a history file.
  func history(_ folder: URL) throws -> [(iteration: Int, objective: Double)] {
    let lines = try CSVFile.lines(
      AtomicFile.read(folder.appendingPathComponent("history.csv")), path: "history.csv")
    return try lines.dropFirst().map { line in
      let iteration = try #require(Int(line[0]))
      let objective = try #require(Double(line[2]))
      return (iteration: iteration, objective: objective)
    }
  }

  @Test("a history begins with the first iteration and ends with the solution")
  func histories() throws {
    let folder = try TemporaryFolder()
    var stream = RandomStream("histories")
    try MatrixFile.write(Matrix.normal(6, 9, from: &stream), to: folder["D1.csv"])
    try MatrixFile.write(Matrix.normal(9, 7, from: &stream), to: folder["D2.csv"])
    try MatrixFile.write(Matrix.normal(6, 2, from: &stream), to: folder["y.csv"])
    func run(_ solver: String, _ extra: [String]) throws -> (
      report: Report, rows: [(iteration: Int, objective: Double)]
    ) {
      let out = folder["out-\(solver)"]
      let report = try solve(
        [
          "--solver", solver, "--dictionary", folder["D1.csv"].path, folder["D2.csv"].path,
          "--signal", folder["y.csv"].path, "--output", out.path,
        ] + extra)
      let rows = try history(out)
      return (report: report, rows: rows)
    }
    for solver in ["ista", "fista", "ml-ista", "ml-fista", "admm"] {
      let lambdas = ["--lambda", solver.hasSuffix("ista") && !solver.hasPrefix("ml") ? "0" : "0.5"]
      let (report, rows) = try run(solver, lambdas + ["0.5"])
      #expect(rows.first?.iteration == 1)
      #expect(rows.last?.iteration == report.iterations, "\(solver)")
      let end = try #require(rows.last?.objective)
      // The objective of ista and fista is taken with the product of the dictionaries here.
      let objective = try #require(report.objective)
      #expect(abs(end - objective) <= 1e-9 * objective)
      #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.iteration < $1.iteration })
      #expect(rows.count >= min(report.iterations, 100) && rows.count < 700)
      let short = try run(
        solver, lambdas + ["0.5", "--iterations", "3", "--tolerance", "1e-15"])
      #expect(short.rows.map(\.iteration) == [1, 2, 3])
    }
    for (solver, extra) in [
      ("omp", ["--sparsity", "5", "2"]), ("projection", ["--sparsity", "5", "2"]),
      ("layered-thresholding", ["--lambda", "0.5", "0.5"]),
      ("layered-bp", ["--lambda", "0.5", "0.5"]),
    ] {
      let (report, rows) = try run(solver, extra)
      #expect(rows.map(\.iteration) == [report.iterations])
      #expect(rows.map(\.objective) == [report.objective])
    }
    let (report, rows) = try run("exact", ["--lambda", "0.5", "0.5"])
    #expect(rows.last?.iteration == report.iterations)
  }

  @Test("every solver runs on two layers")
  func solvers() throws {
    let folder = try TemporaryFolder()
    var stream = RandomStream("solvers")
    try MatrixFile.write(Matrix.normal(6, 9, from: &stream), to: folder["D1.csv"])
    try MatrixFile.write(Matrix.normal(9, 7, from: &stream), to: folder["D2.csv"])
    try MatrixFile.write(Matrix.normal(6, 2, from: &stream), to: folder["y.csv"])
    let common = [
      "--dictionary", folder["D1.csv"].path, folder["D2.csv"].path, "--signal",
      folder["y.csv"].path,
    ]
    for solver in ["ista", "fista"] {
      _ = try solve(["--solver", solver, "--lambda", "0", "0.5"] + common)
    }
    for solver in ["ml-ista", "ml-fista", "admm", "exact", "layered-thresholding", "layered-bp"] {
      let report = try solve(["--solver", solver, "--lambda", "0.5", "0.5"] + common)
      #expect(report.nonzeros.count == 2)
    }
    for solver in ["omp", "subspace-pursuit", "projection", "holistic"] {
      _ = try solve(["--solver", solver, "--sparsity", "5", "2"] + common)
    }
    let holistic = try solve(["--solver", "holistic", "--sparsity", "7", "3"] + common)
    #expect(holistic.nonzeros == [14, 6])  // two signals
  }

  @Test(
    "bad input: one line and the right exit code, nothing written",
    arguments: [
      (["--solver", "exact", "--lambda", "-1"], 2, "lambda of layer 1 is -1.0; it must be"),
      (["--solver", "exact", "--lambda", "1", "1"], 2, "lambda"),
      (["--solver", "exact", "--lambda", "0"], 2, "lambda"),
      (["--solver", "omp", "--sparsity", "10"], 2, "sparsity"),
      (["--solver", "omp", "--sparsity", "0"], 2, "sparsity"),
      (["--solver", "omp", "--lambda", "1"], 2, "--sparsity"),
      (["--solver", "holistic", "--sparsity", "1"], 2, "at least two"),
      (["--solver", "admm", "--lambda", "1", "--step-scale", "1"], 2, "--step-scale"),
      (["--solver", "nonsense", "--lambda", "1"], 2, "nonsense"),
    ] as [([String], Int32, String)])
  func refusal(_ extra: [String], _ status: Int32, _ word: String) throws {
    let folder = try TemporaryFolder()
    var stream = RandomStream("refusal")
    try MatrixFile.write(Matrix.normal(4, 9, from: &stream), to: folder["D.csv"])
    try MatrixFile.write(Matrix.normal(4, 1, from: &stream), to: folder["y.csv"])
    let run = try ToolRun(
      executable: "mlcsc",
      ["solve", "--dictionary", folder["D.csv"].path, "--signal", folder["y.csv"].path, "--output"]
        + [folder["out"].path] + extra, environment: [:])
    #expect(run.status == status, "\(run.errors)")
    #expect(run.errors.contains(word), "\(run.errors)")
    #expect(!folder.names.contains("out"))
  }

  @Test(
    "a solver that ends by itself takes the options of the others, and says that they change nothing",
    arguments: [
      ["--solver", "omp", "--sparsity", "1", "--iterations", "5"],
      ["--solver", "layered-thresholding", "--lambda", "1", "--tolerance", "0.1"],
      ["--solver", "admm", "--lambda", "1", "--tolerance", "0.1"],
    ])
  func unusedOptions(_ extra: [String]) throws {
    let folder = try TemporaryFolder()
    var stream = RandomStream("unused options")
    try MatrixFile.write(Matrix.normal(4, 9, from: &stream), to: folder["D.csv"])
    try MatrixFile.write(Matrix.normal(4, 1, from: &stream), to: folder["y.csv"])
    let run = try ToolRun(
      executable: "mlcsc",
      ["solve", "--dictionary", folder["D.csv"].path, "--signal", folder["y.csv"].path] + extra,
      environment: [:])
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.errors
        == (extra[1] == "admm"
          ? "" : "mlcsc: \(extra[4]) changes nothing: \(extra[1]) ends by itself\n"))
  }

  @Test(
    "damaged files are named with their place, exit 3",
    arguments: [
      ("1,2\n3\n", "line 2"), ("1,2\n3,nan\n", "line 2, column 2"), ("1,x\n", "line 1, column 2"),
      ("", "empty"),
    ])
  func damage(_ text: String, _ place: String) throws {
    let folder = try TemporaryFolder()
    try Data(text.utf8).write(to: folder["D.csv"])
    try Data("1\n2\n".utf8).write(to: folder["y.csv"])
    let run = try ToolRun(
      executable: "mlcsc",
      [
        "solve", "--solver", "exact", "--lambda", "1", "--dictionary", folder["D.csv"].path,
        "--signal", folder["y.csv"].path,
      ], environment: [:])
    #expect(run.status == 3)
    #expect(run.errors.contains(place), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  @Test("a step that diverges is a numerical failure, exit 4", arguments: ["ml-ista", "ml-fista"])
  func divergence(_ solver: String) throws {
    let folder = try TemporaryFolder()
    var stream = RandomStream("divergence")
    try MatrixFile.write(Matrix.normal(6, 9, from: &stream), to: folder["D1.csv"])
    try MatrixFile.write(Matrix.normal(9, 7, from: &stream), to: folder["D2.csv"])
    try MatrixFile.write(Matrix.normal(6, 3, from: &stream), to: folder["y.csv"])
    let run = try ToolRun(
      executable: "mlcsc",
      [
        "solve", "--solver", solver, "--lambda", "0.1", "0.1", "--step-scale", "50",
        "--dictionary", folder["D1.csv"].path, folder["D2.csv"].path, "--signal",
        folder["y.csv"].path, "--output", folder["out"].path,
      ], environment: [:])
    #expect(run.status == 4, "\(run.errors)")
    #expect(run.errors.contains("diverged"), "\(run.errors)")
    #expect(!folder.names.contains("out"))
  }

  @Test("shapes that do not chain are named, exit 2")
  func shapes() throws {
    let folder = try TemporaryFolder()
    var stream = RandomStream("shapes")
    try MatrixFile.write(Matrix.normal(4, 9, from: &stream), to: folder["D1.csv"])
    try MatrixFile.write(Matrix.normal(8, 3, from: &stream), to: folder["D2.csv"])
    try MatrixFile.write(Matrix.normal(5, 1, from: &stream), to: folder["y.csv"])
    let run = try ToolRun(
      executable: "mlcsc",
      [
        "solve", "--solver", "exact", "--lambda", "1", "1", "--dictionary",
        folder["D1.csv"].path, folder["D2.csv"].path, "--signal", folder["y.csv"].path,
      ], environment: [:])
    #expect(run.status == 2)
    #expect(run.errors.contains("D1 has 9 columns but D2 has 8 rows"), "\(run.errors)")
  }
}
