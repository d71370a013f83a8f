/// Stability of the layer-wise deep coding problem, P's equations 4 and 5.
///
/// y = x(γᵢ) + v with ‖v‖₂ ≤ E₀ and unit atoms. Any γ̂ᵢ with ‖γ̂ᵢ‖ˢ ≤ ‖γᵢ‖ˢ and
/// ‖γ̂_{i−1} − Dᵢγ̂ᵢ‖₂ ≤ E_{i−1} for every layer (γ̂₀ = y, Eᵢ the root of the bound below) satisfy,
/// under
///
///     ‖γⱼ‖ˢ_{0,∞} < ½(1 + 1/µ(Dⱼ)),  j = 1 … i                                      [P, eq. (4)]
///     ‖γᵢ − γ̂ᵢ‖₂² ≤ 4ⁱ E₀² ∏_{j≤i} 1/(1 − (2‖γⱼ‖ˢ_{0,∞} − 1)µ(Dⱼ)).
///
/// P's eq. (5) prints 4·∏ 4^{i−1}/(…), the power inside the product, which is 4^{1+i(i−1)}: true,
/// but larger from the second layer on than what the argument gives, ‖Dᵢ(γ̂ᵢ − γᵢ)‖ ≤ 2E_{i−1}
/// once a layer (erratum 11). The solutions of exact layer-wise ℓ₀ pursuits with the true stripe
/// norms satisfy the constraints; one pass of thresholding need not (R's Lemma 2 says it does).
public enum LayeredStability {
  /// The guarantee for every layer.
  ///
  /// The slack is that of eq. (4) in the form 1 − (2‖γⱼ‖ˢ − 1)µ(Dⱼ) > 0, the smallest of the layers
  /// up to i; it is finite also for µ = 0. The bound is on the **squared** error.
  /// - Parameters:
  ///   - noise: E₀.
  ///   - sparsities: ‖γᵢ‖ˢ_{0,∞} for the filters of Dᵢ, outermost first.
  ///   - coherences: µ(Dᵢ), unit atoms.
  /// - Returns: One guarantee a layer.
  public static func guarantees(
    noise: Double, sparsities: [Int], coherences: [Double]
  ) -> [Guarantee] {
    chain(noise, sparsities, coherences) { _ in 4 }
  }

  /// The bounds with 4^{i−1} inside the product, as P prints equation 5.
  ///
  /// - Returns: One guarantee a layer, on the squared error; true but too large from layer 2 on.
  public static func asPrinted(
    noise: Double, sparsities: [Int], coherences: [Double]
  ) -> [Guarantee] {
    // 4^{1 + i(i−1)} grows from layer i − 1 to i by 4^{2(i−1)}; the first layer has 4.
    chain(noise, sparsities, coherences) { i in
      i == 1 ? 4 : (0..<2 * (i - 1)).reduce(1) { product, _ in product * 4 }
    }
  }

  private static func chain(
    _ noise: Double, _ sparsities: [Int], _ coherences: [Double], _ growth: (Int) -> Double
  ) -> [Guarantee] {
    precondition(sparsities.count == coherences.count, "one sparsity and one coherence a layer")
    var (slack, bound) = (Double.infinity, noise * noise)
    return sparsities.indices.map { i in
      let layer = 1 - Double(2 * sparsities[i] - 1) * coherences[i]
      slack = min(slack, layer)
      bound *= growth(i + 1) / layer
      return Guarantee(slack: slack, bound: bound)
    }
  }
}
