import ArgumentParser
import ExperimentSuite
import Foundation
import MLCSCBase
import MLCSCStudies

/// `mlcsc ledger`: every statement of the documents.
struct Ledger: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "List every statement of the documents: its claims with their verdicts, its test, or why "
      + "it is not decided here.",
    discussion: "Verdicts are those of the stored baselines, of the largest profile that decides.")

  @Flag(help: "Print an array of objects.")
  var json = false

  private struct Entry: Encodable {
    let id: String
    let document: String
    let place: String
    let statement: String
    let standing: String
    let claims: [JudgedLedger.Pointer]
    let tests: [String]
    let reason: String?

    init(_ row: JudgedLedger.Row) {
      let statement = row.statement
      (id, document, place) = (statement.id, statement.document, statement.place)
      (self.statement, standing) = (statement.text, row.standing.rawValue)
      (claims, tests) = (row.claims, statement.tests.map(\.description))
      reason = statement.reason
    }
  }

  func run() throws {
    let catalogue = try Catalogue()
    let ledger = try JudgedLedger(.documents(), root: catalogue.root, experiments: catalogue.names)
    if json {
      StandardOutput.print(
        String(decoding: try JSONText.pretty(ledger.rows.map(Entry.init)), as: UTF8.self))
      return
    }
    for row in ledger.rows {
      let statement = row.statement
      StandardOutput.print("\(statement.id) (\(statement.place)): \(statement.text)")
      for claim in row.claims {
        StandardOutput.print(
          "  \(claim.verdict.short): \(claim.experiment)/\(claim.claim), "
            + claim.profile.rawValue + claim.implementation.suffix)
      }
      for test in statement.tests { StandardOutput.print("  test: \(test)") }
      if let reason = statement.reason, !row.isDecided {
        StandardOutput.print("  not decided here: \(reason)")
      }
    }
    StandardOutput.print("")
    for document in ledger.documents {
      StandardOutput.print("\(document): " + counts(ledger, document))
    }
    StandardOutput.print("all: " + counts(ledger, nil))
  }

  private func counts(_ ledger: JudgedLedger, _ document: String?) -> String {
    JudgedLedger.Standing.allCases.map {
      "\(ledger.count($0, document: document)) \($0.rawValue)"
    }.joined(separator: ", ")
  }
}
