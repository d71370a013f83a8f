import RealModule

/// Adam's moments for one tensor of parameters (Kingma, Ba, ICLR 2015).
public struct AdamState: Sendable {
  /// The mean of the gradients.
  public var first: Tensor<Double>
  /// The mean of their squares.
  public var second: Tensor<Double>

  /// Moments of zero.
  public init(shape: [Int]) {
    first = Tensor(shape: shape)
    second = Tensor(shape: shape)
  }

  /// x ← x − η m̂/(√v̂ + ε), with bias correction for the given number of steps (from 1).
  public mutating func update(
    _ parameters: inout Tensor<Double>, gradient: Tensor<Double>, rate η: Double, step: Int
  ) {
    let (β1, β2, ε) = (0.9, 0.999, 1e-8)
    let c1 = 1 - Double.pow(β1, step)
    let c2 = 1 - Double.pow(β2, step)
    let count = parameters.count
    gradient.withElements { g in
      first.withMutableElements { m in
        second.withMutableElements { v in
          parameters.withMutableElements { x in
            for i in 0..<count {
              m[i] = β1 * m[i] + (1 - β1) * g[i]
              v[i] = β2 * v[i] + (1 - β2) * g[i] * g[i]
              x[i] -= η * (m[i] / c1) / ((v[i] / c2).squareRoot() + ε)
            }
          }
        }
      }
    }
  }

  /// Forgets the moments of one row: of a filter that begins anew.
  public mutating func clear(row: Int) {
    let width = first.columns
    first.withMutableElements { ($0 + row * width).update(repeating: 0, count: width) }
    second.withMutableElements { ($0 + row * width).update(repeating: 0, count: width) }
  }
}
