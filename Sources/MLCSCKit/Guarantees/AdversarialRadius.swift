/// The radius within which no perturbation changes the label of a sparse-coded linear classifier.
///
/// S, "Adversarial Robustness Analysis", theorem for one fully connected layer: x = Dγ + v with
/// ‖v‖₂ ≤ ε, unit atoms, k = ‖γ‖₀ ≤ ⅓(1 + 1/µ(D)), margin O = |wᵀγ| > 0, and
///
///     ε ≤ O / (7.5 √k ‖w‖₂)   ⟹   sign(wᵀγ̂) = sign(wᵀγ),   λ = 4ε.
///
/// Two corrections to the slide. It has k where √k suffices: with λ = 4ε basis pursuit keeps within
/// the support and ‖γ̂ − γ‖∞ ≤ ‖(D_SᵀD_S)⁻¹‖_∞ (‖D_Sᵀv‖∞ + λ) ≤ 1.5 (ε + 4ε) = 7.5 ε, because
/// ‖(D_SᵀD_S)⁻¹‖_∞ ≤ 1/(1 − (k − 1)µ) ≤ 1.5 under the premise; hence
/// |wᵀ(γ̂ − γ)| ≤ ‖w‖₂ ‖γ̂ − γ‖₂ ≤ 7.5 √k ε ‖w‖₂. The printed radius is smaller, so true as well, but
/// not what the argument gives. √k cannot be improved: D = I, γ and w equal on their k atoms,
/// errs at O / ((4√k + 1)‖w‖₂) exactly. And the slide does not say λ = 4ε: with another λ it is
/// false (λ ≥ ‖Dᵀx‖∞ gives γ̂ = 0).
public struct AdversarialRadius: Sendable, Equatable {
  /// k = ‖γ‖₀.
  public let cardinality: Int
  /// The premise's limit, ⅓(1 + 1/µ(D)); infinite for orthogonal atoms.
  public let limit: Double
  /// O = |wᵀγ|.
  public let margin: Double
  /// ‖w‖₂.
  public let weightNorm: Double

  /// The radius of one signal.
  ///
  /// - Parameters:
  ///   - code: γ, one entry an atom.
  ///   - weights: w, one entry an atom.
  ///   - coherence: µ(D) of the dictionary, whose atoms have unit norm.
  public init(code: [Double], weights: [Double], coherence: Double) {
    precondition(code.count == weights.count, "\(weights.count) weights, \(code.count) atoms")
    cardinality = code.count { $0 != 0 }
    limit = coherence > 0 ? (1 + 1 / coherence) / 3 : .infinity
    margin = abs(zip(code, weights).reduce(0) { $0 + $1.0 * $1.1 })
    weightNorm = Double.norm2(weights.count, weights)
  }

  /// ⅓(1 + 1/µ) − k: the premise holds where this is not negative.
  public var slack: Double { limit - Double(cardinality) }

  /// The premise, its slack in atoms, and the radius as the bound.
  ///
  /// Without a margin the slack is −∞.
  public var guarantee: Guarantee {
    Guarantee(
      slack: margin > 0 && cardinality > 0 ? slack : -.infinity, bound: radius, strict: false)
  }

  /// Whether the theorem says anything: the cardinality is small enough and the margin positive.
  public var premiseHolds: Bool { guarantee.premise }

  /// O / (7.5 √k ‖w‖₂), in units of the signal.
  public var radius: Double { scaled(by: Double(cardinality).squareRoot()) }

  /// O / (7.5 k ‖w‖₂), as printed.
  public var printedRadius: Double { scaled(by: Double(cardinality)) }

  /// λ = 4ε at ε = `radius`: the penalty with which the classifier must run.
  public var penalty: Double { 4 * radius }

  private func scaled(by factor: Double) -> Double {
    factor > 0 && weightNorm > 0 ? margin / (7.5 * factor * weightNorm) : 0
  }
}

/// The same certificate from the support itself in place of the coherence.
///
/// With S the support of γ, D_S⁺ its pseudo-inverse, G = D_SᵀD_S and P the projection on the
/// complement of its span, let
///
///     θ = max_{j∉S} ‖D_S⁺dⱼ‖₁,   ρ = max_{j∉S} ‖P dⱼ‖₂,   a = ‖D_S G⁻¹w_S‖₂,   b = ‖G⁻¹w_S‖₁.
///
/// If (1 − θ)λ ≥ ρε, the solution restricted to S is that of basis pursuit (Fuchs, 2004; Tropp,
/// 2006), so γ̂_S = γ_S + D_S⁺v − λG⁻¹z with |z| ≤ 1, and the score is at least O − aε − bλ. Needs no
/// coherence, holds wherever θ < 1, and is at least as large as `AdversarialRadius` where that one's
/// premise holds.
public struct SupportRadius: Sendable, Equatable {
  /// θ, the exact recovery coefficient of the support.
  public let recoveryCoefficient: Double
  /// ρ.
  public let complementNorm: Double
  /// a, the largest change of the score by a unit perturbation.
  public let sensitivity: Double
  /// b, the largest change of the score by a unit of λ.
  public let bias: Double
  /// O = |wᵀγ|.
  public let margin: Double

  /// The quantities of one signal's support.
  ///
  /// - Parameters:
  ///   - path: D.
  ///   - code: γ, one entry an atom, not zero.
  ///   - weights: w.
  /// - Throws: `LinearAlgebraError.notPositiveDefinite` where the atoms of the support depend on
  ///   each other.
  /// - Complexity: O(m (n + k²)).
  public init(path: BasisPursuitPath, code: [Double], weights: [Double]) throws {
    let support = code.indices.filter { code[$0] != 0 }
    let m = path.gram.rows
    let outside = (0..<m).filter { code[$0] == 0 }
    let solved = try path.solveGram(
      support,
      [support.map { weights[$0] }] + outside.map { j in support.map { path.gram[j, $0] } })
    var (θ, ρ) = (0.0, 0.0)
    for (row, j) in outside.enumerated() {
      let coefficients = solved[row + 1]
      θ = max(θ, coefficients.reduce(0) { $0 + abs($1) })
      let inside = zip(support, coefficients).reduce(0) { $0 + path.gram[j, $1.0] * $1.1 }
      ρ = max(ρ, max(path.gram[j, j] - inside, 0).squareRoot())
    }
    recoveryCoefficient = θ
    complementNorm = ρ
    // ‖D_S G⁻¹w‖² = wᵀG⁻¹w.
    let square = zip(support, solved[0]).reduce(0) { $0 + weights[$1.0] * $1.1 }
    sensitivity = max(square, 0).squareRoot()
    bias = solved[0].reduce(0) { $0 + abs($1) }
    margin = abs(zip(code, weights).reduce(0) { $0 + $1.0 * $1.1 })
  }

  /// The largest ε certified for a classifier with a given λ; zero where there is none.
  public func radius(penalty λ: Double) -> Double {
    guard recoveryCoefficient < 1, margin > bias * λ else { return 0 }
    let byScore = sensitivity > 0 ? (margin - bias * λ) / sensitivity : .infinity
    let bySupport =
      complementNorm > 0 ? (1 - recoveryCoefficient) * λ / complementNorm : .infinity
    return min(byScore, bySupport)
  }

  /// The largest ε certified when λ = `ratio` · ε; zero where there is none.
  public func radius(penaltyPerRadius ratio: Double) -> Double {
    guard (1 - recoveryCoefficient) * ratio >= complementNorm, sensitivity + bias > 0 else {
      return 0
    }
    return margin / (sensitivity + bias * ratio)
  }
}
