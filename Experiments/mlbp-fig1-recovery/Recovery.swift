import MLCSCKit
import RealModule

/// Recovery errors of γ₁ and γ₂ against λ₂ (B, Figure 1).
///
/// Basis pursuit (λ₁ = 0) against multi-layer basis pursuit (the best λ₁ for each λ₂).
/// Every problem is solved to a certified duality gap: an under-converged basis pursuit would fake
/// the claim. B's "SNR = 10" is read both as 10 dB and as an amplitude ratio of 10 (20 dB).
/// Dictionaries have unit columns (B does not say) and are drawn anew for every realisation.
@main
struct Recovery: Experiment {
  static let identity = ExperimentIdentity(
    name: "mlbp-fig1-recovery",
    paper: "B: On multi-layer basis pursuit, efficient algorithms and CNNs",
    figure: "Fig. 1",
    title: "Errors of γ1 and γ2 against λ2: basis pursuit and multi-layer basis pursuit",
    question: "Does penalising the intermediate code help to recover both codes?")

  struct Settings: Codable {
    var realisations: Int
    var realisationsPerCell = 5
    var dimensions = [50, 70, 60]  // Sec. 2.3
    var sparsity = 30  // ‖γ₂‖₀, Sec. 2.3
    var cosparsity = 28  // gives ‖γ₁‖₀ = 42, Sec. 2.3
    /// ‖x‖/‖w‖: 10 dB, and the other reading of "SNR = 10".
    var amplitudeRatios = [3.1622776601683795, 10]
    /// λ₂, and with 0 before them λ₁: from 10^first to 10^last.
    var firstExponent = -4.0
    var lastExponent = -0.5
    var lambdasPerDecade: Int
    /// Relative duality gap of every solution.
    var tolerance = 1e-9
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke: Settings(realisations: 6, realisationsPerCell: 3, lambdasPerDecade: 2)
    case .quick: Settings(realisations: 120, lambdasPerDecade: 4)
    case .standard, .paper: Settings(realisations: 400, lambdasPerDecade: 8)
    }
  }

  static func lambdas(_ settings: Settings) -> [Double] {
    let decades = settings.lastExponent - settings.firstExponent
    let count = Int((decades * Double(settings.lambdasPerDecade)).rounded())
    return (0...count).map {
      Double.pow(10, settings.firstExponent + decades * Double($0) / Double(count))
    }
  }

  /// One realisation at one noise level: errors by λ₁ (from 0) and λ₂.
  struct Row: Codable {
    let realisation: Int
    let amplitudeRatio: Double
    let errors: [[[Double]]]
    let floor: [Double]
    let largestRelativeGap: Double
  }

  static func cells(_ settings: Settings, _ inputs: NoInputs) -> [NumberedCell] {
    NumberedCell.cells(
      (settings.realisations + settings.realisationsPerCell - 1) / settings.realisationsPerCell)
  }

  static func measure(
    _ cell: NumberedCell, _ settings: Settings, _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Row] {
    let first = cell.index * settings.realisationsPerCell
    let last = min(first + settings.realisationsPerCell, settings.realisations)
    return try (first..<last).flatMap { realisation in
      try context.checkInterruption()
      var stream = RandomStream(identity.name, "realisation", "\(realisation)", "\(context.seed)")
      let instance = try CosparseInstance(
        dimensions: settings.dimensions, sparsity: settings.sparsity,
        cosparsity: settings.cosparsity, from: &stream)
      return try settings.amplitudeRatios.map { ratio in
        let y = instance.noisy(amplitudeRatio: ratio, from: &stream)
        return try solve(instance, y, ratio, realisation, settings)
      }
    }
  }

  /// All pairs (λ₁, λ₂) as one batch on the same dictionaries.
  private static func solve(
    _ instance: CosparseInstance, _ y: [Double], _ ratio: Double, _ realisation: Int,
    _ settings: Settings
  ) throws -> Row {
    let lambdas = lambdas(settings)
    let pairs = ([0] + lambdas).flatMap { first in lambdas.map { (first, $0) } }
    let problem = try MultiLayerProblem(
      model: instance.model(),
      signals: Tensor(shape: [pairs.count, y.count], elements: pairs.flatMap { _ in y }),
      penalties: [pairs.map(\.0), pairs.map(\.1)])
    let solution = try ExactSolver(tolerance: settings.tolerance).solve(problem)
    let objectives = problem.objective(at: solution.codes[1])
    let errors = (0..<2).map { layer in
      (0...lambdas.count).map { i in
        lambdas.indices.map { j in
          SparsityMeasures.relativeError(
            solution.codes[layer].row(i * lambdas.count + j), instance.codes[layer])
        }
      }
    }
    let oracle = try HolisticPursuit(instance.model()).codes(
      Matrix(shape: [1, y.count], elements: y), support: instance.support,
      cosupports: [instance.cosupport])[0].codes
    return Row(
      realisation: realisation, amplitudeRatio: ratio, errors: errors,
      floor: (0..<2).map { SparsityMeasures.relativeError(oracle[$0], instance.codes[$0]) },
      largestRelativeGap: zip(solution.dualityGaps ?? [], objectives).map { $0 / $1 }.max() ?? 0)
  }

  // MARK: Choosing λ₁

  /// The λ₁ index that minimises the mean over realisations of both layers' errors at a λ₂.
  private static func bestFirst(_ rows: [Row], _ second: Int, from start: Int = 0) -> Int {
    let count = rows.first?.errors[0].count ?? 0
    func score(_ first: Int) -> Double {
      Statistics.mean(rows.map { $0.errors[0][first][second] + $0.errors[1][first][second] })
    }
    return (start..<count).min { score($0) < score($1) } ?? 0
  }

  private static func bestPair(_ rows: [Row], multiLayer: Bool) -> (first: Int, second: Int) {
    func score(_ pair: (first: Int, second: Int)) -> Double {
      Statistics.mean(
        rows.map {
          $0.errors[0][pair.first][pair.second] + $0.errors[1][pair.first][pair.second]
        })
    }
    let seconds = rows.first?.errors[0][0].indices ?? 0..<0
    let pairs = seconds.map { (multiLayer ? bestFirst(rows, $0, from: 1) : 0, $0) }
    return pairs.min { score($0) < score($1) } ?? (0, 0)
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<NumberedCell, Row>]
  ) throws -> [Table] {
    let lambdas = lambdas(settings)
    var rows = [[Value]]()
    for ratio in settings.amplitudeRatios {
      let found = results.flatMap(\.rows).filter { $0.amplitudeRatio == ratio }
      let common = lambdas.indices.map { bestFirst(found, $0) }
      let methods: [(String, (Row, Int) -> Int)] = [
        ("bp", { _, _ in 0 }), ("ml-bp", { _, j in common[j] }),
        ("ml-bp-oracle", { row, j in bestFirst([row], j) }),
      ]
      for (method, choose) in methods {
        for (j, second) in lambdas.enumerated() {
          let errors = (0..<2).map { layer in
            found.map { $0.errors[layer][choose($0, j)][j] }
          }
          let first = method == "ml-bp" && common[j] > 0 ? lambdas[common[j] - 1] : 0
          rows.append([
            .real(decibels(ratio)), .text(method), .real(second),
            method == "ml-bp-oracle" ? .missing : .real(first),
            .real(Statistics.mean(errors[0])), .real(Statistics.standardError(errors[0])),
            .real(Statistics.mean(errors[1])), .real(Statistics.standardError(errors[1])),
            .real(Statistics.mean(found.map { $0.floor[0] })),
            .real(Statistics.mean(found.map { $0.floor[1] })), .integer(found.count),
          ])
        }
      }
    }
    return [
      try Table(
        "recovery",
        [
          .key("snr_db"), .key("method"), .key("lambda2"), .note("lambda1"),
          .measured("gamma1_error_relative_l2", absolute: 1e-4),
          .measured("gamma1_standard_error", absolute: 1e-4),
          .measured("gamma2_error_relative_l2", absolute: 1e-4),
          .measured("gamma2_standard_error", absolute: 1e-4),
          .measured("gamma1_floor", absolute: 1e-6), .measured("gamma2_floor", absolute: 1e-6),
          .exact("realisations"),
        ], rows: rows)
    ]
  }

  static func decibels(_ ratio: Double) -> Double {
    (20 * Double.log10(ratio) * 1000).rounded() / 1000
  }

  static func claims(
    _ settings: Settings, _ results: [CellResult<NumberedCell, Row>]
  ) throws -> [Claim] {
    let all = results.flatMap(\.rows)
    let gap = all.map(\.largestRelativeGap).max() ?? 0
    return settings.amplitudeRatios.flatMap { ratio -> [Claim] in
      let found = all.filter { $0.amplitudeRatio == ratio }
      let halves = [0, 1].map { half in found.filter { $0.realisation % 2 == half } }
      return [1, 0].map { layer in
        // λ is chosen on one half of the realisations and judged on the other, both ways round.
        var (plain, multi, oracle) = ([Double](), [Double](), [Double]())
        for half in 0..<2 {
          let bp = bestPair(halves[1 - half], multiLayer: false)
          let ml = bestPair(halves[1 - half], multiLayer: true)
          for row in halves[half] {
            plain.append(row.errors[layer][0][bp.second])
            multi.append(row.errors[layer][ml.first][ml.second])
            oracle.append(row.errors[layer][bestFirst([row], ml.second)][ml.second])
          }
        }
        let gain = Statistics.bootstrapMean(zip(plain, multi).map { $0 - $1 })
        let better = zip(plain, multi).count { $0 > $1 }
        return Claim(
          id: "gamma\(layer + 1)-at-\(Int(decibels(ratio)))-db",
          sentence: "Enforcing λ1 > 0 decreases the recovery error of γ\(layer + 1) "
            + "(noise at \(Int(decibels(ratio))) dB)",
          source: "B Fig. 1",
          measured:
            "error \(Wording.number(Statistics.mean(plain))) to \(Wording.number(Statistics.mean(multi))) "
            + "with one λ1 for all (\(Wording.number(Statistics.mean(oracle))) with the best for each "
            + "draw), gain \(Wording.number(gain.value)) [\(Wording.number(gain.lower)), \(Wording.number(gain.upper))], "
            + "better in \(better) of \(plain.count) paired draws; "
            + "floor \(Wording.number(Statistics.mean(found.map { $0.floor[layer] }))); "
            + "largest certified gap \(gap < settings.tolerance ? "below" : "above") "
            + "\(settings.tolerance)",
          verdict: found.count < 20
            ? .undecided : gain.lower > 0 ? .holds : gain.upper < 0 ? .doesNotHold : .undecided)
      }
    }
  }
}
