import Foundation

/// The blocks of the READMEs that are written from the stored baselines.
public struct GeneratedTexts {
  private let root: URL
  private let experiments: [ExperimentIdentity]
  private let ledger: StatementLedger

  /// The texts of a checkout with these experiments and statements.
  public init(root: URL, experiments: [ExperimentIdentity], ledger: StatementLedger) {
    (self.root, self.experiments, self.ledger) = (root, experiments, ledger)
  }

  /// The baselines that are reported, in the order of the reports: from the smallest scale to the
  /// largest, and at one scale the suite's own behind those of another implementation.
  public static let reported: [(profile: Profile, implementation: Implementation)] = [
    (.quick, .suite), (.standard, .pytorch), (.standard, .suite), (.paper, .suite),
  ]

  private func baselines(_ experiment: String) throws -> [StoredBaseline] {
    try Self.reported.compactMap {
      try StoredBaseline(
        root: root, profile: $0.profile, experiment: experiment, implementation: $0.implementation)
    }
  }

  /// All files with generated blocks, as they ought to be.
  ///
  /// - Returns: Text by file.
  /// - Throws: `FileError`, `TableError`.
  func texts() throws -> [(file: URL, text: String)] {
    var texts = try experiments.map { identity in
      let file = root.appendingPathComponent("Experiments/\(identity.name)/README.md")
      let content = try baselines(identity.name).map(\.markdown).joined(separator: "\n\n")
      return (file: file, text: try replacing("claims", in: file, with: content))
    }
    let front = root.appendingPathComponent("README.md")
    let judged = try JudgedLedger(ledger, root: root, experiments: experiments.map(\.name))
    texts.append(
      (
        file: front,
        text: try GeneratedBlock.replacing(
          "ledger", in: replacing("experiments", in: front, with: overview()),
          with: judged.markdown, path: front.path)
      ))
    return texts
  }

  private func replacing(_ name: String, in file: URL, with content: String) throws -> String {
    try GeneratedBlock.replacing(
      name, in: String(decoding: AtomicFile.read(file), as: UTF8.self), with: content,
      path: file.path)
  }

  /// The table of experiments on the front page.
  private func overview() throws -> String {
    let figures = StoredFigures(root: root)
    return Markdown.table(
      ["experiment", "figure", "what it shows", "holds", "fails", "open"],
      try experiments.map { identity in
        let link = "Experiments/\(identity.name)"
        let pictures = try figures.files(identity.name, .quick)
        // The figure itself before further ones.
        let picture = (pictures.first { $0 == "\(identity.name).png" } ?? pictures.first).map {
          "[<img src=\"Results/figures/\($0)\" width=\"160\" alt=\"\(identity.title)\">](\(link))"
        }
        let stored = try StoredBaseline(root: root, profile: .quick, experiment: identity.name)
        func count(_ verdict: Verdict) -> String { stored.map { "\($0.count(verdict))" } ?? "" }
        return [
          "[`\(identity.name)`](\(link))", picture ?? "",
          "\(identity.title) (\(identity.place))", count(.holds), count(.doesNotHold),
          count(.undecided),
        ]
      })
  }

  /// Rewrites the blocks.
  ///
  /// - Throws: `FileError`, `TableError`.
  public func write() throws {
    for (file, text) in try texts() { try AtomicFile.write(Data(text.utf8), to: file) }
  }

  /// One line for each file whose block is not what the baselines give.
  ///
  /// - Throws: `FileError`, `TableError`.
  public func problems() throws -> [String] {
    try texts().compactMap { file, text in
      let found = String(decoding: try AtomicFile.read(file), as: UTF8.self)
      return found == text
        ? nil : "\(file.path): a generated block is not what the stored baselines give"
    }
  }
}

extension ExperimentIdentity {
  /// The letter of the document that the experiment belongs to: the first that it names.
  public var letter: String { paper.split(separator: ":").first.map(String.init) ?? "" }

  /// The document's letter and the figure, table or statement, as in "B Table 1".
  public var place: String {
    let letters = paper.split(separator: ";").compactMap { part in
      part.split(separator: ":").first.map { $0.trimmingCharacters(in: .whitespaces) }
    }
    return "\(letters.joined(separator: ", ")) \(figure)"
  }
}
