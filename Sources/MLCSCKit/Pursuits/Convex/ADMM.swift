/// ADMM for the multi-layer basis pursuit problem, with an iterative inner solver: B's Algorithm 1.
///
///     γ_L ← argmin ½‖y − D₁⋯D_L γ‖² + ρ/2 Σ_{i<L} ‖γᵢ − D_{i+1}⋯D_L γ + uᵢ‖² + λ_L‖γ‖₁
///     γᵢ ← S_{λᵢ/ρ}(D_{i+1}⋯D_L γ_L − uᵢ)
///     uᵢ ← uᵢ + (γᵢ − D_{i+1}⋯D_L γ_L)
///
/// in the scaled form with a ½ on the data term. B prints ρ(γ₁ − D₂γ₂) in the last line, which
/// diverges for large ρ (erratum 12; a test shows it), and treats two layers; more layers have one
/// uᵢ each. The first line is basis pursuit on a stacked dictionary: ISTA or FISTA, started where
/// the last one ended.
/// - Complexity: an iteration costs its inner iterations.
public struct ADMM<Scalar: NumericScalar>: Pursuit {
  public let problem: MultiLayerProblem<Scalar>
  /// ρ.
  public let penalty: Scalar
  /// The inner iterations of every iteration, at most.
  public let innerIterations: Int
  /// The duality gap of the inner problem, relative to its objective, at which the inner solver stops;
  /// nil where it always makes all its iterations.
  public let innerTolerance: Double?
  /// Whether the inner solver is FISTA; ISTA otherwise.
  public let innerIsAccelerated: Bool

  /// A pursuit.
  ///
  /// - Parameters:
  ///   - problem: What to solve.
  ///   - penalty: ρ; by default the mean of the squared norms of D₁'s atoms, which balances the
  ///     two quadratic terms.
  ///   - innerIterations: The inner iterations of every iteration, at most.
  ///   - innerTolerance: The relative duality gap at which the inner solver stops; every fifth inner
  ///     iteration is looked at, which costs as much as an iteration. Without it all are made.
  ///   - innerIsAccelerated: Whether the inner solver is FISTA; ISTA otherwise.
  /// - Throws: `ModelError.parameterOutOfRange`.
  public init(
    _ problem: MultiLayerProblem<Scalar>, penalty: Scalar? = nil, innerIterations: Int = 100,
    innerTolerance: Double? = nil, innerIsAccelerated: Bool = true
  ) throws {
    let norms = problem.model.layers[0].atomNorms
    let mean = norms.reduce(0) { $0 + $1 * $1 } / Scalar(Swift.max(norms.count, 1))
    self.problem = problem
    self.penalty = penalty ?? (mean > 0 ? mean : 1)
    self.innerIterations = innerIterations
    self.innerTolerance = innerTolerance
    self.innerIsAccelerated = innerIsAccelerated
    guard self.penalty > 0, self.penalty.isFinite else {
      throw ModelError.parameterOutOfRange(
        name: "rho", value: "\(self.penalty)", range: "positive and finite")
    }
    guard innerIterations > 0 else {
      throw ModelError.parameterOutOfRange(
        name: "inner iterations", value: "\(innerIterations)", range: "at least 1")
    }
    if let innerTolerance, !(innerTolerance > 0 && innerTolerance.isFinite) {
      throw ModelError.parameterOutOfRange(
        name: "inner tolerance", value: "\(innerTolerance)", range: "positive and finite")
    }
    try Self.refuseExtremes(problem)
    inner = try Self.innerProblem(problem, self.penalty)
    norm = try inner.model.squaredNorms()
  }

  let inner: MultiLayerProblem<Scalar>
  let norm: [Scalar]

  public var name: String { innerIsAccelerated ? "ADMM (FISTA)" : "ADMM (ISTA)" }

  private static func innerProblem(
    _ problem: MultiLayerProblem<Scalar>, _ ρ: Scalar
  ) throws -> MultiLayerProblem<Scalar> {
    let model = problem.model
    let depth = model.depth
    let blocks =
      [model.effectiveDictionary(depth)]
      + (1..<Swift.max(depth, 1)).map { model.composition(from: $0 + 1, through: depth) }
    let scales = [1] + Array(repeating: ρ.squareRoot(), count: depth - 1)
    let stack = StackedDictionary(blocks, scales: scales)
    return try MultiLayerProblem(
      model: MultiLayerModel([stack]),
      signals: Tensor(zeros: problem.batch, stack.signalDimension),
      penalties: [problem.penalties[depth - 1]], nonnegative: problem.nonnegative)
  }

