/// Stability of layered soft thresholding, the forward pass of a network.
///
/// S, "Stability of the Multi-Layer Thresholding": with ε₀ = ‖E‖ᵖ_{2,∞}, unit atoms and
///
///     ‖Γᵢ‖ˢ_{0,∞} < ½(1 + |Γᵢ^min|/(µ|Γᵢ^max|)) − ε_{i−1}/(µ|Γᵢ^max|),  µ = µ(Dᵢ),
///
/// at every layer, thresholds βᵢ exist for which supp Γ̂ᵢ = supp Γᵢ and
///
///     ‖Γ̂ᵢ − Γᵢ‖ᵖ_{2,∞} ≤ εᵢ = √‖Γᵢ‖ᵖ_{0,∞} (ε_{i−1} + µ(‖Γᵢ‖ˢ_{0,∞} − 1)|Γᵢ^max| + βᵢ).
///
/// The slide leaves βᵢ open. Off the support |dⱼᵀΓ̂_{i−1}| ≤ µ‖Γᵢ‖ˢ|Γᵢ^max| + ε_{i−1}, on it
/// |dⱼᵀΓ̂_{i−1}| ≥ |Γᵢ^min| − µ(‖Γᵢ‖ˢ − 1)|Γᵢ^max| − ε_{i−1}; the premise says that the first is
/// below the second, and any βᵢ from the first up to below the second serves. The first is taken
/// here, because the bound grows with βᵢ. S admits equality in the premise, where an entry of the
/// support may fall on the threshold and vanish: the premise here is strict.
public enum ThresholdingStability {
  /// What holds for one layer.
  public struct Layer: Sendable, Codable, Equatable {
    /// Premise, slack and εᵢ (a patch norm, not squared).
    ///
    /// The slack is the width of the interval of thresholds that serve,
    /// |Γᵢ^min| − (2‖Γᵢ‖ˢ − 1)µ|Γᵢ^max| − 2ε_{i−1}, which is 2µ|Γᵢ^max| times limit less norm and
    /// finite for µ = 0; the smallest of the layers up to i.
    public let guarantee: Guarantee
    /// βᵢ: the smallest threshold that serves; where the premise fails, the middle between the two
    /// ends, ½(|Γᵢ^min| + µ|Γᵢ^max|).
    public let threshold: Double
    /// ‖Γ̂ᵢ − Γᵢ‖_∞ ≤ this, where the premise holds.
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
      let mutual = layer.coherence * layer.largest
      let off = mutual * Double(layer.stripe) + ε
      let on = layer.smallest - mutual * Double(layer.stripe - 1) - ε
      slack = min(slack, on - off)
      let threshold = on > off ? off : 0.5 * (on + off)
      let entry = ε + mutual * Double(max(layer.stripe - 1, 0)) + threshold
      ε = Double(layer.patch).squareRoot() * entry
      return Layer(
        guarantee: Guarantee(slack: slack, bound: ε), threshold: threshold, entryError: entry)
    }
  }

  /// The largest noise ε₀ for which the premise holds at every layer; zero where there is none.
  ///
  /// Every slack falls as ε₀ grows, so the edge is found by bisection, to 10⁻¹² relative.
  public static func largestNoise(_ layers: [LayerProfile]) -> Double {
    func holds(_ noise: Double) -> Bool {
      Self.layers(noise: noise, layers).allSatisfy(\.guarantee.premise)
    }
    guard holds(0) else { return 0 }
    var (low, high) = (0.0, layers.first?.smallest ?? 0)
    for _ in 0..<60 {
      let middle = 0.5 * (low + high)
      if holds(middle) { low = middle } else { high = middle }
    }
    return low
  }
}
