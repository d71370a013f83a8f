import ExperimentSuite
import Foundation
import MLCSCStudies

/// The experiments of this checkout: the folders under `Experiments/`, each with an executable of
/// the same name beside this tool.
struct Catalogue {
  let root: URL
  let names: [String]

  /// The folder of results and finished cells.
  var results: URL { Checkout.results(root) }

  /// Finds the checkout and its experiments.
  ///
  /// - Throws: `UsageError` where there is no checkout, or `MLCSC_ROOT` names none.
  init() throws {
    guard let root = try Checkout.find() else {
      throw UsageError("no checkout found: run mlcsc inside one, or set MLCSC_ROOT to its folder")
    }
    self.root = root
    let folder = root.appendingPathComponent("Experiments")
    let entries = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    names = entries.filter {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent("\($0)/plot.gp").path)
    }.sorted()
  }

  /// The executable of an experiment.
  ///
  /// - Throws: `UsageError` where it was not built.
  func executable(_ name: String) throws -> URL {
    let tool = Bundle.main.executableURL?.resolvingSymlinksInPath() ?? root
    let url = tool.deletingLastPathComponent().appendingPathComponent(name)
    guard FileManager.default.isExecutableFile(atPath: url.path) else {
      throw UsageError("\(name) is not built; run swift build -c release, or ./run_all.sh")
    }
    return url
  }

  /// What experiments get beside the variables of this process.
  ///
  /// OpenBLAS starts its threads when a program is loaded, before anybody can tell it that it gets
  /// one alone; where the system allows no further thread it interrupts the process.
  static let environment = ["OPENBLAS_NUM_THREADS": "1"]

  /// What an experiment says of itself.
  func identity(_ name: String) throws -> ExperimentIdentity {
    guard
      let data = try output(of: name, ["--describe"]),
      let identity = try? JSONDecoder().decode(ExperimentIdentity.self, from: data)
    else { throw UsageError("\(name) does not describe itself; build again") }
    return identity
  }

  /// An experiment's claims, computed from the tables of a folder.
  ///
  /// - Throws: `FileError` where the experiment cannot read them; it has said why.
  func claims(_ name: String, of folder: URL) throws -> [Claim] {
    guard
      let data = try output(of: name, ["--claims", folder.path]),
      let claims = try? JSONDecoder().decode([Claim].self, from: data)
    else {
      throw FileError.notRead(
        path: folder.path, reason: "no claims of \(name) come from its tables")
    }
    return claims
  }

  /// The parts of the READMEs that follow from the stored baselines.
  ///
  /// - Throws: `UsageError` where an experiment does not describe itself, `FileError` where the ledger
  ///   is damaged.
  func generatedTexts() throws -> GeneratedTexts {
    try GeneratedTexts(
      root: root, experiments: names.map { try identity($0) }, ledger: .documents())
  }

  /// What an experiment prints; nil where it fails.
  private func output(of name: String, _ arguments: [String]) throws -> Data? {
    let run = try FinishedProgram(
      executable(name), arguments, environment: Self.environment, keeping: .output)
    return run.status == 0 ? run.kept : nil
  }

  /// The names that arguments stand for: all without an argument, else by unambiguous prefix.
  ///
  /// - Throws: `UsageError` naming the candidates or the nearest names.
  func resolve(_ arguments: [String]) throws -> [String] {
    if arguments.isEmpty { return names }
    return try arguments.reduce(into: [String]()) { chosen, argument in
      let name = try NameMatch.resolve(argument, among: names)
      if !chosen.contains(name) { chosen.append(name) }
    }
  }
}
