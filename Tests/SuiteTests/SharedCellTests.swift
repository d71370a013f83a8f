// Claim: experiments that declare a family share finished cells, their files and random streams;
// the keys of all others stay what they were.
import ExperimentSuite
import Foundation
import MLCSCKit
import MLCSCStudies
import Synchronization
import TestSupport
import Testing

/// A network for the tiny runs below.
private struct TinyArchitecture: NetworkArchitecture {
  var name = "tiny net"

  func network(
    channels: Int, size: Extent, classes: Int, stream: RandomStream
  ) throws -> any Network<Float> {
    try SmallNetwork(stream: stream)
  }
}

/// What the two experiments have in common.
private protocol TinyTraining: Experiment
where
  Settings == TinySettings, Inputs == [ImageSource: ImageSet],
  Cell == TrainingRun<TinyArchitecture>, Row == EpochRecord
{}

private struct TinySettings: Codable, Sendable {
  var epochs = 2
  var seeds = [1, 2]
  var learningRate = 0.01
  /// By how much it is taken, so that it can leave the range of a single setting.
  var rateFactor = 1.0
  /// A setting that changes nothing in the cells.
  var confidence = 0.95
}

extension TinyTraining {
  static func settings(for profile: Profile) -> TinySettings { TinySettings() }

  static func prepare(_ settings: TinySettings, _ resources: RunResources) throws -> Inputs {
    let images = LabelledImages(
      pixels: (0..<30 * 36).map { UInt8($0 * 7 % 256) }, labels: (0..<30).map { UInt8($0 % 3) },
      channels: 1, size: .square(6))
    return [
      .embeddedMNIST: ImageSet(
        training: images, test: images, classes: 3, fingerprint: "synthetic")
    ]
  }

  static func cells(_ settings: TinySettings, _ inputs: Inputs) -> [Cell] {
    settings.seeds.map {
      TrainingRun(
        data: .embeddedMNIST, trainingImages: 20, architecture: TinyArchitecture(),
        plan: TrainingPlan(
          batchSize: 6, epochs: settings.epochs, optimizer: .adam(epsilon: 1e-4),
          learningRate: settings.learningRate * settings.rateFactor), seed: $0)
    }
  }

  static func tables(
    _ settings: TinySettings, _ results: [CellResult<Cell, EpochRecord>]
  ) throws -> [Table] {
    [
      try Table(
        "losses",
        results.flatMap { result in
          result.rows.map {
            LossRow(seed: result.cell.seed, epoch: $0.epoch, loss: $0.trainingLoss)
          }
        })
    ]
  }
}

private struct LossRow: TableRow {
  @Field("seed", .key) var seed = 0
  @Field("epoch", .key) var epoch = 0
  @Field("loss", .measured()) var loss = 0.0
}

private enum TinyFigure: TinyTraining {
  static let identity = ExperimentIdentity(
    name: "tiny-figure", paper: "T", figure: "Fig. 1", title: "t", question: "q")
}

private enum TinyTable: TinyTraining {
  static let identity = ExperimentIdentity(
    name: "tiny-table", paper: "T", figure: "Table 1", title: "t", question: "q", version: 7)
}

/// An experiment with cells of its own.
private enum Ordinary: TwoCells {
  static let identity = ExperimentIdentity(
    name: "ordinary", paper: "T", figure: "Fig. 2", title: "t", question: "q", version: 3)

  static func fingerprint(of inputs: NoInputs) -> String { "data" }

  static func measure(
    _ cell: NumberedCell, _ settings: [String: Int], _ inputs: NoInputs, _ context: CellContext
  ) throws -> [UInt64] {
    var stream = context.stream
    return [stream.next()]
  }
}

/// An experiment in whose second cell "another process" finishes the first one.
private enum Contested: TwoCells {
  /// What the other process has in hand.
  struct Other: Sendable {
    let cache: CellCache
    let key: String
    let descriptor: Int32

