import MLCSCKit

/// Compares the gradients of an operation with central differences in Double.
enum GradientCheck {
  /// The largest relative error ‖gradient − difference‖/‖difference‖ over the inputs.
  ///
  /// - Parameters:
  ///   - inputs: Where to differentiate.
  ///   - step: h in (f(x + h) − f(x − h))/2h: the error is of order h² and ε/h.
  ///   - operation: Builds f; it is contracted with a random tensor to a number.
  /// - Returns: The error.
  static func relativeError(
    _ inputs: [Tensor<Double>], step: Double = 1e-5,
    _ operation: (Tape<Double>, [Variable<Double>]) -> Variable<Double>
  ) -> Double {
    let h = step
    let tape = Tape<Double>()
    let variables = inputs.map { tape.input($0, wantsGradient: true) }
    let output = operation(tape, variables)
    var stream = RandomStream("gradient check", "\(output.shape)")
    var seed = Tensor<Double>(shape: output.shape)
    seed.withMutableElements { p in
      for i in 0..<output.value.count { p[i] = stream.normal() }
    }
    let gradients = tape.backward(from: output, seed: seed)
    func value(_ inputs: [Tensor<Double>]) -> Double {
      let tape = Tape<Double>()
      let result = tape.withoutRecording { operation(tape, inputs.map { tape.input($0) }) }
      return zip(result.tensor.elements, seed.elements).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var worst = 0.0
    for (which, input) in inputs.enumerated() {
      let gradient = gradients[variables[which]]?.tensor ?? Tensor(shape: input.shape)
      var (error, norm) = (0.0, 0.0)
      for i in 0..<input.count {
        func shifted(_ amount: Double) -> [Tensor<Double>] {
          var result = inputs
          result[which].withMutableElements { $0[i] += amount }
          return result
        }
        let difference = (value(shifted(h)) - value(shifted(-h))) / (2 * h)
        error += (gradient.elements[i] - difference) * (gradient.elements[i] - difference)
        norm += difference * difference
      }
      worst = max(worst, (error / norm).squareRoot())
    }
    return worst
  }

  /// The largest relative error over the parameters of a whole network, whose output is the cross
  /// entropy of a batch.
  ///
  /// - Parameters:
  ///   - network: Whose parameters are shifted, and put back.
  ///   - images: Shape [N, C, H, W].
  ///   - labels: N classes.
  ///   - pass: What the pass is for.
  ///   - step: h in the central difference.
  /// - Returns: The error and the parameter that has it.
  static func relativeError(
    of network: some Network<Double>, images: Tensor<Double>, labels: [Int],
    _ pass: ForwardPass = ForwardPass(isTraining: true), step: Double = 1e-6
  ) -> (error: Double, parameter: String) {
    let h = step
    func loss(_ tape: Tape<Double>) -> Variable<Double> {
      tape.crossEntropy(network.scores(of: tape.input(images), on: tape, pass), labels: labels)
    }
    let tape = Tape<Double>()
    let gradients = tape.backward(from: loss(tape))
    func value() -> Double {
      let tape = Tape<Double>()
      return tape.withoutRecording { loss(tape).tensor.elements[0] }
    }
    var worst = (error: 0.0, parameter: "none")
    for parameter in network.parameters {
      let here = parameter.value
      let gradient = gradients[parameter]?.tensor ?? Tensor(shape: here.shape)
      var (error, norm) = (0.0, 0.0)
      for i in 0..<here.count {
        func shifted(_ amount: Double) -> Double {
          var moved = here
          moved.withMutableElements { $0[i] += amount }
          parameter.value = moved
          return value()
        }
        let difference = (shifted(h) - shifted(-h)) / (2 * h)
        error += (gradient.elements[i] - difference) * (gradient.elements[i] - difference)
        norm += difference * difference
      }
      parameter.value = here
      let relative = (error / max(norm, .leastNormalMagnitude)).squareRoot()
      if !(relative <= worst.error) { worst = (relative, parameter.name) }
    }
    return worst
  }

  /// Normal numbers in any shape.
  static func normal(_ shape: [Int], _ name: String) -> Tensor<Double> {
    var stream = RandomStream("gradient check", name, "\(shape)")
    return Tensor(shape: shape, elements: (0..<shape.reduce(1, *)).map { _ in stream.normal() })
  }

  /// Numbers whose size is at least 0.1, so that no kink at zero lies within a difference.
  static func awayFromZero(_ shape: [Int], _ name: String) -> Tensor<Double> {
    let draw = normal(shape, name)
    return Tensor(shape: shape, elements: draw.elements.map { $0 + ($0 < 0 ? -0.1 : 0.1) })
  }

  /// Numbers in random order no two of which are closer than 0.01, so that no maximum changes.
  static func distinct(_ shape: [Int], _ name: String) -> Tensor<Double> {
    var stream = RandomStream("gradient check", name, "\(shape)")
    let count = shape.reduce(1, *)
    return Tensor(
      shape: shape,
      elements: stream.permutation(of: count).map { 0.01 * Double($0 - count / 2) })
  }
}
