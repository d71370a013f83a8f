import Foundation

/// The baseline of one experiment at one profile, as it is stored: tables, schema, provenance.
public struct StoredBaseline: Sendable {
  /// The profile.
  public let profile: Profile
  /// Its folder.
  public let folder: URL
  /// The columns of its tables, with their tolerances, and its scale.
  public let schema: TableSchema
  /// Its claims.
  public let claims: [ClaimRow]

  /// Reads a baseline; nil where there is none.
  ///
  /// - Throws: `FileError`, `TableError` where it is damaged.
  public init?(
    root: URL, profile: Profile, experiment: String, implementation: Implementation = .suite
  ) throws {
    let folder = Baselines.folder(
      root: root, profile: profile, experiment: experiment, implementation: implementation)
    guard FileManager.default.fileExists(atPath: folder.path) else { return nil }
    (self.profile, self.folder) = (profile, folder)
    schema = try TableSchema.read(folder)
    claims = try TableSet.read(folder).rows("claims")
  }

  /// How many claims have a verdict.
  public func count(_ verdict: Verdict) -> Int {
    claims.count { $0.verdict == verdict.rawValue }
  }

  /// The claims as a table in Markdown, under a line that says what they were measured on.
  var markdown: String {
    let missing = schema.missingCells.map { "; \($0) trainings are missing" } ?? ""
    return "Measured at \(schema.scale.joined(separator: ", "))\(missing).\n\n"
      + Markdown.table(
        ["claim", "paper", "measured", "verdict"],
        claims.map { claim in
          [
            "\(claim.sentence) (\(claim.source))", claim.paper ?? "",
            claim.measured + (claim.judgement.isEmpty ? "" : "; \(claim.judgement)"),
            "**\(Verdict(rawValue: claim.verdict)?.short ?? claim.verdict)**",
          ]
        })
  }

  /// Stores the results of an experiment as its baseline.
  ///
  /// - Parameters:
  ///   - results: The folder of the results, with whole tables and their schema.
  ///   - folder: The baseline's; tables that the results do not have are removed from it.
  /// - Returns: How many tables were stored.
  /// - Throws: `FileError`.
  static func store(_ results: URL, in folder: URL) throws -> Int {
    let schema = try TableSchema.read(results)
    let old = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let provenance = ["provenance.json"].filter {
      FileManager.default.fileExists(atPath: results.appendingPathComponent($0).path)
    }
    for file in schema.files.keys.sorted() + [TableSchema.fileName] + provenance {
      try AtomicFile.write(
        AtomicFile.read(results.appendingPathComponent(file)),
        to: folder.appendingPathComponent(file))
    }
    for file in old where file.hasSuffix(".csv") && schema.files[file] == nil {
      try FileManager.default.removeItem(at: folder.appendingPathComponent(file))
    }
    try BaselineDigests.write(folder)
    return schema.files.count
  }
}