    /// Takes the lock of a cell as another process would.
    init(_ cache: CellCache, key: String) throws {
      (self.cache, self.key) = (cache, key)
      try FileManager.default.createDirectory(at: cache.folder, withIntermediateDirectories: true)
      descriptor = open(cache.folder.path + "/\(key).lock", O_RDWR | O_CREAT, 0o644)
      #expect(descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    }

    /// Finishes the cell with a number that no cell of this experiment measures.
    func finish() throws {
      try cache.store(FinishedCell(body: Data("[41]".utf8)), for: key)
      close(descriptor)
    }
  }

  static let other = Mutex<Other?>(nil)

  static let identity = ExperimentIdentity(
    name: "contested", paper: "T", figure: "Fig. 3", title: "t", question: "q")

  static func measure(
    _ cell: NumberedCell, _ settings: [String: Int], _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Int] {
    if cell.index == 1 { try other.withLock { $0 }?.finish() }
    return [cell.index]
  }
}

struct SharedCellTests {
  private struct Numbers: Codable {
    let cells_computed: Int
    let cells_cached: Int
  }

  private func options(_ changes: [String] = [], seed: Int = 1) throws -> RunOptions {
    try RunOptions.parse(
      ["--profile", "smoke", "--no-plots", "--jobs", "2", "--seed", "\(seed)"]
        + changes.flatMap { ["--set", $0] })
  }

  /// Runs and says how many cells were computed and found.
  private func run<E: Experiment>(
    _ type: E.Type, _ folder: TemporaryFolder, _ options: RunOptions
  ) throws -> (computed: Int, cached: Int, output: URL) {
    let runner = Runner<E>(
      options: options, results: folder["Results"], root: nil, output: folder[E.identity.name])
    // The provenance of an earlier run stays where nothing was computed.
    try? FileManager.default.removeItem(at: runner.output)
    #expect(try runner.run().status == .ok)
    let numbers = try JSONDecoder().decode(
      Numbers.self, from: Data(contentsOf: runner.output.appendingPathComponent("provenance.json"))
    )
    return (numbers.cells_computed, numbers.cells_cached, runner.output)
  }

  private func names(_ url: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
  }

