import ArgumentParser
import ExperimentSuite
import Foundation
import MLCSCKit

/// The reader's own model and signals, as matrices or as a learned model and images.
struct PursuitInput: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "D1 … DL, outermost first, as .csv, .npy, .npz or .mat; FILE.npz:NAME is one of several.",
      valueName: "file"))
  var dictionary: [String] = []

  @Option(
    name: .customLong("model"),
    help: ArgumentHelp("In place of --dictionary: a model that learn wrote.", valueName: "file"))
  var learnedModel: String?

  @Option(
    name: .customLong("signal"),
    help: ArgumentHelp("One column a signal, in the same formats.", valueName: "file"))
  var matrix: String?

  @Option(
    help: ArgumentHelp(
      "In place of --signal: images as .npy or .npz (N×H×W or N×C×H×W), or IDX.",
      valueName: "file"))
  var images: String?

  func validate() throws {
    guard dictionary.isEmpty != (learnedModel == nil) else {
      throw ValidationError("give the dictionaries by --dictionary, or a learned --model")
    }
    guard (matrix == nil) != (images == nil) else {
      throw ValidationError("give the signals by --signal, or --images")
    }
  }

  /// D₁ … D_L.
  ///
  /// - Throws: `FileError`, `UsageError`, `ModelError` where the files do not hold a model.
  func model() throws -> MultiLayerModel<Double> {
    if let learnedModel {
      let url = URL(fileURLWithPath: learnedModel)
      try KeptFiles.verify(url)
      return try MultiLayerModel(LearnedModel(url).layers)
    }
    return try MultiLayerModel(
      dictionary.map { DenseDictionary(matrix: try MatrixFile.read(MatrixFile.Place($0))) })
  }

  /// Signals, and how their codes are written.
  struct Signals {
    /// How signals were given.
    enum Form {
      /// One column a signal.
      case columns(MatrixFile.Format)
      /// Images.
      case images(ImageStack)
    }

    let form: Form
    /// One signal a row.
    let rows: Tensor<Double>
  }

  /// The signals.
  ///
  /// - Throws: `FileError`, `UsageError`, also where images have another shape than a learned model
  ///   takes; both shapes are named.
  func signals(for model: MultiLayerModel<Double>) throws -> Signals {
    if let images {
      let stack = try ImageStack(MatrixFile.Place(images))
      if let first = model.layers[0] as? ConvolutionalDictionary<Double> {
        let taken = first.geometry
        guard stack.channels == taken.channels, stack.size == taken.signalSize else {
          throw UsageError(
            "the images of \(images) are \(stack.imageShape), but D1 takes "
              + "\(taken.channels)×\(taken.signalSize); these must be equal")
        }
      }
      return Signals(form: .images(stack), rows: stack.pixels)
    }
    let place = MatrixFile.Place(matrix ?? "")
    return Signals(
      form: .columns(try MatrixFile.Format(of: place.url)),
      rows: try MatrixFile.read(place).transposed)
  }
}
