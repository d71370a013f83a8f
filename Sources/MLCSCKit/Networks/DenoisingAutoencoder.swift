/// An autoencoder with one layer of rectified units, learned from signals with masked entries.
///
///     γ = max(W x̃ + b, 0),   x̂ = V γ + c,   min Σ ‖x̂ − x‖²
///
/// x̃ is x with a share of its entries set to zero, so that the code cannot be a copy of the signal.
/// Source: Vincent, Larochelle, Bengio, Manzagol, ICML 2008; the slides' table has three such layers.
public final class DenoisingAutoencoder<Scalar: NumericScalar> {
  /// W, shape [units, n].
  public let encoder: Parameter<Scalar>
  /// b, one a unit.
  public let biases: Parameter<Scalar>
  /// V, shape [n, units].
  public let decoder: Parameter<Scalar>
  /// c, one an entry of the signal.
  public let offsets: Parameter<Scalar>

  /// An autoencoder whose weights are uniform in ±√(6/(n + units)) and whose biases are zero.
  ///
  /// - Parameters:
  ///   - signalDimension: n, the dimension of the signals.
  ///   - units: The length of the code.
  ///   - stream: Where the weights are drawn from.
  public init(signalDimension: Int, units: Int, stream: inout RandomStream) {
    let n = signalDimension
    let bound = (6 / Double(n + units)).squareRoot()
    func uniform(_ shape: [Int]) -> Tensor<Scalar> {
      Tensor(
        shape: shape,
        elements: (0..<shape.reduce(1, *)).map { _ in Scalar(bound * (2 * stream.uniform() - 1)) })
    }
    encoder = Parameter("encoder", uniform([units, n]))
    biases = Parameter("biases", Tensor(shape: [units]))
    decoder = Parameter("decoder", uniform([n, units]))
    offsets = Parameter("offsets", Tensor(shape: [n]))
  }

  /// All that is learned.
  public var parameters: [Parameter<Scalar>] { [encoder, biases, decoder, offsets] }

  /// The codes of signals.
  ///
  /// - Parameters:
  ///   - signals: Shape [B, n].
  ///   - tape: What records the operations.
  /// - Returns: Shape [B, units], not negative.
  public func codes(of signals: Variable<Scalar>, on tape: Tape<Scalar>) -> Variable<Scalar> {
    tape.relu(tape.addBias(tape.dense(signals, tape.variable(encoder)), tape.variable(biases)))
  }

  /// Σ ‖x̂ − x‖² of a batch.
  ///
  /// - Parameters:
  ///   - masked: x̃, shape [B, n].
  ///   - signals: x, shape [B, n].
  ///   - tape: What records the operations.
  /// - Returns: Shape [1].
  public func loss(
    masked: Tensor<Scalar>, signals: Tensor<Scalar>, on tape: Tape<Scalar>
  ) -> Variable<Scalar> {
    let code = codes(of: tape.input(masked), on: tape)
    let decoded = tape.addBias(
      tape.dense(code, tape.variable(decoder)), tape.variable(offsets))
    return tape.squaredNorm(tape.subtract(decoded, tape.input(signals)))
  }
}