  @Test("two experiments of one family train once and have the same numbers and weights")
  func sharing() throws {
    let folder = try TemporaryFolder()
    let figure = try run(TinyFigure.self, folder, options())
    #expect(figure.computed == 2 && figure.cached == 0)
    // The other experiment has another version and another setting outside the cells.
    let table = try run(TinyTable.self, folder, options(["confidence=0.5"]))
    #expect(table.computed == 0 && table.cached == 2)
    for name in try names(figure.output) where !name.hasSuffix(".json") {
      #expect(
        try Data(contentsOf: figure.output.appendingPathComponent(name))
          == Data(contentsOf: table.output.appendingPathComponent(name)))
    }
    let weights = try names(table.output).filter { $0.hasSuffix(".safetensors") }
    #expect(weights.count == 2)
    #expect(weights[0].hasPrefix("mnist-embedded-20-tiny-net-2-epochs-seed-1-"), "\(weights)")
    #expect(try names(folder["Results/.cache"]) == ["network-training"])
    // Nothing but the finished cells and their files is left: no checkpoints.
    #expect(
      try names(folder["Results/.cache/network-training"]).allSatisfy {
        $0.hasSuffix(".cell") || $0.hasSuffix(".files")
      })
  }

  @Test("what is in a cell is in its key: another plan, seed of the run or image is other work")
  func content() throws {
    let folder = try TemporaryFolder()
    #expect(try run(TinyFigure.self, folder, options()).computed == 2)
    #expect(try run(TinyTable.self, folder, options(["epochs=1"])).computed == 2)
    #expect(try run(TinyTable.self, folder, options(seed: 2)).computed == 2)
    #expect(try run(TinyTable.self, folder, options(["seeds=[1,2,3]"])).computed == 1)
    #expect(try run(TinyTable.self, folder, options(["seeds=[3,1]"])).computed == 0)
  }

  @Test("a training that diverges is finished with the accuracy of chance, and not tried again")
  func divergence() throws {
    let folder = try TemporaryFolder()
    let changes = ["learningRate=1e15", "rateFactor=1e15"]
    let first = try run(TinyFigure.self, folder, options(changes))
    #expect(first.computed == 2)
    let losses = try String(
      contentsOf: first.output.appendingPathComponent("losses.csv"), encoding: .utf8)
    let lines = losses.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    #expect(lines.count == 4)
    // The cross entropy of guessing among three classes.
    #expect(try lines.allSatisfy { try abs(#require(Double($0[2])) - 1.0986122886681098) < 1e-12 })
    #expect(try run(TinyFigure.self, folder, options(changes)).computed == 0)
  }

  @Test("weights of a shared run go into a network of the same architecture")
  func weights() throws {
    let folder = try TemporaryFolder()
    let output = try run(TinyFigure.self, folder, options()).output
    let file = try #require(try names(output).first { $0.hasSuffix(".safetensors") })
    let metadata = try NetworkWeights.load(
      output.appendingPathComponent(file), into: SmallNetwork())
    #expect(metadata["network"] == "tiny net" && metadata["data"] == "synthetic")
    let text = try #require(metadata["run"])
    let cell = try JSONDecoder().decode(
      TrainingRun<TinyArchitecture>.self, from: Data(text.utf8))
    #expect("\(cell.id).safetensors" == file)
  }

  @Test("a cell that another process computes is left to it and not computed twice")
  func contested() throws {
    let folder = try TemporaryFolder()
    let key = CellCache.key(
      experiment: "contested", version: 1, seed: 1, settings: Data("{\n  \"count\" : 2\n}".utf8),
      fingerprint: "", cell: "block-0")
    let other = try Contested.Other(
      CellCache(results: folder["Results"], experiment: "contested"), key: key)
    Contested.other.withLock { $0 = other }
    var options = try options()
    options.jobs = 1
    let found = try run(Contested.self, folder, options)
    #expect(found.computed == 1 && found.cached == 1)
    let table = try String(
      contentsOf: found.output.appendingPathComponent("numbers.csv"), encoding: .utf8)
    #expect(table.contains("block-0,41\n") && table.contains("block-1,1\n"), "\(table)")
    // No lock is left for the cell that this process computed.
    #expect(try names(other.cache.folder).count { $0.hasSuffix(".cell") } == 2)
    #expect(try names(other.cache.folder).allSatisfy { !$0.hasSuffix(".lock") })
  }

  @Test("the keys and streams of experiments without a family are those they always had")
  func ordinary() throws {
    // SHA-256 of "8:ordinary" "1:3" "1:1" "17:{⏎  "count" : 2⏎}" "4:data" "7:block-0", computed
    // apart from this code.
    let settings = Data("{\n  \"count\" : 2\n}".utf8)
    let keys = (0..<2).map {
      CellCache.key(
        experiment: "ordinary", version: 3, seed: 1, settings: settings, fingerprint: "data",
        cell: "block-\($0)")
    }
    #expect(keys[0] == "23c205ac02733e1a3547f9c29cb6f58c")
    let folder = try TemporaryFolder()
    let output = try run(Ordinary.self, folder, options()).output
    #expect(
      try names(folder["Results/.cache/ordinary"]) == keys.map { "\($0).cell" }.sorted())
    let table = try String(
      contentsOf: output.appendingPathComponent("numbers.csv"), encoding: .utf8)
    for i in 0..<2 {
      var stream = RandomStream("ordinary", "block-\(i)", "1")
      #expect(table.contains("block-\(i),\(stream.next())\n"))
    }
  }
}
