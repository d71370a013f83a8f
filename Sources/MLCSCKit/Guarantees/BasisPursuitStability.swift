/// Stability of layered basis pursuit.
///
/// S, "Layered Basis Pursuit": with ε₀ = ‖E‖ᵖ_{2,∞}, unit atoms and
/// ‖Γᵢ‖ˢ_{0,∞} ≤ ⅓(1 + 1/µ(Dᵢ)) at every layer, supp Γ̂ᵢ ⊆ supp Γᵢ and
///
///     ‖Γ̂ᵢ − Γᵢ‖ᵖ_{2,∞} ≤ εᵢ = 7.5ⁱ ε₀ ∏_{j≤i} √‖Γⱼ‖ᵖ_{0,∞},
///
/// and every entry of Γᵢ above 7.5 ε_{i−1} is found. The slide does not say that this needs
/// λᵢ = 4ε_{i−1} for the objective ½‖Γ̂_{i−1} − DᵢΓ‖² + λᵢ‖Γ‖₁ (with λ ≥ ‖Dᵀy‖_∞ the answer is zero).
/// Why: under the premise ‖D_S⁺dⱼ‖₁ ≤ ½ off the support, so basis pursuit stays within it once
/// λ ≥ 3ε, and ‖Γ̂ − Γ‖_∞ ≤ (λ + ε)/(1 − (‖Γ‖ˢ − 1)µ) < (4 + 1)·1.5 ε. Equality in the premise is
/// admitted, as S does: these two inequalities leave room.
public enum BasisPursuitStability {
  /// What holds for one layer.
  public struct Layer: Sendable, Codable, Equatable {
    /// Premise, slack and εᵢ (a patch norm, not squared).
    ///
    /// The slack is 1 + µ − 3µ‖Γᵢ‖ˢ, which is 3µ times limit less norm and finite for µ = 0; the
    /// smallest of the layers up to i.
    public let guarantee: Guarantee
    /// λᵢ = 4ε_{i−1}.
    public let penalty: Double
    /// 7.5 ε_{i−1}: ‖Γ̂ᵢ − Γᵢ‖_∞ stays below, and every larger entry of Γᵢ is found.
    public let entryError: Double
  }

  /// The guarantee for every layer.
  ///
  /// - Parameters:
  ///   - noise: ε₀ = ‖E‖ᵖ_{2,∞} for patches of the size of D₁'s filters.
  ///   - layers: The true codes' profiles, outermost first.
  /// - Returns: One entry a layer.
  public static func layers(noise: Double, _ layers: [LayerProfile]) -> [Layer] {
    var (ε, slack) = (noise, Double.infinity)
    return layers.map { layer in
      slack = min(slack, 1 + layer.coherence - 3 * layer.coherence * Double(layer.stripe))
      let (penalty, entry) = (4 * ε, 7.5 * ε)
      ε = entry * Double(layer.patch).squareRoot()
      return Layer(
        guarantee: Guarantee(slack: slack, bound: ε, strict: false), penalty: penalty,
        entryError: entry)
    }
  }
}
