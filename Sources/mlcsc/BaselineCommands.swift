import ArgumentParser
import Foundation
import MLCSCKit

/// `mlcsc diff`: results against baselines, without running anything.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare results with the stored baselines; exit 1 where they differ.")

  @Option(help: "The profile to compare.")
  var profile: Profile = .quick

  @Flag(help: "Print an array of objects.")
  var json = false

  @Argument(help: "Experiments (all that have results or baselines).")
  var names: [String] = []

  private struct Entry: Encodable {
    let experiment: String
    let state: String
    let differences: [Difference]
  }

  func run() throws {
    let catalogue = try Catalogue()
    var entries = [Entry]()
    for name in try catalogue.resolve(names) {
      let results = catalogue.root
        .appendingPathComponent("Results/\(profile.rawValue)/\(name)")
      let baseline = Baselines.folder(root: catalogue.root, profile: profile, experiment: name)
      guard FileManager.default.fileExists(atPath: results.path) else {
        if names.isEmpty {
          entries.append(Entry(experiment: name, state: "no results", differences: []))
          continue
        }
        throw FileError.notRead(
          path: results.path, reason: "there are no results; run the experiment first")
      }
      let found = try Comparison.differences(results: results, baseline: baseline)
      let state = found.map { $0.isEmpty ? "ok" : "differs" } ?? "no baseline"
      entries.append(Entry(experiment: name, state: state, differences: found ?? []))
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      print(String(decoding: try encoder.encode(entries), as: UTF8.self))
    } else {
      for entry in entries {
        print("\(entry.experiment): \(entry.state)")
        for difference in entry.differences { print("  \(difference)") }
      }
    }
    if entries.contains(where: { $0.state == "differs" }) { throw SuiteExit.differs }
  }
}

/// `mlcsc accept`: results become baselines.
struct Accept: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Store the results of experiments as their new baselines.")

  @Option(help: "The profile whose results to store.")
  var profile: Profile = .quick

  @Argument(help: "Experiments.")
  var names: [String]

  func run() throws {
    let catalogue = try Catalogue()
    for name in try catalogue.resolve(names) {
      let results = catalogue.root
        .appendingPathComponent("Results/\(profile.rawValue)/\(name)")
      let schemaFile = results.appendingPathComponent(TableSchema.fileName)
      guard
        let schema = try? JSONDecoder().decode(
          TableSchema.self, from: AtomicFile.read(schemaFile))
      else {
        throw FileError.notRead(
          path: results.path, reason: "there are no whole results; run the experiment first")
      }
      let baseline = Baselines.folder(root: catalogue.root, profile: profile, experiment: name)
      let old = (try? FileManager.default.contentsOfDirectory(atPath: baseline.path)) ?? []
      for file in schema.files.keys.sorted() {
        try AtomicFile.write(
          AtomicFile.read(results.appendingPathComponent(file)),
          to: baseline.appendingPathComponent(file))
      }
      for file in old where file.hasSuffix(".csv") && schema.files[file] == nil {
        try FileManager.default.removeItem(at: baseline.appendingPathComponent(file))
      }
      print("\(name): \(schema.files.count) tables stored in \(baseline.path)")
    }
  }
}
