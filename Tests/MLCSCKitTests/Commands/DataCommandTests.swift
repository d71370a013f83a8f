// Claim: `mlcsc data` says where data are and what is wrong with them, one line a file, with the
// exit codes of the command contract.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct DataCommandTests {
  /// An environment with an empty cache, no folder of data and no other server.
  static func environment(
    _ cache: TemporaryFolder, _ more: [String: String] = [:]
  ) -> [String: String] {
    ["MLCSC_CACHE": cache.url.path, "MLCSC_DATA": "", "MLCSC_MIRROR": ""].merging(more) { $1 }
  }

  @Test("verify finds the embedded subset right and names the command for the full set")
  func verifyEmbedded() throws {
    let cache = try TemporaryFolder()
    let run = try ToolRun("data", "verify", "mnist", environment: Self.environment(cache))
    #expect(run.status == 3)
    #expect(run.errors == "")
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines.prefix(4).allSatisfy { $0.contains("\tright\t") })
    #expect(lines.last?.contains("mlcsc data fetch mnist") == true)
  }

  @Test("verify finds every damaged, foreign and missing file and exits with 3")
  func verifyDamage() throws {
    let (folder, cache) = (try DataTests.folder(), try TemporaryFolder())
    let environment = Self.environment(cache, ["MLCSC_DATA": folder.url.path])
    let packed = try AtomicFile.read(folder["t10k-images-idx3-ubyte.gz"])
    try AtomicFile.write(packed.dropLast(3), to: folder["t10k-images-idx3-ubyte.gz"])
    try FileManager.default.removeItem(at: folder["t10k-labels-idx1-ubyte"])
    let run = try ToolRun("data", "verify", "mnist", environment: environment)
    #expect(run.status == 3)
    let lines = run.output.split(separator: "\n").suffix(4).map(String.init)
    #expect(lines[0].contains("is not the published SHA-256 ba891046e6505d7a"))
    #expect(lines[1].contains("is not the published SHA-256 65a50cbbf4e906d7"))
    #expect(
      lines[2].contains(
        "damaged\t\(folder["t10k-images-idx3-ubyte.gz"].path): byte \(packed.count - 3): "
          + "damaged gzip data: the file ends before its content does"))
    #expect(lines[3].hasPrefix("t10k-labels-idx1-ubyte.gz\tabsent\t"))
  }

  @Test("status shows what is found where and exits with 0")
  func status() throws {
    let (folder, cache) = (try DataTests.folder(), try TemporaryFolder())
    try FileManager.default.removeItem(at: folder["t10k-labels-idx1-ubyte"])
    let run = try ToolRun(
      "data", "status", "mnist",
      environment: Self.environment(cache, ["MLCSC_DATA": folder.url.path]))
    #expect(run.status == 0)
    #expect(run.output.contains("full set: 3 of 4 files"))
    #expect(
      run.output.contains(
        "train-images-idx3-ubyte.gz\t2×28×28\t\(folder["train-images-idx3-ubyte.gz"].path)"))
    #expect(run.output.contains("t10k-labels-idx1-ubyte.gz\tabsent"))
    #expect(run.output.contains("CC BY-SA 3.0, Y. LeCun, C. Cortes, C. Burges"))
  }

  @Test("fetch names the address that does not have the file, exits with 3, leaves nothing")
  func fetchRefused() throws {
    let cache = try TemporaryFolder()
    let server = try LoopbackServer { _ in .init(status: 404) }
    let run = try ToolRun(
      "data", "fetch", "mnist",
      environment: Self.environment(cache, ["MLCSC_MIRROR": server.address]))
    #expect(run.status == 3)
    #expect(
      run.errors == "mlcsc: cannot fetch \(server.address)/mnist/train-images-idx3-ubyte.gz: "
        + "the server answered 404 (not found)\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache["mnist"].path) == [])
  }

  @Test(
    "fetch brings the full set from a mirror once",
    .enabled(if: DataTests.shared != nil, "skipped: the full MNIST is not beside the checkout"))
  func fetch() throws {
    let shared = try #require(DataTests.shared)
    let cache = try TemporaryFolder()
    let server = try LoopbackServer { request in
      let name = URL(fileURLWithPath: request.path).lastPathComponent
      guard let file = try? AtomicFile.read(shared.appendingPathComponent(name)) else {
        return .init(status: 404)
      }
      return .file(file, request)
    }
    let environment = Self.environment(cache, ["MLCSC_MIRROR": server.address])
    for _ in 0..<2 {
      let run = try ToolRun("data", "fetch", "mnist", environment: environment)
      #expect(run.status == 0)
      #expect(run.errors == "")
      #expect(run.output.contains("mnist: complete in \(cache["mnist"].path)"))
    }
    #expect(server.requests.count == 4)
    #expect(try ToolRun("data", "verify", "mnist", environment: environment).status == 0)
  }

  @Test("an unknown data set is wrong usage and names those there are")
  func unknown() throws {
    let run = try ToolRun(
      "data", "fetch", "minst", environment: Self.environment(TemporaryFolder()))
    #expect(run.status == 2)
    #expect(
      run.errors == "mlcsc: no data set \"minst\"; there are: mnist, cifar10, cifar100, svhn\n")
  }
}
