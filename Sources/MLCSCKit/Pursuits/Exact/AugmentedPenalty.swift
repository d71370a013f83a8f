/// The penalties Σ λᵢ‖uᵢ‖₁ of all layers, smoothed by multipliers q with weights ρᵢ.
///
///     min over a of  λ|a| + ρ/2 (u − a)² + q(u − a)     (a ≥ 0 for non-negative codes)
///
/// entry by entry: quadratic with curvature ρ where |ρu + q| ≤ λ, which is where a = 0, and linear
/// with slope ±λ elsewhere. Its derivative ρu + q, clipped to ±λ (to at most λ for non-negative
/// codes), is the next multiplier. Vectors are stacked u₁ … u_L.
struct AugmentedPenalty {
  /// One layer's entries and penalty.
  struct Layer {
    /// Where its entries are in stacked vectors.
    var range: Range<Int>
    /// λ.
    let penalty: Double
    /// ρ at scale 1.
    let weight: Double
  }

  var layers: [Layer]
  /// What multiplies all weights.
  var scale = 1.0
  let nonnegative: Bool

  private func bounds(_ layer: Layer) -> (lower: Double, upper: Double) {
    (nonnegative ? -.infinity : -layer.penalty, layer.penalty)
  }

  /// The next multipliers.
  func multipliers(_ u: [Double], _ q: [Double]) -> [Double] {
    var next = q
    for layer in layers {
      let (lower, upper) = bounds(layer)
      let ρ = scale * layer.weight
      for i in layer.range { next[i] = max(lower, min(upper, ρ * u[i] + q[i])) }
    }
    return next
  }

  /// Whether an entry is in its quadratic part.
  ///
  /// Entries that nothing holds at zero never are.
  func isZero(_ u: [Double], _ q: [Double]) -> [Bool] {
    var zero = [Bool](repeating: false, count: u.count)
    for layer in layers where layer.penalty > 0 || nonnegative {
      let (lower, upper) = bounds(layer)
      let ρ = scale * layer.weight
      for i in layer.range {
        let value = ρ * u[i] + q[i]
        zero[i] = value >= lower && value <= upper
      }
    }
    return zero
  }

  /// The first and second derivative at u + s v with respect to s.
  func derivatives(
    at s: Double, _ u: [Double], _ v: [Double], _ q: [Double]
  ) -> (first: Double, second: Double) {
    var (first, second) = (0.0, 0.0)
    u.withUnsafeBufferPointer { u in
      v.withUnsafeBufferPointer { v in
        q.withUnsafeBufferPointer { q in
          for layer in layers {
            let (lower, upper) = bounds(layer)
            let ρ = scale * layer.weight
            for i in layer.range {
              let value = ρ * (u[i] + s * v[i]) + q[i]
              first += v[i] * max(lower, min(upper, value))
              if value >= lower, value <= upper { second += ρ * v[i] * v[i] }
            }
          }
        }
      }
    }
    return (first, second)
  }

  /// The minimiser s > 0 of a convex function along a direction, the penalty plus a parabola.
  ///
  /// The derivative is piecewise linear and rises: Newton's method, kept within a bracket.
  ///
  /// - Parameters:
  ///   - slope: The parabola's derivative at 0.
  ///   - curvature: Its second derivative.
  ///   - u: The codes at s = 0.
  ///   - v: Their direction.
  ///   - q: The multipliers.
  /// - Returns: s with a derivative of at most a thousandth of that at 0, and the latter; nil where
  ///   the function does not fall.
  func minimum(
    slope: Double, curvature: Double, _ u: [Double], _ v: [Double], _ q: [Double]
  ) -> (step: Double, slope: Double)? {
    let start = slope + derivatives(at: 0, u, v, q).first
    guard start < 0 else { return nil }
    var (low, high, s) = (0.0, Double.infinity, 1.0)
    for _ in 0..<60 {
      let penalty = derivatives(at: s, u, v, q)
      let value = slope + s * curvature + penalty.first
      if abs(value) <= 1e-3 * -start { break }
      if value > 0 { high = s } else { low = s }
      let next = s - value / (curvature + penalty.second)
      if next > low, next < high {
        s = next
      } else {
        s = high.isFinite ? 0.5 * (low + high) : 2 * s
      }
    }
    return (s, start)
  }
}
