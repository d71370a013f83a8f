import ExperimentSuite
import Foundation
import MLCSCBase
import TestSupport

/// A checkout whose experiments are shell scripts, with a copy of the tool beside them.
struct ScriptedSuite {
  let folder: TemporaryFolder

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
  func run(
    _ arguments: [String] = [], through launcher: [String] = [], environment: [String: String] = [:]
  ) throws -> CommandRun {
    try? FileManager.default.removeItem(at: folder["started"])
    return try CommandRun(
      launcher + [folder["bin/mlcsc"].path, "run"] + arguments,
      environment: ["MLCSC_ROOT": folder.url.path, "TERM": "dumb"].merging(environment) { $1 })
  }

  /// Lets every user read the suite and write its list.
  func open() throws {
    _ = try CommandRun(["chmod", "-R", "a+rwX", folder.url.path])
  }

  /// Runs a shell command in which `$MLCSC` is the tool.
  func shell(_ command: String) throws -> CommandRun {
    try? FileManager.default.removeItem(at: folder["started"])
    return try CommandRun(
      ["bash", "-c", command],
      environment: [
        "MLCSC_ROOT": folder.url.path, "TERM": "dumb", "MLCSC": folder["bin/mlcsc"].path,
      ])
  }

  /// The experiments that the last run started, in this order.
  var started: [String] {
    let text = try? String(contentsOf: folder["started"], encoding: .utf8)
    return (text ?? "").split(separator: "\n").map(String.init)
  }
}
