/// Layered basis pursuit: every layer's own LASSO, one after the other.
///
///     γᵢ ← argmin ½‖γ_{i−1} − Dᵢγ‖² + λᵢ‖γ‖₁,  γ₀ = y                     [S; P, Sec. 3.2]
///
/// The codes explain each other only approximately: γ_{i−1} ≠ Dᵢγᵢ. Some sources drop the ½, which
/// doubles λ (erratum 13).
public struct LayeredBasisPursuit: Sendable {
  /// How every layer's problem is solved.
  public var solver: ExactSolver

  /// A pursuit that solves every layer to a certified gap.
  public init(solver: ExactSolver = ExactSolver()) { self.solver = solver }

  /// Solves layer by layer.
  ///
  /// - Returns: γ₁ … γ_L, and as gaps those of all layers added up for each signal.
  /// - Throws: What `ExactSolver` throws.
  public func solve(_ problem: MultiLayerProblem<Double>) throws -> PursuitSolution<Double> {
    var codes = [Tensor<Double>]()
    var gaps = [Double](repeating: 0, count: problem.batch)
    var iterations = 0
    for (i, dictionary) in problem.model.layers.enumerated() {
      let layer = try MultiLayerProblem(
        model: MultiLayerModel([dictionary]), signals: codes.last ?? problem.signals,
        penalties: [problem.penalties[i]], nonnegative: problem.nonnegative)
      let solution = try solver.solve(layer)
      codes.append(solution.codes[0])
      iterations += solution.iterations
      for (b, gap) in (solution.dualityGaps ?? []).enumerated() { gaps[b] += gap }
    }
    return PursuitSolution(
      codes: codes, iterations: iterations, stopped: .dualityGap, dualityGaps: gaps)
  }
}

/// Layered thresholding: the forward pass of a network.
///
///     γᵢ ← S_{βᵢ}(Dᵢᵀ γ_{i−1}),  γ₀ = y                                      [S]
public struct LayeredThresholding<Scalar: NumericScalar>: Sendable {
  /// D₁ … D_L.
  public let model: MultiLayerModel<Scalar>
  /// β₁ … β_L.
  public let thresholds: [Scalar]
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
    self.thresholds = thresholds
    self.nonnegative = nonnegative
  }

  /// Codes of a batch of signals, shape [B, n].
  ///
  /// - Throws: `ModelError.signalDimension`.
  public func solve(_ signals: Tensor<Scalar>) throws -> PursuitSolution<Scalar> {
    guard signals.columns == model.signalDimension else {
      throw ModelError.signalDimension(expected: model.signalDimension, found: signals.columns)
    }
    func analyze(_ d: some Dictionary<Scalar>, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
      d.analyze(x)
    }
    var codes = [Tensor<Scalar>]()
    for (dictionary, threshold) in zip(model.layers, thresholds) {
      var code = analyze(dictionary, codes.last ?? signals)
      let count = code.count
      code.withMutableElements {
        if nonnegative {
          Scalar.oneSidedThreshold(count, $0, by: threshold, into: $0)
        } else {
          Scalar.softThreshold(count, $0, by: threshold, into: $0)
        }
      }
      codes.append(code)
    }
    return PursuitSolution(codes: codes, iterations: 1, stopped: .complete)
  }
}
