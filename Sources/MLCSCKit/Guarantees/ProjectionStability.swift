/// Stability of the projection on the ML-CSC model, P's Theorem 1.
///
/// y = x(γᵢ) + v, ‖v‖₂ ≤ E₀. Any member x̂(γ̂ᵢ) of the model with ‖y − x̂‖₂ ≤ E₀, so the projection of
/// y, satisfies for every layer with ‖γᵢ‖ˢ_{0,∞} < ½(1 + 1/µ(D⁽ⁱ⁾))
///
///     ‖γᵢ − γ̂ᵢ‖₂² ≤ 4E₀² / (1 − (2‖γᵢ‖ˢ_{0,∞} − 1)µ(D⁽ⁱ⁾)).                            [P, eq. (7)]
///
/// Two corrections, each with a counter-example in the tests and in `projection-bounds`:
///
/// - Eq. (7) needs effective atoms of unit norm, which products of dictionaries do not have: µ is
///   that of the normalised atoms, while γᵢ belongs to the others. Scaling them back divides by the
///   smallest squared norm (erratum 20):
///
///       ‖γᵢ − γ̂ᵢ‖₂² ≤ 4E₀² / (minⱼ‖dⱼ‖² (1 − (2‖γᵢ‖ˢ_{0,∞} − 1)µ(D⁽ⁱ⁾))).
///
///   D₁ = [1 .6; 0 .8] and D₂ a rotation by 45°: µ(D⁽²⁾) = 0 and the smallest squared norm is 0.4, so
///   (7) has 4 E₀², where a member as close to y as x reaches 10 E₀² and the projection 5.33 E₀².
/// - The stripes of γᵢ are those of the filters of D⁽ⁱ⁾, not of Dᵢ, which are shorter. D₁ = circulant
///   of (1, c), D₂ = I with filters of length one: by the stripes of D₂ ‖γ₂‖ˢ = 1 and (7) has
///   4E₀²/(1 − µ), while members with γ₂ = γ₁ can be 4E₀²/(1 − 2µ) apart; for µ = 0.3 the projection
///   reaches 7.2 E₀² against 5.7 E₀².
public enum ProjectionStability {
  /// The guarantee for one layer, with the norms of the effective atoms.
  ///
  /// The slack is 1 − (2‖γᵢ‖ˢ − 1)µ(D⁽ⁱ⁾), positive exactly where the premise holds; the bound is on
  /// the **squared** error.
  /// - Parameters:
  ///   - noise: E₀.
  ///   - sparsity: ‖γᵢ‖ˢ_{0,∞} for the filters of D⁽ⁱ⁾.
  ///   - atoms: Those of D⁽ⁱ⁾.
  /// - Returns: The guarantee.
  public static func guarantee(
    noise: Double, sparsity: Int, atoms: AtomGeometry
  ) -> Guarantee {
    let slack = 1 - Double(2 * sparsity - 1) * atoms.coherence
    return Guarantee(
      slack: slack, bound: 4 * noise * noise / (atoms.smallestNorm * atoms.smallestNorm * slack))
  }

  /// Equation 7 as printed, whatever the norms of the effective atoms are.
  ///
  /// - Returns: The guarantee, which is false for atoms shorter than one.
  public static func asPrinted(noise: Double, sparsity: Int, coherence: Double) -> Guarantee {
    guarantee(noise: noise, sparsity: sparsity, atoms: AtomGeometry(coherence: coherence))
  }
}
