// Claim: `mlcsc run` that is told to stop, at whatever moment, starts nothing more, says what had
// ended, and exits 130; what it says of experiments that are skipped depends on who asked for them.
import Foundation
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
