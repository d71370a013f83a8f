import ExperimentSuite
import RealModule

/// Tables and claims from the errors of all digits.
struct ApproximationReport {
  typealias Settings = DictionaryApproximation.Settings
  typealias Result = CellResult<DictionaryApproximation.Cell, DictionaryApproximation.Row>

  private let settings: Settings
  /// In the order of the tables.
  private let measured: [Measured]

  private struct Measured {
    let kind: DictionaryKind
    let atoms: Int
    let parameters: Int
    /// errors[digit][place in settings.terms], the mean over learning seeds.
    let errors: [[Double]]
    let termsNeeded: [Double]
    /// seedMeans[learning seed][place in settings.terms], means over digits.
    let seedMeans: [[Double]]
  }

  init(_ settings: Settings, _ results: [Result]) {
    self.settings = settings
    measured = DictionaryKind.all(settings.kernels).compactMap { kind in
      let runs = results.filter { $0.cell.kind == kind }
      let digits = runs.map { $0.rows.compactMap(\.digit) }
      guard let size = runs.first?.rows.compactMap(\.size).first, let count = digits.first?.count
      else { return nil }
      return Measured(
        kind: kind, atoms: size.atoms, parameters: size.parameters,
        errors: (0..<count).map { d in
          settings.terms.indices.map { m in Statistics.mean(digits.map { $0[d].errors[m] }) }
        },
        termsNeeded: (0..<count).map { d in
          Statistics.mean(digits.map { Double($0[d].termsNeeded) })
        },
        seedMeans: digits.map { run in
          settings.terms.indices.map { m in Statistics.mean(run.map { $0.errors[m] }) }
        })
    }
  }

  private func errors(_ kind: DictionaryKind, _ place: Int) -> [Double] {
    (measured.first { $0.kind == kind }?.errors ?? []).map { $0[place] }
  }

  /// The mean with its normal 95 % interval; digits are the draws.
  private func interval(_ values: [Double]) -> Estimate {
    let mean = Statistics.mean(values)
    let half = 1.959963984540054 * Statistics.standardError(values)
    return Estimate(value: mean, lower: mean - half, upper: mean + half)
  }

  /// How much larger the error of a dictionary is than ML-CSC's, on the same digits.
  private func excess(_ kind: DictionaryKind, _ place: Int) -> Estimate {
    interval(zip(errors(kind, place), errors(.multiLayer, place)).map { $0 - $1 })
  }

  func tables() throws -> [Table] {
    // Learning amplifies the rounding of another processor's kernels.
    func loose(_ name: String) -> Column { .measured(name, absolute: 0.01, relative: 0.05) }
    let curves = measured.flatMap { one in
      settings.terms.indices.map { place -> [Value] in
        let errors = one.errors.map { $0[place] }
        let excess = excess(one.kind, place)
        let seeds = one.seedMeans.map { $0[place] }
        return [
          .text(one.kind.name), .integer(settings.terms[place]), .real(Statistics.mean(errors)),
          .real(Statistics.standardError(errors)),
          seeds.count > 1
            ? .real((seeds.max() ?? 0) - (seeds.min() ?? 0)) : .missing,
          .real(excess.value), .real(excess.lower), .real(excess.upper),
        ]
      }
    }
    let sizes = measured.map { one -> [Value] in
      let place = settings.learningPlace
      let errors = one.errors.map { $0[place] }
      let limit = Double(settings.terms.max() ?? 0)
      return [
        .text(one.kind.name), .integer(one.atoms), .integer(one.parameters),
        .real(Statistics.mean(errors)), .real(Statistics.standardError(errors)),
        .real(Statistics.mean(one.termsNeeded)), .real(Statistics.standardError(one.termsNeeded)),
        .real(Double(one.termsNeeded.count { $0 > limit }) / Double(one.termsNeeded.count)),
        .real(supportBits(one.atoms, settings.sparsity)), .integer(one.errors.count),
        .integer(one.seedMeans.count),
      ]
    }
    return try [
      Table(
        "approximation",
        [
          .key("dictionary"), .key("terms"), loose("error_relative_squared"),
          loose("standard_error"), .note("range_over_learning_seeds"), loose("excess_over_ml_csc"),
          loose("excess_lower"), loose("excess_upper"),
        ], rows: curves),
      Table(
        "dictionaries",
        [
          .key("dictionary"), .exact("atoms"), .exact("parameters"), loose("error_at_k"),
          loose("error_at_k_standard_error"),
          .measured("terms_to_target", absolute: 0.5, relative: 0.05),
          .measured("terms_to_target_standard_error", absolute: 0.2, relative: 0.1),
          .measured("share_beyond_largest_m", absolute: 0.05), .measured("support_bits_at_k"),
          .exact("digits"),
          .exact("learning_seeds"),
        ], rows: sizes),
    ]
  }

