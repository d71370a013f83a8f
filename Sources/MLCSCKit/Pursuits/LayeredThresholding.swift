/// Layered thresholding: the forward pass of a network.
///
///     γᵢ ← S_{βᵢ}(Dᵢᵀ γ_{i−1}),  γ₀ = y                                      [S]
public struct LayeredThresholding<Scalar: NumericScalar>: Sendable {
  /// D₁ … D_L.
  public let model: MultiLayerModel<Scalar>
  /// β₁ … β_L, each one number for all atoms or one for each.
  public let thresholds: [[Scalar]]
  /// Whether the threshold is one-sided, as a ReLU with bias −β is.
  public let nonnegative: Bool

  /// A pursuit.
  ///
  /// - Throws: `ModelError` when the thresholds are not one a layer or negative.
  public init(
    model: MultiLayerModel<Scalar>, thresholds: [Scalar], nonnegative: Bool = false
  ) throws {
    guard thresholds.count == model.depth else {
      throw ModelError.parameterCount(
        name: "thresholds", expected: model.depth, found: thresholds.count)
    }
    for (i, value) in thresholds.enumerated() where !(value >= 0 && value.isFinite) {
      throw ModelError.parameterOutOfRange(
        name: "threshold of layer \(i + 1)", value: "\(value)", range: "finite and at least 0")
    }
    self.model = model
    self.thresholds = thresholds.map { [$0] }
    self.nonnegative = nonnegative
  }

  /// The forward pass of a network, γᵢ ← max(Dᵢᵀγ_{i−1} + bᵢ, 0).
  ///
  /// - Parameters:
  ///   - model: D₁ … D_L.
  ///   - biases: b₁ … b_L of any sign, each one number for all atoms or one for each.
  /// - Throws: `ModelError` when they do not fit the model or are not finite.
  public init(model: MultiLayerModel<Scalar>, biases: [[Scalar]]) throws {
    guard biases.count == model.depth else {
      throw ModelError.parameterCount(name: "biases", expected: model.depth, found: biases.count)
    }
    for (i, values) in biases.enumerated() {
      let atoms = model.layers[i].atomCount
      guard values.count == 1 || values.count == atoms else {
        throw ModelError.parameterCount(
          name: "biases of layer \(i + 1)", expected: atoms, found: values.count)
      }
      for value in values where !value.isFinite {
        throw ModelError.parameterOutOfRange(
          name: "bias of layer \(i + 1)", value: "\(value)", range: "finite")
      }
    }
    self.model = model
    thresholds = biases.map { $0.map { -$0 } }
    nonnegative = true
  }

  /// Codes of a batch of signals, shape [B, n].
  ///
  /// - Throws: `ModelError.signalDimension`.
  public func solve(_ signals: Tensor<Scalar>) throws -> PursuitSolution<Scalar> {
    guard signals.columns == model.signalDimension else {
      throw ModelError.signalDimension(expected: model.signalDimension, found: signals.columns)
    }
    func analyze(_ d: some SparseDictionary<Scalar>, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
      d.analyze(x)
    }
    var codes = [Tensor<Scalar>]()
    for (dictionary, thresholds) in zip(model.layers, thresholds) {
      var code = analyze(dictionary, codes.last ?? signals)
      let (batch, width) = (code.rows, code.columns)
      code.withMutableElements { code in
        if thresholds.count == 1 {
          threshold(batch * width, code, thresholds[0])
        } else {
          for b in 0..<batch {
            for (j, value) in thresholds.enumerated() { threshold(1, code + b * width + j, value) }
          }
        }
      }
      codes.append(code)
    }
    return PursuitSolution(codes: codes, iterations: 1, stopped: .complete)
  }

  private func threshold(_ count: Int, _ code: UnsafeMutablePointer<Scalar>, _ value: Scalar) {
    if nonnegative {
      Scalar.oneSidedThreshold(count, code, by: value, into: code)
    } else {
      Scalar.softThreshold(count, code, by: value, into: code)
    }
  }
}
