import Algorithms
import ExperimentSuite
import MLCSCKit
import RealModule

/// How γ₂ is found.
enum Method: String, CaseIterable {
  /// Least squares on the known S; on the known S and Λ.
  case projectionOracle = "projection-oracle"
  case holisticOracle = "holistic-oracle"
  /// Λ found on the known S.
  case supportKnown = "holistic-support-known"
  /// Subspace pursuit on D⁽²⁾; the holistic pursuit that starts from it.
  case projection
  case holistic
}

/// Errors of a pursuit: a draw, or a block's mean.
struct PursuitRow: Codable {
  var block = 0
  /// The level of the noise, in decibels.
  let level: Double
  let method: String
  let rank: Int
  /// ‖γ̂₂ − γ₂‖² in units of the noise variance.
  var error: Double
  var logError: Double
  /// |Ŝ ∩ S|/|S| and |Λ̂ ∩ Λ|/|Λ|, where they are looked for.
  var supportFound: Double?
  var cosupportFound: Double?
  var draws = 1

  /// One draw of the dictionaries at every noise level, method and rank.
  static func draw(
    _ settings: HolisticUniqueness.Settings, from stream: inout RandomStream
  ) throws -> [PursuitRow] {
    let layers = CosparseInstance.scaledLayers(
      dimensions: settings.dimensions, from: &stream)
    let pursuit = try HolisticPursuit(MultiLayerModel<Double>(layers))
    let s = settings.sparsity
    let instances = try (1...settings.largestCosparsity).map { cosparsity in
      try CosparseInstance(
        layers: layers, support: stream.indices(s, below: settings.dimensions[2]).sorted(),
        cosupport: stream.indices(cosparsity, below: settings.dimensions[1]).sorted(),
        from: &stream)
    }
    var rows = [PursuitRow]()
    for (ratio, instance) in product(settings.amplitudeRatios, instances) {
      let signal = instance.noisySignal(amplitudeRatio: ratio, from: &stream)
      let (y, support, cosupport) = (signal.values, instance.support, instance.cosupport)
      for method in Method.allCases {
        let code =
          switch method {
          case .projectionOracle: try pursuit.codes(y, support: support, cosupports: [[]])[0]
          case .holisticOracle: try pursuit.codes(y, support: support, cosupports: [cosupport])[0]
          case .supportKnown:
            try pursuit.codes(y, support: support, cosparsities: [cosupport.count])[0]
          case .projection:
            try pursuit.codes(
              y,
              support: SubspacePursuit<Double>(pursuit.effective, sparsity: s).codes(y)[0].support,
              cosupports: [[]])[0]
          case .holistic: try pursuit.codes(y, sparsity: s, cosparsities: [cosupport.count])[0]
          }
        let error = signal.error(code.codes, layer: 2)
        rows.append(
          PursuitRow(
            level: SignalToNoise.decibels(amplitudeRatio: ratio), method: method.rawValue,
            rank: cosupport.count, error: error, logError: Double.log(error),
            supportFound: method == .projection || method == .holistic
              ? SparsityMeasures.supportIntersection(code.support, support) : nil,
            cosupportFound: method == .supportKnown
              ? SparsityMeasures.supportIntersection(code.cosupports[0], cosupport) : nil))
      }
    }
    return rows
  }

  /// The mean of a block's draws at every noise level, method and rank.
  static func means(_ draws: [[PursuitRow]], block: Int) -> [PursuitRow] {
    (draws.first ?? []).indices.map { i in
      let rows = draws.map { $0[i] }
      var mean = rows[0]
      mean.block = block
      mean.error = Statistics.mean(rows.map(\.error))
      mean.logError = Statistics.mean(rows.map(\.logError))
      mean.supportFound = mean.supportFound.map { _ in
        Statistics.mean(rows.compactMap(\.supportFound))
      }
      mean.cosupportFound = mean.cosupportFound.map { _ in
        Statistics.mean(rows.compactMap(\.cosupportFound))
      }
      mean.draws = rows.count
      return mean
    }
  }
}

