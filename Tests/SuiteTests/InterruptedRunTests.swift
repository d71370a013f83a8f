// Claim: `mlcsc run` that is told to stop, at whatever moment, starts nothing more, says what had
// ended, and exits 130; what it says of experiments that are skipped depends on who asked for them.
import ExperimentSuite
import Foundation
import MLCSCBase
import TestSupport
import Testing

/// The signals that tests can send.
enum TestedSignals {
  /// All that ask a process to stop; without SIGHUP where it is ignored, as under nohup.
  static let all: [Int32] = {
    let old = signal(SIGHUP, SIG_IGN)
    signal(SIGHUP, old)
    return unsafeBitCast(old, to: Int.self) == 1 ? [SIGINT, SIGTERM] : [SIGINT, SIGTERM, SIGHUP]
  }()
}

/// A checkout whose experiments are shell scripts, with a copy of the tool beside them.
private struct ScriptedSuite {
  private let folder: TemporaryFolder

  /// A claim as an experiment's summary has it.
  private static let claim: String = {
    let claims = ClaimTest.judge([
      ClaimTest(
        "c", decides: [], "s", source: "p", .number("m", unit: ""), .exact(1),
        holdsWhen: .above(0))
    ])
    return (try? JSONText.compact(claims[0])).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }()

  /// What all scripts begin with: `ended ok` writes a summary with one claim.
  private static let prelude = #"""
    #!/bin/bash
    name="${0##*/}"
    echo "$name" >> "$MLCSC_ROOT/started"
    while [ "$1" != --summary ]; do shift; done
    summary="$2"
    ended() {
      claim='\#(claim)'
      printf '{"name":"%s","status":"%s","seconds":1,"claims":[%s],"message":"","exitCode":0}' \
        "$name" "$1" "$claim" > "$summary"
    }

    """#

  /// A suite from the scripts of its experiments, by name.
  init(_ scripts: [String: String]) throws {
    folder = try TemporaryFolder()
    try Data().write(to: folder["Package.swift"])
    for (name, script) in scripts {
      try writeScript("", to: folder["Experiments/\(name)/plot.gp"])
      try writeScript(Self.prelude + script + "\n", to: folder["bin/\(name)"])
    }
    try FileManager.default.copyItem(
      at: RunningTool.products().appendingPathComponent("mlcsc"), to: folder["bin/mlcsc"])
  }

  /// Runs `mlcsc run`.
  func run(_ arguments: [String] = [], through launcher: [String] = []) throws -> CommandRun {
    try? FileManager.default.removeItem(at: folder["started"])
    return try CommandRun(
      launcher + [folder["bin/mlcsc"].path, "run"] + arguments,
      environment: ["MLCSC_ROOT": folder.url.path, "TERM": "dumb"])
  }

  /// The experiments that the last run started, in this order.
  var started: [String] {
    let text = try? String(contentsOf: folder["started"], encoding: .utf8)
    return (text ?? "").split(separator: "\n").map(String.init)
  }
}

struct InterruptedRunTests {
  static let oneEnded =
    "1 experiments: 1 ok, 0 differ, 0 failed, 0 skipped; claims: 1 hold, 0 do not, 0 undecided"

  @Test("a signal while an experiment ends: no other one begins", arguments: TestedSignals.all)
  func between(_ number: Int32) throws {
    let suite = try ScriptedSuite([
      "first": "ended ok; kill -\(number) \"$PPID\"", "second": "ended ok",
    ])
    let run = try suite.run()
    #expect(run.status == 130, "\(run.errors)")
    #expect(suite.started == ["first"])
    #expect(run.lines.contains("first: c: holds: m: 1"), "\(run.output)")
    #expect(run.lines.last == Self.oneEnded)
    #expect(run.errors.contains("interrupted after 1 of 2"), "\(run.errors)")
  }

  @Test("an experiment without handlers yet is ended by the signal", arguments: TestedSignals.all)
  func atStart(_ number: Int32) throws {
    let suite = try ScriptedSuite([
      "first": "ended ok", "second": "kill -\(number) \"$PPID\"; exec sleep 60",
      "third": "ended ok",
    ])
    // An experiment that is not told ends by itself, and then the status is another.
    let run = try suite.run()
    #expect(run.status == 130, "\(run.errors)")
    #expect(suite.started == ["first", "second"])
    #expect(run.lines.last == Self.oneEnded)
    #expect(!run.errors.contains("ended by signal"), "\(run.errors)")
  }

  @Test("an experiment that a signal stops interrupts the run; one that crashes has failed")
  func childAlone() throws {
    let stopped = try ScriptedSuite(["first": "kill -TERM $$", "second": "ended ok"])
    #expect(try stopped.run().status == 130)
    #expect(stopped.started == ["first"])
    let crashed = try ScriptedSuite(["first": "kill -KILL $$", "second": "ended ok"])
    let run = try crashed.run()
    #expect(run.status == 4, "\(run.errors)")
    #expect(crashed.started == ["first", "second"])
    #expect(run.lines.last?.hasPrefix("2 experiments: 1 ok, 0 differ, 1 failed") == true)
  }

  @Test("under nohup a terminal that is closed stops nothing")
  func nohup() throws {
    let suite = try ScriptedSuite([
      "first": "kill -HUP \"$PPID\"; ended ok", "second": "ended ok",
    ])
    let run = try suite.run(through: ["nohup"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(suite.started == ["first", "second"])
  }

  @Test("what is skipped is a failure where it was asked for by name, but not in a shard")
  func skipped() throws {
    let suite = try ScriptedSuite(["first": "ended skipped"])
    #expect(try suite.run().status == 0)
    let named = try suite.run(["first"])
    #expect(named.status == 3)
    #expect(named.lines.last?.contains("0 failed, 1 skipped") == true, "\(named.output)")
    #expect(try suite.run(["--shard", "1/2", "first"]).status == 0)
  }

  @Test("an experiment that is run again does not end as it did the first time")
  func again() throws {
    let suite = try ScriptedSuite([
      "first": """
      if [ "$(grep -c first "$MLCSC_ROOT/started")" = 1 ]; then ended skipped; else kill -TERM $$; fi
      """, "second": "ended ok",
    ])
    #expect(try suite.run().status == 130)
    #expect(suite.started == ["first", "second", "first"])
  }
}