  /// How far a penalty may lie above all that it is to outweigh.
  private static var largestExcess: Scalar { 1 / (Scalar.ulpOfOne * 1e6) }

  /// Refuses penalties of inner layers that make their constraint exact: ADMM meets it only up to
  /// rounding, which such a penalty then multiplies.
  private static func refuseExtremes(_ problem: MultiLayerProblem<Scalar>) throws {
    for layer in 0..<Swift.max(problem.model.depth - 1, 0) {
      let products = problem.model.effectiveDictionary(layer + 1).analyze(problem.signals)
      let largest = products.elements.reduce(0) { Swift.max($0, abs($1)) }
      for penalty in problem.penalties[layer] where penalty > largestExcess * largest && largest > 0
      {
        throw ModelError.parameterOutOfRange(
          name: "lambda \(layer + 1) of ADMM", value: "\(penalty)",
          range: "at most \(largestExcess * largest), beyond which its result is rounding")
      }
    }
  }

  public func makeIterator() -> ADMMIterator<Scalar> { ADMMIterator(self) }
}

/// The running state of `ADMM`.
public final class ADMMIterator<Scalar: NumericScalar>: PursuitIterator {
  public typealias Element = PursuitState<Scalar>

  private let settings: ADMM<Scalar>
  private let solver: ProximalIterator<Scalar>
  private let widths: [Int]
  private var target: Tensor<Scalar>
  private var split: [Tensor<Scalar>]
  private var dual: [Tensor<Scalar>]

  public private(set) var iteration = 0
  /// The inner iterations made so far.
  public private(set) var innerIterationsMade = 0

  init(_ settings: ADMM<Scalar>) {
    self.settings = settings
    let problem = settings.problem
    solver = ProximalIterator(
      problem: settings.inner, norms: settings.norm, innerStep: .fixed(1),
      accelerated: settings.innerIsAccelerated)
    widths = problem.model.layers.dropLast().map(\.atomCount)
    target = settings.inner.signals
    split = widths.map { Tensor(zeros: problem.batch, $0) }
    dual = split
  }

  public func step() {
    let problem = settings.problem
    let root = settings.penalty.squareRoot()
    let n = problem.model.signalDimension
    let total = target.columns
    for b in 0..<problem.batch {
      target.withMutableElements { t in
        problem.signals.withElements { (t + b * total).update(from: $0 + b * n, count: n) }
        var offset = b * total + n
        for (i, width) in widths.enumerated() {
          split[i].withElements { γ in
            dual[i].withElements { u in
              for j in 0..<width {
                t[offset + j] = root * (γ[b * width + j] + u[b * width + j])
              }
            }
          }
          offset += width
        }
      }
    }
    solver.restart(with: target)
    solveInner()
    let propagated = problem.model.propagate(solver.deepest)
    for (i, width) in widths.enumerated() {
      let count = problem.batch * width
      propagated[i].withElements { x in
        split[i].withMutableElements { γ in
          dual[i].withMutableElements { u in
            for j in 0..<count { γ[j] = x[j] - u[j] }
            for b in 0..<problem.batch {
              let t = problem.penalty(i, b) / settings.penalty
              let row = γ + b * width
              if problem.nonnegative {
                Scalar.oneSidedThreshold(width, row, by: t, into: row)
              } else {
                Scalar.softThreshold(width, row, by: t, into: row)
              }
            }
            for j in 0..<count { u[j] += γ[j] - x[j] }
          }
        }
      }
    }
    iteration += 1
  }

  /// Steps the inner solver until its problem is solved as closely as asked for.
  private func solveInner() {
    for made in 1...settings.innerIterations {
      solver.step()
      innerIterationsMade += 1
      guard let tolerance = settings.innerTolerance, made % 5 == 0 else { continue }
      let certificates = settings.inner.replacing(signals: target)
        .basisPursuitCertificate(at: solver.deepest)
      if certificates.allSatisfy({ $0.meets(tolerance) }) { return }
    }
  }

  public var stepSize: Double { solver.stepSize }
  public var deepest: Tensor<Scalar> { solver.deepest }
  public var codes: [Tensor<Scalar>] { split + [solver.deepest] }
  public var relativeChange: Double { solver.relativeChange }
  public var isFinite: Bool { solver.isFinite }
}
