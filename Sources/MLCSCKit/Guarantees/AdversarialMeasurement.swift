/// How far the label of one signal is from changing: certified, and under attack.
///
/// Two readings of S's theorem: λ fixed at four certified radii, where the smallest perturbation that
/// errs is searched piece by piece of the piecewise linear code; and λ = 4ε for every ε, where the
/// first ε that errs is enclosed between the support's certificate and an attack. All radii are ℓ₂
/// norms in units of the signal.
public struct AdversarialMeasurement: Codable, Sendable {
  /// What the signal is one of.
  public let family: String
  /// n.
  public let dimension: Int
  /// k = ‖γ‖₀.
  public let cardinality: Int
  /// ⅓(1 + 1/µ).
  public let limit: Double
  /// Whether k is within the limit.
  public let premise: Bool
  /// O/‖w‖₂.
  public let normalizedMargin: Double
  /// O / (7.5 √k ‖w‖₂).
  public let radius: Double
  /// With k in place of √k.
  public let printedRadius: Double
  /// The certificate from the support, at λ = 4 · `radius`.
  public let supportRadius: Double
  /// θ of the support.
  public let recoveryCoefficient: Double
  /// Norm of the smallest perturbation found, at λ = 4 · `radius`; nil where none was found.
  public let attackedRadius: Double?
  /// How many pieces of the code the attack went through.
  public let piecesSearched: Int
  /// ‖x‖₂.
  public let signalNorm: Double
  /// With λ = 4ε for every ε: the largest ε that the support certifies.
  public private(set) var tiedLower: Double?
  /// With λ = 4ε for every ε: the smallest ε found that errs.
  public private(set) var tiedUpper: Double?
  /// The perturbation, kept for the pictures.
  public var perturbation: [Double]?

  /// Certifies and attacks one signal x = Dγ.
  ///
  /// - Parameters:
  ///   - code: γ, one entry an atom.
  ///   - weights: w, one entry an atom.
  ///   - family: What the signal is one of.
  ///   - path: D.
  ///   - coherence: µ(D).
  ///   - starts: Random starts of an attack beside its fixed ones.
  ///   - tiedAccuracy: To how much the radius with λ = 4ε is enclosed; nil: it is not looked for.
  ///   - stream: Where random starts come from.
  /// - Throws: `LinearAlgebraError.notPositiveDefinite` where the atoms of the support depend on each
  ///   other; what the attack throws.
  public init(
    code: [Double], weights: [Double], named family: String, path: BasisPursuitPath,
    coherence: Double, starts: Int, tiedAccuracy: Double?, from stream: inout RandomStream
  ) throws {
    let certified = AdversarialRadius(code: code, weights: weights, coherence: coherence)
    let support = try SupportRadius(path: path, code: code, weights: weights)
    let signal = path.dictionary.synthesize(
      Matrix(shape: [1, code.count], elements: code)
    ).elements
    let score = zip(code, weights).reduce(0) { $0 + $1.0 * $1.1 }
    func attack(_ penalty: Double) throws -> LabelPerturbation? {
      let classifier = try SparseCodedClassifier(path: path, penalty: penalty, weights: weights)
      return try LabelAttack(classifier, randomStarts: starts).smallestPerturbation(
        of: signal, label: score > 0 ? 1 : -1, from: &stream)
    }
    let found = try attack(certified.penalty)
    self.family = family
    dimension = path.dictionary.signalDimension
    cardinality = certified.cardinality
    limit = certified.limit
    premise = certified.premiseHolds
    normalizedMargin = certified.margin / certified.weightNorm
    radius = certified.radius
    printedRadius = certified.printedRadius
    supportRadius = support.radius(penalty: certified.penalty)
    recoveryCoefficient = support.recoveryCoefficient
    attackedRadius = found?.norm
    piecesSearched = found?.piecesSearched ?? 0
    perturbation = found?.vector
    signalNorm = signal.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard let tiedAccuracy else { return }
    // From the certificate up, or, where there is none, from a radius at which nothing happens.
    let largest = path.products(signal).map(abs).max() ?? 0
    let certifiedTied = support.radius(penaltyPerRadius: 4)
    var (lower, upper) = (certifiedTied, largest / 4)  // at λ = ‖Dᵀx‖∞ the score is zero
    var next = certifiedTied > 0 ? certifiedTied * (1 + tiedAccuracy) : certified.radius
    while upper > lower * (1 + tiedAccuracy) {
      if let norm = try attack(4 * next)?.norm, norm <= next * (1 + 1e-9) {
        upper = next
      } else {
        lower = next
      }
      guard lower > 0 || upper > 1e-6 * certified.radius else { break }
      next = lower > 0 ? (lower * upper).squareRoot() : upper / 4
    }
    (tiedLower, tiedUpper) = (certifiedTied, upper)
  }

  /// The radius where it first errs in certified ones; nil where no error was found.
  public var attackedOverRadius: Double? { attackedRadius.map { $0 / radius } }

  /// Whether it errs within the certified radius.
  public var errsWithinRadius: Bool { (attackedOverRadius ?? .infinity) <= 1 }
}
