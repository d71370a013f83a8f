// Claim: a run can be killed, interrupted, split or damaged, and ends in the same tables.
import Foundation
import TestSupport
import Testing

/// A checkout of its own: manifest and experiments of this one, results apart.
struct TestCheckout {
  let folder: TemporaryFolder

  static let source: URL = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url
  }()

  init() throws {
    folder = try TemporaryFolder()
    for name in ["Package.swift", "README.md", "Experiments"] {
      try FileManager.default.copyItem(
        at: Self.source.appendingPathComponent(name), to: folder[name])
    }
  }

  var environment: [String: String] { ["MLCSC_ROOT": folder.url.path, "TERM": "dumb"] }

  func run(_ executable: String, _ arguments: [String], path: String? = nil) throws -> ToolRun {
    var environment = environment
    if let path { environment["PATH"] = path }
    return try ToolRun(executable: executable, arguments, environment: environment)
  }

  func start(_ executable: String, _ arguments: [String]) throws -> RunningTool {
    try RunningTool(executable, arguments, environment: environment)
  }

  /// The finished cells of an experiment by name, with the numbers of their files.
  func cells(_ experiment: String) -> [String: UInt64] {
    let cache = folder.url.appendingPathComponent("Results/.cache/\(experiment)")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: cache.path)) ?? []
    var cells = [String: UInt64]()
    for name in names where name.hasSuffix(".cell") {
      let path = cache.appendingPathComponent(name).path
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      cells[name] = (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
    }
    return cells
  }

  func table(_ folderName: String, _ name: String) throws -> String {
    try String(contentsOf: folder[folderName].appendingPathComponent(name), encoding: .utf8)
  }
}

@Suite(.serialized)
struct RunTests {
  /// Cells of some ten milliseconds each, enough of them that a busy machine looks in time.
  static let slow = [
    "--profile", "smoke", "--no-plots", "--jobs", "1", "--set", "realisations=150", "--set",
    "realisationsPerCell=1", "--set", "lambdasPerDecade=2",
  ]
  static let experiment = "mlbp-fig1-recovery"

  /// Waits until some cells are finished; gives the processor away meanwhile.
  func wait(for count: Int, _ checkout: TestCheckout, _ tool: RunningTool) {
    while tool.isRunning, checkout.cells(Self.experiment).count < count { sched_yield() }
  }

  @Test("kill −9 in mid-run: finished cells are kept and the tables are the same bytes")
  func kill9() throws {
    let whole = try TestCheckout()
    let reference = try whole.run(
      Self.experiment, Self.slow + ["--output", whole.folder["out"].path])
    #expect(reference.status == 0, "\(reference.errors)")
    let checkout = try TestCheckout()
    let arguments = Self.slow + ["--output", checkout.folder["out"].path]
    let tool = try checkout.start(Self.experiment, arguments)
    wait(for: 3, checkout, tool)
    tool.send(SIGKILL)
    _ = try tool.finish()
    let finished = checkout.cells(Self.experiment)
    #expect(finished.count >= 3 && finished.count < 150)
    #expect(!FileManager.default.fileExists(atPath: checkout.folder["out"].path))
    let resumed = try checkout.run(Self.experiment, arguments)
    #expect(resumed.status == 0, "\(resumed.errors)")
    let after = checkout.cells(Self.experiment)
    #expect(after.count == 150)
    for (name, file) in finished {
      #expect(file != 0 && after[name] == file)
    }
    for name in ["recovery.csv", "claims.csv"] {
      #expect(try checkout.table("out", name) == whole.table("out", name))
    }
  }

  @Test("an interrupt ends with 130 and keeps what is finished", arguments: TestedSignals.all)
  func interrupt(_ number: Int32) throws {
    let checkout = try TestCheckout()
    let tool = try checkout.start(
      Self.experiment, Self.slow + ["--output", checkout.folder["out"].path])
    wait(for: 2, checkout, tool)
    tool.send(number)
    let run = try tool.finish()
    #expect(run.status == 130)
    #expect(checkout.cells(Self.experiment).count >= 2)
    #expect(!FileManager.default.fileExists(atPath: checkout.folder["out"].path))
  }

  static let quick = ["--profile", "smoke", "--no-plots"]
  static let figure = "msdcsc-fig1-coherence"

