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

  // Learning amplifies the rounding of another processor's kernels.
  private static let loose = ColumnRole.measured(absolute: 0.01, relative: 0.05)

  /// A dictionary's error with M terms, and how much larger it is than ML-CSC's on the same digits.
  struct ErrorRow: TableRow {
    @Field("dictionary", .key) var dictionary = ""
    @Field("terms", .key) var terms = 0
    @Field("error_relative_squared", loose) var error = 0.0
    @Field("standard_error", loose) var standardError = 0.0
    @Field("range_over_learning_seeds", .note) var range: Double? = nil
    @Field("excess_over_ml_csc", loose) var excess = 0.0
    @Field("excess_standard_error", loose) var excessError = 0.0
    @Field("digits", .exact) var digits = 0
  }

  /// A dictionary's size, and its error with the terms with which dictionaries were learned.
  struct SizeRow: TableRow {
    @Field("dictionary", .key) var dictionary = ""
    @Field("kind", .exact) var kind = ""
    @Field("atoms", .exact) var atoms = 0
    @Field("parameters", .exact) var parameters = 0
    @Field("terms_in_learning", .exact) var terms = 0
    @Field("error_at_k", loose) var error = 0.0
    @Field("error_at_k_standard_error", loose) var standardError = 0.0
    @Field("ml_csc_error_ratio", loose) var ratio = 0.0
    @Field("ml_csc_error_ratio_standard_error", loose) var ratioError = 0.0
    @Field("terms_to_target", .measured(absolute: 0.5, relative: 0.05)) var needed = 0.0
    @Field("terms_to_target_standard_error", .measured(absolute: 0.2, relative: 0.1))
    var neededError = 0.0
    @Field("share_beyond_largest_m", .measured(absolute: 0.05)) var beyond = 0.0
    @Field("support_bits_at_k", .measured()) var bits = 0.0
    @Field("digits", .exact) var digits = 0
    @Field("learning_seeds", .exact) var seeds = 0
  }

  func tables() throws -> [Table] {
    [
      try Table("approximation", measured.flatMap(curve)),
      try Table("dictionaries", measured.map(size)),
    ]
  }

  private func curve(_ one: Measured) -> [ErrorRow] {
    settings.terms.indices.map { place in
      let errors = one.errors.map { $0[place] }
      // Paired by digit.
      let excess = zip(errors, self.errors(.multiLayer, place)).map { $0 - $1 }
      let seeds = one.seedMeans.map { $0[place] }
      return ErrorRow(
        dictionary: one.kind.name, terms: settings.terms[place], error: Statistics.mean(errors),
        standardError: Statistics.standardError(errors),
        range: seeds.count > 1 ? (seeds.max() ?? 0) - (seeds.min() ?? 0) : nil,
        excess: Statistics.mean(excess), excessError: Statistics.standardError(excess),
        digits: errors.count)
    }
  }

  private func size(_ one: Measured) -> SizeRow {
    let place = settings.learningPlace
    let errors = one.errors.map { $0[place] }
    let ours = self.errors(.multiLayer, place)
    let ratio = Statistics.ratio(of: ours, to: errors)
    let limit = Double(settings.terms.max() ?? 0)
    return SizeRow(
      dictionary: one.kind.name, kind: one.kind.group, atoms: one.atoms,
      parameters: one.parameters, terms: settings.terms[place], error: Statistics.mean(errors),
      standardError: Statistics.standardError(errors), ratio: ratio.value,
      ratioError: ratio.standardError,
      needed: Statistics.mean(one.termsNeeded),
      neededError: Statistics.standardError(one.termsNeeded),
      beyond: Double(one.termsNeeded.count { $0 > limit }) / Double(one.termsNeeded.count),
      bits: supportBits(one.atoms, settings.sparsity), digits: one.errors.count,
      seeds: one.seedMeans.count)
  }

  /// The bits that name k of m atoms, log₂ of the number of supports.
  private func supportBits(_ m: Int, _ k: Int) -> Double {
    (0..<k).reduce(0) { $0 + Double.log2(Double(m - $1) / Double($1 + 1)) }
  }
}

