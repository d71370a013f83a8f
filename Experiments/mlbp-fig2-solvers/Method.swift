import ExperimentSuite
import MLCSCKit

/// The solvers of the figure.
enum Method: String, Codable, CaseIterable, ValueConvertible {
  case admmISTA = "admm-ista"
  case admmFISTA = "admm-fista"
  /// Inner solves to a duality gap in place of a number of steps.
  case admmISTAToGap = "admm-ista-to-gap"
  case admmFISTAToGap = "admm-fista-to-gap"
  case mlISTA = "ml-ista"
  case mlFISTA = "ml-fista"
  /// Ours: a hundredth of B's inner step.
  case mlFISTASmallStep = "ml-fista-small-step"
  /// Ours: an inner step that falls as 1/(1 + k/100).
  case mlFISTADecreasingStep = "ml-fista-decreasing-step"
  case bpISTA = "bp-ista"
  case bpFISTA = "bp-fista"

  /// How many iterations it makes.
  func iterations(_ settings: Solvers.Settings) -> Int {
    switch self {
    case .admmISTA, .admmFISTA: settings.iterationsOfADMM
    case .admmISTAToGap, .admmFISTAToGap: settings.iterationsToGap
    default: settings.iterations
    }
  }

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
    case .admmISTAToGap, .admmFISTAToGap:
      try ADMM(
        problem, innerIterations: settings.innerIterationLimit,
        innerTolerance: settings.innerTolerance, innerIsAccelerated: self == .admmFISTAToGap)
    case .mlISTA, .bpISTA: try MultiLayerISTA(problem)
    case .mlFISTA, .bpFISTA: try MultiLayerFISTA(problem)
    case .mlFISTASmallStep: try MultiLayerFISTA(problem, innerStep: .fixed(0.01))
    case .mlFISTADecreasingStep:
      try MultiLayerFISTA(problem, innerStep: .decreasing(1, period: 100))
    }
  }
}