  @Test("a run that keeps to an instruction set has cells of its own, and its provenance says it")
  func instructionSet() throws {
    let checkout = try TestCheckout()
    #expect(try checkout.run(Self.figure, Self.quick).status == 0)
    let cells = checkout.cells(Self.figure)
    let environment = checkout.environment.merging(["MLCSC_INSTRUCTION_SET": "avx2"]) { $1 }
    let run = try ToolRun(executable: Self.figure, Self.quick, environment: environment)
    #expect(run.status == 0 && !cells.isEmpty, "\(run.errors)")
    #expect(checkout.cells(Self.figure).count == 2 * cells.count)
    let provenance = try checkout.table("Results/smoke/\(Self.figure)", "provenance.json")
    #expect(provenance.contains("\"instruction_set\" : \"avx2\""), "\(provenance)")
  }

  @Test("one job or two, whole or in shards: the same bytes")
  func order() throws {
    let one = try TestCheckout()
    #expect(try one.run(Self.figure, Self.quick + ["--jobs", "1"]).status == 0)
    let expected = try one.table("Results/smoke/\(Self.figure)", "coherence.csv")
    let two = try TestCheckout()
    #expect(try two.run(Self.figure, Self.quick + ["--jobs", "2"]).status == 0)
    #expect(try two.table("Results/smoke/\(Self.figure)", "coherence.csv") == expected)
    let shards = try TestCheckout()
    for shard in ["1/2", "2/2"] {
      #expect(try shards.run(Self.figure, Self.quick + ["--shard", shard]).status == 0)
      #expect(!FileManager.default.fileExists(atPath: shards.folder["Results/smoke"].path))
    }
    let before = shards.cells(Self.figure)
    #expect(try shards.run(Self.figure, Self.quick).status == 0)
    #expect(shards.cells(Self.figure) == before)
    #expect(try shards.table("Results/smoke/\(Self.figure)", "coherence.csv") == expected)
  }

  @Test("a damaged cell is said and computed again", arguments: ["truncated", "flipped", "empty"])
  func damage(_ kind: String) throws {
    let checkout = try TestCheckout()
    #expect(try checkout.run(Self.figure, Self.quick).status == 0)
    let expected = try checkout.table("Results/smoke/\(Self.figure)", "coherence.csv")
    let name = try #require(checkout.cells(Self.figure).keys.sorted().first)
    let file = checkout.folder["Results/.cache/\(Self.figure)/\(name)"]
    var content = try Data(contentsOf: file)
    switch kind {
    case "truncated": content = content.prefix(content.count / 2)
    case "flipped": content[content.count - 3] ^= 1
    default: content = Data()
    }
    try content.write(to: file)
    let again = try checkout.run(Self.figure, Self.quick)
    #expect(again.status == 0)
    #expect(again.errors.contains("damaged"))
    #expect(try checkout.table("Results/smoke/\(Self.figure)", "coherence.csv") == expected)
  }

  @Test("a changed verdict and a value out of tolerance exit 1 and are named")
  func baselines() throws {
    let checkout = try TestCheckout()
    #expect(try checkout.run(Self.figure, Self.quick).status == 0)
    let accept = try checkout.run("mlcsc", ["accept", "--profile", "smoke", Self.figure])
    #expect(accept.status == 0, "\(accept.errors)")
    #expect(try checkout.run("mlcsc", ["diff", "--profile", "smoke", Self.figure]).status == 0)
    let stored = checkout.folder["Results/baselines/smoke/\(Self.figure)/claims.csv"]
    let text = try String(contentsOf: stored, encoding: .utf8)
    try text.replacingOccurrences(of: ",holds,", with: ",does not hold,")
      .write(to: stored, atomically: true, encoding: .utf8)
    // An edit that nobody stands for is refused; this one is the baseline's.
    let edited = try checkout.run("mlcsc", ["diff", "--profile", "smoke", Self.figure])
    #expect(edited.status == 3 && edited.output.contains("claims.csv"), "\(edited.output)")
    let renewed = try checkout.run(
      "mlcsc", ["accept", "--renew", "--profile", "smoke", Self.figure])
    #expect(renewed.status == 0, "\(renewed.errors)")
    let diff = try checkout.run("mlcsc", ["diff", "--profile", "smoke", Self.figure])
    #expect(diff.status == 1)
    #expect(diff.output.contains("claims.csv: claim=fig1-numbers: verdict"), "\(diff.output)")
    #expect(try checkout.run(Self.figure, Self.quick).status == 1)
    let json = try checkout.run("mlcsc", ["diff", "--profile", "smoke", "--json", Self.figure])
    #expect(json.status == 1)
    #expect((try? JSONSerialization.jsonObject(with: Data(json.output.utf8))) != nil)
  }

