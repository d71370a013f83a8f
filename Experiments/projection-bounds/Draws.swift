import MLCSCKit
import RealModule

/// One draw: codes of the model, a signal with noise, and what the theorems say.
struct Draw {
  let codes: [[Double]]
  let signal: [Double]
  /// E₀.
  let noise: Double
  let profiles: [LayerProfile]
  let effectiveSparsities: [Int]
}

/// A block of draws of one family and the pursuits on it.
struct Block {
  let family: Family
  let draws: [Draw]

  /// Draws codes with `cardinality` non-zeros in γ_L, and noise of a kind.
  ///
  /// White noise lies mostly outside the span of the atoms used; noise within that span is what a
  /// projection cannot tell from signal.
  init(
    _ family: Family, count: Int, cardinality: Int, withinSpan: Bool, noise range: [Double],
    from stream: inout RandomStream
  ) throws {
    self.family = family
    let model = try MultiLayerModel(family.layers)
    let m = model.deepestDimension
    var deepest = Matrix<Double>(zeros: count, m)
    var shaped = Matrix<Double>(zeros: count, m)
    for b in 0..<count {
      for j in stream.indices(cardinality, below: m) {
        deepest[b, j] = stream.sign() * (1 + stream.uniform())
        shaped[b, j] = stream.normal()
      }
    }
    let codes = model.propagate(deepest)
    let clean = model.synthesize(deepest)
    let n = clean.columns
    let noise =
      withinSpan ? model.synthesize(shaped) : Tensor<Double>.normal(count, n, from: &stream)
    draws = (0..<count).map { b in
      let (x, v) = (clean.row(b), noise.row(b))
      let level = range[0] * Double.pow(range[1] / range[0], stream.uniform())
      let scale = level * Double.norm2(n, x) / Double.norm2(n, v)
      let truth = codes.map { $0.row(b) }
      return Draw(
        codes: truth, signal: zip(x, v).map { $0 + scale * $1 },
        noise: scale * Double.norm2(n, v), profiles: family.geometry.profiles(truth),
        effectiveSparsities: family.geometry.effectiveSparsities(truth))
    }
  }

  /// The best admissible member known: what the pursuit found, or the true support's.
  struct Estimate {
    /// γ̂₁ … γ̂_L.
    var codes: [[Double]]
    /// For every layer, whether the constraints up to it are met, so that the theorem speaks of it.
    var isAdmissible: [Bool]
    /// Whether it is the pursuit's own answer.
    var isFound: Bool
  }

  /// The projection on the model: γ̂_L by OMP on D⁽ᴸ⁾ with the true cardinality, where that is in the
  /// model and as close to y as least squares on the true support, otherwise the latter.
  func projections() throws -> [Estimate] {
    let model = try MultiLayerModel(family.layers)
    let found = try pursue(family.effective[family.depth - 1], signals: draws.map(\.signal)) {
      draws[$0].codes[family.depth - 1]
    }
    let candidates = [found.map(\.pursuit), found.map(\.oracle)].map { codes in
      model.propagate(codes.densified(model.deepestDimension))
    }
    return draws.indices.map { b in
      let inner = candidates.map { batch in batch.map { $0.row(b) } }
      let fits = inner.map { codes in
        zip(family.geometry.effectiveSparsities(codes), draws[b].effectiveSparsities)
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
  func layered() throws -> [Estimate] {
    var estimates = draws.map { _ in Estimate(codes: [], isAdmissible: [], isFound: true) }
    for i in 0..<family.depth {
      let dictionary = family.layers[i]
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
          SparsityMeasures.stripeNorm($0, on: family.geometry.stripes[i], threshold: 1e-12)
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
