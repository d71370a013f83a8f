import ExperimentSuite
import MLCSCKit
import RealModule

/// One instance of equations (1) and (5).
///
/// R gives 2λ_max(DᵀD) as the smallest Lipschitz constant of the gradient of ½‖x − DΓ‖²; it is
/// λ_max (erratum 5), reached along the leading eigenvector, so that L of MSD-CSC is L of ML-CSC + 1.
/// Eq. (5), Γ = S(D'ᵀX + X₋₁ + c D'ᵀD'X₋₁), is a step of eq. (1) from X₋₁ for c = −L with
/// D' = D/L (erratum 8).
struct UpdateRow: MeasuredRow {
  @Field("instance", .key) var instance = 0
  /// ‖∇f(Γ) − ∇f(Γ')‖/‖Γ − Γ'‖ over λ_max, the larger of a random and the leading direction.
  @Field("steepest_gradient_over_lambda_max", .measured(absolute: 1e-8)) var steepest = 0.0
  /// λ_max([I Fᵀ]) − λ_max(Fᵀ).
  @Field("identity_adds_to_lambda_max", .measured(absolute: 1e-8)) var identityAdds = 0.0
  /// How far equation (5) is from a step of equation (1), relative, with D/L and with D as it is.
  @Field("equation_5_deviation_scaled", .measured(absolute: 1e-8)) var scaled = 0.0
  @Field("equation_5_deviation_unscaled", .measured(absolute: 1e-8)) var unscaled = 0.0

  static func instance(
    _ number: Int, _ settings: Theory.Settings, from stream: inout RandomStream
  ) throws -> UpdateRow {
    let (n, m) = (settings.signalDimensions[1], settings.atomCounts[1])
    let dictionary = DenseDictionary<Double>.gaussian(n, m, normalized: true, from: &stream)
    let (values, vectors) = try dictionary.atomRows.gramOfRows.symmetricEigen()
    let λ = values[m - 1]
    // The gradient is affine: its differences are DᵀD applied to the difference of the codes.
    func steepness(_ direction: Tensor<Double>) -> Double {
      let change = dictionary.analyze(dictionary.synthesize(direction))
      return Double.sqrt(
        Double.squaredNorm(m, change.elements) / Double.squaredNorm(m, direction.elements))
    }
    let leading = Tensor(shape: [1, m], elements: (0..<m).map { vectors[$0, m - 1] })
    let steepest = max(steepness(leading), steepness(.normal(1, m, from: &stream)))
    let augmented = IdentityAugmentedDictionary(dictionary).atoms(Array(0..<n + m)).gramOfRows
    let x = Tensor<Double>.normal(1, n, from: &stream)
    let before = Tensor<Double>.normal(1, m, from: &stream)
    let threshold = 0.1
    let step = update(dictionary, x, before, threshold, direct: λ)
    let scale = step.map(abs).max() ?? 1
    let divided = DenseDictionary(
      atomRows: Tensor(
        shape: [m, n], elements: dictionary.atomRows.elements.map { $0 / λ }))
    func difference(_ other: [Double]) -> Double {
      zip(step, other).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
    }
    return UpdateRow(
      instance: number, steepest: steepest / λ,
      identityAdds: (try augmented.symmetricEigenvalues().last ?? 0) - λ,
      scaled: difference(update(divided, x, before, threshold, c: -λ)),
      unscaled: difference(update(dictionary, x, before, threshold, c: -λ)))
  }

  /// Equation (1) from `before` with the constant `direct`, or equation (5) with `c`.
  private static func update(
    _ d: DenseDictionary<Double>, _ x: Tensor<Double>, _ before: Tensor<Double>,
    _ threshold: Double, direct: Double? = nil, c: Double = 0
  ) -> [Double] {
    let (first, again) = (d.analyze(x), d.analyze(d.synthesize(before)))
    return before.elements.indices.map { j in
      let z =
        direct.map { before.elements[j] - (again.elements[j] - first.elements[j]) / $0 }
        ?? first.elements[j] + before.elements[j] + c * again.elements[j]
      return z > threshold ? z - threshold : z < -threshold ? z + threshold : 0
    }
  }

  static func claims(_ rows: [UpdateRow]) -> [ClaimTest] {
    func exact(_ value: Double?) -> Measurement {
      value.map { .exact($0, Sample(rows.count, "dictionaries")) } ?? .none
    }
    return [
      ClaimTest(
        "lipschitz-constant", decides: ["R4", "R20"],
        "The smallest Lipschitz constant of ∇½‖X − DΓ‖² is 2λ_max(DᵀD), so that of MSD-CSC is "
          + "larger by 2", source: "R eq. (1), Sec. V-B", .number("constant", unit: ""),
        parts: [
          .init("steepest gradient over λ_max", exact(rows.map(\.steepest).max())),
          .init("what the identity adds", exact(rows.map(\.identityAdds).max())),
        ], paper: PaperValue(2), holdsWhen: .equals(2, tolerance: 1e-6)),
      ClaimTest(
        "equation-5", decides: ["R12"],
        "Eq. (5) with D := D/L and c = −L is an iteration of eq. (1) from X₋₁",
        source: "R eq. (4), (5)", .number("largest relative deviation", unit: ""),
        exact(rows.map(\.scaled).max()),
        details: [Detail("smallest with D itself", rows.map(\.unscaled).min() ?? 0)],
        holdsWhen: .below(1e-12)),
    ]
  }
}
