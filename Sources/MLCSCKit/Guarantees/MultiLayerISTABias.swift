/// How far above the optimum ML-ISTA can be: S's convergence theorem, with its constants.
///
/// S, "Convergence for ML-ISTA" (two layers): for steps μ ∈ (0, 1/‖D₁‖²), t ∈ (0, 4μ/(3‖D₂‖²)), if
/// ‖γ₂ᵏ⁺¹ − γ₂ᵏ‖₂ ≤ tε then
///
///     F(γ₂ᵏ⁺¹) − F_opt ≤ ηε + (β + κt)μ.
///
/// (The slide prints ‖D₂‖ for ‖D₂‖², erratum 4, and leaves η, β, κ unnamed.) With u = D₂γ₂ᵏ and the
/// inner proximal point p, the two optimality conditions make ∇f(u) + s, s ∈ ∂λ₁‖p‖₁, and
/// w ∈ ∂λ₂‖γ₂ᵏ⁺¹‖₁ sum to (γ₂ᵏ − γ₂ᵏ⁺¹)/t after D₂ᵀ, and three subgradient inequalities at γ* give
///
///     η = ‖γ₂ᵏ⁺¹‖₂ + min(½‖y‖², F(γ₂ᵏ⁺¹))/λ₂ + 2λ₁√m₁‖D₂‖t + ½‖D₁‖²‖D₂‖²t²ε
///     β = 2λ₁√m₁(‖∇f(u)‖₂ + λ₁√m₁),   κ = 0,
///
/// because ‖u − p‖₂ ≤ μ(‖∇f(u)‖₂ + λ₁√m₁) and ‖γ*‖₁ ≤ F(γ*)/λ₂. This holds for every pair of
/// consecutive iterates, whatever the steps; S's intervals make ε fall to zero. Only β is
/// multiplied by μ alone: at a fixed point (ε = 0) the gap is at most βμ.
public struct MultiLayerISTABias: Sendable {
  /// The problem, of two layers.
  public let problem: MultiLayerProblem<Double>
  /// μ.
  public let innerStep: Double
  /// t.
  public let outerStep: Double
  private let norms: [Double]

  /// The theorem for ML-ISTA with μ = C/‖D₁‖² and t = μ/‖D₂‖², the steps of `MultiLayerISTA`.
  ///
  /// - Throws: `ModelError` where there are not two layers or λ₂ is zero; `LinearAlgebraError`.
  public init(_ problem: MultiLayerProblem<Double>, scale: Double = 1) throws {
    guard problem.model.depth == 2 else {
      throw ModelError.parameterCount(
        name: "layers of the theorem", expected: 2, found: problem.model.depth)
    }
    for b in 0..<problem.batch where problem.penalty(1, b) <= 0 {
      throw ModelError.parameterOutOfRange(
        name: "lambda of layer 2", value: "\(problem.penalty(1, b))", range: "above 0")
    }
    self.problem = problem
    norms = try problem.model.squaredNorms()
    innerStep = scale / norms[0]
    outerStep = innerStep / norms[1]
  }

  /// The guarantee for two consecutive iterates of every signal.
  ///
  /// The slack is the smaller of 1 − μ‖D₁‖² and 1 − 3t‖D₂‖²/(4μ), S's intervals (closed here); the
  /// bound is on F(γ₂ᵏ⁺¹) − F_opt.
  /// - Parameters:
  ///   - before: γ₂ᵏ, shape [B, m₂].
  ///   - after: γ₂ᵏ⁺¹, shape [B, m₂].
  /// - Returns: One guarantee a signal.
  public func guarantees(before: Tensor<Double>, after: Tensor<Double>) -> [Guarantee] {
    func gradient(_ d1: some SparseDictionary<Double>, _ d2: some SparseDictionary<Double>)
      -> Tensor<Double>
    {
      var residual = d1.synthesize(d2.synthesize(before))
      let count = residual.count
      problem.signals.withElements { y in
        residual.withMutableElements { r in Double.subtract(count, r, y, into: r) }
      }
      return d1.analyze(residual)
    }
    let slopes = gradient(problem.model.layers[0], problem.model.layers[1])
    let objectives = problem.objective(at: after)
    let (m1, n) = (slopes.columns, problem.signals.columns)
    let width = Double(m1).squareRoot()
    let slack = min(1 - innerStep * norms[0], 1 - 0.75 * outerStep * norms[1] / innerStep)
    return (0..<problem.batch).map { b in
      let (λ1, λ2) = (problem.penalty(0, b), problem.penalty(1, b))
      let (old, new) = (before.row(b), after.row(b))
      let ε = Double.squaredDistance(new.count, new, old).squareRoot() / outerStep
      let slope = Double.norm2(m1, slopes.row(b))
      let ceiling = min(0.5 * Double.squaredNorm(n, problem.signals.row(b)), objectives[b])
      let β = 2 * λ1 * width * (slope + λ1 * width)
      let η =
        Double.norm2(new.count, new) + ceiling / λ2
        + 2 * λ1 * width * norms[1].squareRoot() * outerStep
        + 0.5 * norms[0] * norms[1] * outerStep * outerStep * ε
      return Guarantee(slack: slack, bound: η * ε + β * innerStep, strict: false)
    }
  }
}
