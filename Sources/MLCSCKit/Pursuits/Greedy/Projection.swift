/// How the sparsity of an inner layer is measured.
public enum LayerSparsity: Sendable {
  /// ‖γ‖₀, for dictionaries without a grid.
  case cardinality
  /// ‖γ‖ˢ_{0,∞} on a grid.
  case stripe(CodeGrid)

  /// The measure of a code; entries up to `threshold` count as zeros.
  public func measure(_ code: [Double], threshold: Double) -> Int {
    switch self {
    case .cardinality: SparsityMeasures.cardinality(code, threshold: threshold)
    case .stripe(let grid): SparsityMeasures.stripeNorm(code, on: grid, threshold: threshold)
    }
  }
}

/// Projection onto the ML-CSC model, P's Algorithm 1.
///
///     for k = 1 … λ_L:  γ̂_L ← Pursuit(y, D⁽ᴸ⁾, k);  γ̂_{j−1} ← D_j γ̂_j
///     stop at the first k with ‖γ̂ᵢ‖ > λᵢ for some 1 ≤ i < L and return the previous estimate
///
/// P's `break` leaves the inner loop only, and the i of its last line has no bound (erratum 15);
/// the form above is the one that serves the model. k is the number of non-zeros of γ_L. With OMP
/// the supports of growing k are nested, so one pursuit serves all k.
public struct Projection: Sendable {
  /// The pursuit on the effective dictionary.
  public enum Method: Sendable {
    /// Orthogonal matching pursuit.
    case orthogonalMatchingPursuit
    /// Subspace pursuit.
    case subspacePursuit
  }

  /// D₁ … D_L.
  public let model: MultiLayerModel<Double>
  /// D⁽ᴸ⁾, as an operator or a matrix.
  public let effective: any SparseDictionary<Double>
  /// λ₁ … λ_L.
  public let limits: [Int]
  /// How the inner layers' sparsity is measured, one a layer before the last.
  public let measures: [LayerSparsity]
  /// The pursuit.
  public let method: Method
  /// Entries of a code up to this share of its largest one count as zeros.
  public let threshold: Double

  /// What was found for one signal.
  public struct Result: Sendable {
    /// k: the cardinality that was reached, zero where even k = 1 violates the model.
    public let sparsity: Int
    /// The deepest code.
    public let deepest: SparseCode<Double>
    /// The measures of the inner layers for every k that was tried.
    public let trace: [[Int]]
    /// Why k does not go on.
    public let stopped: StoppingReason
  }

  /// A projection.
  ///
  /// - Parameters:
  ///   - model: D₁ … D_L.
  ///   - limits: λ₁ … λ_L.
  ///   - measures: One a layer before the last.
  ///   - method: The pursuit on the effective dictionary.
  ///   - effective: D⁽ᴸ⁾ in another form, where one is at hand.
  ///   - threshold: Entries of a code up to this share of its largest one count as zeros.
  /// - Throws: `ModelError.parameterCount`, `PursuitError.sparsity`.
  public init(
    _ model: MultiLayerModel<Double>, limits: [Int], measures: [LayerSparsity],
    method: Method = .orthogonalMatchingPursuit, effective: (any SparseDictionary<Double>)? = nil,
    threshold: Double = 1e-10
  ) throws {
    guard limits.count == model.depth else {
      throw ModelError.parameterCount(
        name: "sparsity", expected: model.depth, found: limits.count)
    }
    guard measures.count == model.depth - 1 else {
      throw ModelError.parameterCount(
        name: "measures of the inner layers", expected: model.depth - 1, found: measures.count)
    }
    for (i, limit) in limits.enumerated() {
      let atoms = model.layers[i].atomCount
      guard (1...atoms).contains(limit) else {
        throw PursuitError.sparsity(asked: limit, atoms: atoms, layer: i + 1)
      }
    }
    self.model = model
    self.limits = limits
    self.measures = measures
    self.method = method
    self.effective = effective ?? model.effectiveDictionary(model.depth)
    self.threshold = threshold
  }

  /// Projects every signal of a batch.
  ///
  /// - Parameter signals: Shape [B, n].
  /// - Returns: One result a signal.
  /// - Throws: What the pursuit throws.
  public func project(_ signals: Tensor<Double>) throws -> [Result] {
    let norms = effective.atomNorms
    let last = limits[model.depth - 1]
    // OMP's support of k atoms is the first k of its support of λ_L.
    let paths = try method == .orthogonalMatchingPursuit ? omp(signals, atoms: last) : nil
    var states = (0..<signals.rows).map { b in
      State(
        best: SparseCode(
          support: [], coefficients: [],
          residualNorm: Double.norm2(signals.columns, signals.row(b)), iterations: 0))
    }
    var running = Array(0..<signals.rows)
    for k in 1...last where !running.isEmpty {
      let codes: [SparseCode<Double>]
      if let paths {
        running = running.filter { k <= paths[$0].codes.count }
        codes = running.map { paths[$0].codes[k - 1] }
      } else {
        codes = try SubspacePursuit(effective, sparsity: k, norms: norms)
          .codes(signals.gathering(rows: running))
      }
      let inner = model.propagate(codes.densified(effective.atomCount)).dropLast()
      running = zip(running.indices, running).filter { place, b in
        let values = zip(measures, inner).map { measure, codes in
          let code = codes.row(place)
          return measure.measure(code, threshold: threshold * code.reduce(0) { max($0, abs($1)) })
        }
        states[b].trace.append(values)
        if zip(values, limits).contains(where: { $0 > $1 }) {
          states[b].stopped = .layerLimit
          return false
        }
        (states[b].best, states[b].sparsity) = (codes[place], k)
        // A support that is smaller than k already explains the signal.
        return paths != nil || codes[place].stopped != .exact
      }.map(\.1)
    }
    return states.enumerated().map { b, state in
      Result(
        sparsity: state.sparsity, deepest: state.best, trace: state.trace,
        stopped: state.stopped ?? paths?[b].stopped ?? state.best.stopped)
    }
  }

  /// How far one signal is.
  private struct State {
    var best: SparseCode<Double>
    var sparsity = 0
    var trace = [[Int]]()
    var stopped: StoppingReason?
  }

  /// For every signal OMP's codes of one atom, of two, and so on, and why they end.
  private func omp(
    _ signals: Tensor<Double>, atoms: Int
  ) throws -> [(codes: [SparseCode<Double>], stopped: StoppingReason)] {
    let paths = (0..<signals.rows).map { _ in Path() }
    let last = try OrthogonalMatchingPursuit(effective, sparsity: atoms).codes(signals) { b, code in
      paths[b].append(code)
      return true
    }
    return zip(paths, last).map { ($0.codes, $1.stopped) }
  }

  /// Collects the codes of one signal; OMP observes a signal from one thread only.
  private final class Path: @unchecked Sendable {
    private(set) var codes: [SparseCode<Double>] = []
    func append(_ code: SparseCode<Double>) { codes.append(code) }
  }
}
