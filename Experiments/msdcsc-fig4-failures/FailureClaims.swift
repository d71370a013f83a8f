import Algorithms
import ExperimentSuite
import MLCSCKit

/// R's statements on Figure 4, each asked under every answer to what R leaves open.
///
/// R gives neither the data centres nor a reading of Definition 1, so that no single reading is R's:
/// a statement holds where it does under most readings.
extension Failures {
  /// By how many dimensions of a hundred a number may change and still be stable (ours).
  static let stability = 0.5

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let curves: [CurveRow] = try tables.rows("failures_by_iteration")
    let readings: [ReadingRow] = try tables.rows("readings")
    let falls: [FallRow] = try tables.rows("fall")
    let seeds = Set(falls.map(\.seed)).count

    func test(
      _ id: String, _ statements: [String], _ sentence: String, _ quantity: String,
      _ verdicts: [Verdict], details: [Detail] = []
    ) -> ClaimTest {
      let (yes, open) = (verdicts.count { $0 == .holds }, verdicts.count { $0 == .undecided })
      return ClaimTest(
        id, decides: statements, sentence, source: "R Sec. V-B, Fig. 4",
        .number("readings under which \(quantity)", unit: "%"),
        .exact(
          100 * Double(yes) / Double(verdicts.count), Sample(verdicts.count, "readings"),
          Sample(seeds, "seeds")), details: details, holdsWhen: .above(50),
        premises: [
          Premise("at least three seeds", isMet: seeds >= 3),
          Premise(
            "the readings that the seeds leave open make no difference",
            isMet: 2 * yes > verdicts.count || 2 * (yes + open) <= verdicts.count),
        ])
    }
    /// A verdict on ML-CSC for each kind of centres and coding, from its seeds.
    func verdicts(_ rule: VerdictRule, _ value: (FallRow) -> Double) -> [Verdict] {
      falls.grouped { [$0.centres, $0.coding.rawValue] }.sorted {
        $0.key.lexicographicallyPrecedes($1.key)
      }
      .map { rule.verdict(on: .mean($0.value.map(value), of: "seeds")) }
    }
    let settled = zip(
      verdicts(.within(-stability, stability)) { $0.last - $0.half }, verdicts(.above(0), \.last)
    ).map { stable, above in
      stable == .doesNotHold ? stable : above == .holds ? stable : above
    }
    let dense = readings.filter { $0.model != .plain }.compactMap { dense in
      readings.first {
        $0.model == .plain
          && ($0.centres, $0.coding, $0.reading) == (dense.centres, dense.coding, dense.reading)
      }.map { plain in
        (
          coding: dense.coding,
          verdict: plain.failing.least > 0 && dense.failing.most == 0
            ? Verdict.holds : .doesNotHold
        )
      }
    }
    let zeroed = curves.filter { $0.model != .plain }
      .grouped { [$0.centres, $0.coding.rawValue, $0.model.rawValue] }.values
      .map { curve -> Verdict in
        let ends = curve.minAndMax { $0.iteration < $1.iteration }
        return ends.map { $0.min.failing.least > 0 && $0.max.failing.most == 0 } == true
          ? .holds : .doesNotHold
      }
    return [
      test(
        "figure", ["R16", "R17"],
        "After training some dimensions are not reconstructed by ML-CSC, and all are by MSD-CSC",
        "ML-CSC is above zero for every seed and MSD-CSC at zero for all", dense.map(\.verdict),
        details: CodingRule.allCases.map { coding in
          let verdicts = dense.filter { $0.coding == coding }.map(\.verdict)
          return Detail(
            "by \(coding.words)",
            100 * Double(verdicts.count { $0 == .holds }) / Double(max(verdicts.count, 1)),
            unit: "%")
        }),
      test(
        "ml-csc-falls", ["R16"], "For ML-CSC the number decreases at the beginning of the training",
        "it falls in the first tenth of the training",
        verdicts(.above(0)) { $0.first - $0.tenth }),
      test(
        "ml-csc-becomes-stable", ["R16"],
        "For ML-CSC it becomes stable after some iterations, above zero",
        "it changes by less than \(stability) of 100 dimensions in the second half of the training "
          + "and ends above zero", settled),
      test(
        "msd-csc-falls-to-zero", ["R17"],
        "For MSD-CSC the number decreases rapidly and finally stabilises at zero",
        "it is above zero for every seed before training and zero for all after it", zeroed),
      ClaimTest(
        "fall-is-beta", decides: [],
        "Most of ML-CSC's fall is β growing, not a better dictionary (ours)",
        source: "R Definition 1, Fig. 4",
        .number("share of the fall that is due to β", unit: "%"),
        parts: falls.filter { $0.coding == .signed || $0.coding == .nonnegative }
          .grouped { "\($0.centres) centres, \($0.coding.words)" }.sorted { $0.key < $1.key }
          .map { label, rows in
            .init(label, .mean(rows.map { 100 * $0.byBeta / ($0.first - $0.last) }, of: "seeds"))
          }, holdsWhen: .above(50)),
    ]
  }
}

extension FallRow {
  /// What the change of β takes away, averaged over the two orders in which dictionary and β can
  /// change.
  fileprivate var byBeta: Double { 0.5 * (first - dictionaryOfFirst + betaOfFirst - last) }
}
