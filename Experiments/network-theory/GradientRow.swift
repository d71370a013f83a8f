import Algorithms
import ExperimentSuite
import MLCSCKit
import RealModule

/// The gradient of one dictionary of B's network at its start.
///
/// The same filters, classifier and digits for all numbers of unfoldings; ρ = 1, so that the model is
/// enforced. B gives no norm and no moment: here it is ‖∂loss/∂Dᵢ‖₂ before the first step.
struct GradientRow: MeasuredRow {
  @Field("seed", .key) var seed = 0
  @Field("first_filters_scale", .key) var scale = 0.0
  @Field("unfoldings", .key) var unfoldings = 0
  @Field("dictionary", .key) var dictionary = 0
  @Field("gradient_norm", .measured(relative: 0.02)) var norm = 0.0

  static func rows(
    _ seed: Int, _ settings: NetworkTheory.Settings, _ digits: ImageSet, _ context: CellContext
  ) throws -> [GradientRow] {
    let chosen = digits.training.balanced(settings.gradientImages, classes: digits.classes)
    let images: Tensor<Float> = digits.training.batch(chosen)
    let batch = Tensor(shape: [chosen.count, 1, 28, 28], elements: images.elements)
    return try product(settings.initialScales, 0...settings.unfoldings).flatMap {
      scale, unfoldings -> [GradientRow] in
      var shape = UnfoldedArchitecture.document(
        signalSize: 28, filters: settings.digitFilters, .multiLayerISTA, unfoldings: unfoldings)
      shape.initialScale = scale
      let network = try UnfoldedNetwork<Float>(
        shape, channels: 1, size: .square(28), classes: digits.classes,
        stream: RandomStream(NetworkTheory.identity.name, "network", "\(context.seed)", "\(seed)"))
      let tape = Tape<Float>(engine: OneDNNConvolution())
      let scores = network.scores(
        of: tape.input(batch), on: tape, ForwardPass(isTraining: true, consistency: 1))
      let loss = tape.crossEntropy(scores, labels: chosen.map { Int(digits.training.labels[$0]) })
      let gradients = tape.backward(from: loss)
      return network.parameters.filter { $0.name.hasPrefix("filters.") }.enumerated().map {
        i, filters in
        let gradient = gradients[filters]?.tensor.elements.map(Double.init) ?? []
        return GradientRow(
          seed: seed, scale: scale, unfoldings: unfoldings, dictionary: i + 1,
          norm: Double.norm2(gradient.count, gradient))
      }
    }
  }

  static func claims(_ rows: [GradientRow]) -> [ClaimTest] {
    rows.map(\.scale).uniqued().sorted(by: >).map { scale in
      let own = rows.filter { $0.scale == scale }
      return ClaimTest(
        "gradients-grow-filters-from-\(Wording.number(scale))", decides: ["B23"],
        "Gradients of the dictionaries become larger as the number of unfoldings increases (first "
          + "filters with standard deviation \(Wording.number(scale))/√fan-in)", source: "B Sec. 4",
        .number("growth of the logarithm of the gradient’s norm with each unfolding", unit: ""),
        parts: own.grouped(by: \.dictionary).sorted { $0.key < $1.key }.map { dictionary, rows in
          .init(
            "D\(dictionary)",
            .mean(
              rows.grouped(by: \.seed).sorted { $0.key < $1.key }.map { _, rows in
                Statistics.line(
                  rows.map { Double($0.unfoldings) },
                  rows.map { Double.log(max($0.norm, 1e-300)) }
                ).slope
              }, of: "seeds"))
        }, holdsWhen: .above(0))
    }
  }
}

/// Geometric means over the seeds.
struct GradientSummary: TableRow {
  @Field("first_filters_scale", .key) var scale = 0.0
  @Field("dictionary", .key) var dictionary = 0
  @Field("unfoldings", .key) var unfoldings = 0
  @IntervalField("gradient_norm", .measured(relative: 0.05)) var norm: Estimate? = nil

  static func rows(_ rows: [GradientRow]) -> [GradientSummary] {
    struct Key: Hashable {
      let scale: Double
      let dictionary: Int
      let unfoldings: Int
    }
    return [Key: [GradientRow]](grouping: rows) {
      Key(scale: $0.scale, dictionary: $0.dictionary, unfoldings: $0.unfoldings)
    }.sorted {
      ($0.key.scale, $0.key.dictionary, $0.key.unfoldings)
        < ($1.key.scale, $1.key.dictionary, $1.key.unfoldings)
    }.map { key, rows in
      GradientSummary(
        scale: key.scale, dictionary: key.dictionary, unfoldings: key.unfoldings,
        norm: Measurement.geometricMean(rows.map(\.norm), of: "seeds").estimate)
    }
  }
}
