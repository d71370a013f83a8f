/// What is wrong with the parts of a multi-layer model.
public enum ModelError: ClassifiedError, Equatable, CustomStringConvertible {
  /// The model has no layers.
  case noLayers
  /// Two neighbouring dictionaries do not fit together.
  case shapesDoNotChain(layer: Int, atoms: Int, nextLayerRows: Int)
  /// Signals have another dimension than the first dictionary.
  case signalDimension(expected: Int, found: Int)
  /// One number a layer was expected.
  case parameterCount(name: String, expected: Int, found: Int)
  /// A parameter is outside its range.
  case parameterOutOfRange(name: String, value: String, range: String)
  /// The dictionaries have no common explicit filters.
  case notConvolutional(reason: String)

  /// The parts were given so.
  public var failureKind: FailureKind { .usage }

  public var description: String {
    switch self {
    case .noLayers:
      "the model has no dictionary; at least one is needed"
    case .shapesDoNotChain(let layer, let atoms, let rows):
      "dictionaries do not chain: D\(layer) has \(atoms) columns but D\(layer + 1) has \(rows) "
        + "rows; these must be equal"
    case .signalDimension(let expected, let found):
      "the signals have \(found) rows but D1 has \(expected); these must be equal"
    case .parameterCount(let name, let expected, let found):
      "\(name): \(found) values given, \(expected) needed (one a layer)"
    case .parameterOutOfRange(let name, let value, let range):
      "\(name) is \(value); it must be \(range)"
    case .notConvolutional(let reason):
      "the product of these dictionaries has no explicit filters: \(reason)"
    }
  }
}

/// The multi-layer model x = D₁γ₁, γ₁ = D₂γ₂, …, γ_{L−1} = D_Lγ_L.
///
/// Source: P, Sec. 2.
public struct MultiLayerModel<Scalar: NumericScalar>: Sendable {
  /// D₁ … D_L, outermost first.
  public let layers: [any SparseDictionary<Scalar>]

  /// A model from its dictionaries, outermost first.
  ///
  /// - Throws: `ModelError` when there are none or their shapes do not chain.
  public init(_ layers: [any SparseDictionary<Scalar>]) throws {
    guard !layers.isEmpty else { throw ModelError.noLayers }
    for i in 1..<max(layers.count, 1) where layers[i].signalDimension != layers[i - 1].atomCount {
      throw ModelError.shapesDoNotChain(
        layer: i, atoms: layers[i - 1].atomCount, nextLayerRows: layers[i].signalDimension)
    }
    self.layers = layers
  }

  /// L, the number of layers.
  public var depth: Int { layers.count }

  /// n, the dimension of the signals.
  public var signalDimension: Int { layers[0].signalDimension }

  /// m_L, the dimension of the deepest code.
  public var deepestDimension: Int { layers[depth - 1].atomCount }

  /// The effective dictionary D⁽ⁱ⁾ = D₁ ⋯ Dᵢ, 1 ≤ i ≤ L, as an operator.
  public func effectiveDictionary(_ layer: Int) -> any SparseDictionary<Scalar> {
    composition(from: 1, through: layer)
  }

  /// The product D_first ⋯ D_last of neighbouring layers as an operator (1-based).
  public func composition(from first: Int, through last: Int) -> any SparseDictionary<Scalar> {
    first == last
      ? layers[first - 1] : ComposedDictionary(factors: Array(layers[first - 1..<last]))
  }

  /// All codes that belong to a deepest one: γᵢ = D_{i+1} ⋯ D_L γ_L, from γ₁ to γ_L.
  ///
  /// - Parameter deepest: Shape [B, m_L].
  /// - Returns: L tensors, γᵢ of shape [B, mᵢ].
  public func propagate(_ deepest: Tensor<Scalar>) -> [Tensor<Scalar>] {
    var codes = [deepest]
    for dictionary in layers.dropFirst().reversed() {
      codes.append(synthesize(dictionary, codes[codes.count - 1]))
    }
    return codes.reversed()
  }

  /// Signals x = D₁ ⋯ D_L γ_L of a batch of deepest codes.
  public func synthesize(_ deepest: Tensor<Scalar>) -> Tensor<Scalar> {
    synthesize(layers[0], propagate(deepest)[0])
  }

  private func synthesize(
    _ dictionary: some SparseDictionary<Scalar>, _ codes: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    dictionary.synthesize(codes)
  }
}

/// A product of dictionaries, D = D₁ D₂ ⋯, that stays an operator.
public struct ComposedDictionary<Scalar: NumericScalar>: SparseDictionary {
  /// The factors, outermost first; their shapes chain.
  public let factors: [any SparseDictionary<Scalar>]

  /// The product of dictionaries whose shapes chain, outermost first.
  public init(factors: [any SparseDictionary<Scalar>]) {
    precondition(!factors.isEmpty, "a product needs a factor")
    for (outer, inner) in zip(factors, factors.dropFirst()) {
      precondition(outer.atomCount == inner.signalDimension, "factors do not chain")
    }
    self.factors = factors
  }

  public var signalDimension: Int { factors[0].signalDimension }
  public var atomCount: Int { factors[factors.count - 1].atomCount }
  public var preferredBatch: Int { factors.map(\.preferredBatch).min() ?? 64 }

  public func synthesize(
    _ codes: UnsafePointer<Scalar>, batch: Int, into signals: UnsafeMutablePointer<Scalar>
  ) {
    run(factors[...], codes, batch, signals)
  }

  private func run(
    _ rest: ArraySlice<any SparseDictionary<Scalar>>, _ codes: UnsafePointer<Scalar>, _ batch: Int,
    _ signals: UnsafeMutablePointer<Scalar>
  ) {
    guard let innermost = rest.last else { return }
    if rest.count == 1 {
      innermost.synthesize(codes, batch: batch, into: signals)
    } else {
      Scratch.withMemory(batch * innermost.signalDimension, of: Scalar.self) { between in
        innermost.synthesize(codes, batch: batch, into: between)
        run(rest.dropLast(), between, batch, signals)
      }
    }
  }

  public func analyze(
    _ signals: UnsafePointer<Scalar>, batch: Int, into codes: UnsafeMutablePointer<Scalar>
  ) {
    runAdjoint(factors[...], signals, batch, codes)
  }

  private func runAdjoint(
    _ rest: ArraySlice<any SparseDictionary<Scalar>>, _ signals: UnsafePointer<Scalar>,
    _ batch: Int,
    _ codes: UnsafeMutablePointer<Scalar>
  ) {
    guard let outermost = rest.first else { return }
    if rest.count == 1 {
      outermost.analyze(signals, batch: batch, into: codes)
    } else {
      Scratch.withMemory(batch * outermost.atomCount, of: Scalar.self) { between in
        outermost.analyze(signals, batch: batch, into: between)
        runAdjoint(rest.dropFirst(), between, batch, codes)
      }
    }
  }
}
