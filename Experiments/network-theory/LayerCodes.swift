import ExperimentSuite
import MLCSCKit

/// The codes of a plain network layer by layer, beside those of its layers' own problems.
struct LayerCodes {
  /// γᵢ of the network.
  private var codes = [Tensor<Float>]()
  /// γ*ᵢ, every layer solved with the optimum before as its signal.
  private var optima = [Tensor<Float>]()
  /// Every layer solved with the network's γ_{i−1} as its signal.
  private var alone = [Tensor<Float>]()

  /// The codes of a batch.
  ///
  /// A layer's problem is solved by FISTA with the step 1/‖D‖² and thresholds b/‖D‖², whose fixed point
  /// is that of step 1 and thresholds b.
  init(
    _ pursuit: UnfoldedPursuit<Float>, _ images: Tensor<Float>, _ settings: NetworkTheory.Settings
  ) {
    let tape = Tape<Float>(engine: OneDNNConvolution())
    tape.withoutRecording {
      codes = pursuit.codes(of: tape.input(images), on: tape).map(\.tensor)
      var signal = images
      for (i, dictionary) in pursuit.dictionaries.enumerated() {
        let solver = Self.solver(dictionary, pursuit.thresholds[i], settings, tape)
        func solve(_ signal: Tensor<Float>) -> Tensor<Float> {
          solver.codes(of: tape.input(signal), on: tape)[0].tensor
        }
        alone.append(solve(i == 0 ? images : codes[i - 1]))
        signal = solve(signal)
        optima.append(signal)
      }
    }
  }

  private static func solver(
    _ dictionary: any LearnedDictionary<Float>, _ thresholds: Parameter<Float>,
    _ settings: NetworkTheory.Settings, _ tape: Tape<Float>
  ) -> UnfoldedPursuit<Float> {
    // The power method is a little low; a tenth more keeps the step within 2/‖D‖² by far.
    let step = 1 / (1.1 * dictionary.squaredNorm(iterations: 50, on: tape).tensor.elements[0])
    return UnfoldedPursuit(
      [dictionary],
      thresholds: [
        Parameter(
          "thresholds",
          Tensor(
            shape: thresholds.value.shape, elements: thresholds.value.elements.map { step * $0 }))
      ], steps: [Parameter("step", Tensor(shape: [1], elements: [step]))],
      method: .layeredFISTA, unfoldings: settings.optimumIterations)
  }

  /// A row a layer.
  func rows(_ seed: Int, isTrained: Bool) -> [LayerRow] {
    codes.indices.map { i in
      LayerRow(
        seed: seed, isTrained: isTrained, layer: i + 1,
        zeros: 100 * Double(codes[i].elements.count { $0 == 0 }) / Double(codes[i].count),
        distance: Self.distance(codes[i], optima[i]), alone: Self.distance(codes[i], alone[i]))
    }
  }

  private static func distance(_ found: Tensor<Float>, _ optimum: Tensor<Float>) -> Double {
    SparsityMeasures.relativeError(
      found.elements.map(Double.init), optimum.elements.map(Double.init))
  }
}
