import Foundation
import MLCSCBase
import MLCSCKit
import TestSupport

/// The formats whose readers are given damaged files.
public enum ReaderFormat: String, CaseIterable, Sendable {
  case idx
  case idxGzip = "idx-gzip"
  /// Damaged, then compressed.
  case idxInGzip = "idx-in-gzip"
  case cifar
  case mat
  case matCompressed = "mat-compressed"
  /// Damaged, then compressed.
  case matInCompressed = "mat-in-compressed"
  case csv
  case npy
  case npz
  /// Damaged, then packed.
  case npyInNpz = "npy-in-npz"
  case safetensors
  case tarGzip = "tar-gzip"
  /// Damaged, then compressed.
  case tarInGzip = "tar-in-gzip"
}

/// Damaged files through the readers: every one is read, or refused with an error of a file.
public struct ReaderTrials {
  /// What became of a damaged file.
  public enum Outcome: Equatable, Sendable {
    /// It was read: the damage changed only numbers.
    case read
    /// It was refused with an error that names what is wrong.
    case refused
    /// It was refused with an error of another kind.
    case unclear(String)
  }

  private let folder: ScratchFolder
  private let archive: Data
  private static let member = "cifar-10-batches-bin/test_batch.bin"
  private static let record = Data([3] + (0..<3072).map { UInt8($0 * 7 % 251) })

  /// Trials with the same whole files in every process.
  ///
  /// - Throws: `FileError`, `ProgramError` where there is no `tar`.
  public init() throws {
    folder = try ScratchFolder("mlcsc-fault")
    let file = folder.url.appendingPathComponent(Self.member)
    try AtomicFile.write(Self.record, to: file)
    archive = try FinishedProgram(
      URL(fileURLWithPath: "/usr/bin/env"),
      [
        "tar", "-c", "--format=ustar", "--mtime=@0", "--owner=0", "--group=0", "-C",
        folder.url.path, Self.member,
      ], keeping: .output
    ).kept
  }

  /// Removes the files of the trials.
  public func finish() { folder.remove() }

  /// The format of a trial; they take turns.
  public static func format(of number: Int) -> ReaderFormat {
    ReaderFormat.allCases[number % ReaderFormat.allCases.count]
  }

  /// The damaged file of a trial.
  ///
  /// - Parameter number: Decides format and damage.
  /// - Returns: The file's bytes.
  /// - Throws: `FileError.notWritten`.
  public func file(of number: Int) throws -> Data {
    var stream = RandomStream("damaged files", "\(number)")
    return try damaged(Self.format(of: number), &stream)
  }

  /// Reads the damaged file of a trial.
  ///
  /// - Returns: What became of it.
  public func outcome(of number: Int, _ file: Data) -> Outcome {
    let format = Self.format(of: number)
    do {
      try read(file, format)
      return .read
    } catch is FileError {
      return .refused
    } catch {
      return .unclear("\(format.rawValue) \(number): \(error)")
    }
  }

  private func damaged(_ format: ReaderFormat, _ stream: inout RandomStream) throws -> Data {
    switch format {
    case .idx: Mutation.of(Self.idx, &stream)
    case .idxGzip: Mutation.of(Gzip.compress(Self.idx), &stream)
    case .idxInGzip: Gzip.compress(Mutation.of(Self.idx, &stream))
    case .cifar: Mutation.of(Self.record, &stream)
    case .mat: Mutation.of(Self.mat, &stream)
    case .matCompressed: Mutation.of(MATLABFile.compressed(Self.mat), &stream)
    case .matInCompressed:
      MATLABFile.compressed(Self.mat.prefix(136) + Mutation.of(Self.mat.dropFirst(136), &stream))
    case .csv: Mutation.of(Self.csv, &stream)
    case .npy: Mutation.of(Self.npy, &stream)
    case .npz: Mutation.of(try ZipArchive.data([("a.npy", Self.npy)], path: "f"), &stream)
    case .npyInNpz: try ZipArchive.data([("a.npy", Mutation.of(Self.npy, &stream))], path: "f")
    case .safetensors: Mutation.of(try Self.safetensors(), &stream)
    case .tarGzip: Mutation.of(Gzip.compress(archive), &stream)
    case .tarInGzip: Gzip.compress(Mutation.of(archive, &stream))
    }
  }

  private func read(_ file: Data, _ format: ReaderFormat) throws {
    switch format {
    case .idx, .idxGzip, .idxInGzip: _ = try IDXFile(file, path: "f", axes: 3)
    case .cifar: _ = try CIFARFile(file, path: "f", classes: [10])
    case .csv: _ = try CSVFile.matrix(file, path: "f")
    case .npy: _ = try NumPyFile.tensor(file, path: "f")
    case .npz, .npyInNpz:
      for array in try NumPyArchive.files(file, path: "f").values {
        _ = try NumPyFile.tensor(array, path: "f")
      }
    case .safetensors: _ = try SafeTensorsFile<Float>(file, path: "f")
    case .mat, .matCompressed, .matInCompressed:
      let url = folder.url.appendingPathComponent("f.mat")
      try file.write(to: url)
      for name in try MATFile.names(of: url) { _ = try? MATFile.matrix(name, of: url) }
      _ = try SVHN.images(of: url)
    case .tarGzip, .tarInGzip:
      let url = folder.url.appendingPathComponent("f.tar.gz")
      try file.write(to: url)
      for content in try TarArchive.members([Self.member], of: url, limit: 1 << 28) {
        _ = try CIFARFile(content, path: "f", classes: [10])
      }
    }
  }

  private static let idx = Data(
    [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 28, 0, 0, 0, 28] + (0..<4 * 784).map { UInt8($0 % 256) })

  private static let mat = MATLABFile.encoded([
    ("X", [32, 32, 3, 2], (0..<6144).map { UInt8($0 % 256) }), ("y", [2, 1], [10, 7]),
  ])

  private static let csv: Data = {
    var stream = RandomStream("csv")
    return Data(CSVFile.text(Matrix<Double>.normal(9, 5, from: &stream)).utf8)
  }()

  private static let npy: Data = {
    var stream = RandomStream("npy")
    return NumPyFile.data(Matrix<Double>.normal(9, 5, from: &stream))
  }()

  private static func safetensors() throws -> Data {
    var stream = RandomStream("safetensors")
    return try SafeTensorsFile<Float>(
      tensors: ["a": .normal(3, 4, from: &stream), "b": .normal(5, 1, from: &stream)],
      metadata: ["made_by": "a trial"]
    ).encoded(.float32)
  }
}
