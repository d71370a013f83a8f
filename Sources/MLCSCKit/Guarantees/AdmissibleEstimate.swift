/// Estimates that meet the constraints on which P's theorems rest.
///
/// What a pursuit finds need not meet them; least squares on the true support mostly does.
extension ModelUnderTest {
  /// The best admissible member known: what the pursuit found, or the true support's.
  public struct Estimate: Sendable {
    /// γ̂₁ … γ̂_L.
    public fileprivate(set) var codes: [[Double]]
    /// For every layer, whether the constraints up to it are met, so that the theorem speaks of it.
    public fileprivate(set) var isAdmissible: [Bool]
    /// Whether it is the pursuit's own answer.
    public fileprivate(set) var isFound: Bool
  }

  /// The projection on the model, approached by OMP or the true support.
  ///
  /// γ̂_L comes from OMP on D⁽ᴸ⁾ with the true cardinality, where that is in the model and as close to
  /// y as least squares on the true support, otherwise from the latter.
  /// - Parameter draws: True codes with their signals.
  /// - Returns: One estimate a draw; it meets the constraint of P's Theorem 1 with E₀ where it is
  ///   admissible.
  /// - Throws: What the pursuit throws.
  public func projections(of draws: [Draw]) throws -> [Estimate] {
    let model = try MultiLayerModel(layers)
    let found = try pursue(effective[depth - 1], signals: draws.map(\.signal)) {
      draws[$0].codes[depth - 1]
    }
    let candidates = [found.map(\.pursuit), found.map(\.oracle)].map { codes in
      model.propagate(codes.densified(model.deepestDimension))
    }
    return draws.indices.map { b in
      let inner = candidates.map { batch in batch.map { $0.row(b) } }
      let fits = inner.map { codes in
        zip(geometry.effectiveSparsities(codes), draws[b].effectiveSparsities)
          .allSatisfy { $0 <= $1 }
      }
      let pair = [found[b].pursuit.residualNorm, found[b].oracle.residualNorm]
      let usesPursuit = fits[0] && pair[0] <= pair[1] * (1 + 1e-12)
      let chosen = usesPursuit ? 0 : 1
      return Estimate(
        codes: inner[chosen],
        isAdmissible: inner[chosen].map { _ in
          fits[chosen] && pair[chosen] <= draws[b].noise * (1 + 1e-12)
        },
        isFound: usesPursuit)
    }
  }

  /// Layer-wise pursuits: OMP on Dᵢ with the true cardinality of γᵢ, or least squares on its support.
  ///
  /// - Parameter draws: True codes with their signals.
  /// - Returns: One estimate a draw; a layer is admissible where it meets the constraints under which
  ///   P's equation (5) is shown, E_{i−1} being the root of the bound on the layer before.
  /// - Throws: What the pursuit throws.
  public func layeredPursuits(of draws: [Draw]) throws -> [Estimate] {
    var estimates = draws.map { _ in Estimate(codes: [], isAdmissible: [], isFound: true) }
    for i in 0..<depth {
      let dictionary = layers[i]
      let signals = draws.indices.map { i == 0 ? draws[$0].signal : estimates[$0].codes[i - 1] }
      let found = try pursue(dictionary, signals: signals) { draws[$0].codes[i] }
      for b in draws.indices {
        let limits = LayeredStability.guarantees(
          noise: draws[b].noise, sparsities: draws[b].profiles.map(\.stripe),
          coherences: draws[b].profiles.map(\.coherence))
        // E_{i−1}: the noise at first, then the root of the bound on the layer before.
        let allowed = i == 0 ? draws[b].noise : limits[i - 1].bound?.squareRoot()
        let candidates = [found[b].pursuit, found[b].oracle]
        let codes = candidates.map { [$0].densified(dictionary.atomCount).row(0) }
        let fits = codes.map {
          SparsityMeasures.stripeNorm($0, on: geometry.stripes[i], threshold: 1e-12)
            <= draws[b].profiles[i].stripe
        }
        let usesPursuit =
          fits[0] && candidates[0].residualNorm <= candidates[1].residualNorm * (1 + 1e-12)
        let chosen = usesPursuit ? 0 : 1
        estimates[b].codes.append(codes[chosen])
        let isClose =
          allowed.map { candidates[chosen].residualNorm <= $0 * (1 + 1e-12) } ?? false
        let before = estimates[b].isAdmissible.last ?? true
        estimates[b].isAdmissible.append(before && fits[chosen] && isClose)
        estimates[b].isFound = estimates[b].isFound && usesPursuit
      }
    }
    return estimates
  }

  private typealias Pair = (pursuit: SparseCode<Double>, oracle: SparseCode<Double>)

  /// For every signal OMP with the true cardinality, and least squares on the true support.
  private func pursue(
    _ dictionary: any SparseDictionary<Double>, signals: [[Double]], truth: (Int) -> [Double]
  ) throws -> [Pair] {
    let supports = signals.indices.map { SparsityMeasures.support(truth($0), threshold: 1e-12) }
    var pursued = [Int: SparseCode<Double>]()
    for (k, members) in [Int: [Int]](grouping: signals.indices, by: { supports[$0].count }) {
      let batch = Tensor(
        shape: [members.count, dictionary.signalDimension],
        elements: members.flatMap { signals[$0] })
      let codes = try OrthogonalMatchingPursuit(dictionary, sparsity: k).codes(batch)
      for (b, code) in zip(members, codes) { pursued[b] = code }
    }
    return try signals.indices.compactMap { b in
      let oracle = try SparseCode(
        leastSquaresOn: supports[b], of: dictionary, signal: signals[b])
      return pursued[b].map { ($0, oracle) }
    }
  }
}
