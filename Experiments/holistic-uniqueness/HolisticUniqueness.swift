import ExperimentSuite
import MLCSCKit
import RealModule

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
    question: "Does the co-support of γ1 widen uniqueness and lower the error by rank Φ?")

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
        dictionaries: 10_000, otherDictionaries: 3000, dictionariesPerCell: 50, draws: 10_000,
        pursuitDraws: 5000, drawsPerCell: 50)
    }
  }

  // MARK: Cells

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

  /// A number of models (S, Λ) alike, or one draw of the errors at every point.
  enum Row: Codable {
    case uniqueness(UniquenessRow)
    case oracle(OracleRow)
    case pursuits(PursuitRow)
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Row] {
    var counts = [UniquenessRow: Int]()
    var rows = [Row]()
    for draw in cell.first..<cell.first + cell.count {
      try context.checkInterruption()
      // Every draw has a stream of its own, whatever the size of a cell.
      var stream = RandomStream(
        identity.name, cell.part.rawValue, "\(draw)", "\(context.seed)")
      switch cell.part {
      case .general, .fewRows, .ternary:
        for row in try uniqueness(cell.part, settings, &stream) { counts[row, default: 0] += 1 }
      case .oracle: rows.append(.oracle(try oracles(settings, &stream)))
      case .pursuits: rows.append(.pursuits(try pursuits(settings, &stream)))
      }
    }
    for (row, count) in counts.sorted(by: { $0.key.order < $1.key.order }) {
      var row = row
      row.count = count
      rows.append(.uniqueness(row))
    }
    return rows
  }

  // MARK: Uniqueness

  struct UniquenessRow: Codable, Hashable {
    let part: Part
    let sparsity: Int
    let cosparsity: Int
    /// s₂ − rank Φ.
    let freedom: Int
    /// Twice (η − 1)/2 + rank Φ − s₂, S's premise; it holds from 0 on.
    let twiceSlack: Int
    /// Twice (m₁ − |Λ|)/2 − (s₂ − rank Φ), the condition that S lacks.
    let twiceInnerSlack: Int
    /// Whether every γ₂ of the model is the only one of its sparsities.
    let isUnique: Bool
    /// Models alike.
    var count = 1

    /// Orders rows for the cache.
    var order: String {
      "\(sparsity)/\(cosparsity)/\(freedom)/\(twiceSlack)/\(twiceInnerSlack)/\(isUnique)"
    }
  }

  /// One pair of dictionaries, with one random (S, Λ) of all sizes.
  private static func uniqueness(
    _ part: Part, _ settings: Settings, _ stream: inout RandomStream
  ) throws -> [UniquenessRow] {
    let largest = part == .ternary ? 1 : settings.largestEntry
    let inner = part == .fewRows ? settings.fewInnerAtoms : settings.innerAtoms
    let (n, m) = (settings.smallDimension, settings.smallAtoms)
    let statement = try SynthesisAnalysisUniqueness(
      .uniform(n, inner, upTo: largest, from: &stream),
      .uniform(inner, m, upTo: largest, from: &stream))
    var rows = [UniquenessRow]()
    for s in 1...m {
      for cosparsity in 0..<min(s, inner) {
        let support = stream.indices(s, below: m).sorted()
        let cosupport = stream.indices(cosparsity, below: inner).sorted()
        let rank = try statement.rank(support: support, cosupport: cosupport)
        rows.append(
          UniquenessRow(
            part: part, sparsity: s, cosparsity: cosparsity, freedom: s - rank,
            twiceSlack: twice(try statement.slack(support: support, cosupport: cosupport)),
            twiceInnerSlack: twice(
              try statement.innerSlack(support: support, cosupport: cosupport)),
            isUnique: try statement.competitor(support: support, cosupport: cosupport) == nil))
      }
    }
    return rows
  }

  /// Twice a slack, which is a whole number; where nothing limits the sparsity, as much as it can be.
  private static func twice(_ slack: Double) -> Int { Int(min(2 * slack, 1000)) }

  // MARK: Stability, supports known

  /// Sizes at which errors are measured.
  struct Point: Equatable {
    /// What varies: `rank` (s₂ = 11), `line` (s₂ = ℓ₁ + 1), `support` (|Λ| = 10), `copies` (s₂ = 11,
    /// |Λ| = 10, the last rows of Λ copies of the first).
    let series: String
    let sparsity: Int
    let cosparsity: Int
    let rank: Int
    var freedom: Int { sparsity - rank }
  }

  static func points(_ settings: Settings) -> [Point] {
    let (s, most) = (settings.sparsity, settings.largestCosparsity)
    return (1...most).map { Point(series: "rank", sparsity: s, cosparsity: $0, rank: $0) }
      + (1...most).map { Point(series: "line", sparsity: $0 + 1, cosparsity: $0, rank: $0) }
      + (most + 1...max(settings.largestSparsity, most + 1)).map {
        Point(series: "support", sparsity: $0, cosparsity: most, rank: most)
      }
      + ((most + 1) / 2...most).map {
        Point(series: "copies", sparsity: s, cosparsity: most, rank: $0)
      }
  }

  /// Squared errors in units of the noise variance, one number a point.
  struct OracleRow: Codable {
    var holistic2 = [Double]()
    var projection2 = [Double]()
    var holistic1 = [Double]()
    var projection1 = [Double]()
    /// tr (BᵀDᵀDB)⁻¹, the mean of `holistic2` over the noise.
    var expected2 = [Double]()
    /// (s₂ − rank Φ)/(1 − δ_S), S's bound of it.
    var bound2 = [Double]()
  }

  private static func dictionaries(
    _ settings: Settings, _ stream: inout RandomStream
  ) -> [DenseDictionary<Double>] {
    let sizes = settings.dimensions
    return (0..<2).map { i in
      // D₁ = randn/√n, D₂ = randn/√m₂ (erratum 16).
      let divisor = Double(i == 0 ? sizes[0] : sizes[2]).squareRoot()
      let entries = Matrix<Double>.normal(sizes[i + 1], sizes[i], from: &stream)
      return DenseDictionary(
        atomRows: Matrix(shape: entries.shape, elements: entries.elements.map { $0 / divisor }))
    }
  }

  private static func row(_ values: [Double]) -> Matrix<Double> {
    Matrix(shape: [1, values.count], elements: values)
  }

  private static func squaredError(_ estimate: [Double], _ truth: [Double]) -> Double {
    Double.squaredDistance(truth.count, estimate, truth)
  }

  /// ‖w‖²/n, the variance of noise of a given amplitude ratio.
  private static func variance(_ instance: CosparseInstance, _ ratio: Double) -> Double {
    let norm = Double.norm2(instance.signal.count, instance.signal)
    return norm * norm / ratio / ratio / Double(instance.signal.count)
  }

  private static func oracles(
    _ settings: Settings, _ stream: inout RandomStream
  ) throws -> OracleRow {
    let layers = dictionaries(settings, &stream)
    let common = try HolisticPursuit(MultiLayerModel<Double>(layers))
    var measured = OracleRow()
    for point in points(settings) {
      let support = stream.indices(point.sparsity, below: settings.dimensions[2]).sorted()
      let cosupport = stream.indices(point.cosparsity, below: settings.dimensions[1])
      var own = layers
      if point.rank < point.cosparsity {
        var atoms = layers[1].atomRows
        for (i, row) in cosupport.dropFirst(point.rank).enumerated() {
          for j in 0..<atoms.rows { atoms[j, row] = atoms[j, cosupport[i]] }
        }
        own[1] = DenseDictionary(atomRows: atoms)
      }
      let instance = try CosparseInstance(
        layers: own, support: support, cosupport: cosupport, from: &stream)
      let pursuit =
        point.rank < point.cosparsity ? try HolisticPursuit(instance.model()) : common
      let ratio = settings.amplitudeRatios[0]
      let y = row(instance.noisy(amplitudeRatio: ratio, from: &stream))
      let σ² = variance(instance, ratio)
      let holistic = try pursuit.codes(y, support: support, cosupports: [cosupport])[0]
      let projection = try pursuit.codes(y, support: support, cosupports: [[]])[0]
      measured.holistic2.append(squaredError(holistic.codes[1], instance.codes[1]) / σ²)
      measured.holistic1.append(squaredError(holistic.codes[0], instance.codes[0]) / σ²)
      measured.projection2.append(squaredError(projection.codes[1], instance.codes[1]) / σ²)
      measured.projection1.append(squaredError(projection.codes[0], instance.codes[0]) / σ²)
      let atoms = pursuit.effective.atoms(support)
      let rows = Matrix(
        rows: cosupport.map { row in support.map { own[1].atomRows[$0, row] } })
      let space = NullSpace(of: rows).basis
      let spectrum = try space.multiplied(by: atoms).gramOfRows.symmetricEigenvalues()
      measured.expected2.append(spectrum.reduce(0) { $0 + 1 / $1 })
      let least = try atoms.gramOfRows.symmetricEigenvalues()[0]
      measured.bound2.append(Double(support.count - holistic.rank) / least)
    }
    return measured
  }

  // MARK: Pursuits without the oracle

  /// Squared errors of γ₂ in units of the noise variance, by amplitude ratio and rank.
  struct PursuitRow: Codable {
    /// Least squares on S; on S and Λ.
    var projectionOracle = [[Double]]()
    var holisticOracle = [[Double]]()
    /// Λ found on the known S.
    var supportKnown = [[Double]]()
    /// Subspace pursuit on D⁽²⁾; the holistic pursuit that starts from it.
    var projection = [[Double]]()
    var holistic = [[Double]]()
    /// |Λ̂ ∩ Λ|/|Λ| on the known S, and |Ŝ ∩ S|/|S| of the last two.
    var cosupportFound = [[Double]]()
    var projectionSupport = [[Double]]()
    var holisticSupport = [[Double]]()
  }

  private static func pursuits(
    _ settings: Settings, _ stream: inout RandomStream
  ) throws -> PursuitRow {
    let layers = dictionaries(settings, &stream)
    let pursuit = try HolisticPursuit(MultiLayerModel<Double>(layers))
    let s = settings.sparsity
    let instances = try (1...settings.largestCosparsity).map { cosparsity in
      try CosparseInstance(
        layers: layers, support: stream.indices(s, below: settings.dimensions[2]).sorted(),
        cosupport: stream.indices(cosparsity, below: settings.dimensions[1]).sorted(),
        from: &stream)
    }
    var measured = PursuitRow()
    for ratio in settings.amplitudeRatios {
      var errors = [[Double]](repeating: [], count: 8)
      for instance in instances {
        let y = row(instance.noisy(amplitudeRatio: ratio, from: &stream))
        let cosparsity = instance.cosupport.count
        func error(_ code: HolisticCode) -> Double {
          squaredError(code.codes[1], instance.codes[1]) / variance(instance, ratio)
        }
        let (support, cosupport) = (instance.support, instance.cosupport)
        let found = try pursuit.codes(y, support: support, cosparsities: [cosparsity])[0]
        let plain = try SubspacePursuit<Double>(pursuit.effective, sparsity: s).codes(y)[0]
        let projection = try pursuit.codes(y, support: plain.support, cosupports: [[]])[0]
        let holistic = try pursuit.codes(y, sparsity: s, cosparsities: [cosparsity])[0]
        let values = [
          error(try pursuit.codes(y, support: support, cosupports: [[]])[0]),
          error(try pursuit.codes(y, support: support, cosupports: [cosupport])[0]),
          error(found), error(projection), error(holistic),
          SparsityMeasures.supportIntersection(found.cosupports[0], cosupport),
          SparsityMeasures.supportIntersection(projection.support, support),
          SparsityMeasures.supportIntersection(holistic.support, support),
        ]
        for (i, value) in values.enumerated() { errors[i].append(value) }
      }
      measured.projectionOracle.append(errors[0])
      measured.holisticOracle.append(errors[1])
      measured.supportKnown.append(errors[2])
      measured.projection.append(errors[3])
      measured.holistic.append(errors[4])
      measured.cosupportFound.append(errors[5])
      measured.projectionSupport.append(errors[6])
      measured.holisticSupport.append(errors[7])
    }
    return measured
  }
}
