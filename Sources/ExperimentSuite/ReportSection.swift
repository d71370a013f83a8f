import Foundation

/// An experiment's part of the report: its figures and claims, and behind every number where it comes
/// from.
///
/// A number leads to its row or field of the table (a fragment as in RFC 7111, whose first row is the
/// heading), and from there to the run: command, commit, processor, seconds, tables and cells.
struct ReportSection {
  /// The experiment.
  let identity: ExperimentIdentity
  /// Its claims.
  let claims: [ClaimRow]
  /// What the template shows.
  let content: [String: Any]

  /// How many cells the page names; `cells.json` has all of them.
  private static let shownCells = 40

  /// The part of an experiment; nil where it has no results.
  ///
  /// - Parameters:
  ///   - identity: The experiment.
  ///   - results: The folder `Results`.
  ///   - profile: The profile.
  ///   - address: The address on the page of a file, from its path in the profile's results.
  /// - Throws: `FileError`, `TableError` where a file is damaged.
  init?(
    _ identity: ExperimentIdentity, results: URL, profile: Profile,
    address: @escaping (String) -> String
  ) throws {
    let folder = results.appendingPathComponent(profile.rawValue)
      .appendingPathComponent(identity.name)
    guard TableSchema.isIn(folder) else { return nil }
    let schema = try TableSchema.read(folder)
    self.identity = identity
    claims = try TableSet.read(folder).rows("claims")
    let fields = (schema.files["claims.csv"] ?? []).map(\.name)
    let has = { (name: String) in
      FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }
    func link(_ file: String) -> String { address("\(identity.name)/\(file)") }
    // A part of the template is there for each entry of a list: for none where a file is absent.
    func file(_ name: String) throws -> [[String: String]] {
      guard has(name) else { return [] }
      let text = try AtomicFile.read(folder.appendingPathComponent(name))
      return [["file": name, "link": link(name), "text": String(decoding: text, as: UTF8.self)]]
    }
    // Vector graphics stay sharp at the width of the page.
    let pictures = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".svg") }.sorted()
    content = [
      "name": identity.name, "title": identity.title, "paper": identity.paper,
      "figure": identity.figure, "question": identity.question,
      "scale": schema.scale.joined(separator: " · "),
      "claims": claims.enumerated().map { number, row in
        Self.claim(row, line: number + 2, fields, in: link("claims.csv"), of: identity.name)
      },
      "run": try has("provenance.json")
        ? [
          Self.run(
            JSONDecoder().decode(
              Provenance.self,
              from: AtomicFile.read(folder.appendingPathComponent("provenance.json"))))
        ] : [],
      "tables": schema.files.keys.sorted().map { ["file": $0, "link": link($0)] },
      "cells": try CellSource.read(folder).map {
        [Self.cells($0, results: results, list: link(CellSource.listName), address)]
      } ?? [],
      "settings": try file("settings.json"), "provenance": try file("provenance.json"),
      "figures": try pictures.map { name in
        [
          "alt": "\(identity.title) (\(name))", "link": link(name), "file": name,
          "data": try AtomicFile.read(folder.appendingPathComponent(name)).base64EncodedString(),
        ]
      },
    ]
  }

  /// A claim, each of its numbers with the field of `claims.csv` that holds it.
  private static func claim(
    _ row: ClaimRow, line: Int, _ fields: [String], in table: String, of experiment: String
  ) -> [String: Any] {
    func field(_ first: String, to last: String? = nil) -> String {
      func position(_ name: String) -> String {
        "\(line),\((fields.firstIndex(of: name) ?? 0) + 1)"
      }
      return "\(table)#cell=\(position(first))" + (last.map { "-\(position($0))" } ?? "")
    }
    func number(_ label: String, _ text: String?, _ link: String) -> [[String: String]] {
      text.map { [["label": label, "text": $0, "link": link]] } ?? []
    }
    let unit = row.unit.isEmpty ? "" : " \(row.unit)"
    let interval = zip([row.lower].compactMap(\.self), [row.upper].compactMap(\.self))
      .map { "\($0) to \($1)\(unit)" }.first
    return [
      "anchor": anchor(experiment, row.id), "sentence": row.sentence, "source": row.source,
      "line": line, "row": "\(table)#row=\(line)",
      "paper": number("paper", row.paper, field("paper")),
      "measured": row.measured, "measuredLink": field("measured"),
      "judgement": number(
        "judgement", row.judgement.isEmpty ? nil : row.judgement, field("judgement")),
      "verdict": Verdict(rawValue: row.verdict)?.short ?? row.verdict,
      "verdictLink": field("verdict"),
      "numbers": number("estimate", row.estimate.map { "\($0)\(unit)" }, field("estimate"))
        + number("95 % interval", interval, field("lower_95", to: "upper_95"))
        + number("p", row.significance.map { "\($0)" }, field("p_holm")),
      "style": row.verdict == Verdict.holds.rawValue
        ? "holds" : row.verdict == Verdict.doesNotHold.rawValue ? "not" : "open",
    ]
  }

  /// The identifier on the page of a claim's row.
  static func anchor(_ experiment: String, _ claim: String) -> String { "\(experiment)--\(claim)" }

  /// The run that made the tables.
  private static func run(_ provenance: Provenance) -> [String: Any] {
    let cells = "\(provenance.cells_computed) cells computed, \(provenance.cells_cached) found"
    return [
      "command": provenance.command, "commit": provenance.commit,
      "shortCommit": provenance.commit.replacing(/^([0-9a-f]{12})[0-9a-f]{28}/) { $0.1 },
      "processor": "\(provenance.processor), \(provenance.cores) cores",
      "instructions": provenance.instruction_set ?? "all that the processor has",
      "date": provenance.date, "seconds": "\(provenance.wall_seconds)", "work": cells,
    ]
  }

  /// The cells, the first of them by name; one whose file is still in the cache leads there.
  private static func cells(
    _ cells: [CellSource], results: URL, list: String, _ address: (String) -> String
  ) -> [String: Any] {
    [
      "count": cells.count == 1 ? "1 cell" : "\(cells.count) cells", "list": list,
      "shown": cells.prefix(shownCells).map { cell in
        let isThere = FileManager.default.fileExists(
          atPath: results.appendingPathComponent(cell.file).path)
        return [
          "cell": cell.cell, "file": cell.file,
          "link": isThere ? [address("../\(cell.file)")] : [],
        ] as [String: Any]
      },
      "more": cells.count > shownCells ? ["\(cells.count - shownCells)"] : [],
    ]
  }
}
