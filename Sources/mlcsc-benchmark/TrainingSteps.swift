import MLCSCKit

/// A network, its optimiser and one batch of made-up images in ten classes.
final class TrainingSteps {
  private let network: any Network<Float>
  private let optimizer: any Optimizer<Float>
  private let rate: Float
  private let images: Tensor<Float>
  private let labels: [Int]
  private let tape = Tape<Float>(engine: OneDNNConvolution())

  /// A training.
  ///
  /// - Parameters:
  ///   - network: What is trained.
  ///   - optimizer: How.
  ///   - rate: The step size.
  ///   - shape: Of a batch: images, channels, height, width.
  init(
    _ network: any Network<Float>, _ optimizer: any Optimizer<Float>, rate: Float, shape: [Int]
  ) {
    (self.network, self.optimizer, self.rate) = (network, optimizer, rate)
    images = Tensor(
      shape: shape,
      elements: HashedValues.make(shape.reduce(1, *), key: 999, bound: 1).map { ($0 + 1) / 2 })
    labels = (0..<shape[0]).map { $0 % 10 }
  }

  /// Makes some steps and returns the loss before the last one.
  @discardableResult
  func run(steps: Int) -> Double {
    var last = 0.0
    for _ in 0..<steps {
      let loss = loss()
      last = Double(loss.tensor.elements[0])
      optimizer.step(network.parameters, tape.backward(from: loss), rate: rate)
    }
    return last
  }

  /// In a function of its own, so that the scores are freed before the backward pass.
  private func loss() -> Variable<Float> {
    let scores = network.scores(
      of: tape.input(images), on: tape, ForwardPass(isTraining: true))
    return tape.crossEntropy(scores, labels: labels)
  }
}
