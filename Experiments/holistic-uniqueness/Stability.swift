import Algorithms
import ExperimentSuite
import MLCSCKit

/// Sizes at which errors are measured.
struct StabilityPoint: TableRow, Hashable {
  /// What varies: `rank` (s₂ = 11), `line` (s₂ = ℓ₁ + 1), `support` (|Λ| = 10), `copies` (s₂ = 11,
  /// |Λ| = 10, the last rows of Λ copies of the first).
  @Field("series", .key) var series = ""
  @Field("sparsity", .key) var sparsity = 0
  @Field("cosparsity", .key) var cosparsity = 0
  @Field("rank", .key) var rank = 0

  /// s₂ − rank Φ.
  var freedom: Int { sparsity - rank }

  static func all(_ settings: HolisticUniqueness.Settings) -> [StabilityPoint] {
    let (s, most) = (settings.sparsity, settings.largestCosparsity)
    func point(_ series: String, _ s: Int, _ cosparsity: Int, _ rank: Int) -> StabilityPoint {
      StabilityPoint(series: series, sparsity: s, cosparsity: cosparsity, rank: rank)
    }
    return (1...most).map { point("rank", s, $0, $0) }
      + (1...most).map { point("line", $0 + 1, $0, $0) }
      + (most + 1...max(settings.largestSparsity, most + 1)).map {
        point("support", $0, most, most)
      }
      + ((most + 1) / 2...most).map { point("copies", s, most, $0) }
  }
}

/// Squared errors with known supports in units of the noise variance: a draw, or a block's mean.
struct OracleRow: MeasuredRow {
  @Field("block", .key) var block = 0
  var point = StabilityPoint()
  @Field("holistic_gamma2", .measured(relative: 0.02)) var holistic2 = 0.0
  @Field("projection_gamma2", .measured(relative: 0.02)) var projection2 = 0.0
  @Field("holistic_gamma1", .measured(relative: 0.02)) var holistic1 = 0.0
  @Field("projection_gamma1", .measured(relative: 0.02)) var projection1 = 0.0
  /// tr (BᵀDᵀDB)⁻¹, the mean of `holistic2` over the noise.
  @Field("holistic_gamma2_expected", .measured(relative: 1e-3)) var expected2 = 0.0
  /// (s₂ − rank Φ)/(1 − δ_S), S's bound of it.
  @Field("holistic_gamma2_bound", .measured(relative: 1e-3)) var bound2 = 0.0
  @Field("bound_violations", .exact) var violations = 0
  @Field("draws", .exact) var draws = 1

  /// One draw of the dictionaries at every size.
  static func draw(
    _ settings: HolisticUniqueness.Settings, from stream: inout RandomStream
  ) throws -> [OracleRow] {
    let layers = CosparseInstance.scaledLayers(
      dimensions: settings.dimensions, from: &stream)
    let common = try HolisticPursuit(MultiLayerModel<Double>(layers))
    return try StabilityPoint.all(settings).map { point in
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
      let signal = instance.noisySignal(
        amplitudeRatio: settings.amplitudeRatios[0], from: &stream)
      let holistic = try pursuit.codes(
        signal.values, support: support, cosupports: [cosupport])[0]
      let projection = try pursuit.codes(signal.values, support: support, cosupports: [[]])[0]
      let atoms = pursuit.effective.atoms(support)
      let rows = Matrix(
        rows: cosupport.map { row in support.map { own[1].atomRows[$0, row] } })
      let theory = try HolisticStability(atoms: atoms, rows: rows, rank: holistic.rank)
      return OracleRow(
        point: point, holistic2: signal.error(holistic.codes, layer: 2),
        projection2: signal.error(projection.codes, layer: 2),
        holistic1: signal.error(holistic.codes, layer: 1),
        projection1: signal.error(projection.codes, layer: 1), expected2: theory.expected,
        bound2: theory.bound, violations: theory.isViolated ? 1 : 0)
    }
  }

  /// The mean of a block's draws at every size.
  static func means(_ draws: [[OracleRow]], block: Int) -> [OracleRow] {
    (draws.first ?? []).indices.map { i in
      let rows = draws.map { $0[i] }
      func mean(_ value: (OracleRow) -> Double) -> Double { Statistics.mean(rows.map(value)) }
      return OracleRow(
        block: block, point: rows[0].point, holistic2: mean(\.holistic2),
        projection2: mean(\.projection2), holistic1: mean(\.holistic1),
        projection1: mean(\.projection1), expected2: mean(\.expected2), bound2: mean(\.bound2),
        violations: rows.reduce(0) { $0 + $1.violations }, draws: rows.count)
    }
  }
}

/// Errors with known supports over all blocks.
struct StabilityRow: TableRow {
  var point = StabilityPoint()
  @IntervalField("holistic_gamma2_error_over_variance", .measured(relative: 0.02))
  var holistic2: Estimate? = nil
  @IntervalField("projection_gamma2_error_over_variance", .measured(relative: 0.02))
  var projection2: Estimate? = nil
  @IntervalField("holistic_gamma1_error_over_variance", .measured(relative: 0.02))
  var holistic1: Estimate? = nil
  @IntervalField("projection_gamma1_error_over_variance", .measured(relative: 0.02))
  var projection1: Estimate? = nil
  @Field("holistic_gamma2_predicted", .measured()) var predicted2 = 0.0
  @Field("projection_gamma2_predicted", .measured()) var projectionPredicted2: Double? = nil
  @Field("holistic_gamma2_expected", .measured(relative: 1e-3)) var expected2 = 0.0
  @Field("holistic_gamma2_bound", .measured(relative: 1e-3)) var bound2 = 0.0
  @Field("bound_violations", .exact) var violations = 0
  @Field("draws", .exact) var draws = 0

  static func rows(
    _ blocks: [OracleRow], _ settings: HolisticUniqueness.Settings
  ) -> [StabilityRow] {
    func predicted(_ freedom: Int, cosparsity: Int) -> Double {
      HolisticStability.meanError(
        dimensions: settings.dimensions, freedom: freedom, cosparsity: cosparsity)
    }
    return StabilityPoint.all(settings).map { point in
      let rows = blocks.filter { $0.point == point }
      func estimate(_ value: (OracleRow) -> Double) -> Estimate? {
        Measurement.mean(rows.map(value), of: "blocks").estimate
      }
      return StabilityRow(
        point: point, holistic2: estimate(\.holistic2), projection2: estimate(\.projection2),
        holistic1: estimate(\.holistic1), projection1: estimate(\.projection1),
        predicted2: predicted(point.freedom, cosparsity: point.cosparsity),
        // Rows that are repeated are not Gaussian.
        projectionPredicted2: point.rank == point.cosparsity
          ? predicted(point.sparsity, cosparsity: 0) : nil,
        expected2: Statistics.mean(rows.map(\.expected2)),
        bound2: Statistics.mean(rows.map(\.bound2)),
        violations: rows.reduce(0) { $0 + $1.violations },
        draws: rows.reduce(0) { $0 + $1.draws })
    }
  }
}
