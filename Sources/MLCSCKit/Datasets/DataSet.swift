import Foundation

/// What a published file holds.
public enum DataFormat: Sendable, Hashable {
  /// IDX with so many axes.
  case idx(axes: Int)
  /// A gzipped tar archive with these members.
  case archive(members: [String])
  /// A MATLAB file.
  case matlab
}

/// A resource that embeds a part of a data set.
public struct EmbeddedFile: Sendable, Hashable {
  /// The resource's name.
  public let name: String
  /// The content's size in bytes, uncompressed.
  public let contentSize: Int
  /// SHA-256 of the uncompressed content.
  public let sha256: String
}

/// One file of a data set, as its publishers distribute it.
public struct DataFile: Sendable, Hashable {
  /// The file's canonical name.
  public let name: String
  /// Where it is published.
  public let url: String
  /// MD5 of the file as published, compressed where it is.
  public let md5: String
  /// The content's size in bytes, uncompressed, or more: no download may unpack to more.
  public let contentSize: Int
  /// SHA-256 of the uncompressed content; where it is known, it alone decides.
  public let contentSHA256: String?
  /// What is in it.
  public let format: DataFormat
  /// SHA-256 of the content of the resource that embeds a part of the file.
  public let embeddedSHA256: String?

  /// The members of an archive that are read, in their order; none of another file.
  public var members: [String] {
    if case .archive(let members) = format { members } else { [] }
  }

  /// The names under which the file is found in a folder that the user names, its own first: also
  /// unpacked, with the point that other tools write before `idx`, and in a folder of its own name.
  public var acceptedNames: [String] {
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    let own = name == plain ? [name] : [name, plain]
    guard case .idx = format else { return own }
    let dotted = plain.replacingOccurrences(of: "-idx", with: ".idx")
    return own + [dotted + ".gz", dotted, "\(plain)/\(plain)", "\(dotted)/\(dotted)"]
  }

  /// A file from its parts.
  public init(
    name: String, url: String, md5: String, contentSize: Int, contentSHA256: String?,
    format: DataFormat, embeddedSHA256: String? = nil
  ) {
    self.name = name
    self.url = url
    self.md5 = md5
    self.contentSize = contentSize
    self.contentSHA256 = contentSHA256
    self.format = format
    self.embeddedSHA256 = embeddedSHA256
  }
}

/// A data set: its files, licence and citation.
public struct DataSet: Sendable {
  /// The name used on the command line.
  public let name: String
  /// Its title.
  public let title: String
  /// Licence and who asks to be cited.
  public let licence: String
  /// Its files.
  public let files: [DataFile]
  /// What the package embeds of it.
  public let embedded: String
  /// The resources that embed it where they are not parts of single files.
  public let embeddedFiles: [EmbeddedFile]

  /// A data set from its parts.
  public init(
    name: String, title: String, licence: String, files: [DataFile], embedded: String,
    embeddedFiles: [EmbeddedFile] = []
  ) {
    self.name = name
    self.title = title
    self.licence = licence
    self.files = files
    self.embedded = embedded
    self.embeddedFiles = embeddedFiles
  }

  /// All data sets that the suite reads.
  public static let all = [mnist, cifar10, cifar100, svhn]

  /// MNIST, 60,000 + 10,000 handwritten digits of 28×28 pixels.
  public static let mnist: DataSet = {
    func file(
      _ name: String, axes: Int, size: Int, _ md5: String, _ sha256: String, embedded: String
    ) -> DataFile {
      DataFile(
        name: name, url: "https://ossci-datasets.s3.amazonaws.com/mnist/\(name)", md5: md5,
        contentSize: size, contentSHA256: sha256, format: .idx(axes: axes),
        embeddedSHA256: embedded)
    }
    return DataSet(
      name: "mnist", title: "MNIST handwritten digits, 60,000 + 10,000 images of 28×28",
      licence: "CC BY-SA 3.0, Y. LeCun, C. Cortes, C. Burges",
      files: [
        file(
          "train-images-idx3-ubyte.gz", axes: 3, size: 47_040_016,
          "f68b3c2dcbeaaa9fbdd348bbdeb94873",
          "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
          embedded: "96448e792027ae8c3d693bf7f6685beb422442276734ffe24b7860a3581dcb08"),
        file(
          "train-labels-idx1-ubyte.gz", axes: 1, size: 60_008,
          "d53e105ee54ea40749a09fcbcd1e9432",
          "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
          embedded: "dfa6309ccbfc44ab3df730fa9d1b133e2baeb0fe7db8e4bbdcd05d3e5bd811ea"),
        file(
          "t10k-images-idx3-ubyte.gz", axes: 3, size: 7_840_016,
          "9fb629c4189551a2d022fa330f9573f3",
          "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
          embedded: "780e99a56e963f3affe4791a03545a6ddbdc0904dd880c7f3c50753282177303"),
        file(
          "t10k-labels-idx1-ubyte.gz", axes: 1, size: 10_008,
          "ec29112dd5afa0611ce80d1b7f02629c",
          "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
          embedded: "b547e409b08f1d55c77b7f0964dfb27202f97c41c014d9427a3acecfcf6a7129"),
      ],
      embedded: "the first 1,000 training and 200 test digits of every class")
  }()

