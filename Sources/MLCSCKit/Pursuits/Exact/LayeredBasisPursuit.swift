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
