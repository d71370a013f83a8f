/// What a theorem says about one instance.
public struct Guarantee: Sendable, Codable, Equatable {
  /// Whether the theorem's premise holds; where it does not, the theorem says nothing.
  public let premise: Bool
  /// By how much the premise holds, negative where it fails; the unit stands where it is computed.
  public let slack: Double
  /// The bound on the error; nil where the premise fails.
  public let bound: Double?

  /// A guarantee whose premise is that the slack is positive, or, if not `strict`, not negative.
  ///
  /// Limits such as ⅓(1 + 1/µ) are whole numbers for many µ, so a premise that admits equality
  /// admits a slack of −10⁻¹², which is rounding.
  public init(slack: Double, bound: @autoclosure () -> Double, strict: Bool = true) {
    premise = strict ? slack > 0 : slack >= -1e-12
    self.slack = slack
    self.bound = premise ? bound() : nil
  }

  /// Whether a measured error exceeds the bound by more than rounding.
  ///
  /// The tolerance of 10⁻⁹ relative covers least squares by normal equations on atoms whose Gram
  /// matrix has a condition of at most 10³, as the premises ensure.
  public func isViolated(by error: Double, tolerance: Double = 1e-9) -> Bool {
    guard let bound else { return false }
    return error > bound * (1 + tolerance)
  }
}

/// What the guarantees ask of a dictionary's atoms.
public struct AtomGeometry: Sendable, Codable, Equatable {
  /// µ(D) of the normalised atoms.
  public let coherence: Double
  /// minⱼ ‖dⱼ‖₂.
  public let smallestNorm: Double
  /// maxⱼ ‖dⱼ‖₂.
  public let largestNorm: Double

  /// A geometry from its numbers; unit-norm atoms where no norm is given.
  public init(coherence: Double, smallestNorm: Double = 1, largestNorm: Double = 1) {
    precondition(coherence >= 0 && smallestNorm >= 0, "coherence and norms are not negative")
    self.coherence = coherence
    self.smallestNorm = smallestNorm
    self.largestNorm = largestNorm
  }

  /// The geometry of a dictionary's atoms.
  ///
  /// - Complexity: that of `mutualCoherence()`.
  public init(_ dictionary: some SparseDictionary<Double>) {
    let norms = dictionary.atomNorms
    self.init(
      coherence: dictionary.mutualCoherence(), smallestNorm: norms.min() ?? 0,
      largestNorm: norms.max() ?? 0)
  }

  /// ½(1 + 1/µ), below which a stripe norm makes codes unique and stable; infinite for µ = 0.
  ///
  /// Source: P, eq. (4).
  public var stabilityLimit: Double { coherence > 0 ? 0.5 * (1 + 1 / coherence) : .infinity }

  /// ⅓(1 + 1/µ), up to which basis pursuit keeps within the support; infinite for µ = 0.
  ///
  /// Source: S, "Layered Basis Pursuit".
  public var basisPursuitLimit: Double { coherence > 0 ? (1 + 1 / coherence) / 3 : .infinity }
}
