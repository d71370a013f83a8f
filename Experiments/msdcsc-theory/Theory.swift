import ExperimentSuite
import RealModule

/// R's statements on MSD-CSC, each on random instances.
///
/// Proposition 1, Theorem 1 with Definition 1, Lemma 3, the 2×3 example, the Lipschitz constant of
/// equation (1) and the update of equation (5).
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
    question: "Which of R's statements on MSD-CSC hold, and in which form?")

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
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke: Settings(lassoInstances: 50, spectrumDraws: 4, networkDraws: 4)
    case .quick: Settings(lassoInstances: 1_000, spectrumDraws: 100, networkDraws: 100)
    case .standard, .paper:
      Settings(lassoInstances: 10_000, spectrumDraws: 1_000, networkDraws: 1_000)
    }
  }

  struct Cell: ExperimentCell {
    let kind: String
    let index: Int
    var id: String { "\(kind)-\(index)" }
  }

  enum Row: Codable {
    case lasso(LassoRow)
    case spectrum(SpectrumRow)
    case network(NetworkRow)
    case update(UpdateRow)
  }

  static func cells(_ settings: Settings, _ inputs: NoInputs) -> [Cell] {
    (0..<settings.lassoBlocks).map { Cell(kind: "theorem1", index: $0) }
      + settings.spectra.indices.map { Cell(kind: "lemma3", index: $0) }
      + [Cell(kind: "proposition1", index: 0), Cell(kind: "updates", index: 0)]
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Row] {
    var stream = context.stream
    switch cell.kind {
    case "theorem1":
      let share = settings.lassoInstances / settings.lassoBlocks
      return try (0..<share).flatMap { _ in
        try context.checkInterruption()
        return try LassoRow.instance(settings, from: &stream).map(Row.lasso)
      }
    case "lemma3":
      return try (0..<settings.spectrumDraws).map { _ in
        .spectrum(try .instance(settings.spectra[cell.index], from: &stream))
      }
    case "proposition1":
      return try (0..<settings.networkDraws).flatMap { _ in
        try [true, false].flatMap { nonnegative in
          try NetworkRow.instance(settings, nonnegative: nonnegative, from: &stream)
            .map(Row.network)
        }
      }
    default:
      return try (0..<settings.spectrumDraws).map { _ in
        .update(try .instance(settings, from: &stream))
      }
    }
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] {
    let measured = Measured(results)
    return try [
      LassoRow.table(measured.lasso), SpectrumRow.table(measured.spectra, settings),
      NetworkRow.table(measured.networks, settings), UpdateRow.table(measured.updates),
    ]
  }

  static func claims(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Claim] {
    let measured = Measured(results)
    return try NetworkRow.claims(measured.networks) + LassoRow.claims(measured.lasso)
      + SpectrumRow.claims(measured.spectra) + UpdateRow.claims(measured.updates)
      + [Example.claim(settings.certifiedGap)]
  }
}

/// All rows, sorted by what they measure.
struct Measured {
  var lasso = [LassoRow]()
  var spectra = [SpectrumRow]()
  var networks = [NetworkRow]()
  var updates = [UpdateRow]()

  init(_ results: [CellResult<Theory.Cell, Theory.Row>]) {
    for row in results.flatMap(\.rows) {
      switch row {
      case .lasso(let row): lasso.append(row)
      case .spectrum(let row): spectra.append(row)
      case .network(let row): networks.append(row)
      case .update(let row): updates.append(row)
      }
    }
  }
}
