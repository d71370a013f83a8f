// Claim: every clone builds the same sources, and every result says which libraries it ran with.
import ExperimentSuite
import Foundation
import Testing

struct PinnedVersionTests {
  private struct Resolved: Decodable {
    struct Pin: Decodable {
      struct State: Decodable { let version: String? }
      let identity: String
      let state: State
    }
    let pins: [Pin]
  }

  /// The manifest's dependencies: the last part of the address and the exact version.
  private static func pins() throws -> [String: String] {
    let manifest = try String(
      contentsOf: TestCheckout.source.appendingPathComponent("Package.swift"), encoding: .utf8)
    let declared = manifest.matches(of: /\.package\(\s*url: "[^"]*\/([^"\/]+)", ([^)]*)\)/)
    return try [String: String](
      uniqueKeysWithValues: declared.map { package in
        let exact = try #require(
          package.2.firstMatch(of: /^exact: "([0-9.]+)"$/),
          "\(package.1) is not pinned to one version: \(package.2)")
        return (package.1.lowercased(), String(exact.1))
      })
  }

  /// What a pinned package brings along for the documentation; SwiftPM warns of a pin of its own.
  private static let brought = "swift-docc-symbolkit"

  @Test("the manifest pins every package that a build uses")
  func packages() throws {
    let file = TestCheckout.source.appendingPathComponent("Package.resolved")
    let resolved = try JSONDecoder().decode(Resolved.self, from: Data(contentsOf: file))
    let used = resolved.pins.filter { $0.identity != Self.brought }
    let found = [String: String](
      uniqueKeysWithValues: used.map { ($0.identity, $0.state.version ?? "no version") })
    #expect(try found == Self.pins())
  }

  @Test("the documentation names the versions that the manifest pins")
  func documented() throws {
    let page = try String(
      contentsOf: TestCheckout.source.appendingPathComponent(
        "Sources/ExperimentSuite/ExperimentSuite.docc/Versions.md"), encoding: .utf8)
    for (package, version) in try Self.pins() {
      #expect(
        page.lowercased().contains("| \(package) | \(version) |"),
        "Versions.md says of \(package) another version than \(version)")
    }
  }
}
