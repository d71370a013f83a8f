import Foundation
import Mustache

/// One static page: what is known of every statement of the documents, then the figures and claims of a
/// profile's results, document by document.
public struct HTMLReport {
  private let profile: Profile
  private let results: URL
  private let ledger: StatementLedger
  private let documents: [String: String]
  private let page: URL

  /// A report on the results of a profile.
  ///
  /// - Parameters:
  ///   - profile: The profile.
  ///   - results: The folder `Results`.
  ///   - ledger: The statements of the documents.
  ///   - documents: The documents' titles by letter.
  ///   - folder: Where the page will lie.
  public init(
    profile: Profile, results: URL, ledger: StatementLedger, documents: [String: String],
    in folder: URL
  ) {
    (self.profile, self.ledger, self.documents) = (profile, ledger, documents)
    self.results = results.appendingPathComponent(profile.rawValue)
    page = folder
  }

  /// The address of a result's file on the page: relative where the page lies beside the results.
  private func link(_ experiment: String, _ file: String) -> String {
    let url = results.appendingPathComponent(experiment).appendingPathComponent(file)
    return page.standardizedFileURL == results.standardizedFileURL
      ? "\(experiment)/\(file)" : url.absoluteString
  }

  private struct Section {
    let identity: ExperimentIdentity
    let claims: [ClaimRow]
    let content: [String: Any]
  }

  /// The page; experiments without results are left out.
  ///
  /// - Throws: `FileError` where there are no results at all or a file is damaged.
  public func page(_ experiments: [ExperimentIdentity]) throws -> Data {
    let sections = try experiments.compactMap { try section($0) }
    guard !sections.isEmpty else {
      throw FileError.notRead(
        path: results.path, reason: "there are no results of this profile; run it first")
    }
    let judged = try JudgedLedger(
      ledger,
      sections.map {
        .init(experiment: $0.identity.name, profile: profile, claims: $0.claims)
      })
    let template = try String(
      decoding: AtomicFile.read(PackageResources.url("report.mustache", of: "ExperimentSuite")),
      as: UTF8.self)
    func count(_ verdict: Verdict) -> Int {
      sections.reduce(0) { $0 + $1.claims.count { $0.verdict == verdict.rawValue } }
    }
    let text = try MustacheTemplate(string: template).render(
      [
        "profile": profile.rawValue,
        "summary": "\(sections.count) experiments; \(count(.holds)) claims hold, "
          + "\(count(.doesNotHold)) do not, \(count(.undecided)) are not decided.",
        "standings": JudgedLedger.Standing.allCases.map(\.rawValue),
        "counts": counts(judged), "ledger": judged.documents.map { ledger(of: $0, judged) },
        "documents": judged.documents.map { letter in
          [
            "letter": letter, "title": documents[letter] ?? "",
            "experiments": sections.filter { $0.identity.letter == letter }.map(\.content),
          ] as [String: Any]
        },
      ] as [String: Any])
    return Data(text.utf8)
  }

  private func counts(_ judged: JudgedLedger) -> [[String: Any]] {
    judged.documents.map { letter in
      [
        "letter": letter, "title": documents[letter] ?? "",
        "counts": JudgedLedger.Standing.allCases.map { "\(judged.count($0, document: letter))" },
      ]
    }
  }

  private func ledger(of letter: String, _ judged: JudgedLedger) -> [String: Any] {
    let rows = judged.rows.filter { $0.statement.document == letter }
    return [
      "letter": letter, "title": documents[letter] ?? "",
      "rows": rows.map { row in
        [
          "id": row.statement.id, "place": row.statement.place, "text": row.statement.text,
          "standing": row.standing.rawValue, "style": Self.style(row.standing),
          "claims": row.claims.map {
            ["name": "\($0.experiment)/\($0.claim)", "anchor": "\($0.experiment)--\($0.claim)"]
          },
          "tests": row.statement.tests.map(\.description).joined(separator: ", "),
          "reason": row.isDecided ? "" : row.statement.reason ?? "",
        ] as [String: Any]
      },
    ]
  }

  private static func style(_ standing: JudgedLedger.Standing) -> String {
    switch standing {
    case .holds: "holds"
    case .doesNotHold: "not"
    case .inPart: "part"
    case .tested: "tested"
    case .open, .missing: "open"
    }
  }

  private func section(_ identity: ExperimentIdentity) throws -> Section? {
    let folder = results.appendingPathComponent(identity.name)
    guard TableSchema.isIn(folder) else { return nil }
    let claims: [ClaimRow] = try TableSet.read(folder).rows("claims")
    func text(_ name: String) -> String {
      (try? AtomicFile.read(folder.appendingPathComponent(name)))
        .map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
    // Vector graphics stay sharp at the width of the page.
    let pictures = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".svg") }.sorted()
    let provenance = try? JSONDecoder().decode(
      Provenance.self, from: AtomicFile.read(folder.appendingPathComponent("provenance.json")))
    let content: [String: Any] = [
      "command": provenance?.command ?? "", "commit": provenance?.commit ?? "unknown",
      "tables": try TableSchema.read(folder).files.keys.sorted().map {
        ["file": $0, "link": link(identity.name, $0)]
      },
      "name": identity.name, "title": identity.title, "paper": identity.paper,
      "figure": identity.figure, "question": identity.question,
      "scale": try TableSchema.read(folder).scale.joined(separator: " · "),
      "claims": claims.map { row in
        [
          "anchor": "\(identity.name)--\(row.id)", "sentence": row.sentence, "source": row.source,
          "paper": row.paper ?? "", "measured": row.measured,
          "link": link(identity.name, "claims.csv"), "claim": row.id, "judgement": row.judgement,
          "verdict": Verdict(rawValue: row.verdict)?.short ?? row.verdict,
          "style": row.verdict == Verdict.holds.rawValue
            ? "holds" : row.verdict == Verdict.doesNotHold.rawValue ? "not" : "open",
        ]
      },
      "settings": text("settings.json"), "provenance": text("provenance.json"),
      "figures": try pictures.map { name in
        [
          "alt": "\(identity.title) (\(name))",
          "data": try AtomicFile.read(folder.appendingPathComponent(name)).base64EncodedString(),
        ]
      },
    ]
    return Section(identity: identity, claims: claims, content: content)
  }
}
