import ExperimentSuite
import MLCSCKit
import RealModule

/// One instance of Theorem 1: the LASSO with D = Fᵀ (ML-CSC) against D = [I Fᵀ] (MSD-CSC), the same β.
///
/// R's proof adds x_j − ξ_j to the unit vector of a dimension that fails, |x_j − ξ_j| > 2β, and gains
/// ½d² − βd. A soft threshold of the residual gains ½(d − β)² in every dimension with d > β, so β is
/// the edge, and the optimality conditions of ML-CSC make it sharp: without such a dimension
/// the code of ML-CSC with zeros in front is optimal for MSD-CSC too. With non-negative codes, which
/// a ReLU gives, only dimensions with x_j − ξ_j > β can be mended.
struct LassoRow: MeasuredRow {
  @Field("instance", .key) var instance = 0
  @Field("codes", .key) var codes = ""
  @Field("signal_dimension", .exact) var signalDimension = 0
  @Field("atoms", .exact) var atoms = 0
  @Field("beta", .measured()) var penalty = 0.0
  @Field("objective_ml", .measured()) var plainObjective = 0.0
  @Field("objective_msd", .measured()) var denseObjective = 0.0
  /// The objective of ML-CSC less that of MSD-CSC.
  @Field("gain", .measured(absolute: 1e-8)) var gain = 0.0
  /// The sum of both certified duality gaps.
  @Field("certified_gap", .note) var gap = 0.0
  /// max |x_j − ξ_j|/β under ML-CSC, over those dimensions that may be mended.
  @Field("largest_residual_over_beta_ml", .measured(absolute: 1e-6)) var largestResidual = 0.0
  /// The same under MSD-CSC, over all dimensions.
  @Field("largest_residual_over_beta_msd", .measured(absolute: 1e-6)) var denseResidual = 0.0
  /// Dimensions with |x_j − ξ_j| > 2β (Definition 1), and those of them that may be mended.
  @Field("failures_ml", .exact) var failures = 0
  @Field("mendable_failures_ml", .exact) var mendableFailures = 0
  @Field("failures_msd", .exact) var denseFailures = 0
  /// ½d² − βd of R's proof for the worst failing dimension; zero without one.
  @Field("gain_of_proof", .measured(absolute: 1e-6)) var gainOfProof = 0.0
  /// Σ ½(d − β)² over dimensions with d > β.
  @Field("gain_of_threshold", .measured(absolute: 1e-6)) var gainOfThreshold = 0.0

  static func instance(
    _ number: Int, _ settings: Theory.Settings, from stream: inout RandomStream
  ) throws -> [LassoRow] {
    func draw(_ range: [Int]) -> Int { range[0] + stream.index(below: range[1] - range[0] + 1) }
    let (n, m) = (draw(settings.signalDimensions), draw(settings.atomCounts))
    let plain = DenseDictionary<Double>.gaussian(n, m, normalized: true, from: &stream)
    let x = Tensor<Double>.normal(1, n, from: &stream)
    let largest = plain.analyze(x).elements.map(abs).max() ?? 1
    let β = largest * (0.02 + 0.98 * stream.uniform())
    return try [false, true].map { nonnegative in
      let solver = ExactSolver(tolerance: settings.certifiedGap)
      func solve(_ dictionary: some SparseDictionary<Double>) throws -> Optimum {
        let problem = try MultiLayerProblem(
          dictionary: dictionary, signals: x, penalty: β, nonnegative: nonnegative)
        let solution = try solver.solve(problem)
        let ξ = dictionary.synthesize(solution.codes[0])
        return Optimum(
          objective: problem.objective(at: solution.codes[0])[0],
          gap: solution.dualityGaps?[0] ?? .infinity,
          residual: zip(x.elements, ξ.elements).map { $0 - $1 })
      }
      let (ml, msd) = (try solve(plain), try solve(IdentityAugmentedDictionary(plain)))
      let mendable = ml.residual.map { nonnegative ? max($0, 0) : abs($0) }
      let worst = mendable.max() ?? 0
      return LassoRow(
        instance: number, codes: nonnegative ? "non-negative" : "signed", signalDimension: n,
        atoms: m, penalty: β, plainObjective: ml.objective, denseObjective: msd.objective,
        gain: ml.objective - msd.objective, gap: ml.gap + msd.gap, largestResidual: worst / β,
        denseResidual: (msd.residual.map(abs).max() ?? 0) / β,
        failures: ml.residual.count { abs($0) > 2 * β },
        mendableFailures: mendable.count { $0 > 2 * β },
        denseFailures: msd.residual.count { abs($0) > 2 * β },
        gainOfProof: worst > 2 * β ? 0.5 * worst * worst - β * worst : 0,
        gainOfThreshold: mendable.reduce(0) { $1 > β ? $0 + 0.5 * ($1 - β) * ($1 - β) : $0 })
    }
  }

