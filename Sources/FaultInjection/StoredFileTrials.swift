import ExperimentSuite
import Foundation
import MLCSCBase
import MLCSCKit
import TestSupport

/// Stored files, each cut at many places and flipped at many bits: all of it must be noticed.
public struct StoredFileTrials {
  /// The files that are stored.
  public enum Kind: String, CaseIterable, Sendable {
    /// A finished cell.
    case cell
    /// A file that a cell kept, such as weights.
    case keptFile = "kept-file"
    /// The copy of a kept file among the results.
    case result
    /// The newest checkpoint of a training.
    case trainingCheckpoint = "training-checkpoint"
    /// A checkpoint of dictionary learning.
    case learningCheckpoint = "learning-checkpoint"
    /// A table, the schema and the digests of a stored baseline.
    case baseline
  }

  /// How many damaged files there were, and which were taken for whole.
  public struct Tally: Sendable {
    public var tried = 0
    public var missed = [String]()
  }

  private let folder: ScratchFolder
  /// How often each file is cut, and flipped.
  private let count: Int

  /// Trials with so many cuts and as many flips of each file.
  ///
  /// - Throws: `FileError.notWritten`.
  public init(count: Int) throws {
    folder = try ScratchFolder("mlcsc-fault")
    self.count = count
  }

  /// Removes the files of the trials.
  public func finish() { folder.remove() }

  /// Damages a file in every way and asks whoever reads it.
  ///
  /// - Throws: What the whole file's readers throw; none of it is a miss.
  public func run(_ kind: Kind) throws -> Tally {
    switch kind {
    case .cell, .keptFile: try runCell(kind)
    case .result: try runResult()
    case .trainingCheckpoint: try runTraining()
    case .learningCheckpoint: try runLearning()
    case .baseline: try runBaseline()
    }
  }

  /// Calls `notices` with the file damaged, once a damage, and mends it.
  private func damage(
    _ file: URL, _ name: String, _ notices: () throws -> Bool
  ) throws -> Tally {
    var stream = RandomStream("stored files", name)
    var tally = Tally()
    let whole = try AtomicFile.read(file)
    for trial in 0..<2 * count {
      let isCut = trial % 2 == 0
      let place = stream.index(below: isCut ? whole.count : 8 * whole.count)
      try (isCut ? Mutation.cut(whole, to: place) : Mutation.flipped(whole, bit: place))
        .write(to: file)
      tally.tried += 1
      if try !notices() {
        tally.missed.append(
          "\(name) \(isCut ? "cut to \(place) bytes" : "with bit \(place) flipped")")
      }
    }
    try whole.write(to: file)
    return tally
  }

  private func runCell(_ kind: Kind) throws -> Tally {
    let cache = CellCache(results: folder.url, experiment: "cells")
    let weights = try NetworkWeights.encoded(SmallNetwork())
    let body = Data("[{\"epoch\":1,\"loss\":0.5}]".utf8)
    let kept = cache.artefacts("key").appendingPathComponent("weights.safetensors")
    try AtomicFile.write(weights, to: kept)
    let files = ["weights.safetensors": Digest.sha256(weights).description]
    try cache.store(FinishedCell(body: body, files: files), for: "key")
    func isWhole() -> Bool {
      if case .finished(let cell) = cache.entry("key") { cell.body == body } else { false }
    }
    guard isWhole() else { return Tally(tried: 1, missed: ["the whole cell is refused"]) }
    return try damage(kind == .cell ? cache.file("key") : kept, kind.rawValue) { !isWhole() }
  }

  private func runResult() throws -> Tally {
    let file = folder.url.appendingPathComponent("weights.safetensors")
    let weights = try NetworkWeights.encoded(SmallNetwork())
    try AtomicFile.write(weights, to: file)
    let list = folder.url.appendingPathComponent("files.json")
    try AtomicFile.write(
      JSONText.pretty([file.lastPathComponent: Digest.sha256(weights).description]), to: list)
    try KeptFiles.verify(file)
    return try damage(file, "result") {
      do { try KeptFiles.verify(file) } catch is FileError { return true }
      return false
    }
  }

