// Claim: the crate of a profile's results names every file with its checksum and the run that made it, a
// public validator accepts it, and whatever changes in the results is noticed.
import ExperimentSuite
import Foundation
import TestSupport
import Testing

struct ResearchCrateTests {
  private static let identity = ExperimentIdentity(
    name: "first", paper: "X: a paper", figure: "Fig. 1", title: "A title", question: "Why?")
  private static let digest = String(repeating: "0123456789abcdef", count: 4)

  /// Results of one experiment, and the folder `Results`.
  private static func results(_ folder: TemporaryFolder) throws -> URL {
    let place = folder["Results/smoke/first"]
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let provenance = RunRecord.text(
      "first", seed: 2, changes: ["count=3"], data: ["digits, SHA-256 \(digest)"])
    for (name, text) in [
      ("provenance.json", provenance), ("settings.json", "{}"), ("errors.csv", "a,b\n1,2\n"),
      ("tables.json", "{\"files\": {\"errors.csv\": []}, \"scale\": []}"), (".plotted", "x"),
    ] {
      try Data(text.utf8).write(to: place.appendingPathComponent(name))
    }
    return folder["Results"]
  }

  private static func write(_ folder: TemporaryFolder) throws -> ResearchCrate {
    let crate = try ResearchCrate(results: results(folder), profile: .smoke)
    let absent = ExperimentIdentity(
      name: "second", paper: "X", figure: "", title: "", question: "")
    try crate.data([identity, absent])
      .write(to: folder["Results/smoke/\(ResearchCrate.fileName)"])
    return crate
  }

  @Test("every file has its checksum, and the run its command, commit, times, inputs and results")
  func content() throws {
    let folder = try TemporaryFolder()
    _ = try Self.write(folder)
    let file = folder["Results/smoke/\(ResearchCrate.fileName)"]
    let crate = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    let graph = try #require(crate["@graph"] as? [[String: Any]])
    func entity(_ id: String) throws -> [String: Any] {
      try #require(graph.first { $0["@id"] as? String == id }, "no \(id)")
    }
    func references(_ value: Any?) -> Set<String> {
      let list = value as? [[String: String]] ?? [value as? [String: String] ?? [:]]
      return Set(list.compactMap { $0["@id"] })
    }
    #expect(graph.count { $0["@type"] as? String == "CreateAction" } == 1)
    let run = try entity("#run-first")
    #expect(
      run["description"] as? String == "./run_all.sh --profile smoke --seed 2 --set count=3 first")
    #expect(run["startTime"] as? String == "2026-01-02T03:04:00+00:00")
    #expect(run["endTime"] as? String == "2026-01-02T03:04:05+00:00")
    #expect(references(run["object"]) == ["#first-input-1", "first/settings.json"])
    #expect(
      references(run["result"]) == [
        "first/errors.csv", "first/provenance.json", "first/tables.json",
      ])
    #expect(try entity("#first")["softwareVersion"] as? String == "abc")
    #expect(try entity("#first-input-1")["sha256"] as? String == Self.digest)
    #expect(try entity("#first-processor")["value"] as? String == "P")
    // sha256sum of the nine bytes.
    #expect(
      try entity("first/errors.csv")["sha256"] as? String
        == "492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470")
    let ids = graph.compactMap { $0["@id"] as? String }
    #expect(Set(ids).count == ids.count)
    let named = graph.flatMap { entity in entity.values.flatMap { references($0) } }
    let specification = "https://w3id.org/ro/crate/1.1"
    #expect(Set(named).subtracting(ids) == [specification], "what is referred to is described")
  }

  @Test("a flipped byte, an absent file and a new one are noticed")
  func changes() throws {
    let folder = try TemporaryFolder()
    let crate = try Self.write(folder)
    #expect(try crate.problems() == [])
    let table = folder["Results/smoke/first/errors.csv"]
    var content = try Data(contentsOf: table)
    content[4] ^= 1
    try content.write(to: table)
    let flipped = try crate.problems()
    #expect(flipped.count == 1 && flipped[0].hasPrefix("first/errors.csv: SHA-256 "))
    try FileManager.default.removeItem(at: table)
    try Data().write(to: folder["Results/smoke/first/new.csv"])
    #expect(
      try crate.problems() == ["first/errors.csv: absent", "first/new.csv: not in the crate"])
  }

  /// Whether the validator of the package roc-validator is on PATH, and the contexts that it reads can
  /// be fetched.
  private static let hasValidator =
    (try? CommandRun(["rocrate-validator", "--version"]).status) == 0
    && (try? CommandRun([
      "curl", "-sfL", "--max-time", "10", "-o", "/dev/null",
      "https://w3id.org/ro/crate/1.1/context",
    ]).status) == 0

  @Test(
    "the public validator accepts the crate, as RO-Crate 1.1 and as a process run",
    .enabled(if: hasValidator, "skipped: no rocrate-validator on PATH, or no network"),
    arguments: ["ro-crate-1.1", "process-run-crate-0.5"])
  func validator(_ profile: String) throws {
    let folder = try TemporaryFolder()
    _ = try Self.write(folder)
    let run = try CommandRun([
      "rocrate-validator", "-y", "--disable-color", "validate", "--profile-identifier", profile,
      "--requirement-severity", "REQUIRED", folder["Results/smoke"].path,
    ])
    #expect(run.status == 0, "\(run.output) \(run.errors)")
  }
}
