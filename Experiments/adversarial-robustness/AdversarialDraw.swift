import MLCSCKit

/// A signal of the model with a linear classifier of its code.
struct AdversarialDraw {
  /// How coefficients and weights are chosen.
  enum Family: String, CaseIterable {
    /// Gaussian coefficients on a random support, Gaussian weights on all atoms.
    case random
    /// Equal coefficients (up to a tenth) on a random support and w = γ.
    case matched
    /// Part of a comb of √n spikes, which is also the sum of √n Hadamard atoms, with weights for
    /// the spikes and against those atoms: the support most easily mistaken in [I H/√n].
    case comb
  }

  /// γ, one entry an atom.
  let code: [Double]
  /// w.
  let weights: [Double]

  /// A draw for D = [I H/√n].
  init(
    _ family: Family, dimension n: Int, cardinality k: Int, from stream: inout RandomStream
  ) {
    var code = [Double](repeating: 0, count: 2 * n)
    switch family {
    case .random:
      for j in stream.indices(k, below: 2 * n) { code[j] = stream.normal() }
      weights = code.map { _ in stream.normal() }
    case .matched:
      for j in stream.indices(k, below: 2 * n) {
        code[j] = stream.sign() * (1 + 0.1 * stream.uniform())
      }
      weights = code
    case .comb:
      let tooth = Int(Double(n).squareRoot())
      for i in stream.indices(k, below: n / tooth) {
        code[i * tooth] = 1 + 0.1 * stream.uniform()
      }
      var votes = code
      for j in 0..<tooth { votes[n + j] = -1 }
      weights = votes
    }
    self.code = code
  }

  /// A code with given weights.
  init(code: [Double], weights: [Double]) {
    self.code = code
    self.weights = weights
  }
}

/// Everything that is measured of one draw.
struct AdversarialMeasurement: Codable {
  let family: String
  let dimension: Int
  let cardinality: Int
  /// ⅓(1 + 1/µ).
  let limit: Double
  let premise: Bool
  /// O/‖w‖₂.
  let normalizedMargin: Double
  /// O / (7.5 √k ‖w‖₂).
  let radius: Double
  /// With k in place of √k.
  let printedRadius: Double
  /// The certificate from the support, at λ = 4 · `radius`.
  let supportRadius: Double
  /// θ of the support.
  let recoveryCoefficient: Double
  /// Norm of the smallest perturbation found, at λ = 4 · `radius`; nil where none was found.
  let attackedRadius: Double?
  let piecesSearched: Int
  /// ‖x‖₂.
  let signalNorm: Double
  /// With λ = 4ε for every ε: the largest ε that the support certifies, the smallest that errs.
  var tiedLower: Double?
  var tiedUpper: Double?
  /// The perturbation, kept for the pictures.
  var perturbation: [Double]?

  /// Certifies and attacks one draw.
  init(
    _ draw: AdversarialDraw, named family: String, path: BasisPursuitPath, coherence: Double,
    starts: Int, tiedAccuracy: Double?, from stream: inout RandomStream
  ) throws {
    let certified = AdversarialRadius(
      code: draw.code, weights: draw.weights, coherence: coherence)
    let support = try SupportRadius(path: path, code: draw.code, weights: draw.weights)
    let signal = path.dictionary.synthesize(
      Matrix(shape: [1, draw.code.count], elements: draw.code)
    ).elements
    let score = zip(draw.code, draw.weights).reduce(0) { $0 + $1.0 * $1.1 }
    func attack(_ penalty: Double) throws -> LabelPerturbation? {
      let classifier = try SparseCodedClassifier(
        path: path, penalty: penalty, weights: draw.weights)
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
}
