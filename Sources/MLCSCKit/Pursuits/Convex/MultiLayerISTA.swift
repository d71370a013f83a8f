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
}

extension MultiLayerIteration {
  /// Makes one iteration with some of the layers: the formula of `MultiLayerISTA`.
  @inline(__always)
  mutating func iterate(_ layers: Range<Int>) {
    for i in layers.reversed() { synthesize(layer: i) }  // γ̂ᵢ₋₁ = Dᵢ γ̂ᵢ
    for i in layers {
      if i < layers.upperBound - 1 { relax(layer: i) }
      subtractTarget(layer: i)  // r = γ̂ᵢ₋₁ − γᵢ₋₁
      analyze(layer: i)  // g = Dᵢᵀ r
      proximalStep(layer: i, isLast: i == layers.upperBound - 1)  // γᵢ ← S(γ̂ᵢ − sᵢ g)
    }
  }
}

/// What one iteration of multi-layer ISTA consists of, for pursuits and for networks.
///
/// What conforms keeps the codes and computes: `BatchIteration` in the memory of a pursuit,
/// `TapeIteration` on a tape, where the same iterations are the layers of a network. All layers at
/// once make ML-ISTA; one layer alone makes ISTA, and ISTA layer by layer makes layered basis
/// pursuit. From codes of zero the first iteration is layered thresholding, a feed-forward network.
/// Layers count from 0, so that dictionary i leads from code i + 1 to code i.
protocol MultiLayerIteration {
  /// γ̂ᵢ₋₁ ← Dᵢ γ̂ᵢ.
  mutating func synthesize(layer i: Int)

  /// Lets the estimate of an outer code keep a share of the code itself (B, Supplement B).
  mutating func relax(layer i: Int)

  /// r ← γ̂ᵢ₋₁ − γᵢ₋₁, where γ₀ is the signal.
  mutating func subtractTarget(layer i: Int)

  /// g ← Dᵢᵀ r.
  mutating func analyze(layer i: Int)

  /// γᵢ ← S(γ̂ᵢ − sᵢ g), and for the last layer the next γ̂ᵢ, which momentum may push further.
  mutating func proximalStep(layer i: Int, isLast: Bool)
}

/// An iteration for some signals of a batch, in the memory of a pursuit.
struct BatchIteration<Scalar: NumericScalar>: MultiLayerIteration {
  let memory: ProximalIterator<Scalar>
  /// Which signals of the batch.
  let rows: Range<Int>
  /// C, the numerator of s₁.
  let scale: Scalar
  /// The momentum of the deepest code.
  let β: Scalar
  /// τᵢ = s₁ ⋯ sᵢ.
  private var product: Scalar = 1

  init(memory: ProximalIterator<Scalar>, rows: Range<Int>, scale: Scalar, β: Scalar) {
    (self.memory, self.rows, self.scale, self.β) = (memory, rows, scale, β)
  }

  func synthesize(layer i: Int) {
    let estimate = UnsafePointer(memory.estimate(i + 1, rows))
    memory.layers[i].synthesize(estimate, batch: rows.count, into: memory.estimate(i, rows))
  }

  /// A pursuit enforces the model exactly.
  func relax(layer i: Int) {}

  func subtractTarget(layer i: Int) {
    let (estimate, count) = (memory.estimate(i, rows), rows.count * memory.widths[i])
    Scalar.subtract(count, estimate, memory.target(i, rows), into: estimate)
  }

  func analyze(layer i: Int) {
    memory.layers[i].analyze(
      memory.estimate(i, rows), batch: rows.count, into: memory.gradient(rows))
  }

  mutating func proximalStep(layer i: Int, isLast: Bool) {
    let step = i == 0 ? scale / memory.norms[0] : 1 / memory.norms[i]
    product *= step
    memory.forEachThreshold(layer: i, rows, steps: product) { range, threshold in
      let z = memory.estimate(i + 1, rows) + range.lowerBound
      let g = memory.gradient(rows) + range.lowerBound
      let γ = memory.code(i + 1, rows) + range.lowerBound
      if isLast, memory.accelerated {
        Scalar.acceleratedProximalStep(
          range.count, z, g, step: step, threshold: threshold, momentum: β,
          nonnegative: memory.problem.nonnegative, γ)
      } else {
        Scalar.proximalStep(
          range.count, z, g, step: step, threshold: threshold,
          nonnegative: memory.problem.nonnegative, into: γ)
      }
    }
  }
}

extension MultiLayerISTA {
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