  /// CIFAR-10, 50,000 + 10,000 colour images of 32×32 pixels in ten classes.
  public static let cifar10 = DataSet(
    name: "cifar10", title: "CIFAR-10, 50,000 + 10,000 colour images of 32×32 in 10 classes",
    licence: "none stated; cite A. Krizhevsky, Learning Multiple Layers of Features from Tiny "
      + "Images, 2009",
    files: [
      DataFile(
        name: "cifar-10-binary.tar.gz",
        url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        md5: "c32a1d4ab5d03f1284b67883e8d87530", contentSize: 250_000_000, contentSHA256: nil,
        format: .archive(
          members: (1...5).map { "cifar-10-batches-bin/data_batch_\($0).bin" }
            + ["cifar-10-batches-bin/test_batch.bin"]))
    ],
    embedded: "the first 400 training and 100 test images of every class",
    embeddedFiles: [
      EmbeddedFile(
        name: "cifar10-train.bin.gz", contentSize: 4_000 * 3_073,
        sha256: "ee7a2b513ecd2d2d9730a98d1c8f703f6b191c85b854b97fcfefff62c374828b"),
      EmbeddedFile(
        name: "cifar10-test.bin.gz", contentSize: 1_000 * 3_073,
        sha256: "09f38810b8fa93633e607d09a7b2d420143a5490d47e574cada38336929b5f8f"),
    ])

  /// CIFAR-100, 50,000 + 10,000 colour images of 32×32 pixels in a hundred classes.
  public static let cifar100 = DataSet(
    name: "cifar100", title: "CIFAR-100, 50,000 + 10,000 colour images of 32×32 in 100 classes",
    licence: cifar10.licence,
    files: [
      DataFile(
        name: "cifar-100-binary.tar.gz",
        url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
        md5: "03b5dce01913d631647c71ecec9e9cb8", contentSize: 250_000_000, contentSHA256: nil,
        format: .archive(members: ["cifar-100-binary/train.bin", "cifar-100-binary/test.bin"]))
    ],
    embedded: "nothing")

  /// SVHN, the cropped digits of the street view house numbers, 73,257 + 26,032 of 32×32 pixels.
  public static let svhn: DataSet = {
    func file(_ split: String, _ md5: String) -> DataFile {
      DataFile(
        name: "\(split)_32x32.mat",
        url: "http://ufldl.stanford.edu/housenumbers/\(split)_32x32.mat", md5: md5,
        contentSize: 250_000_000, contentSHA256: nil, format: .matlab)
    }
    return DataSet(
      name: "svhn", title: "SVHN, 73,257 + 26,032 cropped house number digits of 32×32",
      licence:
        "non-commercial use only; Y. Netzer and others, Reading Digits in Natural Images with "
        + "Unsupervised Feature Learning, 2011",
      files: [
        file("train", "e26dedcc434d2e4c54c9b2d4a06d8373"),
        file("test", "eb5a983be6a315427106f1b164d9cef3"),
      ],
      embedded: "nothing: its licence forbids it")
  }()

  /// The data set of a name.
  ///
  /// - Throws: `UsageError` naming those there are.
  public static func named(_ name: String) throws -> DataSet {
    guard let found = all.first(where: { $0.name == name.lowercased() }) else {
      throw UsageError(
        "no data set \"\(name)\"; there are: \(all.map(\.name).joined(separator: ", "))")
    }
    return found
  }

  /// The name of the resource that embeds a part of a file.
  public func resource(of file: DataFile) -> String { "\(name)-\(file.name)" }

  /// The command that fetches this set.
  public var remedy: String {
    "mlcsc data fetch \(name), or set MLCSC_DATA to a folder that holds it"
  }
}
