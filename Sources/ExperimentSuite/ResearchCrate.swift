import Foundation

/// The results of a profile as an RO-Crate: every file with its checksum, and of every experiment the
/// run that made them, with its command, commit, machine and inputs.
///
/// Source: RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) and its profile Process Run Crate 0.5
/// (https://w3id.org/ro/wfrun/process/0.5).
public struct ResearchCrate {
  /// The crate's file, beside the experiments' folders.
  public static let fileName = "ro-crate-metadata.json"

  private static let process = "https://w3id.org/ro/wfrun/process/0.5"
  private static let suite = "#mlcsc"
  private static let licence = "https://spdx.org/licenses/MIT"

  private let results: URL
  private let profile: Profile

  /// The crate of a profile's results.
  ///
  /// - Parameters:
  ///   - results: The folder `Results`.
  ///   - profile: The profile.
  public init(results: URL, profile: Profile) {
    self.results = results.appendingPathComponent(profile.rawValue)
    self.profile = profile
  }

  // MARK: Writing

  /// The crate's file: one process run for each experiment that has results.
  ///
  /// - Parameter experiments: The experiments, with or without results.
  /// - Returns: JSON-LD, the same bytes for the same results.
  /// - Throws: `FileError` where no experiment has results, or a file is damaged.
  public func data(_ experiments: [ExperimentIdentity]) throws -> Data {
    let runs = try experiments.compactMap { try run($0) }
    guard let latest = runs.map(\.ended).max() else {
      throw FileError.notRead(
        path: results.path, reason: "there are no results of this profile; run it first")
    }
    let root: [String: Any] = [
      "@id": "./", "@type": "Dataset",
      "name": "Results of the ML-CSC suite, profile \(profile.rawValue)",
      "description": "Tables, figures and claims of \(runs.count) experiments that regenerate the "
        + "figures and tables of documents on multi-layer convolutional sparse coding.",
      "datePublished": Self.time(latest), "author": Self.reference(Self.suite),
      "publisher": Self.reference(Self.suite),
      "license": Self.reference(Self.licence),
      "conformsTo": Self.reference(Self.process),
      "hasPart": Self.references(runs.map { "\($0.experiment)/" }),
      "mentions": Self.references(runs.map { "#run-\($0.experiment)" }),
    ]
    let entities: [[String: Any]] = [
      [
        "@id": Self.fileName, "@type": "CreativeWork", "about": Self.reference("./"),
        "conformsTo": Self.reference("https://w3id.org/ro/crate/1.1"),
      ], root,
      [
        "@id": Self.process, "@type": "CreativeWork", "name": "Process Run Crate",
        "version": "0.5",
      ],
      [
        "@id": Self.licence, "@type": "CreativeWork", "name": "MIT License",
        "description": "The licence of the suite; data sets keep their own.",
      ],
      [
        "@id": Self.suite, "@type": "Organization", "name": "the ML-CSC suite authors",
      ],
    ]
    return try JSONSerialization.data(
      withJSONObject: [
        "@context": [
          "https://w3id.org/ro/crate/1.1/context",
          "https://w3id.org/ro/terms/workflow-run/context",
        ], "@graph": entities + runs.flatMap(\.entities),
      ], options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
  }

  private struct RunEntities {
    let experiment: String
    let ended: Date
    let entities: [[String: Any]]
  }

  private func run(_ identity: ExperimentIdentity) throws -> RunEntities? {
    let name = identity.name
    let folder = results.appendingPathComponent(name)
    guard TableSchema.isIn(folder) else { return nil }
    let url = folder.appendingPathComponent("provenance.json")
    guard let provenance = try? JSONDecoder().decode(Provenance.self, from: AtomicFile.read(url)),
      let ended = try? Date(provenance.date, strategy: .iso8601)
    else {
      throw FileError.damaged(
        path: url.path, place: "the file", problem: "no provenance; run the experiment again")
    }
    let files = try Self.files(of: folder).map { try file($0, of: name) }
    let inputs = provenance.data.enumerated().map { number, line in input(number, line, name) }
    let surroundings = self.surroundings(provenance)
    let software: [String: Any] = [
      "@id": "#\(name)", "@type": "SoftwareApplication", "name": name,
      "description": "\(identity.paper), \(identity.figure): \(identity.title)",
      "softwareVersion": provenance.commit,
    ]
    let settings = "\(name)/settings.json"
    let action: [String: Any] = [
      "@id": "#run-\(name)", "@type": "CreateAction", "name": "Run of \(name)",
      "description": provenance.command, "instrument": Self.reference("#\(name)"),
      "agent": Self.reference(Self.suite),
      "startTime": Self.time(ended.addingTimeInterval(-provenance.wall_seconds)),
      "endTime": Self.time(ended), "actionStatus": "http://schema.org/CompletedActionStatus",
      "object": Self.references(
        (inputs + files).map(Self.identifier).filter { $0.hasPrefix("#") || $0 == settings }),
      "result": Self.references(files.map(Self.identifier).filter { $0 != settings }),
      "environment": Self.references(surroundings.map(Self.identifier)),
    ]
    let dataset: [String: Any] = [
      "@id": "\(name)/", "@type": "Dataset", "name": identity.title,
      "description": identity.question,
      "hasPart": Self.references(files.map(Self.identifier)),
    ]
    return RunEntities(
      experiment: name, ended: ended,
      entities: [dataset, software, action] + inputs + surroundings + files)
  }

  private func file(_ name: String, of experiment: String) throws -> [String: Any] {
    let path = "\(experiment)/\(name)"
    let content = try AtomicFile.read(results.appendingPathComponent(path))
    return [
      "@id": path, "@type": "File", "name": path, "contentSize": "\(content.count)",
      "sha256": Digest.sha256(content).description, "encodingFormat": Self.format(of: name),
    ]
  }

  /// A line of the provenance about data, with the checksum that it names.
  private func input(_ number: Int, _ line: String, _ experiment: String) -> [String: Any] {
    var entity: [String: Any] = [
      "@id": "#\(experiment)-input-\(number + 1)", "@type": "CreativeWork", "name": line,
    ]
    if let digest = line.firstMatch(of: /\b[0-9a-f]{64}\b/) { entity["sha256"] = String(digest.0) }
    return entity
  }

  private func surroundings(_ provenance: Provenance) -> [[String: Any]] {
    let values =
      [
        ("processor", provenance.processor), ("cores", "\(provenance.cores)"),
        ("system", provenance.system), ("instruction set", provenance.instruction_set ?? "native"),
        ("gnuplot", provenance.gnuplot), ("seconds", "\(provenance.wall_seconds)"),
      ] + (provenance.toolchain.map { [("toolchain", $0)] } ?? [])
      + (provenance.libraries ?? ["OpenBLAS": provenance.openBLAS])
      .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return values.map { name, value in
      [
        "@id": "#\(provenance.experiment)-\(name.replacingOccurrences(of: " ", with: "-"))",
        "@type": "PropertyValue", "name": name, "value": value,
      ]
    }
  }

  /// A time with its offset in digits, as the profile wants it.
  private static func time(_ date: Date) -> String {
    date.formatted(.iso8601).replacingOccurrences(of: "Z", with: "+00:00")
  }

  /// Several references as a list, a single one as itself.
  private static func references(_ ids: [String]) -> Any {
    ids.count == 1 ? reference(ids[0]) as Any : ids.map(reference)
  }

  private static func reference(_ id: String) -> [String: String] { ["@id": id] }

  private static func identifier(_ entity: [String: Any]) -> String {
    entity["@id"] as? String ?? ""
  }

  /// The files of a results folder, but those that the suite keeps for itself.
  private static func files(of folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { !$0.hasPrefix(".") }.sorted()
  }

  private static func format(of name: String) -> String {
    switch name.split(separator: ".").last.map(String.init) {
    case "csv": "text/csv"
    case "json": "application/json"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    default: "application/octet-stream"
    }
  }

  // MARK: Checking

  /// What is wrong with the files that the crate names, one line each; none where all are as they were.
  ///
  /// - Throws: `FileError` where there is no crate or it is damaged.
  public func problems() throws -> [String] {
    let url = results.appendingPathComponent(Self.fileName)
    guard
      let crate = try JSONSerialization.jsonObject(with: AtomicFile.read(url)) as? [String: Any],
      let graph = crate["@graph"] as? [[String: Any]]
    else {
      throw FileError.damaged(path: url.path, place: "@graph", problem: "no list of entities")
    }
    let known = graph.filter { $0["@type"] as? String == "File" }
    let wrong = known.compactMap { entity -> String? in
      let path = Self.identifier(entity)
      guard let content = try? AtomicFile.read(results.appendingPathComponent(path)) else {
        return "\(path): absent"
      }
      let found = Digest.sha256(content).description
      let stored = entity["sha256"] as? String ?? "none"
      return found == stored ? nil : "\(path): SHA-256 \(found), but the crate has \(stored)"
    }
    let names = Set(known.map(Self.identifier))
    let folders = Set(names.compactMap { $0.split(separator: "/").first.map(String.init) })
    let added = try folders.sorted().flatMap { folder in
      try Self.files(of: results.appendingPathComponent(folder)).map { "\(folder)/\($0)" }
    }.filter { !names.contains($0) }
    return wrong + added.map { "\($0): not in the crate" }
  }
}
