import ExperimentSuite
import MLCSCKit
import RealModule

/// The iterations whose rates are measured.
enum Method: String, Codable, CaseIterable, ValueConvertible {
  case ista, fista
  case mlISTA = "ml-ista"
  case mlFISTA = "ml-fista"

  /// Whether it solves basis pursuit, λ₁ = 0.
  var isOnBasisPursuit: Bool { self == .ista || self == .fista }

  /// Whether it has momentum.
  var isAccelerated: Bool { self == .fista || self == .mlFISTA }

  /// The iteration on a problem.
  ///
  /// - Throws: `LinearAlgebraError`.
  func iterator(_ problem: MultiLayerProblem<Double>) throws -> ProximalIterator<Double> {
    isAccelerated
      ? try MultiLayerFISTA(problem).makeIterator() : try MultiLayerISTA(problem).makeIterator()
  }
}

/// A state of an iteration beside the inequalities that B claims for it.
///
/// On basis pursuit Beck and Teboulle (2009, Thm 3.1, 4.4) have F(γᵏ) − F* ≤ c‖γ⁰ − γ*‖²/(2k) for ISTA
/// and 2c‖γ⁰ − γ*‖²/(k + 1)² for FISTA, c = λ_max(DᵀD). B claims the latter for ML-FISTA (Suppl. A.2) and
/// ‖γᵏ − γ*‖² ≤ ‖γ⁰ − γ*‖²/(k + 1) for ML-ISTA (Suppl. A.1, erratum 21). The limit, where an iteration
/// really ends, is not the optimum γ* for the multi-layer two (erratum 1).
struct RateRow: MeasuredRow {
  @Field("draw", .key) var draw = 0
  @Field("method", .key) var method = Method.ista
  @Field("iteration", .key) var iteration = 0
  /// F(γᵏ)/F* − 1.
  @Field("relative_gap", .measured(absolute: 1e-10, relative: 1e-3)) var gap = 0.0
  /// The bound of the gap, over F*; none for ML-ISTA, whose bound is one of distances.
  @Field("relative_gap_bound", .measured()) var bound: Double? = nil
  /// |F(γᵏ) − F(γ^∞)|/F*, γ^∞ the limit.
  @Field("relative_gap_to_limit", .measured(absolute: 1e-10, relative: 1e-3)) var toLimit = 0.0
  /// (k + 1)‖γᵏ − γ*‖²/‖γ⁰ − γ*‖².
  @Field("distance_to_optimum_over_bound", .measured(absolute: 1e-6, relative: 1e-2))
  var toOptimum = 0.0
  /// The same for the limit in place of γ*.
  @Field("distance_to_limit_over_bound", .measured(absolute: 1e-6, relative: 1e-2))
  var distanceToLimit = 0.0

  static func rows(
    _ draw: Int, _ problem: MultiLayerProblem<Double>, _ settings: BasisPursuitTheory.Settings,
    _ interrupted: () throws -> Void
  ) throws -> [RateRow] {
    let plain = try MultiLayerProblem(
      dictionary: DenseDictionary<Double>(problem.model.effectiveDictionary(2)),
      signals: problem.signals, penalty: settings.lambda2)
    return try [plain, problem].flatMap { problem -> [RateRow] in
      let optimum = try Optimum(problem, settings, interrupted)
      return try Method.allCases.filter { $0.isOnBasisPursuit == (problem.model.depth == 1) }
        .flatMap { method in
          try interrupted()
          return try optimum.rows(draw, method, settings)
        }
    }
  }

  /// An optimum and the limit of the iterations.
  private struct Optimum {
    let problem: MultiLayerProblem<Double>
    let code: Tensor<Double>
    let value: Double
    let limit: Tensor<Double>
    /// λ_max of the effective dictionary's Gram matrix.
    let curvature: Double

