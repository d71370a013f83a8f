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
    self.results = results
    page = folder
  }

  /// The profile's results.
  private var folder: URL { results.appendingPathComponent(profile.rawValue) }

  /// The address of a file on the page, from its path in the profile's results: relative where the
  /// page lies beside them.
  private func address(_ path: String) -> String {
    guard page.standardizedFileURL == folder.standardizedFileURL else {
      return folder.appendingPathComponent(path).standardizedFileURL.absoluteString
    }
    return path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
  }

  /// The page; experiments without results are left out.
  ///
  /// - Throws: `FileError` where there are no results at all or a file is damaged.
  public func page(_ experiments: [ExperimentIdentity]) throws -> Data {
    let sections = try experiments.compactMap {
      try ReportSection($0, results: results, profile: profile, address: address)
    }
    guard !sections.isEmpty else {
      throw FileError.notRead(
        path: folder.path, reason: "there are no results of this profile; run it first")
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
        "counts": JudgedLedger.Standing.allCases.map { standing in
          // The first statement of that standing stands for all of them.
          let rows = judged.rows.filter {
            $0.statement.document == letter && $0.standing == standing
          }
          return [
            "count": "\(rows.count)",
            "link": rows.prefix(1).map { "#statement-\($0.statement.id)" },
          ] as [String: Any]
        },
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
          "first": row.claims.prefix(1).map { ReportSection.anchor($0.experiment, $0.claim) },
          "claims": row.claims.map {
            [
              "name": "\($0.experiment)/\($0.claim)", "verdict": $0.verdict.short,
              "anchor": ReportSection.anchor($0.experiment, $0.claim),
            ]
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
}
