// Claim: dependencies point one way, as CONTRIBUTING.md has them: between targets, which the compiler
// checks once the manifest is right, and between the folders of the library, as far as a scan of names
// can tell.
import Foundation
import Testing

struct LayerTests {
  /// What each target of the package may depend on of the package itself.
  static let targets: [String: Set<String>] = [
    "MLCSCBase": [],
    "MLCSCKit": ["MLCSCBase"],
    "ExperimentSuite": ["MLCSCBase"],
    "MLCSCStudies": ["MLCSCBase", "MLCSCKit", "ExperimentSuite"],
  ]

  /// What each folder of the library may name, beside itself and `MLCSCBase`.
  static let folders: [String: Set<String>] = [
    "Numerics": [],
    "Formats": ["Numerics"],
    "Model": ["Numerics"],
    "Datasets": ["Numerics", "Formats", "Model"],
    "Pursuits": ["Numerics", "Model"],
    "Guarantees": ["Numerics", "Model", "Pursuits"],
    "Learning": ["Numerics", "Formats", "Model", "Datasets", "Pursuits"],
    "Convolution": ["Numerics", "Model"],
    "Differentiation": ["Numerics", "Model", "Convolution"],
    "Networks": ["Numerics", "Model", "Pursuits", "Convolution", "Differentiation"],
    "Training": [
      "Numerics", "Formats", "Model", "Datasets", "Convolution", "Differentiation", "Networks",
    ],
  ]

  @Test("targets depend one way, and the mathematics on no argument parser and no templates")
  func manifest() throws {
    let declared = try Self.declaredDependencies()
    for (target, allowed) in Self.targets {
      let found = try #require(declared[target], "\(target) is not in the manifest")
      let own = found.intersection(Self.targets.keys)
      #expect(own.isSubset(of: allowed), "\(target) depends on \(own.subtracting(allowed))")
    }
    for target in ["MLCSCBase", "MLCSCKit"] {
      let programs = declared[target, default: []].intersection(["ArgumentParser", "Mustache"])
      #expect(programs.isEmpty, "\(target) depends on \(programs)")
    }
  }

  /// SwiftPM lets a target import a sibling that happens to be built before it.
  @Test("every target imports what it declares and nothing else of the package")
  func imports() throws {
    let declared = try Self.declaredDependencies()
    let modules = declared.values.reduce(into: Set(declared.keys)) { $0.formUnion($1) }
    for (target, dependencies) in declared {
      let folder = try #require(
        ["Sources", "Tests"].map {
          TestCheckout.source.appendingPathComponent("\($0)/\(target)")
        }.first { FileManager.default.fileExists(atPath: $0.path) }, "no folder of \(target)")
      for (file, text) in try Self.swiftFiles(folder) {
        let imported = text.matches(of: /(?m)^\s*(?:@\w+ )?import (\w+)/).map { String($0.1) }
        let undeclared = Set(imported).intersection(modules).subtracting(dependencies)
        #expect(undeclared.isEmpty, "\(target)/\(file) imports \(undeclared)")
      }
    }
  }

  @Test("folders of the library name only what lies below them")
  func names() throws {
    let library = TestCheckout.source.appendingPathComponent("Sources/MLCSCKit")
    let files = try Self.swiftFiles(library).filter { $0.key.contains("/") }
      .map { (folder: $0.key.prefix { $0 != "/" }, file: $0.key, text: Self.code($0.value)) }
    var homes = [Substring: Set<Substring>]()
    for (folder, _, text) in files {
      let declarations = text.matches(
        of:
          /(?m)^(?:(?:@\S+|public|package|final|indirect) )*(?:struct|class|enum|protocol|actor|typealias|func) (\w+)/
      )
      for declaration in declarations { homes[declaration.1, default: []].insert(folder) }
    }
    #expect(homes["Tensor"] == ["Numerics"] && homes["SparseDictionary"] == ["Model"])
    var arrows = Set<[Substring]>()
    for (folder, file, text) in files {
      let allowed = try #require(
        Self.folders[String(folder)], "\(folder) has no place among the layers; give it one")
      for name in Set(text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
        guard let places = homes[name], !places.contains(folder) else { continue }
        arrows.formUnion(places.map { [folder, $0] })
        let wrong = places.filter { !allowed.contains(String($0)) }
        #expect(wrong.isEmpty, "\(file) names \(name) of \(wrong.joined(separator: ", "))")
      }
    }
    #expect(arrows.contains(["Networks", "Pursuits"]), "the scan finds what is known to be there")
  }

  /// The names between the brackets of each target's `dependencies`.
  private static func declaredDependencies() throws -> [String: Set<String>] {
    let manifest = try String(
      contentsOf: TestCheckout.source.appendingPathComponent("Package.swift"), encoding: .utf8)
    let targets = manifest.matches(
      of: /arget\(\s*name: "([^"]+)",\s*dependencies: \[([^\]]*)\]/)
    return [String: Set<String>](
      targets.map { target in
        (String(target.1), Set(target.2.matches(of: /"([^"]+)"/).map { String($0.1) }))
      }, uniquingKeysWith: { $0.union($1) })
  }

  /// The texts of all Swift files below a folder by path within it.
  private static func swiftFiles(_ folder: URL) throws -> [String: String] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return [String: String](
      uniqueKeysWithValues: try paths.filter { $0.hasSuffix(".swift") }.map {
        ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
      })
  }

  /// A text without comments and string literals.
  private static func code(_ text: String) -> String {
    text.replacing(/\/\/[^\n]*/, with: "").replacing(/"(?:\\.|[^"\\\n])*"/, with: "\"\"")
  }
}
