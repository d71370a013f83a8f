/// How large the innermost gradient step is.
public enum InnerStep: Sendable {
  /// μ = C/‖D₁‖² in every iteration.
  case fixed(Double)
  /// μ_k = C/(‖D₁‖² (1 + k/period)): falls without limit, so the bias of order μ does too.
  case decreasing(Double, period: Double)

  /// C for an iteration, from 0.
  func scale(_ iteration: Int) -> Double {
    switch self {
    case .fixed(let scale): scale
    case .decreasing(let scale, let period): scale / (1 + Double(iteration) / period)
    }
  }
}

/// Multi-layer ISTA for the multi-layer basis pursuit problem.
///
///     γ̂ᵢ = D_{i+1} ⋯ D_L γ_L                                              [B, Alg. 2]
///     γᵢ ← S_{τᵢλᵢ}( γ̂ᵢ − sᵢ Dᵢᵀ(Dᵢ γ̂ᵢ − γ_{i−1}) ),  i = 1 … L,  γ₀ = y
///
/// with the steps s₁ = μ = C/‖D₁‖², sᵢ = 1/‖Dᵢ‖² for i > 1 and thresholds λᵢ times τᵢ = s₁ ⋯ sᵢ.
/// B's eq. (5) thresholds layer i by λᵢ sᵢ alone, whose fixed point solves a problem with other λ
/// (erratum 18). Converges to within O(μ) of the optimum, not to it: S states so, B's Theorems 1
/// and 2 are false as printed (erratum 1); see the experiment `mlista-fixed-point`. With one layer
/// it is ISTA and converges for C < 2.
/// - Complexity: two products with every dictionary an iteration.
public struct MultiLayerISTA<Scalar: NumericScalar>: Pursuit {
  public let problem: MultiLayerProblem<Scalar>
  /// The size of the innermost step.
  public let innerStep: InnerStep
  let norms: [Scalar]
  let thresholds: [[Scalar]]?

  /// A pursuit with inner step C/‖D₁‖².
  ///
  /// - Throws: `LinearAlgebraError` when a dictionary has entries that are not finite.
  public init(_ problem: MultiLayerProblem<Scalar>, innerStep: InnerStep = .fixed(1)) throws {
    self.problem = problem
    self.innerStep = innerStep
    norms = try problem.model.squaredNorms()
    thresholds = nil
  }

  /// A pursuit with given steps and thresholds, as a trained network has them.
  ///
  /// - Parameters:
  ///   - problem: Its penalties take no part in the iteration.
  ///   - steps: s₁ … s_L, as they are.
  ///   - thresholds: The thresholds of each layer, of any sign: one for all atoms, one for each, or
  ///     one for each filter of a convolutional dictionary.
  /// - Throws: `ModelError` when they do not fit the model or are not finite.
  public init(
    _ problem: MultiLayerProblem<Scalar>, steps: [Scalar], thresholds: [[Scalar]]
  ) throws {
    try problem.model.check(steps: steps, thresholds: thresholds)
    self.problem = problem
    innerStep = .fixed(1)
    norms = steps.map { 1 / $0 }
    self.thresholds = thresholds
  }

  public var name: String { problem.model.depth == 1 ? "ISTA" : "ML-ISTA" }

  public func makeIterator() -> ProximalIterator<Scalar> { iterator(accelerated: false) }

  func iterator(accelerated: Bool) -> ProximalIterator<Scalar> {
    ProximalIterator(
      problem: problem, norms: norms, innerStep: innerStep, accelerated: accelerated,
      thresholds: thresholds)
  }
}

/// Multi-layer FISTA, B's Algorithm 3: `MultiLayerISTA` with momentum on the deepest code.
///
///     z = γ_Lᵏ + (t_k − 1)/t_{k+1} (γ_Lᵏ − γ_Lᵏ⁻¹)
///
/// Lands on the same biased point as ML-ISTA, sooner. With one layer it is FISTA.
/// - Complexity: two products with every dictionary an iteration.
public struct MultiLayerFISTA<Scalar: NumericScalar>: Pursuit {
  /// The same pursuit without momentum.
  let plain: MultiLayerISTA<Scalar>

  /// A pursuit with inner step C/‖D₁‖².
  ///
  /// - Throws: `LinearAlgebraError` when a dictionary has entries that are not finite.
  public init(_ problem: MultiLayerProblem<Scalar>, innerStep: InnerStep = .fixed(1)) throws {
    plain = try MultiLayerISTA(problem, innerStep: innerStep)
  }

  /// A pursuit with given steps and thresholds: those of `MultiLayerISTA`.
  ///
  /// - Throws: `ModelError` when they do not fit the model or are not finite.
  public init(
    _ problem: MultiLayerProblem<Scalar>, steps: [Scalar], thresholds: [[Scalar]]
  ) throws {
    plain = try MultiLayerISTA(problem, steps: steps, thresholds: thresholds)
  }

  public var problem: MultiLayerProblem<Scalar> { plain.problem }

  /// The size of the innermost step.
  public var innerStep: InnerStep { plain.innerStep }

  public var name: String { problem.model.depth == 1 ? "FISTA" : "ML-FISTA" }

  public func makeIterator() -> ProximalIterator<Scalar> { plain.iterator(accelerated: true) }
}

extension MultiLayerModel {
  /// Checks steps and thresholds that are given layer by layer.
  func check(steps: [Scalar], thresholds: [[Scalar]]) throws {
    for (name, count) in [("steps", steps.count), ("thresholds", thresholds.count)]
    where count != depth {
      throw ModelError.parameterCount(name: name, expected: depth, found: count)
    }
    for (i, step) in steps.enumerated() where !step.isFinite || step == 0 {
      throw ModelError.parameterOutOfRange(
        name: "step of layer \(i + 1)", value: "\(step)", range: "finite and not 0")
    }
    for (i, values) in thresholds.enumerated() {
      let atoms = layers[i].atomCount
      guard !values.isEmpty, atoms % values.count == 0 else {
        throw ModelError.parameterCount(
          name: "thresholds of layer \(i + 1)", expected: atoms, found: values.count)
      }
      for value in values where !value.isFinite {
        throw ModelError.parameterOutOfRange(
          name: "threshold of layer \(i + 1)", value: "\(value)", range: "finite")
      }
    }
  }

  /// An upper bound of ‖Dᵢ‖₂² for every layer, tight where it was computed directly.
  func squaredNorms() throws -> [Scalar] {
    func norm(_ dictionary: some SparseDictionary<Scalar>) throws -> Scalar {
      let bound = try dictionary.squaredSpectralNorm()
      return bound.failureProbability == 0 ? bound.estimate : bound.upperBound
    }
    return try layers.map { Swift.max(try norm($0), Scalar.leastNormalMagnitude) }
  }
}
