import Algorithms
import ExperimentSuite
import MLCSCKit

/// The codes of one layer of a plain network: how many zeros, and how far from the optimum.
///
/// The network is layered thresholding, one iteration from zero in every layer. The optimum of layer i is
/// that of min ½‖γ*_{i−1} − Dᵢγ‖² + bᵢᵀγ, γ ≥ 0, with the network's own thresholds b, and with the optimum
/// of the layer before as its signal: what iterating every layer to the end would give.
struct LayerRow: MeasuredRow {
  @Field("seed", .key) var seed = 0
  @Field("is_trained", .key) var isTrained = false
  @Field("layer", .key) var layer = 0
  @Field("zeros_percent", .note) var zeros = 0.0
  /// ‖γᵢ − γ*ᵢ‖/‖γ*ᵢ‖ over all images.
  @Field("distance_from_optimum", .note) var distance = 0.0
  /// The same where the optimum's signal is the network's own γ_{i−1}: the error of this layer alone.
  @Field("distance_of_layer_alone", .note) var alone = 0.0

  static func rows(
    _ seed: Int, _ settings: NetworkTheory.Settings, _ photographs: ImageSet, _ context: CellContext
  ) throws -> [LayerRow] {
    // Strides of two after every second layer.
    let layers = settings.plainFilters.enumerated().map { i, filters in
      UnfoldedArchitecture.Layer(filters, kernel: 3, stride: i % 2 == 1 ? 2 : 1, padding: 1)
    }
    let shape = UnfoldedArchitecture(
      layers: layers, method: .multiLayerISTA, unfoldings: 0,
      // The deviation √(2/fan-in) of plain networks.
      initialScale: 1.4142135623730951)
    let size = photographs.training.size
    let network = try UnfoldedNetwork<Float>(
      shape, channels: photographs.training.channels, size: size, classes: photographs.classes,
      stream: RandomStream(NetworkTheory.identity.name, "plain", "\(context.seed)", "\(seed)"))
    let trainer = try Trainer(
      network,
      plan: TrainingPlan(
        batchSize: settings.batchSize, epochs: settings.plainEpochs,
        optimizer: .adam(epsilon: 1e-8), learningRate: settings.plainRate,
        normalization: .photographs),
      training: photographs.training,
      indices: photographs.training.balanced(settings.plainImages, classes: photographs.classes),
      test: photographs.test, testIndices: Array(0..<settings.codedImages),
      seed: "\(context.seed) \(seed)")
    let images: Tensor<Float> = photographs.test.batch(Array(0..<settings.codedImages))
    let batch = Tensor(
      shape: [settings.codedImages, photographs.training.channels, size.height, size.width],
      elements: images.elements)
    let before = LayerCodes(network.pursuit, batch, settings).rows(seed, isTrained: false)
    var surroundings = TrainingSurroundings()
    surroundings.checkInterruption = context.checkInterruption
    try trainer.train(surroundings)
    return before + LayerCodes(network.pursuit, batch, settings).rows(seed, isTrained: true)
  }

  static func claims(_ rows: [LayerRow]) -> [ClaimTest] {
    let trained = rows.filter(\.isTrained)
    let last = rows.map(\.layer).max() ?? 1
    func values(_ layer: Int, _ rows: [LayerRow], _ value: (LayerRow) -> Double) -> [Double] {
      rows.filter { $0.layer == layer }.sorted { $0.seed < $1.seed }.map(value)
    }
    func steps(_ value: (LayerRow) -> Double) -> [ClaimTest.Part] {
      (1..<max(last, 2)).map { layer in
        .init(
          "layer \(layer) to \(layer + 1)",
          .mean(
            zip(values(layer + 1, trained, value), values(layer, trained, value)).map(-),
            of: "seeds"))
      }
    }
    func details(_ label: String, _ value: (LayerRow) -> Double, unit: String = "") -> [Detail] {
      [(1, "first"), (last, "last")].flatMap { layer, name in
        [("before training", rows.filter { !$0.isTrained }), ("after", trained)].compactMap {
          words, rows in
          let found = values(layer, rows, value)
          return found.isEmpty
            ? nil : Detail("\(label) \(name) layer \(words)", Statistics.mean(found), unit: unit)
        }
      }
    }
    return [
      ClaimTest(
        "sparser-from-layer-to-layer", decides: ["R10"],
        "The representation of a plain network becomes sparse gradually, from layer to layer",
        source: "R Sec. IV",
        .number("zeros of a layer less those of the layer before", unit: "points"),
        parts: steps(\.zeros), details: details("zeros,", \.zeros, unit: "%"),
        holdsWhen: .above(0)),
      ClaimTest(
        "one-iteration-accumulates-errors", decides: ["R11"],
        "One iteration from zero in every layer accumulates errors: the last layer’s code is further "
          + "from the optimum than the first one’s", source: "R Sec. IV",
        .difference(
          of: "relative distance from the optimum", "the last layer", minus: "the first layer",
          unit: ""),
        .mean(
          zip(values(last, trained, \.distance), values(1, trained, \.distance)).map(-),
          of: "seeds"),
        details: details("distance,", \.distance)
          + [
            Detail(
              "of the last layer with the network’s own input, after",
              Statistics.mean(values(last, trained, \.alone)))
          ], holdsWhen: .above(0)),
    ]
  }
}

/// Means over the seeds.
struct LayerSummary: TableRow {
  @Field("is_trained", .key) var isTrained = false
  @Field("layer", .key) var layer = 0
  @IntervalField("zeros_percent", .note) var zeros: Estimate? = nil
  @IntervalField("distance_from_optimum", .note) var distance: Estimate? = nil
  @IntervalField("distance_of_layer_alone", .note) var alone: Estimate? = nil

  static func rows(_ rows: [LayerRow]) -> [LayerSummary] {
    [false, true].flatMap { isTrained in
      rows.filter { $0.isTrained == isTrained }.grouped(by: \.layer).sorted { $0.key < $1.key }
        .map { layer, rows in
          func mean(_ value: (LayerRow) -> Double) -> Estimate {
            Statistics.studentMean(rows.map(value))
          }
          return LayerSummary(
            isTrained: isTrained, layer: layer, zeros: mean(\.zeros), distance: mean(\.distance),
            alone: mean(\.alone))
        }
    }
  }
}