  private struct NumberRow: TableRow {
    @Field("k", .key) var key = ""
    @Field("x", .measured()) var number = 0.0
  }

  private func runBaseline() throws -> Tally {
    let results = folder.url.appendingPathComponent("results")
    let baseline = folder.url.appendingPathComponent("baseline")
    let table = try Table(
      "numbers", (1...9).map { NumberRow(key: "\($0)", number: 1 / Double($0)) })
    for copy in [results, baseline] {
      try AtomicFile.write(Data(table.csv.utf8), to: copy.appendingPathComponent("numbers.csv"))
      try AtomicFile.write(
        JSONText.pretty(TableSchema([table])), to: copy.appendingPathComponent(TableSchema.fileName)
      )
    }
    try BaselineDigests.write(baseline)
    func isWhole() throws -> Bool {
      do {
        return try Comparison.differences(results: results, baseline: baseline) == []
      } catch is FileError {
        return false
      }
    }
    guard try isWhole() else { return Tally(tried: 1, missed: ["the whole baseline is refused"]) }
    var tally = Tally()
    for name in ["numbers.csv", TableSchema.fileName, BaselineDigests.fileName] {
      let found = try damage(baseline.appendingPathComponent(name), "baseline \(name)") {
        try !isWhole()
      }
      tally.tried += found.tried
      tally.missed += found.missed
    }
    return tally
  }

  private func runLearning() throws -> Tally {
    let file = folder.url.appendingPathComponent("learning-a.checkpoint")
    try VerifiedFile.write(NetworkWeights.encoded(SmallNetwork()), to: file)
    _ = try VerifiedFile.read(file)
    return try damage(file, "learning-checkpoint") {
      do { _ = try VerifiedFile.read(file) } catch is FileError { return true }
      return false
    }
  }

  /// Images of 6 × 6 in three classes.
  private static let images = LabelledImages(
    pixels: (0..<12 * 36).map { UInt8($0 * 7 % 256) }, labels: (0..<12).map { UInt8($0 % 3) },
    channels: 1, size: .square(6))

  private func trainer(_ network: SmallNetwork) throws -> Trainer {
    try Trainer(
      network,
      plan: TrainingPlan(
        batchSize: 6, epochs: 2, optimizer: .adam(epsilon: 1e-8), learningRate: 0.01),
      training: Self.images, test: Self.images, seed: "1", engine: ReferenceConvolution())
  }

  private struct Stop: Error {}

  private func runTraining() throws -> Tally {
    let whole = try SmallNetwork()
    _ = try trainer(whole).train()
    let start = folder.url.appendingPathComponent("start")
    // A checkpoint after every batch, and a stop that saves one more: both files are there.
    var (calls, clock) = (0, 0.0)
    do {
      _ = try trainer(SmallNetwork()).train(
        TrainingSurroundings(
          checkpoints: start, checkpointInterval: 0,
          seconds: {
            clock += 1
            return clock
          },
          checkInterruption: {
            calls += 1
            if calls == 6 { throw Stop() }
          }))
    } catch is Stop {}
    let work = folder.url.appendingPathComponent("work")
    let names = try FileManager.default.contentsOfDirectory(atPath: start.path).sorted()
    var tally = Tally()
    for name in names {
      let damaged = start.appendingPathComponent(name)
      let found = try damage(damaged, "training-checkpoint \(name)") {
        try? FileManager.default.removeItem(at: work)
        try FileManager.default.copyItem(at: start, to: work)
        let network = try SmallNetwork()
        var notes = [String]()
        _ = try trainer(network).train(
          TrainingSurroundings(checkpoints: work, note: { notes.append($0) }))
        return network.numbers == whole.numbers && notes.contains { $0.contains(name) }
      }
      tally.tried += found.tried
      tally.missed += found.missed
    }
    return tally
  }
}
