import ExperimentSuite
import Foundation
import MLCSCKit

/// A cell that trains one network: the whole description of its work, and nothing else.
///
/// Runs with equal descriptions are the same work, whichever experiment asks for them: they share
/// finished results, checkpoints and weights through the family `CellFamily.training`.
public struct TrainingRun<Architecture: NetworkArchitecture>: TrainingCell {
  public typealias Row = EpochRecord

  public var data: ImageSource
  /// How many images are learnt from, as many of each class; absent: all of the set.
  public var trainingImages: Int?
  /// How many images are tested with, as many of each class; absent: all of the set.
  public var testImages: Int?
  /// The network.
  public var architecture: Architecture
  /// How it is trained.
  public var plan: TrainingPlan
  /// Tells repetitions apart: first weights, orders and changes of images hang on it.
  public var seed: Int

  /// A run.
  public init(
    data: ImageSource, trainingImages: Int? = nil, testImages: Int? = nil,
    architecture: Architecture, plan: TrainingPlan, seed: Int
  ) {
    (self.data, self.trainingImages, self.testImages) = (data, trainingImages, testImages)
    (self.architecture, self.plan, self.seed) = (architecture, plan, seed)
  }

  /// Set, images, network, epochs and seed in words, and a digest of the whole description.
  public var id: String {
    let name = architecture.name.map { character in
      character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
    }
    let digest = ((try? JSONText.compact(self)).map { Digest.sha256($0).description } ?? "").prefix(
      8)
    return "\(data.rawValue)-\(trainingImages.map(String.init) ?? "all")-\(String(name))-"
      + "\(plan.trainedEpochs)-epochs-seed-\(seed)-\(digest)"
  }

  /// The network with its first weights.
  ///
  /// Networks of one seed draw from the same stream, whatever their architecture.
  /// - Parameters:
  ///   - images: The set it is for.
  ///   - runSeed: The seed of the whole run of the suite.
  /// - Returns: The network.
  /// - Throws: `ModelError` where the architecture does not fit the images.
  public func network(for images: ImageSet, runSeed: Int) throws -> any Network<Float> {
    try architecture.network(
      channels: images.training.channels, size: images.training.size, classes: images.classes,
      stream: RandomStream("network weights", "\(runSeed)", "\(seed)"))
  }

  /// Trains, from the newest checkpoint where there is one, and keeps the weights as
  /// `ID.safetensors` (see `NetworkWeights` for the layout).
  ///
  /// - Parameters:
  ///   - images: The set that `data` names.
  ///   - context: The cell.
  /// - Returns: One record an epoch. A training whose loss is not finite any more has failed, which
  ///   is a result (R prints ×): its other records are those of chance, and it keeps no weights.
  /// - Throws: What else `Trainer.train` throws.
  public func measure(_ images: ImageSet, _ context: CellContext) throws -> [EpochRecord] {
    let network = try network(for: images, runSeed: context.seed)
    func chosen(_ set: LabelledImages, _ count: Int?) -> [Int]? {
      count.map { set.balanced($0, classes: images.classes) }
    }
    let learnt = chosen(images.training, trainingImages)
    let tested = chosen(images.test, testImages)
    let description = String(decoding: try JSONText.compact(self), as: UTF8.self)
    let trainer = try Trainer(
      network, plan: plan, training: images.training, indices: learnt, test: images.test,
      testIndices: tested, seed: "\(context.seed) \(seed)", identity: description)
    var records: [EpochRecord]
    do {
      records = try trainer.train(TrainingSurroundings(context))
    } catch let failure as TrainingError {
      Terminal.note("\(id): \(failure)")
      let done = trainer.records
      return done
        + EpochRecord.diverged(
          done.count + 1...plan.trainedEpochs, classes: images.classes, plan: plan)
    }
    var metadata = [
      "run": description, "network": architecture.name, "data": images.fingerprint,
      "suite_seed": "\(context.seed)",
    ]
    if let last = records.last {
      records[records.count - 1].rightFromPixels = try PixelBaseline.flags(
        images, learnt, tested)
      metadata["epochs"] = "\(last.epoch)"
      metadata["test_accuracy_after_last_epoch"] = "\(last.testAccuracy)"
    }
    try context.keep(
      NetworkWeights.encoded(network, metadata: metadata), as: "\(id).safetensors")
    return records
  }
}

/// A cell that trains on one of the image sets that an experiment has loaded.
public protocol TrainingCell: ExperimentCell {
  /// What it measures.
  associatedtype Row: Codable & Sendable
  /// The set it learns from.
  var data: ImageSource { get }
  /// Trains.
  ///
  /// - Throws: What stops the training.
  func measure(_ images: ImageSet, _ context: CellContext) throws -> [Row]
}

extension CellFamily {
  /// Trained networks; the version rises whenever the same description gives other numbers.
  public static let training = CellFamily("network-training", version: 2)
}

/// What an experiment made of training runs need not say itself.
extension Experiment
where Inputs == [ImageSource: ImageSet], Cell: TrainingCell, Cell.Row == Row {
  public static var family: CellFamily? { .training }

  public static func fingerprint(of cell: Cell, _ inputs: Inputs) -> String {
    inputs[cell.data]?.fingerprint ?? ""
  }

  public static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: Inputs, _ context: CellContext
  ) throws -> [Row] {
    guard let images = inputs[cell.data] else {
      throw DataMissing("the images \(cell.data.rawValue)", remedy: "mlcsc data status")
    }
    return try cell.measure(images, context)
  }
}

extension TrainingSurroundings {
  /// The surroundings of a cell of an experiment.
  public init(_ context: CellContext) {
    self.init(
      checkpoints: context.checkpoints, seconds: context.seconds,
      checkInterruption: context.checkInterruption, progress: context.progress,
      note: Terminal.note)
  }
}
