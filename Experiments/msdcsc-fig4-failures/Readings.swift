import ExperimentSuite
import MLCSCKit

extension CodingRule: ValueConvertible {
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
  var codings: [CodingRule] {
    self == .negative ? [.network, .rectifiedStep, .softStep] : CodingRule.allCases
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