/// The claims; S's curves are lost from the text, so that their sentences are ours.
struct ApproximationClaims {
  private let curves: [ApproximationReport.ErrorRow]
  private let sizes: [ApproximationReport.SizeRow]

  init(_ tables: TableSet) throws {
    curves = try tables.rows("approximation")
    sizes = try tables.rows("dictionaries")
  }

  var tests: [ClaimTest] {
    let source = "S, Signal approximation (curves lost; sentence ours)"
    return [
      claim(
        "one-layer-convolutional",
        "With equal numbers of terms ML-CSC’s error is below that of a one-layer convolutional "
          + "dictionary with as many parameters, or with its first layer’s filters", source,
        ["one-layer"]),
      claim(
        "equal-atoms-and-parameters",
        "With equal numbers of terms ML-CSC’s error is below that of a one-layer dictionary with as "
          + "many atoms and as many parameters (atoms sparse in the cosine basis)", source,
        ["sparse"]),
      closeToDense(source),
      claim(
        "fixed-bases",
        "With equal numbers of terms ML-CSC’s error is below that of the best terms of the cosine "
          + "basis and of the principal components", source, ["fixed"]),
    ]
  }

  /// Decides at the number of terms with which the dictionaries were learned.
  private func claim(
    _ id: String, _ sentence: String, _ source: String, _ groups: [String]
  ) -> ClaimTest {
    let rivals = sizes.filter { groups.contains($0.kind) }
    let parts = rivals.map { rival -> ClaimTest.Part in
      let row = curves.first { $0.dictionary == rival.dictionary && $0.terms == rival.terms }
      return ClaimTest.Part(
        "\(rival.dictionary), \(rival.atoms) atoms, \(rival.parameters) parameters",
        row.map {
          .mean(
            $0.excess, standardError: $0.excessError, draws: $0.digits,
            sample: [Sample($0.digits, "test digits")])
        } ?? .none)
    }
    return ClaimTest(
      id, decides: ["S16"], sentence, source: source,
      .number(
        "relative squared error minus that of ML-CSC, with \(rivals.first?.terms ?? 0) terms",
        unit: ""),
      parts: parts, holdsWhen: .above(0))
  }

  private func closeToDense(_ source: String) -> ClaimTest {
    // The better of the two unconstrained dictionaries.
    let rival = sizes.filter { $0.kind == "unconstrained" }.min { $0.error < $1.error }
    let ours = sizes.first { $0.kind == "multi-layer" }
    return ClaimTest(
      "close-with-few-parameters", decides: ["S16"],
      "ML-CSC has a few per cent of the parameters of an unconstrained dictionary of as many "
        + "atoms, and an error close to it", source: source,
      .number("ML-CSC’s error over that of \(rival?.dictionary ?? "a dense dictionary")", unit: ""),
      rival.map {
        .mean(
          $0.ratio, standardError: $0.ratioError, draws: $0.digits,
          sample: [Sample($0.digits, "test digits")])
      } ?? .none,
      details: zip([ours].compactMap { $0 }, [rival].compactMap { $0 }).map {
        Detail(
          "parameters of ML-CSC", 100 * Double($0.parameters) / Double($1.parameters),
          unit: "% of the other’s")
      },
      // A choice of ours, as in `dictionary-learning-filters`.
      holdsWhen: .below(1.5))
  }
}

extension DictionaryKind {
  /// What a kind is compared as.
  var group: String {
    switch self {
    case .multiLayer: "multi-layer"
    case .firstLayer, .oneLayer: "one-layer"
    case .sparseKSVD: "sparse"
    case .online, .ksvd: "unconstrained"
    case .cosine, .principal: "fixed"
    case .principalLinear: "fixed terms"
    }
  }
}

extension DictionaryApproximation.Settings {
  /// The place in `terms` of the number of terms that dictionaries were learned with.
  var learningPlace: Int { terms.firstIndex(of: sparsity) ?? terms.count - 1 }
}
