import Algorithms
import ExperimentSuite
import RealModule

/// R's statements on MSD-CSC, each on random instances.
///
/// Proposition 1, Theorem 1 with Definition 1, Lemma 3, the 2×3 example, the Lipschitz constant of
/// equation (1), the update of equation (5), sparsity and loss at equal biases, and what a smaller
/// coherence does for one pass of thresholding.
///
/// Every LASSO optimum is certified by a duality gap. Where a statement is wrong as printed, the
/// form that is right is measured beside it. What R leaves open and is chosen here: Gaussian
/// dictionaries with unit columns, Gaussian signals, β uniform on a share of the largest
/// |dᵀx| (a larger β gives a zero code); networks on 3×3 kernels with zero padding.
@main
struct Theory: Experiment {
  static let identity = ExperimentIdentity(
    name: "msdcsc-theory",
    paper: "R: Residual and dilated dense networks via CSC",
    figure: "Prop. 1, Thm 1, Lemma 3, Def. 1, eq. (1), (5)",
    title: "R's statements on MSD-CSC, checked on random instances",
    question: "Which of R's statements on MSD-CSC hold, and in which form?",
    version: 3)

  struct Settings: Codable {
    /// Random instances of Theorem 1, signed and non-negative each, in blocks.
    var lassoInstances: Int
    var lassoBlocks = 10
    /// n and m of their dictionaries are drawn from these ranges.
    var signalDimensions = [10, 30]
    var atomCounts = [5, 60]
    var certifiedGap = 1e-12
    /// Rows p and columns q of A in Lemma 3, and its rank.
    var spectra = [[6, 10, 6], [10, 6, 6], [8, 8, 8], [8, 12, 5], [12, 8, 5]]
    var spectrumDraws: Int
    var networkDraws: Int
    var networkSide = 9
    var networkWidth = 4
    var networkDilations = [1, 2, 3, 1, 2, 3]  // R: 1, 2, 3 in turn
    /// Dictionaries on which codes at equal biases are compared, and β of ML-CSC over the largest |dᵀx|.
    var penaltyDraws: Int
    var penaltyShares = [0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8]
    /// Dictionaries on which one pass of thresholding is tried; n and m, codes, entries, thresholds.
    var thresholdingDraws: Int
    var thresholdingDimensions = [64, 128]
    var thresholdingCodes = 200
    var thresholdingEntries = 4
    var thresholds: [Double] =
      Array(stride(from: 0, through: 2, by: 0.1)) + [2.5, 3, 4, 5, 6, 8, 10, 15]
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(
        lassoInstances: 50, spectrumDraws: 4, networkDraws: 4, penaltyDraws: 4,
        thresholdingDraws: 6)
    case .quick:
      Settings(
        lassoInstances: 1_000, spectrumDraws: 100, networkDraws: 100, penaltyDraws: 1_000,
        thresholdingDraws: 100)
    case .standard, .paper:
      Settings(
        lassoInstances: 10_000, spectrumDraws: 1_000, networkDraws: 1_000, penaltyDraws: 1_000,
        thresholdingDraws: 1_000)
    }
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    [
      .range("signalDimensions", settings.signalDimensions, from: 1),
      .range("atomCounts", settings.atomCounts, from: 1),
      .entries("thresholdingDimensions", settings.thresholdingDimensions, 2, "n and m"),
      SettingRule(
        "thresholdingEntries", "be at most m, the second of thresholdingDimensions",
        settings.thresholdingEntries <= settings.thresholdingDimensions.last ?? 0),
      .distinct("penaltyShares", settings.penaltyShares),
      .distinct("thresholds", settings.thresholds),
      SettingRule(
        "spectra",
        "be triples: rows, columns, and a rank no larger than either; none of them twice",
        Set(settings.spectra).count == settings.spectra.count
          && settings.spectra.allSatisfy {
            $0.count == 3 && $0[2] >= 1 && $0[2] <= min($0[0], $0[1])
          }),
    ]
  }

  enum Statement: String, Codable {
    case theorem1, lemma3, proposition1, updates, example, penalties, thresholding
  }

  struct Cell: ExperimentCell {
    let statement: Statement
    var index = 0
    var id: String { "\(statement.rawValue)-\(index)" }
  }

  /// What a cell measured; a cell is about one statement.
  struct Row: Codable {
    var lasso = [LassoRow]()
    var spectra = [SpectrumRow]()
    var eigenvalues = [EigenvalueRow]()
    var networks = [NetworkRow]()
    var updates = [UpdateRow]()
    var example = [ExampleRow]()
    var penalties = [PenaltyRow]()
    var thresholding = [CoherenceRow]()
  }

  static func cells(_ settings: Settings, _ inputs: NoInputs) -> [Cell] {
    (0..<settings.lassoBlocks).map { Cell(statement: .theorem1, index: $0) }
      + settings.spectra.indices.map { Cell(statement: .lemma3, index: $0) }
      + [.proposition1, .updates, .example, .penalties, .thresholding].map { Cell(statement: $0) }
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Row] {
    var stream = context.stream
    var row = Row()
    switch cell.statement {
    case .theorem1:
      let share = settings.lassoInstances / settings.lassoBlocks
      for i in 0..<share {
        try context.checkInterruption()
        row.lasso += try LassoRow.instance(cell.index * share + i, settings, from: &stream)
      }
    case .lemma3:
      for i in 0..<settings.spectrumDraws {
        let found = try SpectrumRow.instance(i, settings.spectra[cell.index], from: &stream)
        row.spectra.append(found.row)
        // One drawn spectrum of each shape is shown in full.
        if i == 0 { row.eigenvalues = found.eigenvalues }
      }
    case .proposition1:
      for (_, nonnegative) in product(0..<settings.networkDraws, [true, false]) {
        row.networks += try NetworkRow.instance(settings, nonnegative: nonnegative, from: &stream)
      }
    case .updates:
      row.updates = try (0..<settings.spectrumDraws).map {
        try UpdateRow.instance($0, settings, from: &stream)
      }
    case .example: row.example = try ExampleRow.rows(settings)
    case .penalties:
      row.penalties = try (0..<settings.penaltyDraws).flatMap {
        try PenaltyRow.instance($0, settings, from: &stream)
      }
    case .thresholding:
      row.thresholding = try (0..<settings.thresholdingDraws).flatMap {
        try CoherenceRow.instance($0, settings, from: &stream)
      }
    }
    return [row]
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(Wording.count(2 * settings.lassoInstances)) LASSO problems",
      "\(settings.spectra.count * settings.spectrumDraws) matrices",
      "\(2 * settings.networkDraws) networks",
    ]
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] {
    let rows = results.flatMap(\.rows)
    return try [
      Table("theorem1", rows.flatMap(\.lasso)), Table("lemma3", rows.flatMap(\.eigenvalues)),
      Table("lemma3_matrices", rows.flatMap(\.spectra)),
      Table("proposition1", LayerRow.rows(rows.flatMap(\.networks), settings)),
      Table("updates", rows.flatMap(\.updates)), Table("example", rows.flatMap(\.example)),
      Table("equal_biases", rows.flatMap(\.penalties)),
      Table("paths", PathRow.rows(rows.flatMap(\.penalties))),
      Table("thresholding", rows.flatMap(\.thresholding)),
    ]
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    try LayerRow.claims(tables.rows("proposition1")) + LassoRow.claims(tables.rows("theorem1"))
      + SpectrumRow.claims(tables.rows("lemma3_matrices"))
      + UpdateRow.claims(tables.rows("updates")) + [ExampleRow.claim(tables.rows("example"))]
      + PenaltyRow.claims(tables.rows("equal_biases"))
      + [CoherenceRow.claim(tables.rows("thresholding"))]
  }
}