  private struct Optimum {
    let objective: Double
    let gap: Double
    let residual: [Double]
  }

  /// What rounding and the certified gaps leave undecided between two objectives.
  private var margin: Double { gap + 1e-10 * plainObjective }

  /// Whether MSD-CSC's optimum is lower, by at least so much.
  private func gains(_ amount: Double) -> Bool { gain > margin && gain >= amount - margin }

  static func claims(_ rows: [LassoRow]) -> [ClaimTest] {
    let (signed, nonnegative) = (
      rows.filter { $0.codes == "signed" }, rows.filter { $0.codes != "signed" }
    )
    let failing = signed.filter { $0.failures > 0 }
    let clipped = nonnegative.filter { $0.failures > 0 }
    let mendable = clipped.filter { $0.mendableFailures > 0 }
    // At the edge itself either may happen.
    let above = rows.filter { $0.largestResidual > 1 + 1e-6 }
    let below = rows.filter { $0.largestResidual < 1 - 1e-6 }
    let exceptions = Quantity.number("exceptions", unit: "")
    return [
      ClaimTest(
        "theorem-1", decides: ["R18"],
        "The optimum of the LASSO with [I Fᵀ] is never above the one with Fᵀ, and where a dimension is "
          + "not reconstructed, d = |ξ_j − x_j| > 2β, it is lower by ½d² − βd at least",
        source: "R Theorem 1", exceptions,
        parts: [
          .init(
            "where a dimension of signed codes is not reconstructed",
            .violations(
              failing.count { !$0.gains($0.gainOfProof) }, of: failing.count, "instances")),
          .init(
            "higher optima",
            .violations(rows.count { $0.gain < -$0.margin }, of: rows.count, "instances")),
        ],
        details: [
          Detail(
            "smallest gain over ½d² − βd",
            failing.map { $0.gain / max($0.gainOfProof, 1e-300) }.min() ?? 0),
          Detail("largest certified gap", rows.map(\.gap).max() ?? 0),
        ], holdsWhen: .never(atLeast: 100)),
      ClaimTest(
        "theorem-1-nonnegative", decides: ["R18"],
        "Theorem 1 also holds for the non-negative codes that a ReLU gives",
        source: "R Theorem 1, Sec. III-A",
        .number("instances with a dimension not reconstructed and no gain", unit: ""),
        .violations(clipped.count { !$0.gains(0) }, of: clipped.count, "instances"),
        details: [
          Detail(
            "instances with ξ_j > x_j in all such dimensions",
            Double(clipped.count - mendable.count)),
          Detail(
            "of the others gain ½d² − βd",
            Double(mendable.count { $0.gains($0.gainOfProof) })),
        ], holdsWhen: .never(atLeast: 100)),
      ClaimTest(
        "theorem-1-threshold", decides: [],
        "The edge of Theorem 1 is β, not 2β: a gain of at least Σ½(d − β)² above it, none below (ours)",
        source: "R's proof of Theorem 1", exceptions,
        parts: [
          .init(
            "above β",
            .violations(
              above.count { $0.gain <= 0 || $0.gain < $0.gainOfThreshold - $0.margin },
              of: above.count, "instances")),
          .init(
            "below β",
            .violations(below.count { abs($0.gain) > $0.margin }, of: below.count, "instances")),
        ],
        details: [
          Detail(
            "instances between β and 2β", Double(above.count { $0.largestResidual <= 2 }))
        ], holdsWhen: .never(atLeast: 100)),
      ClaimTest(
        "definition-1-zero", decides: ["R53"],
        "With the identity in the dictionary every dimension of a signal is reconstructed",
        source: "R Definition 1, Fig. 4",
        .number("instances of non-negative codes on which one is not", unit: ""),
        .violations(
          nonnegative.count { $0.denseFailures > 0 }, of: nonnegative.count, "instances"),
        details: [
          Detail(
            "largest |x_j − ξ_j|/β of signed codes, an identity",
            signed.map(\.denseResidual).max() ?? 0)
        ], holdsWhen: .never(atLeast: 100)),
    ]
  }
}