    init(
      _ problem: MultiLayerProblem<Double>, _ settings: BasisPursuitTheory.Settings,
      _ interrupted: () throws -> Void
    ) throws {
      self.problem = problem
      let depth = problem.model.depth
      code = try ExactSolver(tolerance: 1e-12).solve(problem).codes[depth - 1]
      value = problem.objective(at: code)[0]
      let iterator = try MultiLayerFISTA(problem).makeIterator()
      try iterator.runToFixedPoint(
        from: code, changingLessThan: settings.changeTolerance, within: settings.iterationLimit,
        interrupted: interrupted)
      limit = iterator.deepest
      curvature = try DenseDictionary<Double>(problem.model.effectiveDictionary(depth))
        .squaredSpectralNorm().estimate
    }

    func rows(
      _ draw: Int, _ method: Method, _ settings: BasisPursuitTheory.Settings
    ) throws -> [RateRow] {
      let iterator = try method.iterator(problem)
      let end = problem.objective(at: limit)[0]
      let start = (optimum: code.dot(code), limit: limit.dot(limit))
      return BasisPursuitTheory.grid(settings).map { k in
        while iterator.iteration < k { iterator.step() }
        let found = iterator.deepest
        let objective = problem.objective(at: found)[0]
        let (n, left, right) = (Double(k), found - code, found - limit)
        let constant = curvature * start.optimum / value
        return RateRow(
          draw: draw, method: method, iteration: k, gap: objective / value - 1,
          bound: method.isAccelerated
            ? 2 * constant / ((n + 1) * (n + 1)) : method == .ista ? constant / (2 * n) : nil,
          toLimit: abs(objective - end) / value,
          toOptimum: (n + 1) * left.dot(left) / start.optimum,
          distanceToLimit: (n + 1) * right.dot(right) / start.limit)
      }
    }
  }
}

extension BasisPursuitTheory {
  /// The iterations that are looked at.
  static func grid(_ settings: Settings) -> [Int] {
    let decades = Double.log10(Double(settings.iterations))
    let points = max(Int((decades * Double(settings.pointsPerDecade)).rounded()), 1)
    return Set(
      (0...points).map {
        Int(Double.pow(10, decades * Double($0) / Double(points)).rounded())
      }
    ).sorted()
  }
}

/// One point of a curve: geometric means over the draws.
struct CurveRow: TableRow {
  @Field("method", .key) var method = Method.ista
  @Field("iteration", .key) var iteration = 0
  @IntervalField("relative_gap", .measured(absolute: 1e-10, relative: 0.01))
  var gap: Estimate? = nil
  @IntervalField("relative_gap_to_limit", .measured(absolute: 1e-10, relative: 0.01))
  var toLimit: Estimate? = nil
  @Field("relative_gap_bound", .measured(relative: 1e-3)) var bound: Double? = nil
  @IntervalField("distance_to_optimum_over_bound", .measured(absolute: 1e-6, relative: 0.02))
  var toOptimum: Estimate? = nil
  @IntervalField("distance_to_limit_over_bound", .measured(absolute: 1e-6, relative: 0.02))
  var distanceToLimit: Estimate? = nil

  static func rows(_ rows: [RateRow]) -> [CurveRow] {
    Method.allCases.flatMap { method in
      rows.filter { $0.method == method }.grouped(by: \.iteration).sorted { $0.key < $1.key }
        .map { iteration, rows in
          func mean(_ value: (RateRow) -> Double) -> Measurement {
            // Below 1e-14 a difference of objectives is rounding.
            .geometricMean(rows.map { max(value($0), 1e-14) }, of: "draws")
          }
          return CurveRow(
            method: method, iteration: iteration, gap: mean(\.gap).estimate,
            toLimit: mean(\.toLimit).estimate,
            bound: rows.contains { $0.bound == nil } ? nil : mean { $0.bound ?? 0 }.value,
            toOptimum: mean(\.toOptimum).estimate,
            distanceToLimit: mean(\.distanceToLimit).estimate)
        }
    }
  }
}
