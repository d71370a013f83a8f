// Claim: `mlcsc cluster slurm` submits jobs that end in the same tables as a run on one machine,
// also when a job is told to make room; shown with a stand-in for sbatch and with Slurm itself.
import Foundation
import TestSupport
import Testing

@Suite(.serialized)
struct SlurmTests {
  static let figure = "msdcsc-fig1-coherence"
  static let options = ["--profile", "smoke", "--no-plots"]

  @Test("the script is whole bash and carries what was asked for")
  func script() throws {
    let checkout = try TestCheckout()
    let run = try checkout.run(
      "mlcsc",
      [
        "cluster", "slurm", "--jobs", "7", "--partition", "long", "--time", "1-12:00:00",
        "--cpus-per-task", "4", "--sbatch", "--mem=8G", "--set", "imageSizes=[4, 5]",
        "--protocol", "code", "msdcsc-fig1", "mlista",
      ] + Self.options)
    #expect(run.status == 0, "\(run.errors)")
    for words in [
      "--array=1-7", "'--partition=long'", "'--time=1-12:00:00'", "'--cpus-per-task=4'",
      "'--mem=8G'", "'--signal=B:TERM@120'", "'--requeue'", "afterok:$array",
      "--shard \"$SLURM_ARRAY_TASK_ID/7\"", "'imageSizes=[4, 5]'", "'--protocol' 'code'",
      "'msdcsc-fig1-coherence' 'mlista-fixed-point'",
    ] {
      #expect(run.output.contains(words), "\(words) is not in \(run.output)")
    }
    try run.output.write(to: checkout.folder["s.sh"], atomically: true, encoding: .utf8)
    #expect(try Self.bash(["-n", checkout.folder["s.sh"].path]) == 0)
    #expect(!FileManager.default.fileExists(atPath: checkout.folder["Results/slurm"].path))
  }

  @Test("what cannot be submitted exits 2 and says what would be right")
  func usage() throws {
    let checkout = try TestCheckout()
    for arguments in [
      ["--jobs", "0"], ["--jobs", "2", "--sbatch", "mem=8G"], ["--jobs", "2", "--set", "x"],
      ["--jobs", "2", "--protocol", "paper"], [],
    ] {
      let run = try checkout.run("mlcsc", ["cluster", "slurm"] + arguments + [Self.figure])
      #expect(run.status == 2, "\(arguments): \(run.output)\(run.errors)")
    }
    let absent = try checkout.run(
      "mlcsc", ["cluster", "slurm", "--jobs", "2", "--submit", Self.figure], path: "/nonexistent")
    #expect(absent.status == 2)
    #expect(absent.errors.contains("no sbatch"), "\(absent.errors)")
  }

  @Test(
    "a time limit that Slurm does not read, or that leaves no time to compute, exits 2",
    arguments: [
      ["--time", "banana"], ["--time", "-5"], ["--time="], ["--time", ""], ["--time", "1:2:3:4"],
      ["--time", "1-"], ["--time", "1.5"], ["--time", "99999999999999999999"],
      ["--time", "2"], ["--time", "3"], ["--time", "0:30"], ["--time", "0:02:59"],
      ["--time", "0-00:03"], ["--time", "30", "--seconds-to-save", "1740"],
      ["--sbatch", "--time=1"], ["--seconds-to-save", "0"], ["--seconds-to-save", "-5"],
    ])
  func timeLimit(_ arguments: [String]) throws {
    let checkout = try TestCheckout()
    let run = try checkout.run(
      "mlcsc", ["cluster", "slurm", "--jobs", "2"] + arguments + [Self.figure])
    #expect(run.status == 2, "\(arguments): \(run.output)")
    #expect(run.errors.contains("--time") || run.errors.contains("--seconds-to-save"))
  }

