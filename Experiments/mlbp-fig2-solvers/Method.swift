import ExperimentSuite
import MLCSCKit

/// The solvers of the figure.
enum Method: String, Codable, CaseIterable, ValueConvertible {
  case admmISTA = "admm-ista"
  case admmFISTA = "admm-fista"
  case mlISTA = "ml-ista"
  case mlFISTA = "ml-fista"
  /// Ours: a hundredth of B's inner step.
  case mlFISTASmallStep = "ml-fista-small-step"
  /// Ours: an inner step that falls as 1/(1 + k/100).
  case mlFISTADecreasingStep = "ml-fista-decreasing-step"
  case bpISTA = "bp-ista"
  case bpFISTA = "bp-fista"

  /// Whether it splits the problem and solves one part by inner iterations.
  var isSplitting: Bool { self == .admmISTA || self == .admmFISTA }

  /// Whether it solves basis pursuit, λ₁ = 0.
  var isOnBasisPursuit: Bool { self == .bpISTA || self == .bpFISTA }

  /// The solver on a problem.
  ///
  /// - Throws: `ModelError` where a setting is out of its range.
  func pursuit(
    _ problem: MultiLayerProblem<Double>, _ settings: Solvers.Settings
  ) throws -> any Pursuit<Double> {
    switch self {
    case .admmISTA, .admmFISTA:
      try ADMM(
        problem, innerIterations: settings.innerIterations, innerIsAccelerated: self == .admmFISTA)
    case .mlISTA, .bpISTA: try MultiLayerISTA(problem)
    case .mlFISTA, .bpFISTA: try MultiLayerFISTA(problem)
    case .mlFISTASmallStep: try MultiLayerFISTA(problem, innerStep: .fixed(0.01))
    case .mlFISTADecreasingStep:
      try MultiLayerFISTA(problem, innerStep: .decreasing(1, period: 100))
    }
  }
}
