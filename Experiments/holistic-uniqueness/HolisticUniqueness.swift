import ExperimentSuite
import MLCSCKit

/// Synthesis and analysis together: uniqueness and stability (S, "Synthesis-Analysis interpretation").
///
/// Uniqueness is decided for all γ₂ of a model (S, Λ) at once, in exact arithmetic, by going through
/// every other model (S', Λ') of the same sizes: small integer dictionaries, in general position
/// (large entries), with few rows of D₂, and structured (entries −1, 0, 1). Stability: the oracle
/// holistic pursuit (S and Λ known) against the oracle projection (S known), errors in units of the
/// noise variance, at the sizes of the authors' public code. Last the same without the oracle.
/// S does not say how Λ is found; see `HolisticPursuit` for how it is here.
@main
struct HolisticUniqueness: Experiment {
  static let identity = ExperimentIdentity(
    name: "holistic-uniqueness",
    paper: "S: slides on deep and convolutional sparse models",
    figure: "Synthesis-Analysis interpretation",
    title: "Uniqueness up to (η − 1)/2 + rank Φ; error of the holistic pursuit against s2 − rank Φ",
    question: "Does the co-support of γ1 widen uniqueness and lower the error by rank Φ?",
    version: 2)

  struct Settings: Codable {
    /// n and m₂ of the small dictionaries (ours).
    var smallDimension = 4
    var smallAtoms = 6
    /// m₁; the smaller one leaves γ₁ too few non-zeros.
    var innerAtoms = 8
    var fewInnerAtoms = 5
    /// Entries are uniform on −largest … largest.
    var largestEntry = 99
    /// Pairs of dictionaries in general position, and of each of the other kinds.
    var dictionaries: Int
    var otherDictionaries: Int
    var dictionariesPerCell: Int
    var dimensions = [50, 100, 50]  // n, m₁, m₂: public code (erratum 16)
    var sparsity = 11  // s₂, public code
    var largestCosparsity = 10  // public code: 1 … 10
    /// |Λ| = 10 fixed, s₂ up to this (ours).
    var largestSparsity = 20
    /// Draws of D₁, D₂ with known supports, and without.
    var draws: Int
    var pursuitDraws: Int
    /// A block: its mean is what claims take for one observation.
    var drawsPerCell: Int
    /// ‖x‖/‖w‖: 25 dB, and what the public code takes for it, 50 dB.
    var amplitudeRatios = [17.782794100389228, 316.22776601683796]
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(
        dictionaries: 6, otherDictionaries: 4, dictionariesPerCell: 2, draws: 10,
        pursuitDraws: 4, drawsPerCell: 2)
    case .quick:
      Settings(
        dictionaries: 1000, otherDictionaries: 300, dictionariesPerCell: 20, draws: 1000,
        pursuitDraws: 1000, drawsPerCell: 20)
    case .standard, .paper:
      Settings(
        dictionaries: 10_000, otherDictionaries: 3000, dictionariesPerCell: 200, draws: 10_000,
        pursuitDraws: 5000, drawsPerCell: 200)
    }
  }

  /// What a cell measures.
  enum Part: String, Codable, CaseIterable {
    /// Uniqueness, by the kind of dictionaries.
    case general
    case fewRows = "few-rows"
    case ternary
    /// Errors with known supports, and without.
    case oracle
    case pursuits
  }

  struct Cell: ExperimentCell {
    let part: Part
    let first: Int
    let count: Int
    var id: String { "\(part.rawValue)-\(first)" }
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    let (inner, deepest) = (
      settings.dimensions.dropFirst().first ?? 0, settings.dimensions.last ?? 0
    )
    return [
      .entries("dimensions", settings.dimensions, 3, "n, m1, m2"),
      SettingRule(
        "sparsity", "be at most m2, the third of dimensions", settings.sparsity <= deepest),
      SettingRule(
        "largestSparsity", "be at most m2, the third of dimensions",
        settings.largestSparsity <= deepest),
      SettingRule(
        "largestCosparsity", "be at most m1, the second of dimensions, and below sparsity",
        settings.largestCosparsity <= inner && settings.largestCosparsity < settings.sparsity),
      .distinct("amplitudeRatios", settings.amplitudeRatios),
    ]
  }

  static func cells(_ settings: Settings, _ inputs: NoInputs) -> [Cell] {
    Part.allCases.flatMap { part -> [Cell] in
      let (total, size) =
        switch part {
        case .general: (settings.dictionaries, settings.dictionariesPerCell)
        case .fewRows, .ternary: (settings.otherDictionaries, settings.dictionariesPerCell)
        case .oracle: (settings.draws, settings.drawsPerCell)
        case .pursuits: (settings.pursuitDraws, settings.drawsPerCell)
        }
      return stride(from: 0, to: total, by: size).map {
        Cell(part: part, first: $0, count: min(size, total - $0))
      }
    }
  }

  /// What a cell measured; a cell is about one part.
  struct Row: Codable {
    var models = [ModelRow]()
    var oracles = [OracleRow]()
    var pursuits = [PursuitRow]()
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Row] {
    /// One result a draw, every draw with a stream of its own, whatever the size of a cell.
    func draws<Result>(_ body: (inout RandomStream) throws -> Result) throws -> [Result] {
      try (cell.first..<cell.first + cell.count).map { draw in
        try context.checkInterruption()
        var stream = RandomStream(
          identity.name, cell.part.rawValue, "\(draw)", "\(context.seed)")
        return try body(&stream)
      }
    }
    switch cell.part {
    case .general, .fewRows, .ternary:
      let found = try draws { try ModelRow.draw(cell.part, settings, from: &$0) }
      return [Row(models: ModelRow.merged(found.flatMap { $0 }))]
    case .oracle:
      let found = try draws { try OracleRow.draw(settings, from: &$0) }
      return [Row(oracles: OracleRow.means(found, block: cell.first / settings.drawsPerCell))]
    case .pursuits:
      let found = try draws { try PursuitRow.draw(settings, from: &$0) }
      return [Row(pursuits: PursuitRow.means(found, block: cell.first / settings.drawsPerCell))]
    }
  }

  static func tables(_ settings: Settings, _ results: [CellResult<Cell, Row>]) throws -> [Table] {
    let rows = results.flatMap(\.rows)
    let models = ModelRow.merged(rows.flatMap(\.models))
    let (oracles, pursuits) = (rows.flatMap(\.oracles), rows.flatMap(\.pursuits))
    return try [
      Table("models", models), Table("uniqueness", UniquenessRow.rows(models)),
      // The claims need no other series block by block.
      Table("stability-blocks", oracles.filter { ["rank", "copies"].contains($0.point.series) }),
      Table("stability", StabilityRow.rows(oracles, settings)),
      Table("pursuits", MethodRow.rows(pursuits)), Table("pursuit-blocks", GainRow.rows(pursuits)),
    ]
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    try ModelRow.claims(tables.rows("models"))
      + StabilityRow.claims(tables.rows("stability"), blocks: tables.rows("stability-blocks"))
      + [GainRow.claim(tables.rows("pursuit-blocks"))]
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(Wording.count(settings.dictionaries + 2 * settings.otherDictionaries)) small dictionaries",
      "\(Wording.count(settings.draws)) draws with known supports",
      "\(Wording.count(settings.pursuitDraws)) with supports to be found",
    ]
  }
}