/// A pursuit at a noise level and rank, over all blocks.
struct MethodRow: TableRow {
  @Field("snr_db", .key) var level = 0.0
  @Field("method", .key) var method = ""
  @Field("rank", .key) var rank = 0
  @IntervalField("geometric_mean_error_over_variance", .measured(relative: 0.02))
  var error: Estimate? = nil
  /// A single draw with a wrong, nearly dependent support decides the mean.
  @Field("mean_error_over_variance", .note) var mean = 0.0
  @Field("support_found", .measured(absolute: 0.02)) var supportFound: Double? = nil
  @Field("cosupport_found", .measured(absolute: 0.02)) var cosupportFound: Double? = nil
  @Field("draws", .exact) var draws = 0

  static func rows(_ blocks: [PursuitRow]) -> [MethodRow] {
    let levels = Array(blocks.map(\.level).uniqued())
    let ranks = Array(blocks.map(\.rank).uniqued())
    return product(product(levels, Method.allCases), ranks).map { key, rank in
      let rows = blocks.filter {
        $0.level == key.0 && $0.method == key.1.rawValue && $0.rank == rank
      }
      func mean(_ values: [Double]) -> Double? { values.isEmpty ? nil : Statistics.mean(values) }
      return MethodRow(
        level: key.0, method: key.1.rawValue, rank: rank,
        error: Measurement.geometricMean(rows.map { Double.exp($0.logError) }, of: "blocks")
          .estimate,
        mean: Statistics.mean(rows.map(\.error)),
        supportFound: mean(rows.compactMap(\.supportFound)),
        cosupportFound: mean(rows.compactMap(\.cosupportFound)),
        draws: rows.reduce(0) { $0 + $1.draws })
    }
  }
}

/// What the co-support gains in a block, over all ranks.
struct GainRow: TableRow {
  @Field("block", .key) var block = 0
  @Field("snr_db", .key) var level = 0.0
  /// Ratios of geometric means: both find S; both know S, and one looks for Λ.
  @Field("holistic_over_projection", .measured(relative: 0.02)) var found = 0.0
  @Field("holistic_over_projection_support_known", .measured(relative: 0.02)) var known = 0.0
  @Field("holistic_over_projection_both_known", .measured(relative: 0.02)) var oracle = 0.0

  static func rows(_ blocks: [PursuitRow]) -> [GainRow] {
    product(Array(blocks.map(\.block).uniqued()), Array(blocks.map(\.level).uniqued())).map {
      block, level in
      func logarithm(_ method: Method) -> Double {
        Statistics.mean(
          blocks.filter {
            $0.block == block && $0.level == level && $0.method == method.rawValue
          }.map(\.logError))
      }
      func ratio(_ method: Method, _ other: Method) -> Double {
        Double.exp(logarithm(method) - logarithm(other))
      }
      return GainRow(
        block: block, level: level, found: ratio(.holistic, .projection),
        known: ratio(.supportKnown, .projectionOracle),
        oracle: ratio(.holisticOracle, .projectionOracle))
    }
  }

  static func claim(_ rows: [GainRow]) -> ClaimTest {
    let levels = rows.map(\.level).uniqued().map { level in
      (name: "\(Wording.number(level)) dB", rows: rows.filter { $0.level == level })
    }
    func mean(_ rows: [GainRow], _ value: (GainRow) -> Double) -> Measurement {
      .geometricMean(rows.map(value), of: "blocks of draws")
    }
    return ClaimTest(
      "greedy", decides: [],
      "Without the oracle, too, the holistic pursuit beats the projection",
      source: "S, Stability (erratum 16)",
      .number(
        "error of the holistic pursuit over that of the projection (geometric mean)", unit: ""),
      parts: levels.map { ClaimTest.Part($0.name, mean($0.rows, \.found)) },
      details: levels.flatMap { name, rows in
        [
          Detail("with S known, \(name),", mean(rows, \.known).value ?? 0),
          Detail("with S and Λ known, \(name),", mean(rows, \.oracle).value ?? 0),
        ]
      }, holdsWhen: .below(1))
  }
}
