/// A pursuit with learned dictionaries, steps and thresholds, as part of a network.
///
///     γᵢ⁰ = S(cᵢ Dᵢᵀγᵢ₋₁⁰; tᵢ)                              the feed-forward network
///     γ̂ᵢ = ρ D_(i,L) γ_Lᵏ + (1 − ρ) γᵢᵏ,  i < L             [B, Supplement B]
///     γᵢᵏ⁺¹ = S(γ̂ᵢ − cᵢ Dᵢᵀ(Dᵢ γ̂ᵢ − γᵢ₋₁ᵏ⁺¹); tᵢ)           "unfoldings" of ML-ISTA
///
/// One-sided thresholds tᵢ are ReLUs with biases −tᵢ. The iterations are those of `MultiLayerISTA`
/// and `MultiLayerFISTA` (`MultiLayerIteration` holds them once for both); layered pursuits iterate
/// within one layer before the next. All methods have the same parameters, and with no unfoldings
/// all are the feed-forward network; multi-layer FISTA differs from ISTA from two unfoldings on.
/// - Complexity: two products with every dictionary an unfolding, and one for each outer dictionary
///   more where 0 < ρ < 1.
public struct UnfoldedPursuit<Scalar: NumericScalar> {
  /// D₁ … D_L, each from the codes below to those above.
  public let dictionaries: [any LearnedDictionary<Scalar>]
  /// t₁ … t_L, one number a filter each; nothing where batch norms shift the codes.
  public let thresholds: [Parameter<Scalar>]
  /// c₁ … c_L of shape [1], or nothing where all steps are 1; where steps are bounded, the θᵢ that
  /// make cᵢ = 2/((1 + e^−θᵢ) ‖Dᵢ‖²).
  public let steps: [Parameter<Scalar>]
  /// Whether steps are bounded by their dictionary's norm.
  public let hasBoundedSteps: Bool
  /// Batch norms before the ReLU, for every layer one an iteration; none in the pursuits of B and R.
  public let normalizations: [[LearnedNormalization<Scalar>]]
  /// One-sided for non-negative codes.
  public let kind: ThresholdKind
  /// What is unfolded.
  public let method: UnfoldedMethod
  /// The iterations after the first.
  public let unfoldings: Int

  /// A pursuit.
  public init(
    _ dictionaries: [any LearnedDictionary<Scalar>], thresholds: [Parameter<Scalar>],
    steps: [Parameter<Scalar>] = [], boundingSteps: Bool = false,
    normalizations: [[LearnedNormalization<Scalar>]] = [], kind: ThresholdKind = .oneSided,
    method: UnfoldedMethod, unfoldings: Int
  ) {
    precondition(
      !dictionaries.isEmpty && (steps.isEmpty || steps.count == dictionaries.count)
        && (normalizations.isEmpty
          ? thresholds.count == dictionaries.count
          : thresholds.isEmpty && kind == .oneSided
            && normalizations.map(\.count) == dictionaries.map { _ in unfoldings + 1 })
        && unfoldings >= 0,
      "\(dictionaries.count) dictionaries, \(thresholds.count) thresholds, \(steps.count) steps, "
        + "\(normalizations.map(\.count)) batch norms, \(unfoldings) unfoldings")
    (self.dictionaries, self.thresholds, self.steps) = (dictionaries, thresholds, steps)
    (hasBoundedSteps, self.normalizations) = (boundingSteps, normalizations)
    (self.kind, self.method, self.unfoldings) = (kind, method, unfoldings)
  }

  /// Dictionaries, thresholds, steps, scales and shifts.
  public var parameters: [Parameter<Scalar>] {
    dictionaries.flatMap { $0.parameters } + thresholds + steps
      + normalizations.flatMap { $0.flatMap(\.parameters) }
  }

  /// Iterations of the power method for a bounded step: from a random start they find ‖D‖² to about a
  /// tenth, from below.
  static var powerIterations: Int { 10 }

  /// The steps of a forward pass, or nothing where all are 1.
  func stepVariables(on tape: Tape<Scalar>) -> [Variable<Scalar>] {
    zip(steps, dictionaries).map { step, dictionary in
      guard hasBoundedSteps else { return tape.variable(step) }
      return tape.boundedStep(
        tape.variable(step),
        squaredNorm: dictionary.squaredNorm(iterations: Self.powerIterations, on: tape))
    }
  }

  /// c₁ … c_L as a forward pass uses them, or nothing where all are 1.
  public func stepValues(on tape: Tape<Scalar>) -> [Scalar] {
    stepVariables(on: tape).map { $0.value.memory[0] }
  }

  /// The codes of a batch.
  ///
  /// - Parameters:
  ///   - signals: Shape [N, C, H, W].
  ///   - tape: What records the operations.
  ///   - pass: What the pass is for; layered methods do not use its ρ.
  /// - Returns: γ₁ … γ_L.
  public func codes(
    of signals: Variable<Scalar>, on tape: Tape<Scalar>, _ pass: ForwardPass = .inference
  ) -> [Variable<Scalar>] {
    var iteration = TapeIteration(self, of: signals, on: tape, pass)
    if method.isLayered {
      for i in dictionaries.indices { iteration.run(i..<i + 1, iterations: unfoldings + 1) }
    } else {
      iteration.run(0..<dictionaries.count, iterations: unfoldings + 1)
    }
    return iteration.codes.compactMap { $0 }
  }
}

/// The pursuit that a network unfolds.
public enum UnfoldedMethod: String, Codable, Sendable, CaseIterable {
  /// Every layer's own ISTA: B's "Layered BP".
  case layeredISTA = "layered-ista"
  /// Every layer's own FISTA.
  case layeredFISTA = "layered-fista"
  /// B's Algorithm 2.
  case multiLayerISTA = "ml-ista"
  /// B's Algorithm 3, with the momentum of FISTA (as printed it diverges, erratum 2).
  case multiLayerFISTA = "ml-fista"

  /// Whether a layer's iterations end before the next layer's begin.
  public var isLayered: Bool { self == .layeredISTA || self == .layeredFISTA }
  /// Whether there is momentum.
  public var isAccelerated: Bool { self == .layeredFISTA || self == .multiLayerFISTA }
}