  @Test("the report is one page with every claim; without results it says so")
  func report() throws {
    let checkout = try TestCheckout()
    let empty = try checkout.run("mlcsc", ["report", "--profile", "smoke"])
    #expect(empty.status == 3)
    #expect(try checkout.run(Self.figure, Self.quick).status == 0)
    let report = try checkout.run("mlcsc", ["report", "--profile", "smoke"])
    #expect(report.status == 0, "\(report.errors)")
    let page = try checkout.table("Results/smoke", "index.html")
    #expect(page.contains("does not hold") && page.contains("µ = 0.47 in Fig. 1B"))
    #expect(!page.contains("{{"))
    let provenance = try checkout.table("Results/smoke/\(Self.figure)", "provenance.json")
    for library in ["OpenBLAS", "oneDNN", "MatIO", "libarchive", "OpenSSL", "zlib"] {
      let version = provenance.firstMatch(of: try Regex("\"\(library)\" : \"[0-9]+[.][0-9]"))
      #expect(version != nil, "the version of \(library)")
    }
    // A run leaves nothing out that the page refers to: tables, settings, provenance, cells.
    let links = ReportPage(page).links
    #expect(
      links.filter { !$0.isOnPage }.allSatisfy {
        checkout.folder["Results/smoke/\($0.file)"].isThere
      })
    let files = Set(links.map(\.file))
    let names = ["claims.csv", "settings.json", "provenance.json", "cells.json"]
    #expect(files.isSuperset(of: names.map { "\(Self.figure)/\($0)" }))
    let cells = files.filter { $0.hasPrefix("../.cache/\(Self.figure)/") }
    #expect(!cells.isEmpty && cells.allSatisfy { $0.hasSuffix(".cell") })
  }

  @Test("usage errors exit 2 with the nearest names")
  func usage() throws {
    let checkout = try TestCheckout()
    let unknown = try checkout.run("mlcsc", ["run", "msdcsc-fig1-coherense"])
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("did you mean msdcsc-fig1-coherence"))
    #expect(try checkout.run("mlcsc", ["run", "mlbp"]).status == 2)
    #expect(try checkout.run("mlcsc", ["run", "--shard", "3/2"]).status == 2)
    #expect(try checkout.run("mlcsc", ["run", "--jobs", "0"]).status == 2)
    let setting = try checkout.run(Self.figure, ["--set", "nonsense=1"])
    #expect(setting.status == 2)
    #expect(setting.errors.contains("imageSizes"))
  }

  @Test(
    "a setting out of range exits 2 and names what the profile has",
    arguments: ["realisations=-5", "realisationsPerCell=0", "dimensions=[]", "tolerance=-1"])
  func settings(_ change: String) throws {
    let run = try TestCheckout().run(Self.experiment, Self.quick + ["--set", change])
    #expect(run.status == 2)
    #expect(run.errors.contains("the profile has"), "\(run.errors)")
  }

  @Test("the four profiles are known by name; another word exits 2 and names them")
  func profiles() throws {
    let checkout = try TestCheckout()
    let changes = ["imageSizes=[4]", "randomKernelSides=[2]", "randomKernels=1"]
    let tables = try ["smoke", "quick", "standard", "paper"].map { profile in
      let run = try checkout.run(
        Self.figure,
        ["--profile", profile, "--no-plots"] + changes.flatMap { ["--set", $0] })
      #expect(run.status == 0, "\(run.errors)")
      return try checkout.table("Results/custom/\(Self.figure)", "coherence.csv")
    }
    #expect(Set(tables).count == 1)
    let unknown = try checkout.run("mlcsc", ["run", "--profile", "standart"])
    #expect(unknown.status == 2)
    for profile in ["smoke", "quick", "standard", "paper"] {
      #expect(unknown.errors.contains(profile), "\(unknown.errors)")
    }
  }

  @Test("what standard lacks is named with the command that makes it; the experiment is skipped")
  func skipped() throws {
    let name = "projection-fig2-decomposition"
    let options = ["--profile", "standard", "--no-plots"]
    let checkout = try TestCheckout()
    let run = try checkout.run("mlcsc", ["run", name] + options)
    #expect(run.status == 3)
    #expect(run.output.contains("0 failed, 1 skipped"), "\(run.output)")
    let remedy = "./run_all.sh --profile standard dictionary-learning-filters"
    #expect(run.errors.contains(remedy), "\(run.errors)")
    let alone = try checkout.run(name, options)
    #expect(alone.status == 3)
    #expect(alone.output == "")
    #expect(alone.errors.contains(remedy), "\(alone.errors)")
    #expect(try checkout.run(name, options + ["--shard", "1/2"]).status == 0)
  }

  @Test("MLCSC_ROOT that names no checkout is said and exits 2")
  func root() throws {
    let folder = try TemporaryFolder()
    let source = folder["checkout"]
    try FileManager.default.createDirectory(
      at: source.appendingPathComponent("Experiments/below"), withIntermediateDirectories: true)
    try Data().write(to: source.appendingPathComponent("Package.swift"))
    for (path, problem) in [
      (folder["nowhere"], "does not exist"), (folder.url, "no checkout"),
      (source.appendingPathComponent("Experiments/below"), "no checkout"),
    ] {
      for (executable, arguments) in [("mlcsc", ["list"]), (Self.figure, Self.quick)] {
        let run = try ToolRun(
          executable: executable, arguments, environment: ["MLCSC_ROOT": path.path])
        #expect(run.status == 2, "\(run.output)")
        #expect(run.errors.contains("MLCSC_ROOT is \(path.path)"), "\(run.errors)")
        #expect(run.errors.contains(problem), "\(run.errors)")
      }
    }
  }

  @Test("a tuple of another length exits 2 before anything is computed")
  func tuples() throws {
    let run = try TestCheckout().run(
      "mlista-fixed-point", ["--profile", "smoke", "--no-plots", "--set", "lambdas=[[1]]"])
    #expect(run.status == 2)
    #expect(run.errors.contains("a tuple as long"), "\(run.errors)")
  }

  @Test("a figure that was removed is rendered again; one that is there is kept")
  func figures() throws {
    let checkout = try TestCheckout()
    let results = "Results/smoke/\(Self.figure)"
    func number(_ name: String) throws -> UInt64? {
      let path = checkout.folder["\(results)/\(name)"].path
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      return attributes[.systemFileNumber] as? UInt64
    }
    #expect(try checkout.run(Self.figure, ["--profile", "smoke"]).status == 0)
    let first = try number("figure.svg")
    #expect(try checkout.run(Self.figure, ["--profile", "smoke"]).status == 0)
    #expect(try number("figure.svg") == first)
    try FileManager.default.removeItem(at: checkout.folder["\(results)/figure.png"])
    #expect(try checkout.run(Self.figure, ["--profile", "smoke"]).status == 0)
    #expect(try number("figure.png") != nil)
  }

  @Test("no gnuplot: one line naming the package, exit 3; tables are there all the same")
  func noGnuplot() throws {
    let checkout = try TestCheckout()
    let run = try checkout.run(Self.figure, ["--profile", "smoke"], path: "/nonexistent")
    #expect(run.status == 3)
    #expect(run.errors.contains("gnuplot-nox"))
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    _ = try checkout.table("Results/smoke/\(Self.figure)", "coherence.csv")
  }

  @Test("a gnuplot that crashes: one line that says so; tables are there all the same")
  func crashingGnuplot() throws {
    let checkout = try TestCheckout()
    let program = checkout.folder["bin/gnuplot"]
    try FileManager.default.createDirectory(
      at: checkout.folder["bin"], withIntermediateDirectories: true)
    try Data("#!/bin/sh\nkill -ABRT $$\n".utf8).write(to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    let run = try checkout.run(
      Self.figure, ["--profile", "smoke"], path: checkout.folder["bin"].path)
    #expect(run.status == 3)
    #expect(run.errors.contains("ended with status 6 and said nothing"), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    _ = try checkout.table("Results/smoke/\(Self.figure)", "coherence.csv")
  }

  @Test("an output that cannot be written: one line, exit 3")
  func unwritable() throws {
    let checkout = try TestCheckout()
    try Data().write(to: checkout.folder["file"])
    let run = try checkout.run(
      Self.figure, Self.quick + ["--output", checkout.folder["file/below"].path])
    #expect(run.status == 3)
    #expect(run.errors.contains("cannot write"), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(run.output == "")
  }

  @Test("the list, the manifest and the folders agree")
  func manifest() throws {
    let list = try TestCheckout().run("mlcsc", ["list"])
    let names = list.output.split(separator: "\n").compactMap { $0.split(separator: "\t").first }
      .map(String.init)
    let root = TestCheckout.source
    let manifest = try String(
      contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
    let folders = try FileManager.default
      .contentsOfDirectory(atPath: root.appendingPathComponent("Experiments").path)
      .filter { !$0.hasPrefix(".") }.sorted()
    #expect(names == folders)
    for name in folders {
      #expect(manifest.contains("\n  \"\(name)\","), "\(name) is not in Package.swift")
      let files = try FileManager.default.contentsOfDirectory(
        atPath: root.appendingPathComponent("Experiments/\(name)").path)
      #expect(files.contains("plot.gp") && files.contains("README.md"))
      #expect(files.contains { $0.hasSuffix(".swift") })
    }
  }
}
