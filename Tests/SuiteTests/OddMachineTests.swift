// Claim: a machine that withholds something (folders, rights, threads, cores) gets a run that goes on
// without it or an error that names it, never a hang or a trap.
import Foundation
import MLCSCBase
import TestSupport
import Testing

struct OddMachineTests {
  /// Runs a command as a user that has no name and no rights; only root can.
  static let asNobody = [
    "setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "--inh-caps=-all",
  ]
  static let isRoot = getuid() == 0
  static let onlyRoot: Comment = "skipped: only root can run a command as somebody else"

  @Test(
    "a TMPDIR that is absent, or no folder, is named",
    arguments: [("/nonexistent", "No such file"), ("/dev/null", "Not a directory")])
  func scratch(_ folder: String, _ reason: String) throws {
    let suite = try ScriptedSuite(["first": "ended ok"])
    let run = try suite.run(environment: ["TMPDIR": folder])
    #expect(run.status == 3)
    #expect(suite.started.isEmpty)
    let line = "mlcsc: cannot write \(folder): \(reason)"
    #expect(run.errors.contains(line) && run.errors.contains("TMPDIR"), "\(run.errors)")
    #expect(try suite.run(environment: ["TMPDIR": ""]).status == 0)
  }

  @Test("without a home folder and a user's name commands work", .enabled(if: isRoot, onlyRoot))
  func nobody() throws {
    let suite = try ScriptedSuite(["first": "ended ok"])
    try suite.open()
    let run = try suite.run(through: ["env", "-u", "HOME"] + Self.asNobody)
    #expect(run.status == 0, "\(run.errors)")
    let fetch = try CommandRun(
      Self.asNobody + [suite.folder["bin/mlcsc"].path, "data", "fetch", "mnist"],
      environment: ["HOME": "/dev/null", "XDG_CACHE_HOME": "", "MLCSC_CACHE": ""])
    #expect(fetch.status == 3)
    #expect(fetch.errors.contains("/dev/null/.cache/mlcsc/mnist/"), "\(fetch.errors)")
    #expect(fetch.errors.contains("Not a directory; MLCSC_CACHE can name another folder"))
  }

  @Test("a limit of threads is named before anything is computed", .enabled(if: isRoot, onlyRoot))
  func fewThreads() throws {
    let folder = try TemporaryFolder()
    try "1,0\n0,1\n".write(to: folder["d.csv"], atomically: true, encoding: .utf8)
    chmod(folder.url.path, 0o755)
    let tool = try RunningTool.products().appendingPathComponent("mlcsc").path
    let run = try CommandRun(
      ["timeout", "60", "prlimit", "--nproc=1"] + Self.asNobody
        + [tool, "solve", "--solver", "omp", "--sparsity", "1", "--dictionary", "d.csv"]
        + ["--signal", "d.csv"], environment: ["OPENBLAS_NUM_THREADS": "1"], in: folder.url)
    #expect(run.status == 3, "\(run.errors)")
    #expect(run.errors.contains("the system lets this process start only 0 of"), "\(run.errors)")
  }

