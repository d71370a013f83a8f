import ExperimentSuite
import MLCSCKit

/// What Γ is.
enum Coding: String, Codable, CaseIterable, ValueConvertible {
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

  var words: String {
    switch self {
    case .network: "the network's features"
    case .rectifiedStep: "one non-negative step of eq. (3)"
    case .softStep: "one step of eq. (3)"
    case .nonnegative: "the non-negative LASSO"
    case .signed: "the LASSO"
    }
  }
}

/// How β and the bound on a deviation come from the biases of a layer.
enum PenaltyReading: String, Codable, CaseIterable, ValueConvertible {
  /// β = mean |b| · λ_max, bound 2β: the reading of the curves.
  case mean
  /// β = max |b| · λ_max.
  case max
  /// A penalty |b_k| λ_max for each unit (the mean for the identity's), bound twice the mean.
  case unit
  /// β = mean max(−b, 0) · λ_max: only a negative bias is a threshold.
  case negative
  /// β = mean |b| · 2λ_max, as eq. (1) has it (erratum 5).
  case printed
  /// β = mean |b|: L forgotten.
  case bias
  /// β of iteration 0 throughout.
  case initial
  /// Bound β, not 2β: where Theorem 1's gain begins (erratum 19).
  case edge
  /// The same biases in both models, so that β of MSD-CSC is larger by mean |b|.
  case sameBias = "same-bias"
  /// Γ₁ reconstructed from Γ₂ by the second layer.
  case secondLayer = "second-layer"
  /// The dictionary of iteration 0 with β of now: not a reading, but what tells apart how much of the
  /// fall is β's.
  case initialDictionary = "initial-dictionary"

  /// Those that the verdict is asked about.
  static var readings: [PenaltyReading] { allCases.filter { $0 != .initialDictionary } }

  /// What it says something about: almost no trained bias is negative, so that `negative` leaves a
  /// LASSO next to no β (and without any it is no LASSO).
  var codings: [Coding] {
    self == .negative ? [.network, .rectifiedStep, .softStep] : Coding.allCases
  }
}

/// Which dictionary codes.
enum CodingModel: String, Codable, CaseIterable, ValueConvertible {
  /// Fᵀ.
  case plain = "ML-CSC"
  /// [I Fᵀ] with the F of ML-CSC, as in Theorem 1.
  case shared = "MSD-CSC of the same F"
  /// [I Fᵀ] of a network with dense connections, trained by itself.
  case own = "MSD-CSC"

  var keepsInput: Bool { self != .plain }
}

/// A layer's LASSO with all that the codings need.
struct LayerCoding {
  let layer: DenseLayer
  let keepsInput: Bool
  /// b of the units, updated so that β is what it should be.
  let biases: [Double]
  let penalty: Double
  /// L.
  let constant: Double
  /// The units' penalties over β.
  var weights: [Double]?

  /// ξ = DΓ of a batch, shape [B, n].
  func reconstructions(
    of signals: Tensor<Double>, _ coding: Coding, gap: Double
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
  func mapElements(_ change: (Int, Double) -> Double) -> Tensor {
    Tensor(shape: shape, elements: elements.enumerated().map { change($0, $1) })
  }

  /// Every element changed, given its column.
  func mapByColumn(_ change: (Int, Double) -> Double) -> Tensor {
    let n = columns
    return mapElements { change($0 % n, $1) }
  }

  func adding(_ other: Tensor) -> Tensor {
    Tensor(shape: shape, elements: zip(elements, other.elements).map { $0 + $1 })
  }
}
