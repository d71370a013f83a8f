import ExperimentSuite
import Foundation
import MLCSCKit

/// The trained networks that are stored with the suite, below `Results/networks`.
///
/// Each is a file of weights with a row in `networks.csv`, which says what a test of it must find.
public struct StoredNetworks: Sendable {
  /// A stored network.
  public struct Row: TableRow {
    /// The file of weights.
    @Field("file", .key) public var file = ""
    @Field("network", .exact) public var network = ""
    @Field("parameters", .exact) public var parameters = 0
    /// The images that it was trained and tested with.
    @Field("data", .exact) public var data = ""
    @Field("epochs", .exact) public var epochs = 0
    @Field("seed", .exact) public var seed = 0
    @Field("test_images", .exact) public var images = 0
    /// How many of them it puts into their class.
    @Field("test_images_right", .exact) public var right = 0
    /// The embedded images of the same set, and how many of them are put into their class.
    @Field("embedded_images", .exact) public var embedded = 0
    @Field("embedded_images_right", .exact) public var embeddedRight = 0
    @Field("sha256", .exact) public var digest = ""
    /// Commit and processor of the run that wrote the tables beside the weights; the training may have
    /// run before, and its cell been found by that run.
    @Field("gathered_at_commit", .note) public var commit = ""
    @Field("gathered_on_processor", .note) public var processor = ""

    public init() {}
  }

  /// Images of 10,000 whose two largest scores may agree to the rounding of another processor.
  public static let ties = 5

  /// `Results/networks` of a checkout.
  public let folder: URL

  /// The networks of a checkout.
  public init(root: URL) { folder = root.appendingPathComponent("Results/networks") }

  /// The rows of `networks.csv`; none where nothing is stored.
  ///
  /// - Throws: `FileError`, `TableError`.
  public func rows() throws -> [Row] {
    let schema = folder.appendingPathComponent(TableSchema.fileName)
    guard FileManager.default.fileExists(atPath: schema.path) else { return [] }
    return try TableSet.read(folder).rows("networks")
  }

  /// The embedded images of the set that a network was trained with; nil where there are none of
  /// their size.
  public static func embedded(_ data: ImageSource) -> ImageSource? {
    switch data {
    case .mnist: .embeddedMNIST
    case .cifar10: .embeddedCIFAR10
    default: nil
    }
  }

  /// Stores the weights that a training at full scale kept, once they are tested.
  ///
  /// - Parameters:
  ///   - url: The weights, in the folder of the experiment's results with its provenance.
  ///   - trained: The network that they say.
  ///   - test: Its outcome on all test images.
  /// - Returns: The row.
  /// - Throws: `UsageError` where the test found another accuracy than the training or the set has no
  ///   embedded images; `FileError` where there is no provenance or the folder cannot be written.
  public func store(_ url: URL, _ trained: TrainedNetwork, _ test: NetworkTest) throws -> Row {
    let (images, right) = (test.right.count, test.right.count { $0 })
    let stored = Int(((trained.storedAccuracy ?? 0) * Double(images)).rounded())
    guard abs(stored - right) * 10_000 <= Self.ties * images else {
      throw UsageError(
        "\(url.path): \(right) of \(images) test images are right, but \(stored) were after the "
          + "training; such weights are not stored")
    }
    guard let embedded = Self.embedded(trained.data) else {
      throw UsageError(
        "\(url.path): of \(trained.data.rawValue) no images are embedded that a test could use; "
          + "networks of mnist and cifar10 are stored")
    }
    let small = try NetworkTest(trained.network, trained.plan, on: embedded.load().test)
    let source = url.deletingLastPathComponent().appendingPathComponent("provenance.json")
    guard
      let provenance = try? JSONDecoder().decode(Provenance.self, from: AtomicFile.read(source))
    else {
      throw FileError.notRead(
        path: source.path, reason: "weights are stored from the folder of an experiment's results")
    }
    let content = try AtomicFile.read(url)
    var row = Row()
    row.file = "\(trained.name)-\(trained.data.rawValue).safetensors"
    (row.network, row.parameters) = (trained.name, trained.network.parameterCount)
    (row.data, row.epochs, row.seed) = (
      trained.data.rawValue, trained.plan.trainedEpochs, trained.seed
    )
    (row.images, row.right) = (images, right)
    (row.embedded, row.embeddedRight) = (small.right.count, small.right.count { $0 })
    row.digest = "\(Digest.sha256(content))"
    (row.commit, row.processor) = (provenance.commit, provenance.processor)
    let others = try rows().filter { $0.file != row.file }
    let table = try Table("networks", (others + [row]).sorted { $0.file < $1.file })
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try AtomicFile.write(content, to: folder.appendingPathComponent(row.file))
    try AtomicFile.write(Data(table.csv.utf8), to: folder.appendingPathComponent("networks.csv"))
    try AtomicFile.write(
      JSONText.pretty(TableSchema([table])), to: folder.appendingPathComponent(TableSchema.fileName)
    )
    return row
  }
}
