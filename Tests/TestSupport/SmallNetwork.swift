import MLCSCKit

/// A convolution with batch norm and a linear classifier: parameters and statistics to keep.
public final class SmallNetwork: Network {
  private let dictionary: LearnedConvolution<Float>
  private let scale = Parameter<Float>("norm.scale", Tensor(shape: [4], repeating: 1))
  private let shift = Parameter<Float>("norm.shift", Tensor(shape: [4]))
  private let weights: Parameter<Float>
  private let biases = Parameter<Float>("classifier.biases", Tensor(shape: [3]))
  private let norm = BatchStatistics<Float>(channels: 4)

  /// A network for images of one channel and 6 × 6 pixels in three classes.
  public init(stream: RandomStream = RandomStream("small network")) throws {
    var stream = stream
    dictionary = try LearnedConvolution(
      "filters.1", filterCount: 4,
      geometry: ConvolutionGeometry(
        channels: 1, signalSize: .square(6), kernelSize: .square(3)),
      scale: 1, stream: &stream)
    let random: Tensor<Float> = .normal(3, 4, from: &stream)
    weights = Parameter("classifier.weights", random)
  }

  public var parameters: [Parameter<Float>] {
    dictionary.parameters + [scale, shift, weights, biases]
  }
  public var statistics: [String: BatchStatistics<Float>] { ["norm": norm] }

  public func scores(
    of images: Variable<Float>, on tape: Tape<Float>, _ pass: ForwardPass
  ) -> Variable<Float> {
    let codes = tape.batchNorm(
      dictionary.analyze(images, on: tape), scale: tape.variable(scale),
      shift: tape.variable(shift), statistics: norm, training: pass.isTraining)
    return tape.addBias(
      tape.dense(tape.globalAveragePool(tape.relu(codes)), tape.variable(weights)),
      tape.variable(biases))
  }

  /// All numbers, by name.
  public var numbers: [String: [Float]] {
    var all = [String: [Float]]()
    for parameter in parameters { all[parameter.name] = parameter.value.elements }
    (all["mean"], all["variance"]) = (norm.mean.elements, norm.variance.elements)
    return all
  }
}
