/// One iteration of multi-layer ISTA, written once for pursuits and for networks.
///
///     γ̂ᵢ₋₁ = Dᵢ γ̂ᵢ,  i = last … first                                     [B, Alg. 2]
///     γᵢ ← S(γ̂ᵢ − sᵢ Dᵢᵀ(γ̂ᵢ₋₁ − γᵢ₋₁)),  i = first … last
///
/// The order of products and thresholds stands here; what conforms keeps the codes and computes:
/// `ProximalIterator` in memory of its own, `TapeIteration` on a tape, where the same iterations are
/// the layers of a network. All layers at once make ML-ISTA; one layer alone makes ISTA, and ISTA
/// layer by layer makes layered basis pursuit. From codes of zero the first iteration is layered
/// thresholding, a feed-forward network.
protocol MultiLayerIteration {
  /// γ̂ᵢ₋₁ ← Dᵢ γ̂ᵢ; layers count from 0, so that dictionary i leads from code i + 1 to code i.
  mutating func synthesize(layer i: Int)

  /// Lets the estimate of an outer code keep a share of the code itself (B, Supplement B).
  mutating func relax(layer i: Int)

  /// r ← γ̂ᵢ₋₁ − γᵢ₋₁, where γ₀ is the signal.
  mutating func subtractTarget(layer i: Int)

  /// g ← Dᵢᵀ r.
  mutating func analyze(layer i: Int)

  /// γᵢ ← S(γ̂ᵢ − sᵢ g), and for the last layer the next γ̂ᵢ, which momentum may push further.
  mutating func proximalStep(layer i: Int, isLast: Bool)
}

extension MultiLayerIteration {
  /// Makes one iteration with some of the layers.
  @inline(__always)
  mutating func iterate(_ layers: Range<Int>) {
    for i in layers.reversed() { synthesize(layer: i) }
    for i in layers {
      if i < layers.upperBound - 1 { relax(layer: i) }
      subtractTarget(layer: i)
      analyze(layer: i)
      proximalStep(layer: i, isLast: i == layers.upperBound - 1)
    }
  }
}
