import ExperimentSuite
import MLCSCKit

/// One coordinate of R's 2×3 example of an "unreasonable" code in Section V-B.
///
/// Its atoms are not normalised: no |dᵀX| reaches β = ⅓, so that zero is the true optimum of the LASSO
/// and nothing was lost by an algorithm. With unit atoms the code is not zero (erratum 7).
struct ExampleRow: MeasuredRow {
  @Field("atoms", .key) var atoms = ""
  @Field("coordinate", .key) var coordinate = 0
  @Field("correlation", .measured()) var correlation = 0.0
  @Field("gamma", .measured()) var code = 0.0
  @Field("beta", .measured()) var penalty = 1.0 / 3

  static func rows(_ settings: Theory.Settings) throws -> [ExampleRow] {
    let printed = DenseDictionary<Double>(
      matrix: Tensor(rows: [[0.1, 0.1, 0.2], [0.1, 0.2, 0.1]]))
    let x = Tensor<Double>(rows: [[1, 1]])
    return try [("as printed", printed), ("unit norm", printed.normalized())].flatMap { name, d in
      let problem = try MultiLayerProblem(
        dictionary: d, signals: x, penalty: ExampleRow().penalty)
      let code = try ExactSolver(tolerance: settings.certifiedGap).solve(problem).codes[0]
      return zip(d.analyze(x).elements, code.elements).enumerated().map { i, pair in
        ExampleRow(atoms: name, coordinate: i + 1, correlation: pair.0, code: pair.1)
      }
    }
  }

  static func claim(_ rows: [ExampleRow]) -> ClaimTest {
    let printed = rows.filter { $0.atoms == "as printed" }
    return ClaimTest(
      "example-2x3", decides: ["R15"],
      "For the 2×3 dictionary, X = (1, 1) and β = ⅓ the code is Γ = (0, 0, 0)",
      source: "R Sec. V-B",
      .number("largest |Γ_j| of the certified optimum", unit: ""),
      printed.map { abs($0.code) }.max().map { .exact($0, Sample(printed.count, "coordinates")) }
        ?? .none, paper: PaperValue(0),
      details: [
        Detail("largest |d_jᵀX|", printed.map { abs($0.correlation) }.max() ?? 0),
        Detail(
          "largest |Γ_j| with unit atoms",
          rows.filter { $0.atoms == "unit norm" }.map { abs($0.code) }.max() ?? 0),
      ], holdsWhen: .equals(0, tolerance: 0))
  }
}