  func claims() -> [Claim] {
    guard measured.contains(where: { $0.kind == .multiLayer }) else { return [] }
    let oneLayer = [DictionaryKind.firstLayer] + settings.kernels.map { .oneLayer(kernel: $0) }
    let claims = [
      claim(
        "one-layer-convolutional",
        "At equal numbers of terms ML-CSC's error is below that of a one-layer convolutional "
          + "dictionary with as many parameters, or with its first layer's filters",
        "S Signal Approximation", oneLayer),
      claim(
        "equal-atoms-and-parameters",
        "At equal numbers of terms ML-CSC's error is below that of a one-layer dictionary with as "
          + "many atoms and as many parameters (atoms sparse in the cosine basis)",
        "S Signal Approximation", [.sparseKSVD]),
      claim(
        "unconstrained-atoms",
        "At equal numbers of terms ML-CSC's error is below that of a learned dictionary with as "
          + "many atoms and no constraint",
        "S Signal Approximation", [.online, .ksvd]),
      closeToDense(),
      claim(
        "fixed-bases",
        "At equal numbers of terms ML-CSC's error is below that of the best terms of the cosine "
          + "basis and of the principal components",
        "S Signal Approximation", [.cosine, .principal]),
    ]
    return claims.compactMap { $0 }
  }

  private func decidable(_ verdict: Verdict) -> Verdict {
    settings.passes >= 5 && (measured.first?.errors.count ?? 0) >= 100 ? verdict : .undecided
  }

  /// Decides that ML-CSC's error is lower at every claimed M and for every rival.
  private func claim(
    _ id: String, _ sentence: String, _ source: String, _ rivals: [DictionaryKind]
  ) -> Claim {
    let places = settings.terms.indices.filter {
      settings.claimedTerms.contains(settings.terms[$0])
    }
    let excesses = rivals.flatMap { kind in places.map { excess(kind, $0) } }
    let verdict: Verdict =
      excesses.allSatisfy { $0.lower > 0 }
      ? .holds : excesses.contains { $0.upper < 0 } ? .doesNotHold : .undecided
    return Claim(
      id: id, sentence: sentence, source: source,
      measured:
        "error at M = \(settings.sparsity): ML-CSC \(mean(.multiLayer)) (before learning on "
        + "within its supports \(mean(.multiLayerShrunk))); "
        + rivals.map { description(of: $0) }.joined(separator: "; ")
        + "; decided at M = \(settings.claimedTerms.map(String.init).joined(separator: ", "))",
      verdict: decidable(verdict))
  }

  private func closeToDense() -> Claim? {
    let place = settings.learningPlace
    // The better of the two unconstrained dictionaries.
    let rival = [DictionaryKind.online, .ksvd].min {
      Statistics.mean(errors($0, place)) < Statistics.mean(errors($1, place))
    }
    guard let rival, let dense = measured.first(where: { $0.kind == rival }),
      let ours = measured.first(where: { $0.kind == .multiLayer })
    else { return nil }
    let slack = interval(
      zip(errors(rival, place), errors(.multiLayer, place)).map {
        settings.acceptedFactor * $0 - $1
      })
    let factor =
      Statistics.mean(errors(.multiLayer, place))
      / max(Statistics.mean(errors(rival, place)), 1e-300)
    let share = Double(ours.parameters) / Double(dense.parameters)
    return Claim(
      id: "close-with-few-parameters",
      sentence: "With a few per cent of its parameters ML-CSC stays close to an unconstrained "
        + "dictionary of as many atoms (here: error at most \(settings.acceptedFactor) times its)",
      source: "D; S Learning Multi-Layer CSC Models",
      measured: "error \(Wording.number(factor)) times that of \(rival.name) at M = "
        + "\(settings.sparsity) with \(Wording.percent(share)) of its parameters "
        + "(\(ours.parameters) of \(dense.parameters)); \(settings.acceptedFactor) × its error − "
        + "ML-CSC's: \(Wording.interval(slack))",
      verdict: decidable(slack.lower > 0 ? .holds : slack.upper < 0 ? .doesNotHold : .undecided))
  }

  private func description(of kind: DictionaryKind) -> String {
    guard let one = measured.first(where: { $0.kind == kind }) else { return kind.name }
    let place = settings.learningPlace
    let lower = settings.terms.indices.filter { excess(kind, $0).lower > 0 }
    let higher = settings.terms.indices.filter { excess(kind, $0).upper < 0 }
    func list(_ places: [Int]) -> String {
      places.isEmpty
        ? "no M" : "M = " + places.map { "\(settings.terms[$0])" }.joined(separator: " ")
    }
    return "\(kind.name) (\(one.atoms) atoms, \(one.parameters) parameters) \(mean(kind)), "
      + "excess \(Wording.interval(excess(kind, place))), ML-CSC lower at \(list(lower)), higher at "
      + "\(list(higher))"
  }

  /// The bits that name k of m atoms, log₂ of the number of supports.
  private func supportBits(_ m: Int, _ k: Int) -> Double {
    (0..<k).reduce(0) { $0 + Double.log2(Double(m - $1) / Double($1 + 1)) }
  }

  private func mean(_ kind: DictionaryKind) -> String {
    Wording.number(Statistics.mean(errors(kind, settings.learningPlace)))
  }
}

extension DictionaryApproximation.Settings {
  /// The place in `terms` of the number of terms that dictionaries were learned with.
  var learningPlace: Int { terms.firstIndex(of: sparsity) ?? terms.count - 1 }
}
