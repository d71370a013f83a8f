// Claim: digits are read as they were published; whatever is damaged or missing is refused with
// file, place and what would be right.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct DataTests {
  /// An IDX file: magic number, extents, bytes.
  static func idx(_ magic: UInt32, _ extents: [UInt32], _ bytes: [UInt8]) -> Data {
    let words = ([magic] + extents).flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
    }
    return Data(words + bytes)
  }

  static let labels = idx(2049, [4], [1, 2, 3, 4])

  static func flipped(_ data: Data, at index: Int, bit: Int = 4) -> Data {
    var bytes = [UInt8](data)
    bytes[index] ^= 1 << bit
    return Data(bytes)
  }

  @Test("a whole file is read, plain and gzipped, with the checksum of its content")
  func whole() throws {
    for file in [Self.labels, Gzip.compress(Self.labels)] {
      let read = try IDXFile(file, path: "l", axes: 1)
      #expect(read.shape == [4])
      #expect(read.bytes == [1, 2, 3, 4])
      #expect(read.checksum == Digest.sha256(Self.labels))
    }
  }

  @Test(
    "a damaged file is refused with its place",
    arguments: [
      (Data(), "l: byte 0: the file ends within its header of 8 bytes"),
      (labels.prefix(7), "l: byte 7: the file ends within its header of 8 bytes"),
      (
        idx(2051, [4], [1, 2, 3, 4]),
        "l: byte 0: the magic number is 2051, not 2049 (unsigned bytes, 1 axes)"
      ),
      (labels.dropLast(), "l: byte 11: the file ends after 3 of 4 bytes"),
      (labels + Data([5]), "l: byte 12: 1 bytes follow the 4 that the header announces"),
      (
        idx(2049, [0xffff_ffff], [1]),
        "l: byte 4: the extents [4294967295] announce more than 1073741824 bytes"
      ),
      (Gzip.compress(labels.prefix(6)), "l: byte 6: the file ends within its header of 8 bytes"),
      (Gzip.compress(labels.dropLast()), "l: byte 11: the file ends after 3 of 4 bytes"),
      (
        Gzip.compress(idx(2049, [1_000_000_000], [1])),
        "l: byte 4: the extents [1000000000] announce more than a file of this size can hold"
      ),
    ])
  func damaged(_ file: Data, _ message: String) {
    let error = #expect(throws: FileError.self) { try IDXFile(Data(file), path: "l", axes: 1) }
    #expect(error?.description == message)
  }

  @Test("every truncation of a gzipped file is refused")
  func everyTruncation() {
    let packed = Gzip.compress(Self.labels)
    for count in 0..<packed.count {
      #expect(throws: FileError.self) {
        try IDXFile(packed.prefix(count), path: "l", axes: 1)
      }
    }
  }

  @Test("a flipped bit anywhere is refused or carries no content (times, padding)")
  func everyFlip() throws {
    let packed = Gzip.compress(Self.labels)
    var refused = 0
    for bit in 0..<8 * packed.count {
      let file = Self.flipped(packed, at: bit / 8, bit: bit % 8)
      if let read = try? IDXFile(file, path: "l", axes: 1) {
        #expect(read.checksum == Digest.sha256(Self.labels), "bit \(bit)")
      } else {
        refused += 1
      }
    }
    // Time, compressor's flags and operating system are 6 bytes; the last byte's padding has at
    // most 7 bits; one flag says that the content is text.
    #expect(refused >= 8 * (packed.count - 6) - 7 - 1)
  }

  @Test("a wrong checksum, a bomb and bytes behind the end are named")
  func gzipDamage() {
    let packed = Gzip.compress(Self.labels)
    func message(_ file: Data) -> String? {
      #expect(throws: FileError.self) { try IDXFile(file, path: "l", axes: 1) }?.description
    }
    #expect(
      message(Self.flipped(packed, at: packed.count - 8))?
        .hasSuffix("damaged gzip data: incorrect data check") == true)
    #expect(
      message(packed + packed)?
        .hasSuffix("bytes follow the end of the gzip data; one member is read") == true)
    #expect(
      message(packed + Data(count: 30) + Data([1]))?
        .hasSuffix("31 bytes follow the end of the gzip data; one member is read") == true)
    let bomb = Gzip.compress(Self.labels + Data(count: 100_000_000))
    #expect(message(bomb)?.hasSuffix("it unpacks to more than the 12 bytes it should hold") == true)
  }

  @Test("zeros behind the end, with which tapes and disks fill their blocks, are passed over")
  func gzipPadding() throws {
    let packed = Gzip.compress(Self.labels)
    for count in [1, 7, 512, 100_000] {
      let read = try IDXFile(packed + Data(count: count), path: "l", axes: 1)
      #expect(read.bytes == [1, 2, 3, 4])
    }
  }

  @Test("compressed data come back", arguments: [0, 1, 1000, 1_000_000])
  func gzipRoundTrip(_ count: Int) throws {
    let data = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) })
    #expect(try Gzip.decompress(Gzip.compress(data), path: "g", limit: count) == data)
    #expect(try Gzip.prefix(Gzip.compress(data), count: 10, path: "g") == data.prefix(10))
  }

  @Test("the embedded digits are balanced, in the published order, with stated provenance")
  func embedded() throws {
    let digits = try MNIST.embedded()
    #expect(digits.training.count == 10_000)
    #expect(digits.test.count == 2_000)
    #expect(digits.training.dimension == 784)
    for label in UInt8(0)...9 {
      #expect(digits.training.labels.count { $0 == label } == 1000)
      #expect(digits.test.labels.count { $0 == label } == 200)
    }
    // The labels that MNIST is known to begin with.
    #expect(digits.training.labels.prefix(10) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect(digits.test.labels.prefix(10) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    #expect(digits.provenance.count == 4)
    #expect(digits.fingerprint.hasPrefix("96448e792027ae8c3d693bf7f6685beb"))
  }

  @Test("batches are pixels in [0, 1], the same in both precisions; selection is by class")
  func batch() throws {
    let digits = try MNIST.embedded().test
    let chosen = digits.firstOfEachClass(3)
    #expect(chosen.count == 30)
    #expect(chosen == chosen.sorted())
    #expect(digits.balanced(30) == chosen)
    #expect(digits.balanced(2_000) == Array(0..<2_000))
    let batch = digits.batch(chosen, as: Double.self)
    #expect(batch.shape == [30, 784])
    #expect(batch.elements.allSatisfy { 0 <= $0 && $0 <= 1 })
    #expect(batch.elements.max() == 1)
    #expect(batch.row(0) == (0..<784).map { Double(digits.pixels[chosen[0] * 784 + $0]) / 255 })
    #expect(digits.batch(chosen, as: Float.self) == batch.converted(to: Float.self))
  }

  /// A folder with small files under MNIST's names.
  static func folder(
    images: [UInt32] = [2, 28, 28], labels: [UInt8] = [3, 9], labelCount: UInt32? = nil
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let count = Int(images.reduce(1, *))
    for part in ["train", "t10k"] {
      let pixels = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      try AtomicFile.write(
        Gzip.compress(idx(2051, images, pixels)),
        to: folder["\(part)-images-idx3-ubyte.gz"])
      try AtomicFile.write(
        idx(2049, [labelCount ?? UInt32(labels.count)], labels),
        to: folder["\(part)-labels-idx1-ubyte"])
    }
    return folder
  }

  static func store(_ folder: TemporaryFolder, cache: TemporaryFolder? = nil) -> DataStore {
    DataStore(environment: [
      "MLCSC_DATA": folder.url.path, "MLCSC_CACHE": (cache?.url ?? folder["cache"]).path,
    ])
  }

  @Test("files of the user's folder are used as given, packed or not, and so called")
  func given() throws {
    let folder = try Self.folder()
    let digits = try MNIST.full(Self.store(folder))
    #expect(digits.training.count == 2)
    #expect(digits.test.labels == [3, 9])
    #expect(digits.provenance.allSatisfy { $0.hasSuffix("not the canonical file, used as given") })
  }

  @Test(
    "images and labels that do not fit are refused",
    arguments: [
      ([2, 28, 28], [3], "labels-idx1-ubyte: byte 4: 1 labels for 2 images"),
      (
        [2, 28, 28], [3, 10],
        "labels-idx1-ubyte: byte 9: the label 10 is no digit from 0 to 9"
      ),
      ([2, 28, 27], [3, 9], "images-idx3-ubyte.gz: byte 8: images of 28×27 pixels, not 28×28"),
      ([0, 28, 28], [], "images-idx3-ubyte.gz: byte 4: no images; one or more are needed"),
    ] as [([UInt32], [UInt8], String)])
  func mismatch(_ images: [UInt32], _ labels: [UInt8], _ message: String) throws {
    let folder = try Self.folder(images: images, labels: labels)
    let error = #expect(throws: FileError.self) { try MNIST.full(Self.store(folder)) }
    #expect(error?.description == folder["train-\(message)"].path)
  }

  @Test(
    "the names that other tools give the files are found",
    arguments: [
      "train-images-idx3-ubyte", "train-images.idx3-ubyte", "mnist/train-images.idx3-ubyte.gz",
      "MNIST/raw/train-images-idx3-ubyte", "raw/train-images-idx3-ubyte.gz",
      "train-images-idx3-ubyte/train-images-idx3-ubyte",
    ])
  func names(_ name: String) throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Data([1]), to: folder[name])
    let set = DataSet.mnist
    let found = Self.store(folder).locate(set.files[0], of: set)
    #expect(found?.path == folder[name].path)
    #expect(Self.store(folder).locate(set.files[1], of: set) == nil)
  }

  @Test("missing data name the file, the places looked at and the command that fetches it")
  func missing() throws {
    let folder = try Self.folder()
    try FileManager.default.removeItem(at: folder["t10k-labels-idx1-ubyte"])
    let error = #expect(throws: DataMissing.self) { try MNIST.full(Self.store(folder)) }
    let text = error?.description ?? ""
    #expect(text.contains("t10k-labels-idx1-ubyte.gz (or t10k-labels-idx1-ubyte, "))
    #expect(text.contains("t10k-labels.idx1-ubyte"))
    #expect(text.contains("MLCSC_DATA (\(folder.url.path))"))
    #expect(text.contains("mlcsc data fetch mnist"))
  }

  @Test("a file in the cache that is not the published one is refused")
  func wrongCache() throws {
    let (folder, cache) = (try Self.folder(), try TemporaryFolder())
    let name = "train-labels-idx1-ubyte"
    try AtomicFile.write(
      AtomicFile.read(folder[name]), to: cache["mnist/\(name).gz"])
    try FileManager.default.removeItem(at: folder[name])
    let error = #expect(throws: FileError.self) {
      try MNIST.full(Self.store(folder, cache: cache))
    }
    #expect(error?.description.contains("is not that of the published file") == true)
  }

  @Test("an unknown data set names those there are")
  func unknown() throws {
    let error = #expect(throws: UsageError.self) { try DataSet.named("minst") }
    #expect(
      error?.description == "no data set \"minst\"; there are: mnist, cifar10, cifar100, svhn")
    #expect(try DataSet.named("MNIST").name == "mnist")
  }

  /// The full set, where it lies beside the checkout.
  static let shared: URL? = Fixture.root.map {
    $0.deletingLastPathComponent().appendingPathComponent("data/mnist")
  }.flatMap { FileManager.default.fileExists(atPath: $0.path) ? $0 : nil }

  @Test(
    "the full set has the published counts and checksums, and begins with the embedded subset",
    .enabled(if: shared != nil, "skipped: the full MNIST is not beside the checkout"))
  func full() throws {
    let shared = try #require(Self.shared)
    let digits = try MNIST.full(DataStore(environment: ["MLCSC_DATA": shared.path]))
    #expect(digits.training.count == 60_000)
    #expect(digits.test.count == 10_000)
    let published = DataSet.mnist.files.compactMap(\.contentSHA256)
    #expect(digits.fingerprint == published.joined(separator: " "))
    #expect(digits.provenance.allSatisfy { !$0.contains("not the canonical") })
    let embedded = try MNIST.embedded()
    // Classes differ in size: as many of each would leave out digits of the larger ones.
    #expect(digits.training.balanced(60_000).count == 60_000)
    for (whole, part, each) in [
      (digits.training, embedded.training, 1000), (digits.test, embedded.test, 200),
    ] {
      let chosen = whole.firstOfEachClass(each)
      #expect(chosen.map { whole.labels[$0] } == part.labels)
      #expect(
        chosen.flatMap { whole.pixels[$0 * 784..<($0 + 1) * 784] } == part.pixels)
    }
  }
}
