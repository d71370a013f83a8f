import MLCSCKit

/// The operators from which B builds ML-ISTA, for one signal and two dictionaries, written out.
///
///     T_in u  = S_a(u − s D₁ᵀ(D₁u − y))                                    [B, Suppl. A.1, (7)]
///     T_out γ = S_b(γ − η D₂ᵀ(D₂γ − T_in D₂γ))
///
/// B has a = sλ₁, b = tλ₂ and η = t/s; its eq. (5) has s = 1/c₁, η = 1/c₂, a = λ₁/c₁, b = λ₂/c₂.
struct TwoLayerOperators {
  let first: DenseDictionary<Double>
  let second: DenseDictionary<Double>
  let signal: Matrix<Double>
  let innerStep: Double
  let outerStep: Double
  let innerThreshold: Double
  let outerThreshold: Double

  func inner(_ u: Matrix<Double>) -> Matrix<Double> {
    let slope = first.analyze(first.synthesize(u) - signal)
    return (u - innerStep * slope).softThresholded(by: innerThreshold)
  }

  func outer(_ γ: Matrix<Double>) -> Matrix<Double> {
    let u = second.synthesize(γ)
    let mapping = second.analyze(u - inner(u))
    return (γ - outerStep * mapping).softThresholded(by: outerThreshold)
  }
}

extension Tensor<Double> {
  /// S_t(x) = sign(x) max(|x| − t, 0), entry by entry.
  func softThresholded(by t: Double) -> Tensor {
    Tensor(shape: shape, elements: elements.map { ($0 < 0 ? -1 : 1) * max(abs($0) - t, 0) })
  }

  /// max(x + b, 0), entry by entry.
  func rectified(bias b: Double) -> Tensor {
    Tensor(shape: shape, elements: elements.map { max($0 + b, 0) })
  }
}
