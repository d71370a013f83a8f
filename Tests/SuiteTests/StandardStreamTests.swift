// Claim: output that cannot be written never ends a command before its work is done; the exit code
// says it, and messages that cannot be written change nothing.
import Foundation
import TestSupport
import Testing

struct StandardStreamTests {
  private func suite() throws -> ScriptedSuite {
    try ScriptedSuite(["first": "ended ok", "second": "ended ok"])
  }

  @Test(
    "a full disk, and a stream that is closed, are named; the run goes to its end",
    arguments: [
      ("> /dev/full", "No space left on device"), (">&-", "Bad file descriptor"),
    ])
  func unwritable(_ redirection: String, _ reason: String) throws {
    let suite = try suite()
    let run = try suite.shell("\"$MLCSC\" run \(redirection)")
    #expect(run.status == 3)
    #expect(suite.started == ["first", "second"])
    #expect(run.errors.contains("mlcsc: cannot write standard output: \(reason)"), "\(run.errors)")
    for command in ["--help", "--version", "data status", "run nosuch", "solve --help"] {
      let run = try suite.shell("\"$MLCSC\" \(command) \(redirection)")
      #expect(run.status == (command == "run nosuch" ? 2 : 3), "\(command): \(run.errors)")
    }
  }

  @Test("a reader that leaves: the run goes on, and its state is saved")
  func closedPipe() throws {
    let suite = try suite()
    let run = try suite.shell("\"$MLCSC\" run 2>&1 | head -n 1; exit ${PIPESTATUS[0]}")
    // Where the reader leaves later than the last line is written, all was read.
    #expect(run.status == 3 || run.status == 0, "\(run.output)")
    #expect(suite.started == ["first", "second"])
    let silent = try suite.shell(
      "(sleep 0.3; exec \"$MLCSC\" run) | true; exit ${PIPESTATUS[0]}")
    #expect(silent.status == 3)
    #expect(!silent.errors.contains("standard output"), "\(silent.errors)")
  }

  @Test("messages that nobody can read change nothing", arguments: ["2> /dev/full", "2>&-"])
  func messages(_ redirection: String) throws {
    let suite = try suite()
    let run = try suite.shell("\"$MLCSC\" run \(redirection)")
    #expect(run.status == 0)
    #expect(run.lines.last?.hasPrefix("2 experiments: 2 ok") == true)
    #expect(try suite.shell("\"$MLCSC\" run nosuch \(redirection)").status == 2)
    #expect(try suite.shell("\"$MLCSC\" run --nosuch \(redirection)").status == 2)
  }

  @Test("a limit of the size of files is a disk that is full: exit 3, and no half of a file")
  func fileSize() throws {
    let folder = try TemporaryFolder()
    // A code of a thousand entries is longer than a kilobyte, a message is not.
    let ones = [String](repeating: "1", count: 1_000).joined(separator: ",")
    try "\(ones)\n\(ones)\n".write(to: folder["d.csv"], atomically: true, encoding: .utf8)
    try "1\n2\n".write(to: folder["y.csv"], atomically: true, encoding: .utf8)
    let tool = try RunningTool.products().appendingPathComponent("mlcsc").path
    let run = try CommandRun(
      [
        "bash", "-c",
        "ulimit -f 1; '\(tool)' solve --solver omp --sparsity 1 --dictionary d.csv --signal y.csv "
          + "--output out",
      ], in: folder.url)
    #expect(run.status == 3, "\(run.errors)")
    #expect(run.errors.contains("File too large"), "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder["out/gamma1.csv"].path))
  }

  @Test("with all streams closed no file gets what was meant for them")
  func allClosed() throws {
    let folder = try TemporaryFolder()
    try "1,0\n0,1\n".write(to: folder["d.csv"], atomically: true, encoding: .utf8)
    try "1\n2\n".write(to: folder["y.csv"], atomically: true, encoding: .utf8)
    let tool = try RunningTool.products().appendingPathComponent("mlcsc").path
    let solve =
      "'\(tool)' solve --solver omp --sparsity 1 --dictionary d.csv --signal y.csv --output "
    #expect(try CommandRun(["bash", "-c", solve + "a"], in: folder.url).status == 0)
    let closed = try CommandRun(["bash", "-c", solve + "b <&- >&- 2>&-"], in: folder.url)
    #expect(closed.status == 3)
    #expect(
      try Data(contentsOf: folder["b/gamma1.csv"]) == Data(contentsOf: folder["a/gamma1.csv"]))
  }

  @Test("Ctrl-C, which ends tee as well, is an interruption all the same")
  func interruptedPipe() throws {
    let suite = try ScriptedSuite([
      "first": #"""
      trap 'echo stopping >&2; exit 130' TERM
      kill -INT "$PPID"
      for i in $(seq 100); do sleep 0.1; done
      """#, "second": "ended ok",
    ])
    let run = try suite.shell("\"$MLCSC\" run 2>&1 | true; exit ${PIPESTATUS[0]}")
    #expect(run.status == 130, "\(run.errors)")
    #expect(suite.started == ["first"])
  }

  @Test(
    "an option with nothing behind it swallows no other word",
    arguments: [
      ["--output=", "first", "second"], ["--output", "", "first"], ["--no-plots", "--jobs="],
      ["--profile=", "smoke"], ["--set=", "first"], ["--seed=", "--no-plots"], ["--shard=", "x"],
    ])
  func emptyValues(_ arguments: [String]) throws {
    let suite = try suite()
    let run = try suite.run(arguments)
    #expect(run.status == 2)
    #expect(suite.started.isEmpty)
    let option = try #require(arguments.first { $0 != "--no-plots" }).prefix { $0 != "=" }
    #expect(run.errors.contains("the value of \(option) is empty"), "\(run.errors)")
    let own = try ToolRun(
      executable: "mlbp-fig1-recovery", arguments + ["--describe"], environment: [:])
    #expect(own.status == 2, "\(own.output)")
  }
}
