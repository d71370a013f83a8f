import ExperimentSuite
import MLCSCKit

/// A minimiser moved along the kernel of D₂, with λ₂ = 0 and with λ₂ > 0.
///
/// ker D₂ lies in ker D₁D₂, so that without λ₂ the objective does not see the move, and no minimiser is
/// the only one (B Sec. 2). The move is as long as the minimiser. Without λ₂ there is no certificate;
/// minimisers are what ADMM comes to.
struct KernelRow: MeasuredRow {
  @Field("draw", .key) var draw = 0
  @Field("direction", .key) var direction = 0
  @Field("lambda2", .key) var lambda2 = 0.0
  /// |F(γ* + v) − F*|/F*.
  @Field("relative_change_of_objective", .measured(absolute: 1e-9, relative: 1e-3)) var change = 0.0
  /// What the last half of ADMM's iterations took off the objective, over F*.
  @Field("relative_fall_of_last_half", .note) var fall = 0.0

  static func rows(
    _ draw: Int, _ settings: BasisPursuitTheory.Settings, from stream: inout RandomStream
  ) throws -> [KernelRow] {
    let sizes = settings.wideDimensions
    let second = DenseDictionary<Double>.gaussian(
      sizes[1], sizes[2], normalized: true, from: &stream)
    let model = try MultiLayerModel<Double>([
      DenseDictionary<Double>.gaussian(sizes[0], sizes[1], normalized: true, from: &stream), second,
    ])
    let signal = Tensor<Double>.normal(1, sizes[0], from: &stream)
    let y = (1 / signal.dot(signal).squareRoot()) * signal
    let kernel = NullSpace(of: second.matrix()).basis
    let moves = (0..<settings.kernelDirections).map { _ in
      Tensor<Double>.normal(1, kernel.rows, from: &stream).multiplied(by: kernel)
    }
    return try [0, settings.lambda2].flatMap { λ2 -> [KernelRow] in
      let problem = try MultiLayerProblem(
        model: model, signals: y, penalties: [settings.lambda1, λ2])
      let iterator = try ADMM(problem).makeIterator()
      let objectives = (0..<2).map { _ in
        for _ in 0..<settings.kernelIterations / 2 { iterator.step() }
        return problem.objective(at: iterator.deepest)[0]
      }
      let (optimum, best) = (iterator.deepest, objectives[1])
      return moves.enumerated().map { i, move in
        let length = (optimum.dot(optimum) / move.dot(move)).squareRoot()
        let moved = problem.objective(at: optimum + length * move)[0]
        return KernelRow(
          draw: draw, direction: i, lambda2: λ2, change: abs(moved / best - 1),
          fall: objectives[0] / best - 1)
      }
    }
  }

  static func claim(_ rows: [KernelRow]) -> ClaimTest {
    let flat = rows.filter { $0.lambda2 == 0 }
    return ClaimTest(
      "no-unique-solution", decides: ["B6"],
      "With λ₂ = 0 and a D₂ whose kernel is not trivial, the problem has no unique solution",
      source: "B Sec. 2",
      .number(
        "minimisers whose objective changes when they move along ker D₂ by their length", unit: ""),
      .violations(flat.count { $0.change > 1e-9 }, of: flat.count, "moves"),
      details: [
        Detail("largest relative change of the objective", flat.map(\.change).max() ?? 0),
        Detail("largest relative fall in the last half of ADMM", flat.map(\.fall).max() ?? 0),
        Detail(
          "smallest with λ₂ > 0",
          rows.filter { $0.lambda2 > 0 }.map(\.change).min() ?? 0),
      ], holdsWhen: .never(atLeast: 10))
  }
}
