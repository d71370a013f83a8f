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