  @Test("experiments get one thread of OpenBLAS, which none of them uses")
  func openBLAS() throws {
    let suite = try ScriptedSuite(["first": #"[ "$OPENBLAS_NUM_THREADS" = 1 ] && ended ok"#])
    #expect(try suite.run().status == 0)
  }

  @Test(
    "cores are those that the process may use",
    arguments: [
      ("Name:\tx\nCpus_allowed:\t3\n", 2), ("Cpus_allowed:\t00000000,0000000f,80000000\n", 5),
      ("Cpus_allowed:\t0\n", nil), ("Cpus_allowed_list:\t0-3\n", nil), ("", nil),
    ])
  func cores(_ status: String, _ count: Int?) {
    #expect(Parallelism.cores(inStatus: status) == count)
  }

  #if os(Linux)
    @Test("a run that is kept to one core says so in its provenance")
    func oneCore() throws {
      let folder = try TemporaryFolder()
      let run = try CommandRun(
        ["taskset", "-c", "0"] + Self.experiment,
        environment: ["MLCSC_RESULTS": folder.url.path])
      #expect(run.status == 0, "\(run.errors)")
      let text = try String(
        contentsOf: folder["custom/\(Self.name)/provenance.json"], encoding: .utf8)
      #expect(text.contains("\"cores\" : 1,"))
    }
  #endif

  private static let name = "mlbp-fig1-recovery"
  /// An experiment of a second or two.
  private static var experiment: [String] {
    let tool = (try? RunningTool.products().appendingPathComponent(name).path) ?? ""
    return [
      tool, "--profile", "smoke", "--no-plots", "--set", "realisations=2", "--set",
      "lambdasPerDecade=1",
    ]
  }

  @Test("a git that refuses the folder is quoted in the provenance", .enabled(if: isRoot, onlyRoot))
  func refusingGit() throws {
    let checkout = try TestCheckout()
    _ = try CommandRun(["git", "init", "-q"], in: checkout.folder.url)
    _ = try CommandRun(["chown", "-R", "54321", checkout.folder.url.path])
    let run = try CommandRun(
      Self.experiment, environment: checkout.environment.merging(["HOME": "/nonexistent"]) { $1 })
    #expect(run.status == 0, "\(run.errors)")
    let text = try checkout.table("Results/custom/\(Self.name)", "provenance.json")
    #expect(text.contains("\"commit\" : \"unknown: fatal: detected dubious ownership"), "\(text)")
  }

  @Test(
    "where results may not be written, they go where MLCSC_RESULTS says",
    .enabled(if: isRoot, onlyRoot))
  func readOnly() throws {
    let (checkout, folder) = (try TestCheckout(), try TemporaryFolder())
    chmod(checkout.folder.url.path, 0o755)
    chmod(folder.url.path, 0o777)
    let refused = try CommandRun(
      Self.asNobody + Self.experiment + ["--output", folder["out"].path],
      environment: checkout.environment)
    #expect(refused.status == 3)
    #expect(refused.errors.contains("Permission denied"), "\(refused.errors)")
    #expect(refused.errors.contains("MLCSC_RESULTS"), "\(refused.errors)")
    let elsewhere = checkout.environment.merging(["MLCSC_RESULTS": folder["r"].path]) { $1 }
    let run = try CommandRun(Self.asNobody + Self.experiment, environment: elsewhere)
    #expect(run.status == 0, "\(run.errors)")
    #expect(folder.names == ["r"])
    // Cells that are finished need no right to write.
    _ = try CommandRun(Self.experiment, environment: checkout.environment)
    let found = try CommandRun(
      Self.asNobody + Self.experiment + ["--output", folder["out"].path],
      environment: checkout.environment)
    #expect(found.status == 0, "\(found.errors)")
  }

  @Test("a lock that another user's killed run left is taken", .enabled(if: isRoot, onlyRoot))
  func secondUser() throws {
    let (checkout, folder) = (try TestCheckout(), try TemporaryFolder())
    chmod(folder.url.path, 0o777)
    chmod(checkout.folder.url.path, 0o755)
    let shared = checkout.environment.merging(["MLCSC_RESULTS": folder.url.path]) { $1 }
    let whole = try CommandRun(Self.experiment, environment: shared)
    #expect(whole.status == 0, "\(whole.errors)")
    let cache = folder.url.appendingPathComponent(".cache/\(Self.name)")
    let cells = try FileManager.default.contentsOfDirectory(atPath: cache.path)
    for name in cells {
      let file = cache.appendingPathComponent(name)
      try FileManager.default.removeItem(at: file)
      // As root's run leaves it: nobody may read it, but not write it.
      let lock = file.deletingPathExtension().appendingPathExtension("lock")
      try Data().write(to: lock)
      chmod(lock.path, 0o644)
    }
    chmod(cache.path, 0o777)
    let run = try CommandRun(
      Self.asNobody + Self.experiment + ["--output", folder["out"].path], environment: shared)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: cache.path)) == Set(cells))
  }

  @Test(
    "a lock that another user's killed run left in a folder of theirs is named at once, exit 3",
    .enabled(if: isRoot, onlyRoot))
  func othersFolder() throws {
    let (checkout, folder) = (try TestCheckout(), try TemporaryFolder())
    chmod(folder.url.path, 0o777)
    chmod(checkout.folder.url.path, 0o755)
    let shared = checkout.environment.merging(["MLCSC_RESULTS": folder.url.path]) { $1 }
    #expect(try CommandRun(Self.experiment, environment: shared).status == 0)
    let cache = folder.url.appendingPathComponent(".cache/\(Self.name)")
    let options = Self.experiment + ["--output", folder["out"].path]
    // What root's run finished serves others although they may write nothing here.
    chmod(cache.path, 0o755)
    let finished = try CommandRun(Self.asNobody + options, environment: shared)
    #expect(finished.status == 0, "\(finished.errors)")
    let cell = try #require(FileManager.default.contentsOfDirectory(atPath: cache.path).first)
    let file = cache.appendingPathComponent(cell)
    try FileManager.default.removeItem(at: file)
    let none = try CommandRun(Self.asNobody + options, environment: shared)
    #expect(none.status == 3 && none.errors.contains("Permission denied"), "\(none.errors)")
    try Data().write(to: file.deletingPathExtension().appendingPathExtension("lock"))
    let left = try CommandRun(Self.asNobody + options, environment: shared)
    #expect(left.status == 3, "\(left.errors)")
    #expect(left.errors.contains("left there by another user's run"), "\(left.errors)")
  }

  @Test("a checkout whose path has every odd character gets its figure")
  func oddPath() throws {
    let folder = try TemporaryFolder()
    let odd = folder["o'c\nhk \"ü\" $(x) `y` %d"]
    try FileManager.default.createDirectory(at: odd, withIntermediateDirectories: true)
    for name in ["Package.swift", "Experiments"] {
      try FileManager.default.createSymbolicLink(
        at: odd.appendingPathComponent(name),
        withDestinationURL: TestCheckout.source.appendingPathComponent(name))
    }
    let run = try CommandRun(
      Self.experiment.filter { $0 != "--no-plots" },
      environment: ["MLCSC_ROOT": odd.path, "TMPDIR": odd.path])
    #expect(run.status == 0, "\(run.errors)")
    let results = odd.appendingPathComponent("Results/custom/\(Self.name)")
    let figure = try Data(contentsOf: results.appendingPathComponent("figure.png"))
    #expect(figure.starts(with: [0x89, 0x50, 0x4e, 0x47]) && figure.count > 1000)
  }
}