  @Test(
    "a time limit that leaves time to compute is handed on",
    arguments: ["4", "3:01", "0:03:01", "1-12", "1-0:30", "1-12:00:00", "0", "UNLIMITED"])
  func longTimeLimit(_ time: String) throws {
    let run = try TestCheckout().run(
      "mlcsc", ["cluster", "slurm", "--jobs", "2", "--time", time, Self.figure])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("'--time=\(time)'"))
  }

  @Test("without a name the jobs are asked for all experiments, not for each by name")
  func all() throws {
    let run = try TestCheckout().run("mlcsc", ["cluster", "slurm", "--jobs", "2"] + Self.options)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains(Self.figure))
    #expect(!run.output.contains("'\(Self.figure)'"), "\(run.output)")
  }

  @Test("sbatch that fails exits 3")
  func failure() throws {
    let checkout = try TestCheckout()
    try writeScript("#!/bin/sh\nexit 1\n", to: checkout.folder["bin/sbatch"])
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let run = try checkout.run(
      "mlcsc", ["cluster", "slurm", "--jobs", "2", "--submit", Self.figure],
      path: "\(checkout.folder["bin"].path):\(path)")
    #expect(run.status == 3)
    #expect(run.errors.contains("not submitted"), "\(run.errors)")
  }

  @Test(
    "a job that is told to make room queues again, but not for ever",
    arguments: [("", true), ("0", true), ("99", true), ("100", false), ("101", false)])
  func requeue(_ restarts: String, _ isRequeued: Bool) throws {
    let suite = try ScriptedSuite(["first": "exit 130"])
    let folder = suite.folder
    try writeScript("#!/bin/sh\ncat > '\(folder["job"].path)'; echo 11\n", to: folder["s/sbatch"])
    try writeScript("#!/bin/sh\necho RUNNING\n", to: folder["s/squeue"])
    try writeScript(
      "#!/bin/sh\necho \"$@\" >> '\(folder["calls"].path)'\n", to: folder["s/scontrol"])
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let environment = [
      "PATH": "\(folder["s"].path):\(path)", "MLCSC_ROOT": folder.url.path, "SLURM_JOB_ID": "11",
      "SLURM_CPUS_PER_TASK": "1", "SLURM_RESTART_COUNT": restarts,
    ]
    let submitted = try CommandRun(
      [folder["bin/mlcsc"].path, "cluster", "slurm", "--jobs", "1", "--submit", "first"],
      environment: environment)
    #expect(submitted.status == 0, "\(submitted.errors)")
    // What came last is the gathering job.
    let job = try CommandRun(["bash", folder["job"].path], environment: environment)
    #expect(job.status == 130, "\(job.errors)")
    let calls = try? String(contentsOf: folder["calls"], encoding: .utf8)
    #expect(calls == (isRequeued ? "requeue 11\n" : nil))
  }

  /// Runs a job's script at once, for every task of an array, as Slurm would in the end.
  private static let standIn = #"""
    #!/bin/bash
    echo "$*" >> "$STAND_IN/calls"
    array="" chdir=. log=/dev/null
    for argument; do
      case "$argument" in
        --array=1-*) array=${argument#--array=1-} ;;
        --chdir=*) chdir=${argument#--chdir=} ;;
      esac
    done
    cat > "$STAND_IN/job.sh"
    cd "$chdir" || exit 1
    export SLURM_CPUS_PER_TASK=2 SLURM_JOB_ID=11
    if [ -n "$array" ]; then
      for task in $(seq "$array"); do
        SLURM_ARRAY_JOB_ID=10 SLURM_ARRAY_TASK_ID=$task bash "$STAND_IN/job.sh" >&2 || exit
      done
      echo "10;cluster"
    else
      bash "$STAND_IN/job.sh" >&2 || exit
      echo 11
    fi
    """#

  @Test("in a folder with a blank and a quote in its name: shards, then the gathering job")
  func standInRun() throws {
    let folder = try TemporaryFolder()
    let root = folder["it's a checkout"]
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    for name in ["Package.swift", "Experiments"] {
      try FileManager.default.copyItem(
        at: TestCheckout.source.appendingPathComponent(name),
        to: root.appendingPathComponent(name))
    }
    let bin = folder["bin"]
    try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
    let sbatch = bin.appendingPathComponent("sbatch")
    try Self.standIn.write(to: sbatch, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: sbatch.path)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let run = try ToolRun(
      executable: "mlcsc",
      ["cluster", "slurm", "--jobs", "3", "--submit", Self.figure] + Self.options,
      environment: [
        "MLCSC_ROOT": root.path, "PATH": "\(bin.path):\(path)", "STAND_IN": folder.url.path,
      ])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("array job 10, gathering job 11"), "\(run.output)")
    let calls = try String(contentsOf: folder["calls"], encoding: .utf8)
      .split(separator: "\n")
    #expect(calls.count == 2 && calls[1].contains("--dependency=afterok:10 "), "\(calls)")
    let gathered = root.appendingPathComponent("Results/smoke/\(Self.figure)/coherence.csv")
    let checkout = try TestCheckout()
    #expect(try checkout.run(Self.figure, Self.options).status == 0)
    #expect(
      try String(contentsOf: gathered, encoding: .utf8)
        == checkout.table("Results/smoke/\(Self.figure)", "coherence.csv"))
  }

  @Test(
    "Slurm itself runs the tasks and then the gathering job",
    .enabled(if: SlurmCluster.isPossible, SlurmCluster.absent))
  func array() throws {
    let cluster = try SlurmCluster()
    let checkout = try TestCheckout()
    try submit(checkout, cluster, ["--jobs", "2", Self.figure] + Self.options)
    try cluster.wait("empty queue") { try Self.isIdle(cluster) }
    let here = try TestCheckout()
    #expect(try here.run(Self.figure, Self.options).status == 0)
    let folder = "Results/smoke/\(Self.figure)"
    #expect(
      try checkout.table(folder, "coherence.csv") == here.table(folder, "coherence.csv"),
      "\(logs(checkout))")
    #expect(logs(checkout).contains("1 experiments: 1 ok"), "\(logs(checkout))")
  }

  @Test(
    "told to make room a task saves, queues again and goes on; cancelled it does not come back",
    .enabled(if: SlurmCluster.isPossible, SlurmCluster.absent))
  func requeue() throws {
    let cluster = try SlurmCluster()
    let checkout = try TestCheckout()
    let slow =
      ["--jobs", "1", RunTests.experiment] + Self.options
      + ["realisations=80", "realisationsPerCell=1", "lambdasPerDecade=2"].flatMap {
        ["--set", $0]
      }
    func started(_ count: Int) throws {
      try cluster.wait("finished cells") { checkout.cells(RunTests.experiment).count >= count }
    }
    let first = try submit(checkout, cluster, slow)
    try started(1)
    try cluster.run("scancel", "--signal=TERM", "--batch", "\(first)_1")
    try cluster.wait("requeued task") {
      try cluster.run("squeue", "--noheader", "--format=%T %r").contains("PENDING BeginTime")
    }
    let kept = checkout.cells(RunTests.experiment)
    #expect(kept.count < 80)
    try cluster.run("scontrol", "update", "jobid=\(first)_1", "StartTime=now")
    try cluster.wait("empty queue") { try Self.isIdle(cluster) }
    let after = checkout.cells(RunTests.experiment)
    #expect(after.count == 80, "\(logs(checkout))")
    for (name, file) in kept { #expect(after[name] == file) }
    _ = try checkout.table("Results/custom/\(RunTests.experiment)", "recovery.csv")
    // Another seed has other cells.
    let second = try submit(checkout, cluster, slow + ["--seed", "2"])
    try started(81)
    try cluster.run("scancel", second)
    try cluster.wait("empty queue") { try Self.isIdle(cluster) }
    #expect(checkout.cells(RunTests.experiment).count < 160)
  }

  /// Submits and returns the number of the array job.
  @discardableResult
  private func submit(
    _ checkout: TestCheckout, _ cluster: SlurmCluster, _ arguments: [String]
  ) throws -> String {
    let run = try ToolRun(
      executable: "mlcsc",
      ["cluster", "slurm", "--submit", "--cpus-per-task", "1"] + arguments,
      environment: checkout.environment.merging(cluster.environment) { $1 })
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    let number = try #require(run.output.firstMatch(of: /array job (\d+),/))
    return String(number.1)
  }

  private static func isIdle(_ cluster: SlurmCluster) throws -> Bool {
    let jobs = try cluster.run("squeue", "--noheader", "--states=all", "--format=%i %T")
      .split(separator: "\n")
    return !jobs.isEmpty
      && jobs.allSatisfy { line in
        ["COMPLETED", "CANCELLED", "FAILED"].contains { line.hasSuffix($0) }
      }
  }

  private func logs(_ checkout: TestCheckout) -> String {
    let folder = checkout.folder["Results/slurm"]
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map { name in
      let text = try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      return "\(name): \(text ?? "")"
    }.joined(separator: "\n")
  }

  private static func bash(_ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
