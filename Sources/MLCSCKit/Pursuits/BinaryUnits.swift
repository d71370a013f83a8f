/// Powers of two that bring the numbers of a model, of its signals and of its penalties near one.
///
///     Dᵢ' = 2^(−eᵢ) Dᵢ,  y' = 2^(−s) y,  γᵢ' = 2^(e₁ + ⋯ + eᵢ − s) γᵢ,  λᵢ' = 2^(−s − e₁ − ⋯ − eᵢ) λᵢ
///
/// leave a multi-layer problem the same but for its objective, which is 2^(−2s) times the old one, and
/// round nothing. Solvers square their numbers several times; in these units no square of an ordinary
/// result over- or underflows, and layers that were measured in different units become comparable.
public struct BinaryUnits: Sendable, Equatable {
  /// s.
  public let signal: Int
  /// e₁ … e_L.
  public let layers: [Int]

  /// The units in which the largest signal and the largest atom of every layer have norms near one.
  ///
  /// - Parameters:
  ///   - model: D₁ … D_L.
  ///   - signals: Shape [B, n].
  ///   - isStrict: Whether a layer's unit also changes where no number is in danger; else all units
  ///     stay as they are, and nothing is copied, as long as none is.
  /// - Complexity: One pass over the numbers of dense dictionaries and of the signals.
  public init<Scalar: NumericScalar>(
    of model: MultiLayerModel<Scalar>, signals: Tensor<Scalar>, isStrict: Bool = false
  ) {
    func exponent(_ dictionary: some SparseDictionary<Scalar>) -> Int {
      // Shifts of an atom have its norm.
      let norms =
        dictionary is DenseDictionary<Scalar>
        ? dictionary.atomNorms
        : dictionary.atoms(dictionary.representativeAtoms).rowNorms
      return Self.exponent(norms.reduce(0) { max($0, $1) })
    }
    let largest = signals.elements.reduce(0) { max($0, abs($1)) }
    let s = Self.exponent(largest)
    let e = model.layers.map { layer in exponent(layer) }
    // Twelve times what is within this leaves a quarter of the range to the answer.
    let limit = Int(Scalar.greatestFiniteMagnitude.exponent) / 16
    let isOrdinary = abs(s) + e.reduce(0) { $0 + abs($1) } <= limit
    let areAlike = e.allSatisfy { abs($0) <= 4 }
    signal = isOrdinary ? 0 : s
    layers = isOrdinary && (areAlike || !isStrict) ? e.map { _ in 0 } : e
  }

  /// No change of units.
  public init(depth: Int) {
    signal = 0
    layers = Array(repeating: 0, count: depth)
  }

  private static func exponent<Scalar: NumericScalar>(_ x: Scalar) -> Int {
    x > 0 && x.isFinite ? Int(x.exponent) : 0
  }

  /// Whether nothing changes.
  public var areOriginal: Bool { signal == 0 && layers.allSatisfy { $0 == 0 } }

  /// e₁ + ⋯ + eᵢ − s for a layer from 0.
  private func codeExponent(_ layer: Int) -> Int { layers[...layer].reduce(-signal, +) }

  /// The model in these units.
  ///
  /// - Throws: `ModelError`, never for a model that exists.
  public func scaled<Scalar: NumericScalar>(
    _ model: MultiLayerModel<Scalar>
  ) throws -> MultiLayerModel<Scalar> {
    func multiplied(
      _ d: any SparseDictionary<Scalar>, _ e: Int
    ) -> any SparseDictionary<Scalar> {
      if e == 0 { return d }
      if let dense = d as? DenseDictionary<Scalar> {
        return DenseDictionary(atomRows: dense.atomRows.scaled(byPowerOfTwo: -e))
      }
      return StackedDictionary([d], scales: [Scalar(1).scaled(byPowerOfTwo: -e)])
    }
    return try MultiLayerModel(zip(model.layers, layers).map { layer, e in multiplied(layer, e) })
  }

  /// Signals in these units.
  public func scaled<Scalar: NumericScalar>(signals: Tensor<Scalar>) -> Tensor<Scalar> {
    signals.scaled(byPowerOfTwo: -signal)
  }

  /// The penalty of a layer, from 0, in these units; as good as infinite or zero where it leaves the
  /// range of numbers.
  public func scaled<Scalar: NumericScalar>(penalty: Scalar, layer: Int) -> Scalar {
    let value = penalty.scaled(byPowerOfTwo: -signal - layers[...layer].reduce(0, +))
    if penalty > 0, value == 0 { return .leastNonzeroMagnitude }
    return min(value, .greatestFiniteMagnitude)
  }

  /// The problem in these units.
  ///
  /// - Throws: `ModelError`, never for a problem that exists.
  public func scaled<Scalar: NumericScalar>(
    _ problem: MultiLayerProblem<Scalar>
  ) throws -> MultiLayerProblem<Scalar> {
    try MultiLayerProblem(
      model: scaled(problem.model), signals: scaled(signals: problem.signals),
      penalties: problem.penalties.enumerated().map { layer, values in
        values.map { scaled(penalty: $0, layer: layer) }
      }, nonnegative: problem.nonnegative)
  }

  /// Codes γ₁ … γ_L in the original units.
  ///
  /// - Throws: `PursuitError.notRepresentable` where an entry would leave the range of numbers.
  public func restored<Scalar: NumericScalar>(
    codes: [Tensor<Scalar>]
  ) throws -> [Tensor<Scalar>] {
    try codes.enumerated().map { layer, code in
      let exponent = codeExponent(layer)
      let restored = code.scaled(byPowerOfTwo: -exponent)
      for (new, old) in zip(restored.elements, code.elements)
      where !new.isFinite || (exponent != 0 && old != 0 && !new.isNormal) {
        throw PursuitError.notRepresentable(
          layer: layer + 1, exponent: Int(old.exponent) - exponent)
      }
      return restored
    }
  }

  /// What grows with the signals' square, as objectives and gaps do, in the original units.
  public func restored(objective: Double) -> Double {
    objective.scaled(byPowerOfTwo: 2 * signal)
  }

  /// What grows with the signals, as a residual's norm does, in the original units.
  public func restored(norm: Double) -> Double { norm.scaled(byPowerOfTwo: signal) }

  /// A solution in the original units.
  ///
  /// - Throws: `PursuitError.notRepresentable`.
  public func restored<Scalar: NumericScalar>(
    _ solution: PursuitSolution<Scalar>
  ) throws -> PursuitSolution<Scalar> {
    guard !areOriginal else { return solution }
    var restored = solution
    restored.codes = try self.restored(codes: solution.codes)
    restored.dualityGaps = solution.dualityGaps?.map { self.restored(objective: $0) }
    restored.history = solution.history.map {
      HistoryEntry(
        iteration: $0.iteration, seconds: $0.seconds,
        objective: self.restored(objective: $0.objective))
    }
    return restored
  }
}

extension Tensor {
  /// ‖·‖₂ of every row.
  fileprivate var rowNorms: [Scalar] {
    withElements { x in (0..<rows).map { Scalar.norm2(columns, x + $0 * columns) } }
  }

  fileprivate func scaled(byPowerOfTwo e: Int) -> Tensor {
    guard e != 0 else { return self }
    var scaled = self
    scaled.withMutableElements { x in
      for i in 0..<count { x[i] = x[i].scaled(byPowerOfTwo: e) }
    }
    return scaled
  }
}
