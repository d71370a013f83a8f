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

  /// A pursuit with inner step C/‖D₁‖².
  ///
  /// - Throws: `LinearAlgebraError` when a dictionary has entries that are not finite.
  public init(_ problem: MultiLayerProblem<Scalar>, innerStep: InnerStep = .fixed(1)) throws {
    self.problem = problem
    self.innerStep = innerStep
    norms = try problem.model.squaredNorms()
  }

  public var name: String { problem.model.depth == 1 ? "ISTA" : "ML-ISTA" }

  public func makeIterator() -> ProximalIterator<Scalar> {
    ProximalIterator(problem: problem, norms: norms, innerStep: innerStep, accelerated: false)
  }
}

/// Multi-layer FISTA, B's Algorithm 3: `MultiLayerISTA` with momentum on the deepest code.
///
///     z = γ_Lᵏ + (t_k − 1)/t_{k+1} (γ_Lᵏ − γ_Lᵏ⁻¹)
///
/// Lands on the same biased point as ML-ISTA, sooner. With one layer it is FISTA.
/// - Complexity: two products with every dictionary an iteration.
public struct MultiLayerFISTA<Scalar: NumericScalar>: Pursuit {
  public let problem: MultiLayerProblem<Scalar>
  /// The size of the innermost step.
  public let innerStep: InnerStep
  let norms: [Scalar]

  /// A pursuit with inner step C/‖D₁‖².
  ///
  /// - Throws: `LinearAlgebraError` when a dictionary has entries that are not finite.
  public init(_ problem: MultiLayerProblem<Scalar>, innerStep: InnerStep = .fixed(1)) throws {
    self.problem = problem
    self.innerStep = innerStep
    norms = try problem.model.squaredNorms()
  }

  public var name: String { problem.model.depth == 1 ? "FISTA" : "ML-FISTA" }

  public func makeIterator() -> ProximalIterator<Scalar> {
    ProximalIterator(problem: problem, norms: norms, innerStep: innerStep, accelerated: true)
  }
}

extension MultiLayerModel {
  /// An upper bound of ‖Dᵢ‖₂² for every layer, tight where it was computed directly.
  func squaredNorms() throws -> [Scalar] {
    func norm(_ dictionary: some Dictionary<Scalar>) throws -> Scalar {
      let bound = try dictionary.squaredSpectralNorm()
      return bound.failureProbability == 0 ? bound.estimate : bound.upperBound
    }
    return try layers.map { Swift.max(try norm($0), Scalar.leastNormalMagnitude) }
  }
}
