import MLCSCKit

/// The two networks of the figure, trained on the same batches.
struct NetworkPair {
  /// Without and with the identity.
  private let networks: [DenseThresholdingNetwork<Float>]
  private let optimizers: [Adam<Float>]
  private let tape = Tape<Float>()
  private var iteration = 0
  private var order = [Int]()
  private var stream: RandomStream

  init(_ settings: Failures.Settings, from stream: inout RandomStream) {
    networks = [false, true].map {
      DenseThresholdingNetwork(
        signalDimension: settings.dimension, widths: settings.widths, classes: settings.classes,
        keepsInput: $0, stream: &stream)
    }
    optimizers = networks.map { _ in Adam() }
    self.stream = stream
  }

  /// Trains until so many mini-batches were seen.
  mutating func train(
    on data: PointClasses, until iterations: Int, _ settings: Failures.Settings
  ) {
    while iteration < iterations {
      if order.count < settings.batchSize {
        order = stream.permutation(of: data.trainingLabels.count)
      }
      let batch = Array(order.suffix(settings.batchSize))
      order.removeLast(batch.count)
      let labels = batch.map { data.trainingLabels[$0] }
      let points = tape.input(data.training.gathering(rows: batch))
      for (network, optimizer) in zip(networks, optimizers) {
        let scores = network.scores(of: points, on: tape, ForwardPass(isTraining: true))
        let gradients = tape.backward(from: tape.crossEntropy(scores, labels: labels))
        optimizer.step(network.parameters, gradients, rate: Float(settings.learningRate))
      }
      iteration += 1
    }
  }

  /// What the counts depend on, in double precision.
  func snapshot(after iteration: Int) throws -> Snapshot {
    let layers = try networks.map { network in
      try network.layers.map { layer in
        try DenseLayer(
          filters: layer.filters.value.converted(to: Double.self),
          biases: layer.biases.value.elements.map { Double($0) })
      }
    }
    return Snapshot(iteration: iteration, plain: layers[0], dense: layers[1])
  }

  /// Loss and accuracy on the test points.
  func rows(on data: PointClasses, after iteration: Int) -> [NetworkRow] {
    zip(["ML-CSC", "MSD-CSC"], networks).map { name, network in
      tape.withoutRecording {
        let scores = network.scores(of: tape.input(data.test), on: tape, .inference)
        let loss = tape.crossEntropy(scores, labels: data.testLabels).tensor.elements[0]
        let values = scores.tensor
        let right = data.testLabels.indices.count { i in
          let row = values.row(i)
          return row.indices.allSatisfy {
            $0 == data.testLabels[i] || row[$0] < row[data.testLabels[i]]
          }
        }
        return NetworkRow(
          network: name, iteration: iteration, loss: Double(loss),
          accuracy: Double(right) / Double(data.testLabels.count))
      }
    }
  }
}

/// How a network classifies the test points.
struct NetworkRow: Codable {
  let network: String
  let iteration: Int
  let loss: Double
  let accuracy: Double
}

/// Both networks after some iterations.
struct Snapshot {
  let iteration: Int
  /// The layers of ML-CSC, and those of MSD-CSC trained by itself.
  let plain: [DenseLayer]
  let dense: [DenseLayer]
}
