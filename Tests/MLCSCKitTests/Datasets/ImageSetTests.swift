// Claim: CIFAR and SVHN files are read exactly, and what is damaged in them is named with its place.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct ImageSetTests {
  /// A record: labels, then pixels that depend on `seed`, so that a wrong order shows.
  private static func record(_ labels: [UInt8], _ seed: Int) -> Data {
    Data(labels + (0..<CIFARFile.imageSize).map { UInt8(truncatingIfNeeded: $0 * 7 + seed) })
  }

  @Test("records give pixels as they lie in the file and the last label")
  func records() throws {
    let ten = Self.record([3], 0) + Self.record([9], 1)
    let read = try CIFARFile(ten, path: "c", classes: [10])
    #expect(read.labels == [3, 9])
    #expect(read.pixels.count == 2 * 3072)
    #expect(read.pixels[3072] == 1 && read.pixels[3072 + 1024] == UInt8(truncatingIfNeeded: 7169))
    let hundred = try CIFARFile(Self.record([19, 99], 0), path: "c", classes: [20, 100])
    #expect(hundred.labels == [99])
  }

  @Test(
    "damaged records are refused with their place",
    arguments: [
      (Data(), "byte 0: no records"), (record([3], 0).dropLast(), "byte 0: 3072 bytes after 0"),
      (record([3], 0) + Data([1, 2]), "byte 3073: 2 bytes after 1 records"),
      (record([3], 0) + record([10], 0), "byte 3073: record 2 has the label 10, not 0 to 9"),
    ])
  func damagedRecords(content: Data, message: String) {
    let error = #expect(throws: FileError.self) {
      try CIFARFile(content, path: "c", classes: [10])
    }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }

  @Test("the embedded sets have as many training images as their sources say")
  func counts() throws {
    let photographs = try CIFAR.embedded().training.labels.count
    #expect(ImageSource.embeddedCIFAR10.trainingImageCount == photographs)
    #expect(ImageSource.smallEmbeddedCIFAR10.trainingImageCount == photographs)
    #expect(
      ImageSource.embeddedMNIST.trainingImageCount == (try MNIST.embedded().training.labels.count))
  }

  @Test("held-out images are the last of the training images, and none of the test images")
  func heldOut() {
    let images = LabelledImages(
      pixels: [0, 1, 2, 3, 4, 5, 6, 7], labels: [0, 1, 2, 3], channels: 1, size: Extent(1, 2))
    let test = LabelledImages(pixels: [9, 9], labels: [9], channels: 1, size: Extent(1, 2))
    let set = ImageSet(training: images, test: test, classes: 10, fingerprint: "f").holdingOut(1)
    #expect(set.training.pixels == [0, 1, 2, 3, 4, 5] && set.training.labels == [0, 1, 2])
    #expect(set.test.pixels == [6, 7] && set.test.labels == [3])
    #expect(set.fingerprint != "f")
  }

  @Test("the first images of each class are taken in their order; too few of a class are refused")
  func firstOfEachClass() throws {
    let images = LabelledImages(
      pixels: [0, 1, 2, 3, 4, 5], labels: [1, 0, 1, 1, 0, 0], channels: 1, size: Extent(1, 1))
    let set = ImageSet(training: images, test: images, classes: 2, fingerprint: "f")
    let part = try set.firstOfEachClass(training: 2, test: 1)
    #expect(part.training.pixels == [0, 1, 2, 4] && part.training.labels == [1, 0, 1, 0])
    #expect(part.test.pixels == [0, 1] && part.test.labels == [1, 0])
    #expect(part.fingerprint != "f")
    let error = #expect(throws: FileError.self) { try set.firstOfEachClass(training: 4, test: 1) }
    #expect(error?.description.contains("fewer than 4 images of a class") == true)
  }

  @Test("the subset of SVHN is the first 10,000 test digits, and needs no other file")
  func svhnSubset() throws {
    let folder = try TemporaryFolder()
    let store = DataStore(environment: ["MLCSC_DATA": folder.url.path, "HOME": folder.url.path])
    func write(_ count: Int) throws {
      // Pixel (0, 0) of the first channel says which digit it is.
      var x = [UInt8](repeating: 0, count: 3072 * count)
      for n in 0..<count { x[3072 * n] = UInt8(n % 251) }
      let y = (0..<count).map { UInt8(1 + $0 % 10) }
      try AtomicFile.write(
        MATLABFile.encoded([("X", [32, 32, 3, count], x), ("y", [count, 1], y)]),
        to: folder["test_32x32.mat"])
    }
    try write(10_001)
    let set = try ImageSource.svhnSubset.load(store)
    #expect(set.training.count == ImageSource.svhnSubset.trainingImageCount)
    #expect(set.test.count == 2_000)
    #expect(set.training.pixels[3072 * 7_999] == UInt8(7_999 % 251))
    #expect(set.test.pixels[0] == UInt8(8_000 % 251) && set.test.labels.prefix(3) == [1, 2, 3])
    #expect(set.provenance.joined().contains("first 10,000"))
    try write(9_999)
    let error = #expect(throws: FileError.self) { try ImageSource.svhnSubset.load(store) }
    #expect(error?.description.contains("9999 digits") == true)
  }

  @Test("the embedded subset has as many images of every class as it says, and its checksum")
  func embedded() throws {
    let set = try CIFAR.embedded()
    for (images, each) in [(set.training, 400), (set.test, 100)] {
      #expect(images.count == 10 * each && images.dimension == 3072)
      for c in 0..<10 { #expect(images.labels.count { $0 == UInt8(c) } == each) }
    }
    // Mean and deviation of the whole set, in the shared README; a balanced part lies near them.
    for (channel, mean) in [0.4914, 0.4822, 0.4465].enumerated() {
      var sum = 0
      for image in 0..<set.training.count {
        let start = image * 3072 + channel * 1024
        sum += set.training.pixels[start..<start + 1024].reduce(0) { $0 + Int($1) }
      }
      let found = Double(sum) / 255 / 1024 / Double(set.training.count)
      // Five standard errors of 4,000 image means whose deviation is below 0.15.
      #expect(abs(found - mean) < 5 * 0.15 / 4000.0.squareRoot())
    }
  }

  /// A folder with the archive of a tiny CIFAR-10, as the publishers pack it.
  private static func archive() throws -> (folder: TemporaryFolder, name: String) {
    let folder = try TemporaryFolder()
    let file = DataSet.cifar10.files[0]
    for (i, member) in file.members.enumerated() {
      try AtomicFile.write(record([UInt8(i)], i), to: folder[member])
    }
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments = [
      "tar", "-czf", folder[file.name].path, "-C", folder.url.path, "cifar-10-batches-bin",
    ]
    try tar.run()
    tar.waitUntilExit()
    #expect(tar.terminationStatus == 0)
    return (folder, file.name)
  }

  private static func store(_ folder: TemporaryFolder) -> DataStore {
    DataStore(environment: ["MLCSC_DATA": folder.url.path, "MLCSC_CACHE": folder["none"].path])
  }

  @Test("an archive and its unpacked folder give the same images, and say where they came from")
  func archiveOrFolder() throws {
    let (folder, name) = try Self.archive()
    let unpacked = try CIFAR.full(.ten, Self.store(folder))
    try FileManager.default.removeItem(at: folder["cifar-10-batches-bin"])
    let packed = try CIFAR.full(.ten, Self.store(folder))
    #expect(packed.training.labels == [0, 1, 2, 3, 4] && packed.test.labels == [5])
    #expect(packed.training.pixels == unpacked.training.pixels)
    #expect(packed.fingerprint == unpacked.fingerprint)
    #expect(packed.provenance.allSatisfy { $0.contains("not the canonical file") })
    #expect(unpacked.provenance.allSatisfy { $0.contains("unpacked, used as given") })
    let whole = try AtomicFile.read(folder[name])
    try AtomicFile.write(whole.prefix(whole.count / 2), to: folder[name])
    let error = #expect(throws: FileError.self) { try CIFAR.full(.ten, Self.store(folder)) }
    #expect(error?.description.contains("damaged archive") == true)
    try FileManager.default.removeItem(at: folder[name])
    let absent = #expect(throws: DataMissing.self) { try CIFAR.full(.ten, Self.store(folder)) }
    #expect(absent?.remedy.contains("mlcsc data fetch cifar10") == true)
  }

  @Test("an archive without a member, or with one too large, is refused")
  func members() throws {
    let (folder, name) = try Self.archive()
    let missing = #expect(throws: FileError.self) {
      try TarArchive.members(["nothing.bin"], of: folder[name], limit: 10_000)
    }
    #expect(missing?.description.contains("there is no nothing.bin") == true)
    let large = #expect(throws: FileError.self) {
      try TarArchive.members(
        ["cifar-10-batches-bin/test_batch.bin"], of: folder[name], limit: 3_000)
    }
    #expect(large?.description.contains("3073 bytes, more than the 3000") == true)
  }

  @Test("a MATLAB file of house numbers gives images row by row, with 0 for the class 10")
  func svhn() throws {
    let folder = try TemporaryFolder()
    // Row r, column c, channel k of image n has the value r + 2c + 40k + 3n: unlike under any swap.
    var x = [UInt8](repeating: 0, count: 32 * 32 * 3 * 2)
    for n in 0..<2 {
      for k in 0..<3 {
        for c in 0..<32 {
          for r in 0..<32 {
            x[r + 32 * (c + 32 * (k + 3 * n))] = UInt8(r + 2 * c + 40 * k + 3 * n)
          }
        }
      }
    }
    let url = folder["train_32x32.mat"]
    let whole = MATLABFile.encoded([("X", [32, 32, 3, 2], x), ("y", [2, 1], [10, 7])])
    try AtomicFile.write(whole, to: url)
    let images = try SVHN.images(of: url)
    #expect(images.labels == [0, 7])
    for (n, k, r, c) in [(0, 0, 0, 0), (0, 0, 3, 1), (1, 2, 31, 5), (1, 1, 4, 30)] {
      #expect(images.pixels[((n * 3 + k) * 32 + r) * 32 + c] == UInt8(r + 2 * c + 40 * k + 3 * n))
    }
    func message(_ data: Data) throws -> String {
      try AtomicFile.write(data, to: url)
      let error = #expect(throws: FileError.self) { try SVHN.images(of: url) }
      return error?.description ?? ""
    }
    #expect(
      try message(Data("MATLAB 7.3 MAT-file, Platform: GLNXA64".utf8)).contains("which is HDF5"))
    #expect(try message(Data("no MATLAB file".utf8)).contains("byte 0: no MATLAB file of level 5"))
    for count in [130, 3_000, whole.count - 60, whole.count - 1] {
      #expect(try message(whole.prefix(count)).contains("the file ends"), "\(count) bytes")
    }
    #expect(try message(whole + Data([0, 0, 0])).contains("the file ends"))
    #expect(
      try message(MATLABFile.encoded([("X", [32, 32, 3, 2], x)])).contains("there is no variable y")
    )
    #expect(
      try message(MATLABFile.encoded([("X", [32, 32, 3, 2], x), ("y", [2, 1], [11, 7])]))
        .contains("variable y, element 1: the label 11 is not from 1 to 10"))
    #expect(
      try message(MATLABFile.encoded([("X", [32, 32, 3, 2], x), ("y", [1, 1], [1])]))
        .contains("variable X: extents [32, 32, 3, 2], not [32, 32, 3, N]"))
  }
  @Test("labels of every type of numbers are read; what is no byte is named")
  func labelTypes() throws {
    let folder = try TemporaryFolder()
    let url = folder["labels.mat"]
    func read(_ stored: MATLABFile.Stored, _ values: [Int]) throws -> [UInt8] {
      try AtomicFile.write(
        MATLABFile.encoded([("y", [values.count, 1], stored, values)]), to: url)
      return try MATFile.bytes("y", of: url).elements
    }
    for stored in MATLABFile.Stored.allCases {
      #expect(try read(stored, [10, 7, 1, 0]) == [10, 7, 1, 0], "\(stored)")
    }
    for stored in MATLABFile.Stored.allCases where stored != .uint8 {
      let wrong = stored == .int8 || stored == .int16 ? -1 : 1000
      guard stored != .int8 || wrong < 0 else { continue }
      let error = #expect(throws: FileError.self) { try read(stored, [3, wrong]) }
      #expect(error?.description.contains("element 2 is \(wrong)") == true, "\(stored)")
    }
  }

  @Test("an array that announces more than its file can hold is refused before it gets room")
  func announced() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      MATLABFile.encoded([("y", [1 << 20, 1 << 9], .uint8, [1])]), to: folder["y.mat"])
    let error = #expect(throws: FileError.self) { try MATFile.bytes("y", of: folder["y.mat"]) }
    #expect(error?.description.contains("are too large") == true)
  }
}
