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
      words=("$@")
      while [ "$1" != --scratch-path ]; do shift; done
      mkdir -p "$2/release"
      case "${words[*]}" in
        test*) printf '%s\\n' "${words[@]}"; env ;;
        *--show-bin-path*) echo "$STAND_IN/tools" ;;
        *)
          [[ "${words[*]} " =~ --product\\ ([^ ]+) ]]
          echo "${BASH_REMATCH[1]}" >> "$STAND_IN/products"
          if [ -e "$STAND_IN/steps" ]; then cat "$STAND_IN/steps"; fi
          if [ -e "$STAND_IN/failure" ]; then cat "$STAND_IN/failure" >&2; exit 1; fi ;;
      esac

      """, to: folder["tools/swift"])
    try writeScript(
      """
      #!/bin/bash
      printf '%s\\n' "$@"
      printf '%s\\n' "$ONEDNN_MAX_CPU_ISA $OPENBLAS_CORETYPE $MLCSC_INSTRUCTION_SET" > \
        "$STAND_IN/switches"

      """, to: folder["tools/mlcsc"])
    // What the script looks for on PATH is there; the headers are, since the tests were built.
    for name in ["pkg-config", "gnuplot"] {
      try writeScript("#!/bin/bash\n", to: folder["tools/\(name)"])
    }
  }

  func run(_ arguments: String...) throws -> CommandRun { try run(arguments) }

  func run(_ arguments: [String]) throws -> CommandRun {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return try CommandRun(
      ["bash", folder["run_all.sh"].path] + arguments,
      environment: [
        "PATH": "\(folder["tools"].path):\(path)", "STAND_IN": folder.url.path,
        "ONEDNN_MAX_CPU_ISA": "", "OPENBLAS_CORETYPE": "", "MLCSC_INSTRUCTION_SET": "",
        "MLCSC_RESULTS": "/of-the-user", "MLCSC_ROOT": "/of-the-user",
      ],
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
    #expect(
      try script.run("--accept", "--another-implementation", "--partial", "x").lines
        == ["accept", "--another-implementation", "--partial", "x"])
    // Trainings in the checkout are named from there, from wherever they are asked for.
    #expect(
      try script.run("--trainings", "../theirs", "x").lines
        == ["run", "--trainings", "elsewhere/../theirs", "x"])
    #expect(
      try script.run("--trainings=\(script.folder.url.path)/theirs", "x").lines
        == ["run", "--trainings", "theirs", "x"])
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
      (["--another-implementation", "x"], "--another-implementation"),
      (["--diff", "--trainings", "theirs"], "--trainings"),
      (["--instruction-set", "mmx"], "native or avx2"),
    ])
  func refusal(_ arguments: [String], _ word: String) throws {
    let script = TestCheckout.source.appendingPathComponent("run_all.sh")
    let run = try CommandRun(["bash", script.path] + arguments)
    #expect(run.status == 2, "\(run.output)")
    #expect(run.errors.contains(word), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  @Test("an instruction set has a build folder of its own and all three switches")
  func instructionSet() throws {
    let script = try ScriptFolder()
    func switches() throws -> String {
      try String(contentsOf: script.folder["switches"], encoding: .utf8)
    }
    #expect(try script.run("--profile=smoke", "x").lines == ["run", "--profile=smoke", "x"])
    #expect(try switches() == "  \n")
    #if arch(x86_64)
      let run = try script.run("--instruction-set", "avx2", "--profile=smoke", "x")
      #expect(run.lines == ["run", "--profile=smoke", "x"], "\(run.errors)")
      // Its first build, although the other one is there.
      #expect(run.errors.contains("building (a few minutes"))
      #expect(try switches() == "AVX2 Haswell avx2\n")
      let test = try script.run("--test", "--instruction-set=avx2", "A", "B")
      let words = test.lines.joined(separator: " ")
      #expect(
        words.hasPrefix("test -c release -debug-info-format none --scratch-path .build-avx2"),
        "\(test.errors)")
      #expect(words.contains("-target-cpu -Xswiftc haswell"), "\(words)")
      #expect(words.contains("--filter A|B"), "\(words)")
      #expect(test.lines.contains("ONEDNN_MAX_CPU_ISA=AVX2"))
      #expect(test.lines.contains("OPENBLAS_CORETYPE=Haswell"))
      // What a test runs is not sent where its user's results go.
      #expect(!words.contains("/of-the-user"), "\(words)")
    #endif
  }

  @Test("a build is said at first and shows its steps; nothing is said where nothing is to do")
  func building() throws {
    let script = try ScriptFolder()
    #expect(try script.run("--list").errors.contains("building (a few minutes"))
    #expect(try script.run("--list").errors == "")
    let steps = """
      Building for production...
      [0/3] Write sources
      [1/3] Compiling A
      [3/3] Linking mlcsc

      """
    try steps.write(to: script.folder["steps"], atomically: true, encoding: .utf8)
    #expect(try script.run("--list").errors == "building: step 1 of 3, 0 s\n")
  }

  @Test("a build that fails shows all that it said and ends with code 3")
  func failingBuild() throws {
    let script = try ScriptFolder()
    try "[1/3] Compiling A\nA.swift:1: error: no\n".write(
      to: script.folder["failure"], atomically: true, encoding: .utf8)
    let run = try script.run("--list")
    #expect(run.status == 3)
    #expect(run.errors.contains("A.swift:1: error: no"))
  }

  @Test(
    "only what the names need is built",
    arguments: [
      (["two"], ["mlcsc", "two-b"]), (["two-b", "one"], ["mlcsc", "two-b", "one"]),
      // Exact names win over longer ones that begin alike.
      (["one"], ["mlcsc", "one"]),
      // These are the tool's to refuse.
      (["o", "two"], ["mlcsc"]), (["three"], ["mlcsc"]), ([""], ["mlcsc"]),
      ([], []), (["--diff", "two"], []),
    ])
  func products(_ arguments: [String], _ products: [String]) throws {
    let script = try ScriptFolder()
    for name in ["one", "one-more", "two-b"] {
      try FileManager.default.createDirectory(
        at: script.folder["Experiments/\(name)"], withIntermediateDirectories: true)
    }
    _ = try script.run(arguments)
    let built = try String(contentsOf: script.folder["products"], encoding: .utf8)
    #expect(built.split(separator: "\n").map(String.init) == products)
  }
}
