/// The largest entry of every window of a code's channels  [S, "Max Pooling"].
///
///     h(i) = max_{j ∈ N(s·i)} x(j),  windows side by side
///
/// Codes are [B, C·H·W], channel-major as images are; features are [B, C·H'·W'].
public struct MaxPooling: Sendable, Equatable {
  /// C.
  public let channels: Int
  /// H × W.
  public let size: Extent
  /// The window, whose sides divide those of `size`.
  public let window: Extent

  /// A pooling.
  ///
  /// - Throws: `ModelError.parameterOutOfRange` where windows do not fill the grid.
  public init(channels: Int, size: Extent, window: Extent) throws {
    guard window.height > 0, window.width > 0, size.height % window.height == 0,
      size.width % window.width == 0
    else {
      throw ModelError.parameterOutOfRange(
        name: "pooling window", value: "\(window)", range: "a divisor of \(size)")
    }
    self.channels = channels
    self.size = size
    self.window = window
  }

  /// H' × W'.
  public var pooledSize: Extent {
    Extent(size.height / window.height, size.width / window.width)
  }

  /// The features of a batch of codes.
  ///
  /// - Throws: `ModelError.signalDimension`.
  public func pooled(_ codes: Tensor<Double>) throws -> Tensor<Double> {
    guard codes.columns == channels * size.area else {
      throw ModelError.signalDimension(expected: channels * size.area, found: codes.columns)
    }
    let pooledSize = pooledSize
    var result = Tensor<Double>(
      shape: [codes.rows, channels * pooledSize.area], repeating: -.infinity)
    codes.withElements { source in
      result.withMutableElements { target in
        for plane in 0..<codes.rows * channels {
          for y in 0..<size.height {
            for x in 0..<size.width {
              let to =
                (plane * pooledSize.height + y / window.height) * pooledSize.width
                + x / window.width
              target[to] = max(target[to], source[(plane * size.height + y) * size.width + x])
            }
          }
        }
      }
    }
    return result
  }
}

extension Tensor where Scalar == Double {
  /// The positive parts max(x, 0) and then the negative parts max(−x, 0), shape [B, 2n].
  ///
  /// A linear classifier can so weigh a coefficient's two signs apart, and pooling does not lose one.
  public var signsApart: Tensor {
    var result = Tensor(zeros: rows, 2 * columns)
    let n = columns
    withElements { source in
      result.withMutableElements { target in
        for b in 0..<rows {
          for i in 0..<n {
            let value = source[b * n + i]
            target[(2 * b) * n + i] = max(value, 0)
            target[(2 * b + 1) * n + i] = max(-value, 0)
          }
        }
      }
    }
    return result
  }

  /// Batches side by side, [B, n₁ + n₂ + …]; all must have as many rows.
  public static func joiningColumns(_ parts: [Tensor]) -> Tensor {
    let rows = parts.first?.rows ?? 0
    precondition(parts.allSatisfy { $0.rows == rows }, "batches of different sizes")
    var elements = [Double]()
    elements.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for b in 0..<rows { for part in parts { elements += part.row(b) } }
    return Tensor(shape: [rows, parts.reduce(0) { $0 + $1.columns }], elements: elements)
  }
}
