// Claim: what is stored belongs together: verdicts come from the tables, the READMEs' tables and the
// figures from the baselines, and every statement of the documents points somewhere.
import ExperimentSuite
import Foundation
import MLCSCBase
import TestSupport
import Testing

struct DriftTests {
  private static let root = TestCheckout.source
  private static let profiles = ["smoke", "quick", "standard"]

  /// A checkout with the stored baselines and figures, to be changed.
  private func copy() throws -> TestCheckout {
    let checkout = try TestCheckout()
    for name in ["baselines", "figures"] {
      let target = checkout.folder["Results/\(name)"]
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: Self.root.appendingPathComponent("Results/\(name)"), to: target)
    }
    return checkout
  }

  private func check(_ checkout: TestCheckout) throws -> ToolRun {
    try checkout.run("mlcsc", ["accept", "--check"])
  }

  /// Replaces text in a file of a checkout.
  private func replace(_ file: URL, _ old: String, by new: String) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    let changed = text.replacingOccurrences(of: old, with: new)
    #expect(changed != text, "\(file.lastPathComponent) does not hold \(old)")
    try Data(changed.utf8).write(to: file)
  }

  @Test("READMEs and figures are those of the stored baselines")
  func nothingDrifted() throws {
    let found = try ToolRun(
      executable: "mlcsc", ["accept", "--check"], environment: ["MLCSC_ROOT": Self.root.path])
    #expect(found.status == 0, "\(found.output)\(found.errors)")
  }

  @Test("a stored table that was edited is named by accept --check and by diff, until it is meant")
  func editedBaseline() throws {
    let checkout = try copy()
    let name = "msdcsc-fig1-coherence"
    let baseline = checkout.folder["Results/baselines/smoke/\(name)"]
    let results = checkout.folder["Results/smoke/\(name)"]
    try FileManager.default.createDirectory(
      at: results.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: baseline, to: results)
    // A column that is not compared: no difference would tell.
    let provenance = baseline.appendingPathComponent("provenance.json")
    try replace(provenance, "\"seed\" : 1", by: "\"seed\" : 2")
    let found = try check(checkout)
    #expect(found.status == 1)
    #expect(
      found.output == "\(provenance.path): is not the file that was stored\n", "\(found.output)")
    let diff = try checkout.run("mlcsc", ["diff", "--profile", "smoke", name])
    #expect(diff.status == 3)
    #expect(diff.output.contains("provenance.json: is not the file that was stored"))
    let claims = ["claims", "--baselines", "--store", "--profile", "smoke", name]
    #expect(try checkout.run("mlcsc", claims).status == 3)
    #expect(try checkout.run("mlcsc", ["accept", "--renew", name]).status == 0)
    #expect(try check(checkout).status == 0)
    // Claims that are computed anew bring their digest.
    let table = baseline.appendingPathComponent("claims.csv")
    try replace(table, "holds", by: "Holds")
    #expect(try checkout.run("mlcsc", claims).status == 0)
    #expect(try check(checkout).status == 0)
    try FileManager.default.removeItem(at: table)
    #expect(try check(checkout).output.contains("claims.csv: is not the file that was stored"))
  }

  @Test("a number edited in a README is noticed")
  func editedNumber() throws {
    let checkout = try copy()
    try replace(
      checkout.folder["Experiments/mlbp-fig1-recovery/README.md"], "120 draws", by: "130 draws")
    let found = try check(checkout)
    #expect(found.status == 1)
    #expect(found.output.contains("mlbp-fig1-recovery/README.md"), "\(found.output)")
  }

  @Test("a count edited on the front page is noticed")
  func editedCount() throws {
    let checkout = try copy()
    try replace(checkout.folder["README.md"], "| all | ", by: "| all | 1")
    #expect(try check(checkout).status == 1)
  }

  @Test("a figure drawn from other tables, changed by hand, or absent is noticed")
  func staleFigure() throws {
    let checkout = try copy()
    let table = checkout.folder["Results/baselines/quick/mlbp-fig1-recovery/recovery.csv"]
    let lines = try String(contentsOf: table, encoding: .utf8).split(separator: "\n")
    try Data((lines.dropLast().joined(separator: "\n") + "\n").utf8).write(to: table)
    let stale = try check(checkout)
    #expect(stale.status == 1)
    #expect(stale.output.contains("mlbp-fig1-recovery.png"), "\(stale.output)")
    // quick's figure shows what standard stored beside its own.
    let larger = try copy()
    let beside = larger.folder["Results/baselines/standard/msdcsc-unfolding-cost/networks.csv"]
    let rows = try String(contentsOf: beside, encoding: .utf8).split(separator: "\n")
    try Data((rows.dropLast().joined(separator: "\n") + "\n").utf8).write(to: beside)
    #expect(try check(larger).output.contains("/msdcsc-unfolding-cost.png"))
    let other = try copy()
    let picture = other.folder["Results/figures/mlbp-fig1-recovery.png"]
    var bytes = try Data(contentsOf: picture)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: picture)
    #expect(try check(other).status == 1)
    try FileManager.default.removeItem(at: picture)
    #expect(try check(other).output.contains("is absent"))
    try bytes.write(to: other.folder["Results/figures/stranger.png"])
    #expect(try check(other).output.contains("is the figure of no stored baseline"))
  }

  @Test("a tolerance that is wider than the baseline's is reported and not used")
  func widenedTolerance() throws {
    let checkout = try copy()
    let name = "msdcsc-fig1-coherence"
    let results = checkout.folder["Results/smoke/\(name)"]
    try FileManager.default.createDirectory(
      at: results.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: checkout.folder["Results/baselines/smoke/\(name)"], to: results)
    #expect(try checkout.run("mlcsc", ["diff", "--profile", "smoke", name]).status == 0)
    try replace(
      results.appendingPathComponent("tables.json"), "\"relative\" : ", by: "\"relative\" : 1")
    let diff = try checkout.run("mlcsc", ["diff", "--profile", "smoke", name])
    #expect(diff.status == 1)
    #expect(diff.output.contains("what the column is compared for has changed"), "\(diff.output)")
  }

  @Test("the stored claims are those that the stored tables give", arguments: profiles)
  func claims(_ profile: String) throws {
    let run = try ToolRun(
      executable: "mlcsc", ["claims", "--baselines", "--profile", profile, "--json"],
      environment: ["MLCSC_ROOT": Self.root.path])
    #expect(run.status == 0, "\(run.errors)")
    struct Entry: Decodable {
      let experiment: String
      let claims: [Claim]
    }
    let entries = try JSONDecoder().decode([Entry].self, from: Data(run.output.utf8))
    #expect(!entries.isEmpty)
    for entry in entries {
      let folder = Self.root.appendingPathComponent(
        "Results/baselines/\(profile)/\(entry.experiment)")
      let stored = try TableSet.read(folder).tables.first { $0.name == "claims" }
      let computed = try Table("claims", entry.claims.map(ClaimRow.init))
      #expect(stored?.csv == computed.csv, "\(entry.experiment)")
    }
  }

  @Test("a row that is deleted from a table changes or voids a claim")
  func deletedRow() throws {
    let checkout = try copy()
    let folder = checkout.folder["Results/baselines/quick/mlbp-fig1-recovery"]
    let whole = try checkout.run("mlcsc", ["claims", "--baselines", "mlbp-fig1"])
    let table = folder.appendingPathComponent("draws.csv")
    let lines = try String(contentsOf: table, encoding: .utf8).split(separator: "\n")
    try Data((lines.dropLast().joined(separator: "\n") + "\n").utf8).write(to: table)
    let fewer = try checkout.run("mlcsc", ["claims", "--baselines", "mlbp-fig1"])
    #expect(fewer.status == 0 && fewer.output != whole.output)
    // Without any row nothing is decided.
    for name in ["draws.csv", "decreases.csv"] {
      let file = folder.appendingPathComponent(name)
      let heading = try String(contentsOf: file, encoding: .utf8).prefix { $0 != "\n" }
      try Data((heading + "\n").utf8).write(to: file)
    }
    let none = try checkout.run("mlcsc", ["claims", "--baselines", "mlbp-fig1"])
    #expect(none.status == 0, "\(none.errors)")
    #expect(!none.output.contains("HOLDS:") && !none.output.contains("DOES NOT HOLD:"))
  }

  @Test("every statement of the documents has a claim, a test or a reason")
  func ledger() throws {
    let run = try ToolRun(
      executable: "mlcsc", ["ledger", "--json"], environment: ["MLCSC_ROOT": Self.root.path])
    #expect(run.status == 0, "\(run.errors)")
    struct Entry: Decodable {
      struct Pointer: Decodable {
        let verdict: Verdict
      }
      let id: String
      let claims: [Pointer]
      let tests: [String]
      let reason: String?
    }
    let entries = try JSONDecoder().decode([Entry].self, from: Data(run.output.utf8))
    #expect(entries.count >= 156)
    for entry in entries {
      #expect(
        !entry.claims.isEmpty || !entry.tests.isEmpty || entry.reason != nil, "\(entry.id)")
      #expect(
        entry.reason == nil || !entry.claims.contains { $0.verdict != .undecided },
        "\(entry.id) is decided and has a reason why it is not")
    }
  }
}
