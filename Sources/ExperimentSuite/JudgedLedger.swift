import Foundation

/// The statements of the documents with what the stored baselines say of each.
public struct JudgedLedger: Sendable {
  /// What is known of a statement.
  public enum Standing: String, Sendable, Codable, CaseIterable {
    /// Every claim that is decided holds.
    case holds
    /// No claim that is decided holds.
    case doesNotHold = "does not hold"
    /// Some claims hold, others do not: it depends on the reading.
    case inPart = "holds in part"
    /// A unit test decides it.
    case tested = "decided by a test"
    /// Claims are about it, but none is decided.
    case open = "not decided"
    /// Neither a claim nor a test is about it; the ledger says why.
    case missing = "no claim"
  }

  /// A claim about a statement.
  public struct Pointer: Sendable, Codable, Equatable {
    /// The experiment.
    public let experiment: String
    /// The claim.
    public let claim: String
    /// The profile whose baseline has the verdict.
    public let profile: Profile
    /// Who trained its networks.
    public let implementation: Implementation
    /// The verdict.
    public let verdict: Verdict
  }

  /// A statement with its claims.
  public struct Row: Sendable {
    /// The statement.
    public let statement: Statement
    /// The claims about it, one a claim: of the largest profile that decides it.
    public let claims: [Pointer]

    /// Whether a claim or a test decides it.
    public var isDecided: Bool { standing != .open && standing != .missing }

    /// What is known of it.
    public var standing: Standing {
      let decided = claims.map(\.verdict).filter { $0 != .undecided }
      let holds = decided.contains(.holds)
      let fails = decided.contains(.doesNotHold)
      if holds || fails { return holds && fails ? .inPart : holds ? .holds : .doesNotHold }
      if !statement.tests.isEmpty { return .tested }
      return claims.isEmpty ? .missing : .open
    }
  }

  /// One row a statement, document by document.
  public let rows: [Row]

  /// The claims of an experiment at a profile.
  public struct Source: Sendable {
    let experiment: String
    let profile: Profile
    let implementation: Implementation
    let claims: [ClaimRow]

    /// Claims of an experiment.
    public init(
      experiment: String, profile: Profile, implementation: Implementation = .suite,
      claims: [ClaimRow]
    ) {
      (self.experiment, self.profile, self.implementation) = (experiment, profile, implementation)
      self.claims = claims
    }
  }

  /// Judges the statements.
  ///
  /// - Parameters:
  ///   - ledger: The statements.
  ///   - sources: Claims, of each experiment from the smallest profile to the largest; the largest
  ///     that decides a claim speaks for it, the suite's own before another implementation's.
  /// - Throws: `UsageError` where a claim names a statement that is not in the ledger.
  public init(_ ledger: StatementLedger, _ sources: [Source]) throws {
    let known = Set(ledger.statements.map(\.id))
    var order = [String]()
    var found = [String: (row: ClaimRow, pointer: Pointer)]()
    for source in sources {
      for row in source.claims {
        let (key, verdict) = (
          "\(source.experiment)/\(row.id)", Verdict(rawValue: row.verdict) ?? .undecided
        )
        if found[key] == nil {
          order.append(key)
        } else if verdict == .undecided {
          continue
        }
        let pointer = Pointer(
          experiment: source.experiment, claim: row.id, profile: source.profile,
          implementation: source.implementation, verdict: verdict)
        found[key] = (row, pointer)
      }
    }
    var claims = [String: [Pointer]]()
    for (row, pointer) in order.compactMap({ found[$0] }) {
      for id in row.statements.split(separator: " ").map(String.init) {
        guard known.contains(id) else {
          throw UsageError(
            "\(pointer.experiment): the claim \(row.id) decides \(id), which is no statement of the "
              + "ledger")
        }
        claims[id, default: []].append(pointer)
      }
    }
    rows = ledger.statements.map { Row(statement: $0, claims: claims[$0.id] ?? []) }
  }

  /// Judges the statements by the stored baselines of a checkout.
  ///
  /// - Throws: `FileError`, `TableError` where a baseline is damaged; what the other initialiser
  ///   throws.
  public init(_ ledger: StatementLedger, root: URL, experiments: [String]) throws {
    let sources = try experiments.flatMap { experiment in
      try GeneratedTexts.reported.compactMap { profile, implementation in
        try StoredBaseline(
          root: root, profile: profile, experiment: experiment, implementation: implementation
        ).map {
          Source(
            experiment: experiment, profile: profile, implementation: implementation,
            claims: $0.claims)
        }
      }
    }
    try self.init(ledger, sources)
  }

  /// The documents' letters in order.
  public var documents: [String] {
    rows.map(\.statement.document).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  /// How many statements of a document, or of all, have a standing.
  public func count(_ standing: Standing, document: String? = nil) -> Int {
    rows.count {
      $0.standing == standing && (document == nil || $0.statement.document == document)
    }
  }

  /// The counts by document as a table in Markdown.
  var markdown: String {
    func line(_ name: String, _ document: String?) -> [String] {
      let all = rows.count { document == nil || $0.statement.document == document }
      return [name, "\(all)"] + Standing.allCases.map { "\(count($0, document: document))" }
    }
    return Markdown.table(
      ["document", "statements"] + Standing.allCases.map(\.rawValue),
      documents.map { line("**\($0)**", $0) } + [line("all", nil)])
  }
}
