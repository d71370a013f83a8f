import ExperimentSuite
import MLCSCKit

/// The claims of `projection-bounds`.
extension ProjectionBounds {
  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let bounds: [BoundRow] = try tables.rows("bounds")
    let worst: [WorstRow] = try tables.rows("worst")
    let examples: [CounterexampleRow] = try tables.rows("counterexamples")
    let dictionaries: [DictionaryRow] = try tables.rows("dictionaries")
    return [
      survival(
        "theorem-1", ["D1", "P8", "S9"],
        "With a correction for short atoms, bound (7) holds for the error of the projection",
        "P Theorem 1",
        bounds.filter { $0.key.theorem == "projection" }, worst),
      survival(
        "equation-5", ["P5"],
        "The error of layer-wise solutions stays below (5), with 4^i outside the product",
        "P eq. (5), erratum 11", bounds.filter { $0.key.theorem == "layered" }, []),
    ] + BoundComparison(bounds).claims
      + [
        correlation(dictionaries), premise(try tables.rows("stripes"), dictionaries),
        exceeded(
          "short-atoms", ["P8", "S9"],
          "(7) as printed holds whatever the norms of the effective atoms are",
          "P eq. (7), erratum 20", examples.filter { $0.example == "short atoms" }),
        exceeded(
          "narrow-stripes", ["P8"],
          "(7) as printed holds with the stripe norms of the model’s own layers", "P Theorem 1",
          examples.filter { $0.example == "stripes of D2" }),
      ]
  }

  /// Whether a theorem survived: every draw with its premise, and the worst noise for Theorem 1.
  private static func survival(
    _ id: String, _ statements: [String], _ sentence: String, _ source: String, _ rows: [BoundRow],
    _ worst: [WorstRow]
  ) -> ClaimTest {
    func sum(_ value: (BoundColumns) -> Int) -> Int { rows.reduce(0) { $0 + value($1.columns) } }
    let hardest = worst.compactMap { row in row.mended.map { row.error / $0 } }
    let violations = sum(\.violations) + hardest.count { $0 > 1 + 1e-9 }
    let (all, premise, tested) = (sum(\.draws), sum(\.premise), sum(\.admissible))
    return ClaimTest(
      id, decides: statements, sentence, source: source, .number("violations", unit: ""),
      .violations(violations, of: tested, "pairs of a draw and a layer with the premise"),
      details: [
        Detail("premise holds in", percent(premise, of: all), unit: "% of all draws"),
        Detail("largest error over bound", rows.compactMap(\.columns.tightness).max() ?? 0),
        Detail(
          "the pursuit’s own answer was taken in", percent(sum(\.found), of: all), unit: "%"),
      ]
        + (hardest.max().map { [Detail("largest error over bound for the worst noise found", $0)] }
          ?? []),
      // Rounding aside, one violation refutes a theorem.
      holdsWhen: .never(atLeast: 1_000))
  }

  private static func percent(_ part: Int, of whole: Int) -> Double {
    100 * Double(part) / Double(max(whole, 1))
  }

  /// Whether the atoms of effective dictionaries are less correlated from layer to layer.
  private static func correlation(_ dictionaries: [DictionaryRow]) -> ClaimTest {
    let parts = dictionaries.grouped(by: \.family).sorted { $0.key < $1.key }.flatMap {
      family, rows in
      zip(rows, rows.dropFirst()).map { upper, lower in
        ClaimTest.Part(
          "\(family), layer \(upper.layer) to \(lower.layer)",
          .exact(lower.effective / upper.effective))
      }
    }
    return ClaimTest(
      "effective-coherence-falls", decides: ["P11"],
      "The effective dictionary becomes less correlated as its atoms become more global",
      source: "P Sec. 3.1 (erratum 22)",
      .number("mutual coherence over that of the layer above", unit: ""), parts: parts,
      holdsWhen: .below(1))
  }

  private static func premise(_ stripes: [StripeRow], _ dictionaries: [DictionaryRow]) -> ClaimTest
  {
    let line = stripes.filter {
      $0.key.family == "line" && $0.key.layer == 1 && $0.key.theorem == "projection"
        && $0.columns.premise > 0
    }
    return ClaimTest(
      "premise-can-hold", decides: ["P12"],
      "Nested convolutional dictionaries exist for which the premise holds with a stripe norm of two "
        + "or more", source: "P Sec. 3.1",
      .number("largest stripe norm with the premise in the line’s first layer", unit: ""),
      line.map(\.stripe).max().map {
        .exact(Double($0), Sample(line.reduce(0) { $0 + $1.columns.premise }, "draws"))
      } ?? .none,
      details: dictionaries.filter { $0.family == "line" }.flatMap { row in
        [
          Detail("layer \(row.layer): µ of D(i)", row.effective),
          Detail("limit", row.effectiveLimit ?? 0),
        ]
      }, holdsWhen: .above(1.5))
  }

  /// In how many cases the exact projection exceeds a bound as printed.
  private static func exceeded(
    _ id: String, _ statements: [String], _ sentence: String, _ source: String,
    _ cases: [CounterexampleRow]
  ) -> ClaimTest {
    func above(_ error: (CounterexampleRow) -> Double?, _ bound: (CounterexampleRow) -> Double?)
      -> Int
    {
      cases.count { row in
        guard let error = error(row), let bound = bound(row) else { return false }
        return error > bound * (1 + 1e-9)
      }
    }
    let ratios = cases.compactMap { row in
      row.exact.flatMap { exact in row.printed.map { exact / $0 } }
    }
    let mended = above(\.exact, \.mended) + above({ $0.error }, \.mended)
    return ClaimTest(
      id, decides: statements, sentence, source: source,
      .number("cases in which the exact projection exceeds the printed bound", unit: ""),
      .violations(above(\.exact, \.printed), of: cases.count, "constructed cases"),
      details: [
        Detail("largest error over printed bound", ratios.max() ?? 0),
        Detail("cases beyond the mended bound", Double(mended)),
      ], holdsWhen: .never(atLeast: 1),
      premises: [Premise("the mended form is exceeded in no case", isMet: mended == 0)])
  }
}
