/// What codes a layer's input: R says neither that Γ is what the network computes nor that it is the
/// optimum in whose name Definition 1 speaks.
public enum CodingRule: String, Codable, CaseIterable, Sendable {
  /// The features of the network, max(Fx + b, 0): R's Algorithm 1. With the identity, x beside them.
  case network
  /// One non-negative ISTA step from zero with D = Fᵀ, S⁺_{β/L}(Dᵀx/L): eq. (3) with R's S⁺.
  case rectifiedStep = "step-nonnegative"
  /// The same with the soft threshold, as eq. (3) is printed.
  case softStep = "step-signed"
  /// The optimum of the LASSO over γ ≥ 0.
  case nonnegative = "lasso-nonnegative"
  /// The optimum of the LASSO of Definition 1.
  case signed = "lasso-signed"
}

/// A layer's LASSO with all that its codings need.
///
///     min ½‖x − DΓ‖² + β Σ w_k|Γ_k|,  D = Fᵀ or [I Fᵀ]                              [R, Sec. V]
public struct LayerCoding: Sendable {
  /// F and b.
  let layer: DenseLayer
  /// Whether D has the identity beside Fᵀ.
  let keepsInput: Bool
  /// b of the units, updated so that β is what it should be.
  let biases: [Double]
  /// β.
  public let penalty: Double
  /// L.
  let constant: Double
  /// The units' penalties over β; nil: all are β.
  let weights: [Double]?

  /// A layer's LASSO.
  ///
  /// - Parameters:
  ///   - layer: F and b.
  ///   - keepsInput: Whether D has the identity beside Fᵀ, as in MSD-CSC.
  ///   - biases: b of the units, updated so that β is what it should be.
  ///   - penalty: β.
  ///   - constant: L, at least λ_max(DᵀD).
  ///   - weights: The units' penalties over β, positive; nil: all are β.
  public init(
    layer: DenseLayer, keepsInput: Bool, biases: [Double], penalty: Double, constant: Double,
    weights: [Double]?
  ) {
    (self.layer, self.keepsInput, self.biases) = (layer, keepsInput, biases)
    (self.penalty, self.constant, self.weights) = (penalty, constant, weights)
  }

  /// ξ = DΓ of a batch, shape [B, n].
  ///
  /// - Parameters:
  ///   - signals: x, shape [B, n].
  ///   - coding: What Γ is.
  ///   - gap: The relative duality gap of an optimum.
  /// - Returns: Shape [B, n].
  /// - Throws: `PursuitError.notCertified` where the gap is not reached.
  public func reconstructions(
    of signals: Tensor<Double>, _ coding: CodingRule, gap: Double
  ) throws -> Tensor<Double> {
    switch coding {
    case .network:
      let own = DenseDictionary(atomRows: layer.filters)
      let units = own.analyze(signals).mapByColumn { j, z in max(z + biases[j], 0) }
      let sum = own.synthesize(units)
      return keepsInput ? sum.adding(signals) : sum
    case .rectifiedStep, .softStep:
      let dictionary = dictionary(DenseDictionary(atomRows: layer.filters))
      let kept = keepsInput ? signals.columns : 0
      let code = dictionary.analyze(signals).mapByColumn { j, z in
        let threshold = penalty * (j < kept ? 1 : weights?[j - kept] ?? 1) / constant
        let size = max(abs(z) / constant - threshold, 0)
        return z > 0 ? size : coding == .softStep ? -size : 0
      }
      return dictionary.synthesize(code)
    case .nonnegative, .signed:
      // min ½‖x − DΓ‖² + β Σ w|Γ| with D diag(1/w) in place of D has one penalty.
      let n = layer.filters.columns
      let atoms = weights.map { weights in
        layer.filters.mapElements { i, value in value / weights[i / n] }
      }
      let dictionary = dictionary(DenseDictionary(atomRows: atoms ?? layer.filters))
      let problem = try MultiLayerProblem(
        dictionary: dictionary, signals: signals, penalty: penalty,
        nonnegative: coding == .nonnegative)
      return dictionary.synthesize(
        try ExactSolver(tolerance: gap, limit: 20_000).solve(problem).codes[0])
    }
  }

  private func dictionary(
    _ own: DenseDictionary<Double>
  ) -> any SparseDictionary<Double> {
    keepsInput ? IdentityAugmentedDictionary(own) : own
  }
}

extension Tensor where Scalar == Double {
  /// Every element changed, given its place.
  fileprivate func mapElements(_ change: (Int, Double) -> Double) -> Tensor {
    Tensor(shape: shape, elements: elements.enumerated().map { change($0, $1) })
  }

  /// Every element changed, given its column.
  fileprivate func mapByColumn(_ change: (Int, Double) -> Double) -> Tensor {
    let n = columns
    return mapElements { change($0 % n, $1) }
  }

  fileprivate func adding(_ other: Tensor) -> Tensor {
    Tensor(shape: shape, elements: zip(elements, other.elements).map { $0 + $1 })
  }
}
