import ExperimentSuite
import MLCSCKit
import RealModule

/// The error of Algorithm 1, one pass of thresholding, on one dictionary, beside its coherence.
///
/// Two families: Gaussian dictionaries of one size, whose µ differs by chance, and Gaussian ones whose
/// atoms all share a direction to a growing degree. Codes are drawn alike for all: non-negative, of a
/// few entries, uniform in [1, 2]. The threshold is the one that serves the dictionary best, so that
/// not its choice but the dictionary is judged.
struct CoherenceRow: MeasuredRow {
  @Field("family", .key) var family = ""
  @Field("dictionary", .key) var number = 0
  @Field("coherence", .measured()) var coherence = 0.0
  /// The mean of ‖γ̂ − γ‖/‖γ‖ over the codes.
  @Field("error_relative_l2", .measured(absolute: 1e-9, relative: 1e-6)) var error = 0.0

  static func instance(
    _ number: Int, _ settings: Theory.Settings, from stream: inout RandomStream
  ) throws -> [CoherenceRow] {
    let (n, m) = (settings.thresholdingDimensions[0], settings.thresholdingDimensions[1])
    let gaussian = DenseDictionary<Double>.gaussian(n, m, normalized: true, from: &stream)
    // Up to a half of each atom's energy lies in the common direction.
    let share = (0.5 * stream.uniform()).squareRoot()
    let direction = Tensor<Double>.normal(1, n, from: &stream)
    let common = (share / direction.dot(direction).squareRoot()) * direction
    let rows = (0..<m).map { j in
      zip(gaussian.atomRows.row(j), common.elements).map {
        (1 - share * share).squareRoot() * $0 + $1
      }
    }
    let turned = DenseDictionary<Double>(atomRows: Tensor(rows: rows)).normalized()
    var codes = Tensor<Double>(zeros: settings.thresholdingCodes, m)
    for b in 0..<settings.thresholdingCodes {
      for j in stream.indices(settings.thresholdingEntries, below: m) {
        codes[b, j] = 1 + stream.uniform()
      }
    }
    return try [("gaussian", gaussian), ("common direction", turned)].map { name, dictionary in
      let signals = dictionary.synthesize(codes)
      let errors = try settings.thresholds.map { threshold in
        let found = try LayeredThresholding(
          model: MultiLayerModel([dictionary]), thresholds: [threshold], nonnegative: true
        ).solve(signals).codes[0]
        return Statistics.mean(
          (0..<codes.rows).map { SparsityMeasures.relativeError(found.row($0), codes.row($0)) })
      }
      return CoherenceRow(
        family: name, number: number, coherence: dictionary.mutualCoherence(),
        error: errors.min() ?? 0)
    }
  }

  static func claim(_ rows: [CoherenceRow]) -> ClaimTest {
    let families = rows.grouped(by: \.family).sorted { $0.key < $1.key }
    return ClaimTest(
      "smaller-coherence-helps-thresholding", decides: ["R56"],
      "A dictionary of smaller µ brings Algorithm 1’s estimate closer to the true code",
      source: "R Sec. V-B, inferred from Lemma 2",
      .number("slope of the relative error against µ", unit: ""),
      parts: families.map { family, rows in
        .init(
          family,
          .bootstrap(rows.count, of: "dictionaries") { draw in
            Statistics.line(draw.map { rows[$0].coherence }, draw.map { rows[$0].error }).slope
          })
      },
      details: families.flatMap { family, rows in
        [
          Detail("smallest µ, \(family)", rows.map(\.coherence).min() ?? 0),
          Detail("largest", rows.map(\.coherence).max() ?? 0),
        ]
      }, holdsWhen: .above(0))
  }
}
