// Claim: the autoencoder's gradients are right, and learning lowers its error on signals that have a
// short code.
import MLCSCKit
import Testing

struct DenoisingAutoencoderTests {
  @Test("the gradient of every parameter agrees with central differences")
  func gradients() throws {
    var stream = RandomStream("autoencoder")
    let network = DenoisingAutoencoder<Double>(signalDimension: 5, units: 4, stream: &stream)
    network.biases.value = Matrix<Double>.normal(1, 4, from: &stream).reshaped(4)
    let signals = Matrix<Double>.normal(3, 5, from: &stream)
    var masked = signals
    masked[1, 2] = 0
    func loss() -> Double {
      let tape = Tape<Double>()
      return tape.withoutRecording {
        network.loss(masked: masked, signals: signals, on: tape).tensor.elements[0]
      }
    }
    let tape = Tape<Double>()
    let gradients = tape.backward(
      from: network.loss(masked: masked, signals: signals, on: tape))
    for parameter in network.parameters {
      let gradient = try #require(gradients[parameter])
      let value = parameter.value
      for i in 0..<value.count {
        func moved(_ h: Double) -> Double {
          var elements = value.elements
          elements[i] += h
          parameter.value = Tensor(shape: value.shape, elements: elements)
          return loss()
        }
        let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5
        #expect(abs(difference - gradient.tensor.elements[i]) < 1e-7 * (1 + abs(difference)))
      }
      parameter.value = value
    }
  }

  @Test("learning lowers the error far below that of the answer zero")
  func learns() {
    var stream = RandomStream("autoencoder learns")
    let factors = Matrix<Double>.normal(2, 12, from: &stream)
    let signals = Matrix<Double>.normal(60, 2, from: &stream).multiplied(by: factors)
    let network = DenoisingAutoencoder<Double>(signalDimension: 12, units: 16, stream: &stream)
    let optimizer = Adam<Double>()
    var error = 0.0
    for _ in 0..<300 {
      let tape = Tape<Double>()
      let loss = network.loss(masked: signals, signals: signals, on: tape)
      error = loss.tensor.elements[0]
      let gradients = tape.backward(from: loss, seed: Tensor(shape: [1], repeating: 1.0 / 60))
      optimizer.step(network.parameters, gradients, rate: 0.02)
    }
    #expect(error < 0.05 * Double.squaredNorm(signals.count, signals.elements))
  }
}
