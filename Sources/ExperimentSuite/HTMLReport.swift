import Foundation
import Mustache

/// One static page with the figures, claims, settings and provenance of a profile's results.
public struct HTMLReport {
  private let profile: Profile
  private let results: URL

  /// A report on the results of a profile.
  public init(profile: Profile, results: URL) {
    self.profile = profile
    self.results = results.appendingPathComponent(profile.rawValue)
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
    let verdicts = sections.flatMap { $0["claims"] as? [[String: String]] ?? [] }
      .compactMap { $0["verdict"] }
    let held = verdicts.count { $0 == Verdict.holds.rawValue }
    let not = verdicts.count { $0 == Verdict.doesNotHold.rawValue }
    let template = try String(
      decoding: AtomicFile.read(PackageResources.url("report.mustache", of: "ExperimentSuite")),
      as: UTF8.self)
    let page = try MustacheTemplate(string: template).render(
      [
        "profile": profile.rawValue,
        "summary": "\(sections.count) experiments; \(held) claims hold, \(not) do not, "
          + "\(verdicts.count - held - not) are undecided.",
        "experiments": sections,
      ] as [String: Any])
    return Data(page.utf8)
  }

  private func section(_ identity: ExperimentIdentity) throws -> [String: Any]? {
    let folder = results.appendingPathComponent(identity.name)
    let claimsFile = folder.appendingPathComponent("claims.csv")
    guard FileManager.default.fileExists(atPath: claimsFile.path) else { return nil }
    let claims = try TableSet.read(folder).rows("claims", as: ClaimRow.self).map { row in
      [
        "sentence": row.sentence, "source": row.source, "paper": row.paper ?? "",
        "measured": row.measured, "judgement": row.judgement, "verdict": row.verdict,
        "style": row.verdict == Verdict.holds.rawValue
          ? "holds" : row.verdict == Verdict.doesNotHold.rawValue ? "not" : "open",
      ]
    }
    func text(_ name: String) -> String {
      (try? AtomicFile.read(folder.appendingPathComponent(name)))
        .map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
    let pictures = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".png") }.sorted()
    return [
      "name": identity.name, "title": identity.title, "paper": identity.paper,
      "figure": identity.figure, "question": identity.question, "claims": claims,
      "settings": text("settings.json"), "provenance": text("provenance.json"),
      "figures": try pictures.map { name in
        [
          "alt": "\(identity.title) (\(name))",
          "data": try AtomicFile.read(folder.appendingPathComponent(name)).base64EncodedString(),
        ]
      },
    ]
  }
}
