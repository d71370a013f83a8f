import ExperimentSuite
import MLCSCKit

/// Where ML-ISTA ends with the thresholds that B prints and with the right ones, in other units.
///
/// D₁ and y are multiplied by ‖D₁‖'/‖D₁‖ and the penalties by its square, which is the same problem in
/// other units of the signal: F is multiplied by a constant, the optimum stays. Eq. (5) thresholds the
/// second layer by λ₂/c₂, cᵢ = ‖Dᵢ‖², and so solves the problem with λ₂c₁ (erratum 18); λ₂/(c₁c₂) is
/// right. Both run to their fixed points with momentum, which does not change them.
struct ThresholdRow: MeasuredRow {
  @Field("draw", .key) var draw = 0
  @Field("first_norm", .key) var norm = 0.0
  /// F/F* − 1 of the limits.
  @Field("relative_gap_printed", .measured(absolute: 1e-9, relative: 0.01)) var printed = 0.0
  @Field("relative_gap_right", .measured(absolute: 1e-9, relative: 0.01)) var right = 0.0
  /// ‖γ − γ'‖/max(‖γ'‖, ‖γ*‖), γ the limit of the printed thresholds, γ' that of the right ones for
  /// λ₂c₁, γ* the optimum.
  @Field("distance_to_other_problem", .measured(absolute: 1e-7)) var otherProblem = 0.0
  @Field("gamma2_nonzeros_printed", .measured(absolute: 1)) var nonzerosPrinted = 0
  @Field("gamma2_nonzeros_right", .measured(absolute: 1)) var nonzerosRight = 0

  static func rows(
    _ draw: Int, _ problem: MultiLayerProblem<Double>, _ settings: BasisPursuitTheory.Settings,
    _ interrupted: () throws -> Void
  ) throws -> [ThresholdRow] {
    let dictionaries = problem.model.layers.map { DenseDictionary<Double>($0) }
    let c = try dictionaries.map { try $0.squaredSpectralNorm().upperBound }
    let optimum = try ExactSolver(tolerance: 1e-12).solve(problem).codes[1]
    return try settings.firstNorms.map { norm in
      let scale = norm / c[0].squareRoot()
      let (c1, c2) = (norm * norm, c[1])
      let (λ1, λ2) = (settings.lambda1 * scale * scale, settings.lambda2 * scale * scale)
      func scaled(_ second: Double) throws -> MultiLayerProblem<Double> {
        try MultiLayerProblem(
          model: MultiLayerModel([
            DenseDictionary(atomRows: scale * dictionaries[0].atomRows), dictionaries[1],
          ]), signals: scale * problem.signals, penalties: [λ1, second])
      }
      func limit(_ pursuit: MultiLayerFISTA<Double>) throws -> Tensor<Double> {
        let iterator = pursuit.makeIterator()
        try iterator.runToFixedPoint(
          from: optimum, changingLessThan: settings.changeTolerance,
          within: settings.iterationLimit, interrupted: interrupted)
        return iterator.deepest
      }
      func withSteps(
        _ problem: MultiLayerProblem<Double>, thresholds: [Double]
      ) throws -> Tensor<Double> {
        try limit(
          MultiLayerFISTA(problem, steps: [1 / c1, 1 / c2], thresholds: thresholds.map { [$0] }))
      }
      let here = try scaled(λ2)
      let best = here.objective(at: optimum)[0]
      let printed = try withSteps(here, thresholds: [λ1 / c1, λ2 / c2])
      let right = try withSteps(here, thresholds: [λ1 / c1, λ2 / (c1 * c2)])
      // The library's own steps and thresholds, for the problem that the printed ones solve.
      let other = try limit(MultiLayerFISTA(scaled(λ2 * c1)))
      let difference = printed - other
      return ThresholdRow(
        draw: draw, norm: norm, printed: here.objective(at: printed)[0] / best - 1,
        right: here.objective(at: right)[0] / best - 1,
        otherProblem: (difference.dot(difference)
          / max(other.dot(other), optimum.dot(optimum))).squareRoot(),
        nonzerosPrinted: SparsityMeasures.cardinality(printed.elements),
        nonzerosRight: SparsityMeasures.cardinality(right.elements))
    }
  }

  static func claims(_ rows: [ThresholdRow]) -> [ClaimTest] {
    [
      ClaimTest(
        "thresholds-as-printed", decides: ["B13"],
        "With the thresholds λ₁/c₁ and λ₂/c₂ ML-ISTA solves the problem with the penalties λ₁ and λ₂",
        source: "B eq. (5), erratum 18",
        .number("gap of its limit divided by the gap with the threshold λ₂/(c₁c₂)", unit: ""),
        parts: rows.grouped(by: \.norm).sorted { $0.key < $1.key }.map { norm, rows in
          .init(
            "‖D₁‖ = \(Wording.number(norm))",
            .geometricMean(rows.map { $0.printed / $0.right }, of: "draws"))
        },
        details: [
          Detail(
            "largest relative distance from the limit of the problem with λ₂c₁",
            rows.map(\.otherProblem).max() ?? 0)
        ],
        // The same limit but for the accuracy of the fixed points.
        holdsWhen: .within(0.99, 1.01))
    ]
  }
}

/// The gaps of both limits at a norm, over the draws.
struct LimitRow: TableRow {
  @Field("first_norm", .key) var norm = 0.0
  @IntervalField("relative_gap_printed", .measured(absolute: 1e-9, relative: 0.01))
  var printed: Estimate? = nil
  @IntervalField("relative_gap_right", .measured(absolute: 1e-9, relative: 0.01))
  var right: Estimate? = nil

  static func rows(_ rows: [ThresholdRow]) -> [LimitRow] {
    rows.grouped(by: \.norm).sorted { $0.key < $1.key }.map { norm, rows in
      LimitRow(
        norm: norm, printed: Measurement.geometricMean(rows.map(\.printed), of: "draws").estimate,
        right: Measurement.geometricMean(rows.map(\.right), of: "draws").estimate)
    }
  }
}
