/// How large the innermost gradient step is.
public enum InnerStep: Sendable {
  /// μ = C/‖D₁‖² in every iteration.
  case fixed(Double)
  /// μ_k = C/(‖D₁‖² (1 + k/period)): falls without limit, so the bias of order μ does too.
  case decreasing(Double, period: Double)

  /// C for an iteration, from 0.
  func scale(_ iteration: Int) -> Double {
    switch self {
    case .fixed(let scale): scale
    case .decreasing(let scale, let period): scale / (1 + Double(iteration) / period)
    }
  }
}
