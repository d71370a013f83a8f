// Claim: every network that is stored with the suite is the one that was trained, and puts as many test
// images into their class as `networks.csv` says.
import Foundation
import MLCSCKit
import MLCSCStudies
import TestSupport
import Testing

struct StoredNetworkTests {
  @Test("stored weights give the stored accuracy on the embedded images")
  func accuracies() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let stored = StoredNetworks(root: root)
    let rows = try stored.rows()
    let files = (try? FileManager.default.contentsOfDirectory(atPath: stored.folder.path)) ?? []
    #expect(Set(files.filter { $0.hasSuffix(".safetensors") }) == Set(rows.map(\.file)))
    for row in rows {
      let url = stored.folder.appendingPathComponent(row.file)
      #expect("\(Digest.sha256(try Data(contentsOf: url)))" == row.digest)
      var images: ImageSet?
      let trained = try TrainedNetwork(url) { source in
        let set = try (StoredNetworks.embedded(source) ?? source).load()
        images = set
        return (set.test.channels, set.test.size)
      }
      #expect(trained.name == row.network && trained.seed == row.seed)
      #expect(trained.network.parameterCount == row.parameters)
      let test = try NetworkTest(trained.network, trained.plan, on: try #require(images).test)
      #expect(test.right.count == row.embedded)
      let right = test.right.count { $0 }
      #expect(abs(right - row.embeddedRight) <= max(1, StoredNetworks.ties * row.embedded / 10_000))
      // The accuracy that the training wrote into the file is the one of the table.
      let after = Int(((trained.storedAccuracy ?? 0) * Double(row.images)).rounded())
      #expect(abs(after - row.right) * 10_000 <= StoredNetworks.ties * row.images)
      // The embedded images are some of the test's: their accuracy is that of the rest but for chance.
      let p = Double(row.right) / Double(row.images)
      let deviation = (p * (1 - p) / Double(row.embedded)).squareRoot()
      #expect(abs(Double(right) / Double(row.embedded) - p) < 5 * deviation)
    }
  }
}
