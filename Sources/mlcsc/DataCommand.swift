import ArgumentParser
import ExperimentSuite
import Foundation
import MLCSCKit

/// `mlcsc data`: where the data sets are, fetching them, verifying them.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Show, fetch or verify the data sets.",
    discussion: """
      The package embeds subsets, which the profiles smoke and quick read. Full sets come from the \
      folder that MLCSC_DATA names (its files are used as given), or from the cache that fetch \
      fills: MLCSC_CACHE, else mlcsc in XDG_CACHE_HOME or ~/.cache. MLCSC_MIRROR names another \
      server, laid out like the cache.
      """,
    subcommands: [Status.self, Fetch.self, Verify.self], defaultSubcommand: Status.self)

  /// The sets that arguments stand for, all without one.
  static func sets(_ names: [String]) throws -> [DataSet] {
    names.isEmpty ? DataSet.all : try names.map { try DataSet.named($0) }
  }

  /// The data of this process's environment; a folder that is named there and does not exist is said.
  static func currentStore() -> DataStore {
    let store = DataStore()
    if let given = store.given, !isFolder(given) {
      Terminal.error(
        "mlcsc: MLCSC_DATA is \(given.path), where there is no folder; only the cache counts")
    }
    return store
  }

  static func isFolder(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show where each data set is found.")

    @Argument(help: "Data sets (all without a name).")
    var names: [String] = []

    func run() throws {
      let store = currentStore()
      for set in try sets(names) {
        StandardOutput.print("\(set.name): \(set.title)")
        StandardOutput.print("  licence: \(set.licence)")
        StandardOutput.print("  embedded: \(set.embedded)")
        let located = set.files.map { store.locate($0, of: set) }
        let found = located.count { $0 != nil }
        StandardOutput.print("  full set: \(found) of \(set.files.count) files")
        for (file, url) in zip(set.files, located) {
          StandardOutput.print("    \(line(file, url))")
        }
        if found < set.files.count { StandardOutput.print("  get it with: \(set.remedy)") }
      }
    }

    private func line(_ file: DataFile, _ url: URL?) -> String {
      guard let url else { return "\(file.name)\tabsent" }
      do {
        return "\(file.name)\t\(try contents(of: file, at: url))\t\(url.path)"
      } catch {
        return "\(file.name)\tdamaged\t\(error)"
      }
    }
  }

  /// What a file holds, in a few words, from as little of it as tells.
  static func contents(of file: DataFile, at url: URL) throws -> String {
    switch file.format {
    case .idx(let axes):
      try IDXFile.extents(of: url, axes: axes).map(String.init).joined(separator: "×")
    case .archive(let members): "\(members.count) files of records"
    case .matlab: "MATLAB file"
    }
  }

  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Download full data sets into the cache; what is not the published file is refused."
    )

    @Argument(help: "Data sets (all without a name).")
    var names: [String] = []

    func run() throws {
      let store = DataStore()
      let fetcher = DataFetcher(store) { name, received, expected in
        let share = expected.map { " of \($0 / 1000) kB" } ?? " kB"
        Terminal.progress("\(name): \(received / 1000)\(share)")
      }
      for set in try sets(names) {
        for file in set.files {
          defer { Terminal.clear() }
          let place = store.cached(file, of: set).path
          switch try fetcher.fetch(file, of: set) {
          case .present: StandardOutput.print("\(file.name)\tthere already\t\(place)")
          case .fetched(let kept, let state):
            let resumed = kept > 0 ? ", resumed after \(kept) bytes" : ""
            let packed = state == .repacked ? ", compressed differently" : ""
            StandardOutput.print(
              "\(file.name)\tfetched\(resumed), checksum right\(packed)\t\(place)")
          }
        }
        StandardOutput.print(
          "\(set.name): complete in \(store.cache.appendingPathComponent(set.name).path)")
        StandardOutput.print("licence: \(set.licence)")
      }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare the embedded subsets and what is there of the full sets with checksums.",
      discussion: """
        A full set that is there in part, damaged, or not the published one is an error: exit 3. \
        So is one that is wholly absent where it was asked for by name.
        """)

    @Argument(help: "Data sets (all without a name).")
    var names: [String] = []

    func run() throws {
      let store = currentStore()
      var isWrong = false
      func say(_ name: String, _ verdict: String, _ place: String, wrong: Bool) {
        StandardOutput.print("\(name)\t\(verdict)\t\(place)")
        isWrong = isWrong || wrong
      }
      for set in try sets(names) {
        for file in set.files where file.embeddedSHA256 != nil {
          let name = "embedded \(file.name)"
          do {
            let url = try PackageResources.data(set.resource(of: file))
            let found = try IDXFile(url, of: file).checksum.description
            let isRight = found == file.embeddedSHA256
            say(name, isRight ? "right" : "SHA-256 \(found) is wrong", url.path, wrong: !isRight)
          } catch {
            say(name, "damaged", "\(error)", wrong: true)
          }
        }
        for file in set.embeddedFiles {
          let name = "embedded \(file.name)"
          do {
            let url = try PackageResources.data(file.name)
            let content = try Gzip.decompress(
              AtomicFile.read(url), path: url.path, limit: file.contentSize)
            let found = Digest.sha256(content).description
            let isRight = found == file.sha256
            say(name, isRight ? "right" : "SHA-256 \(found) is wrong", url.path, wrong: !isRight)
          } catch {
            say(name, "damaged", "\(error)", wrong: true)
          }
        }
        let located = set.files.map { store.locate($0, of: set) }
        if located.allSatisfy({ $0 == nil }) {
          say(
            set.name, "full set absent", "get it with: \(set.remedy)", wrong: !names.isEmpty)
          continue
        }
        for (file, url) in zip(set.files, located) {
          guard let url else {
            say(file.name, "absent", "get it with: \(set.remedy)", wrong: true)
            continue
          }
          if isFolder(url) {
            say(file.name, "unpacked, nothing published to compare with", url.path, wrong: false)
            continue
          }
          do {
            switch try file.state(of: AtomicFile.read(url), path: url.path) {
            case .canonical: say(file.name, "right", url.path, wrong: false)
            case .repacked:
              say(file.name, "right, compressed differently", url.path, wrong: false)
            case .different(let found, let expected):
              say(file.name, "\(found) is not the published \(expected)", url.path, wrong: true)
            }
          } catch {
            say(file.name, "damaged", "\(error)", wrong: true)
          }
        }
      }
      if isWrong { throw SuiteExit.data }
    }
  }
}
