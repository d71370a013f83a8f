/// The multi-layer basis pursuit problem, one instance for every signal of a batch.
///
///     min over γ of ½‖y − D₁⋯D_L γ‖² + Σ_{i<L} λᵢ ‖D_{i+1}⋯D_L γ‖₁ + λ_L ‖γ‖₁   [B, eq. (7)]
///
/// B drops the ½ in some places; it stays throughout here, so λ means the same everywhere. With
/// one layer this is basis pursuit (the LASSO).
public struct MultiLayerProblem<Scalar: NumericScalar>: Sendable {
  /// D₁ … D_L.
  public let model: MultiLayerModel<Scalar>
  /// The signals y, shape [B, n].
  public private(set) var signals: Tensor<Scalar>
  /// λ₁ … λ_L, each one number for all signals or one for each.
  public let penalties: [[Scalar]]
  /// Whether every code must be non-negative: γ_L and all D_{i+1}⋯D_L γ_L.
  public let nonnegative: Bool

  /// A problem, checked.
  ///
  /// - Parameters:
  ///   - model: D₁ … D_L.
  ///   - signals: Shape [B, n].
  ///   - penalties: λ₁ … λ_L, each with one value or B values, none negative.
  ///   - nonnegative: Whether every code must be non-negative.
  /// - Throws: `ModelError` naming what does not fit.
  public init(
    model: MultiLayerModel<Scalar>, signals: Tensor<Scalar>, penalties: [[Scalar]],
    nonnegative: Bool = false
  ) throws {
    guard signals.columns == model.signalDimension else {
      throw ModelError.signalDimension(expected: model.signalDimension, found: signals.columns)
    }
    guard penalties.count == model.depth else {
      throw ModelError.parameterCount(
        name: "lambda", expected: model.depth, found: penalties.count)
    }
    for (i, values) in penalties.enumerated() {
      guard values.count == 1 || values.count == signals.rows else {
        throw ModelError.parameterCount(
          name: "lambda of layer \(i + 1)", expected: signals.rows, found: values.count)
      }
      for value in values where !(value >= 0 && value.isFinite) {
        throw ModelError.parameterOutOfRange(
          name: "lambda of layer \(i + 1)", value: "\(value)", range: "finite and at least 0")
      }
    }
    self.model = model
    self.signals = signals
    self.penalties = penalties
    self.nonnegative = nonnegative
  }

  /// A problem with the same penalties for all signals.
  ///
  /// - Throws: `ModelError` naming what does not fit.
  public init(
    model: MultiLayerModel<Scalar>, signals: Tensor<Scalar>, penalties: [Scalar],
    nonnegative: Bool = false
  ) throws {
    try self.init(
      model: model, signals: signals, penalties: penalties.map { [$0] }, nonnegative: nonnegative)
  }

  /// One signal under several choices of penalties, each choice an instance of the batch.
  ///
  /// - Parameters:
  ///   - model: D₁ … D_L.
  ///   - signal: y, n numbers.
  ///   - choices: λ₁ … λ_L, once for every instance.
  ///   - nonnegative: Whether every code must be non-negative.
  /// - Throws: `ModelError` naming what does not fit.
  public init(
    model: MultiLayerModel<Scalar>, signal: [Scalar], choices: [[Scalar]],
    nonnegative: Bool = false
  ) throws {
    for choice in choices where choice.count != model.depth {
      throw ModelError.parameterCount(name: "lambda", expected: model.depth, found: choice.count)
    }
    try self.init(
      model: model,
      signals: Tensor(
        shape: [choices.count, signal.count], elements: choices.flatMap { _ in signal }),
      penalties: (0..<model.depth).map { layer in choices.map { $0[layer] } },
      nonnegative: nonnegative)
  }

  /// The same problem for other signals of the same shape, [B, n].
  func replacing(signals: Tensor<Scalar>) -> MultiLayerProblem {
    precondition(
      signals.shape == self.signals.shape,
      "signals of shape \(signals.shape) in place of \(self.signals.shape)")
    var other = self
    other.signals = signals
    return other
  }

  /// A problem whose penalties are shares of what each layer sees: λᵢ is a fraction of the largest
  /// entry of |Dᵢᵀ ⋯ D₁ᵀ y|, for every signal its own; with one layer the code is zero from 1 on.
  ///
  /// - Throws: `ModelError` naming what does not fit.
  public init(
    model: MultiLayerModel<Scalar>, signals: Tensor<Scalar>, penaltyFractions fractions: [Scalar],
    nonnegative: Bool = false
  ) throws {
    guard signals.columns == model.signalDimension else {
      throw ModelError.signalDimension(expected: model.signalDimension, found: signals.columns)
    }
    func analyze(_ d: some SparseDictionary<Scalar>, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
      d.analyze(x)
    }
    var correlations = signals
    let penalties = zip(model.layers, fractions).map { layer, fraction in
      correlations = analyze(layer, correlations)
      return (0..<signals.rows).map { b in
        fraction * correlations.row(b).reduce(0) { max($0, abs($1)) }
      }
    }
    try self.init(model: model, signals: signals, penalties: penalties, nonnegative: nonnegative)
  }

  /// Basis pursuit with one dictionary.
  ///
  /// - Throws: `ModelError` naming what does not fit.
  public init(
    dictionary: any SparseDictionary<Scalar>, signals: Tensor<Scalar>, penalty: Scalar,
    nonnegative: Bool = false
  ) throws {
    try self.init(
      model: MultiLayerModel([dictionary]), signals: signals, penalties: [penalty],
      nonnegative: nonnegative)
  }

  /// B, the number of signals.
  public var batch: Int { signals.rows }

  /// λ of a layer (from 0) for a signal.
  public func penalty(_ layer: Int, _ signal: Int) -> Scalar {
    penalties[layer].count == 1 ? penalties[layer][0] : penalties[layer][signal]
  }

  /// The objective of every signal at a deepest code, in double precision.
  ///
  /// - Parameter deepest: γ_L, shape [B, m_L].
  /// - Returns: One number a signal.
  public func objective(at deepest: Tensor<Scalar>) -> [Double] {
    let codes = model.propagate(deepest)
    let estimate = model.synthesizeFirst(codes[0])
    let n = model.signalDimension
    return (0..<batch).map { b in
      var value = 0.5 * Self.squaredDistance(signals, estimate, row: b, n)
      for (i, code) in codes.enumerated() where penalty(i, b) != 0 {
        value += Double(penalty(i, b)) * Self.norm1(code, row: b)
      }
      return value
    }
  }

  private static func squaredDistance(
    _ x: Tensor<Scalar>, _ y: Tensor<Scalar>, row: Int, _ n: Int
  ) -> Double {
    x.withElements { x in
      y.withElements { y in RowKernels.squaredDistance(n, x + row * n, y + row * n) }
    }
  }

  private static func norm1(_ x: Tensor<Scalar>, row: Int) -> Double {
    let n = x.columns
    return x.withElements { RowKernels.norm1(n, $0 + row * n) }
  }
}

extension MultiLayerModel {
  /// Signals D₁ γ₁ of a batch of first codes.
  public func synthesizeFirst(_ codes: Tensor<Scalar>) -> Tensor<Scalar> {
    func run(_ dictionary: some SparseDictionary<Scalar>) -> Tensor<Scalar> {
      dictionary.synthesize(codes)
    }
    return run(layers[0])
  }
}
