// Claim: `run_all.sh` refuses what cannot be meant before it builds anything, says when it builds,
// and hands all else to the tool.
import Foundation
import TestSupport
import Testing

/// A copy of the script in a folder of its own, with stand-ins for Swift and the tool.
private struct ScriptFolder {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      at: TestCheckout.source.appendingPathComponent("run_all.sh"), to: folder["run_all.sh"])
    try Data().write(to: folder["Package.swift"])
    for name in ["Sources", "Experiments", "elsewhere"] {
      try FileManager.default.createDirectory(
        at: folder[name], withIntermediateDirectories: true)
    }
    try writeScript(
      """
      #!/bin/bash
      mkdir -p .build/release
      case "$*" in *--show-bin-path*) echo "$STAND_IN/tools" ;; esac

      """, to: folder["tools/swift"])
    try writeScript("#!/bin/bash\nprintf '%s\\n' \"$@\"\n", to: folder["tools/mlcsc"])
    // What the script looks for on PATH is there; the headers are, since the tests were built.
    for name in ["pkg-config", "gnuplot"] {
      try writeScript("#!/bin/bash\n", to: folder["tools/\(name)"])
    }
  }

  func run(_ arguments: String...) throws -> CommandRun {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return try CommandRun(
      ["bash", folder["run_all.sh"].path] + arguments,
      environment: ["PATH": "\(folder["tools"].path):\(path)", "STAND_IN": folder.url.path],
      in: folder["elsewhere"])
  }
}

struct RunScriptTests {
  @Test("an output folder is one of the caller's and is handed on with all options")
  func options() throws {
    let script = try ScriptFolder()
    let run = try script.run(
      "--output", "out", "--profile", "smoke", "--set=a=b c", "mlbp", "rescsc")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.lines.count == 8, "\(run.output)")
    #expect(Array(run.lines.prefix(4)) == ["run", "--profile", "smoke", "--output"])
    #expect(run.lines[4].hasPrefix("/") && run.lines[4].hasSuffix("/elsewhere/out"))
    #expect(Array(run.lines.suffix(3)) == ["--set=a=b c", "mlbp", "rescsc"])
    #expect(try script.run("--output=/there", "x").lines == ["run", "--output", "/there", "x"])
    #expect(
      try script.run("--accept", "--partial", "--profile=smoke", "x").lines
        == ["accept", "--profile=smoke", "--partial", "x"])
    // How much runs at once and what is drawn changes nothing beside an action.
    #expect(try script.run("--diff", "--jobs", "2", "--no-plots", "--shard=1/2").lines == ["diff"])
  }

  @Test(
    "two actions, and options that say nothing beside one, are refused",
    arguments: [
      (["--diff", "--accept", "x"], "--diff and --accept"),
      (["--list", "--test"], "--list and --test"),
      (["--diff", "--seed", "3"], "--seed"), (["--list", "--gather"], "--gather"),
      (["--accept", "--set", "a=b", "x"], "--set"), (["--output", "out", "--diff"], "--output"),
      (["--diff", "--partial"], "--partial"), (["--output"], "--output"),
    ])
  func refusal(_ arguments: [String], _ word: String) throws {
    let script = TestCheckout.source.appendingPathComponent("run_all.sh")
    let run = try CommandRun(["bash", script.path] + arguments)
    #expect(run.status == 2, "\(run.output)")
    #expect(run.errors.contains(word), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  @Test("a build is said at first and whenever something was changed")
  func building() throws {
    let script = try ScriptFolder()
    #expect(try script.run("--list").errors.contains("building (a few minutes"))
    #expect(try script.run("--list").errors == "")
    try Data().write(to: script.folder["Experiments/new.swift"])
    #expect(try script.run("--list").errors == "building ...\n")
    #expect(try script.run("--list").errors == "")
  }
}
