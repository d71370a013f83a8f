/// The running statistics of a batch norm: its only state that is not a parameter.
public final class BatchStatistics<Scalar: NumericScalar> {
  /// The mean of every channel, shape [C].
  public var mean: Tensor<Scalar>
  /// The variance of every channel (with n − 1), shape [C].
  public var variance: Tensor<Scalar>
  /// The weight of a new batch.
  public let momentum: Double

  /// Statistics before the first batch: mean 0, variance 1.
  public init(channels: Int, momentum: Double = 0.1) {
    mean = Tensor(shape: [channels])
    variance = Tensor(shape: [channels], repeating: 1)
    self.momentum = momentum
  }

  fileprivate func update(mean m: [Double], squares: [Double], count: Int) {
    let w = momentum
    mean = Tensor(
      shape: mean.shape,
      elements: zip(mean.elements, m).map { Scalar((1 - w) * Double($0) + w * $1) })
    variance = Tensor(
      shape: variance.shape,
      elements: zip(variance.elements, squares).map {
        Scalar((1 - w) * Double($0) + w * $1 / Double(max(count - 1, 1)))
      })
  }
}

/// Batch norm.
extension Tape {
  /// y = a (x − m)/√(v + ε) + b, one a, b, m, v a channel.
  ///
  /// In training m and v are the batch's own mean and variance (with n, not n − 1), which the
  /// gradient goes through, and the running statistics move towards them; otherwise they are the
  /// running ones. Source: Ioffe, Szegedy, ICML 2015; the same conventions as PyTorch's.
  ///
  ///     x̄ = a/√(v + ε) (ȳ − mean(ȳ) − x̂ mean(ȳ x̂)),  ā = Σ ȳ x̂,  b̄ = Σ ȳ
  /// - Parameters:
  ///   - x: Shape [N, C, H, W] or [N, C].
  ///   - scale: a, shape [C].
  ///   - shift: b, shape [C].
  ///   - statistics: The running statistics, updated in training.
  ///   - training: Whether the batch's own statistics are used.
  ///   - ε: Added to the variance.
  /// - Returns: The shape of x.
  public func batchNorm(
    _ x: Variable<Scalar>, scale: Variable<Scalar>, shift: Variable<Scalar>,
    statistics: BatchStatistics<Scalar>, training: Bool, ε: Double = 1e-5
  ) -> Variable<Scalar> {
    checkChannels(scale, of: x, "scales")
    checkChannels(shift, of: x, "shifts")
    let input = x.value
    let layout = input.layout.isFull ? input.layout : .rowMajor(x.shape)
    let numbers = input.values(in: layout)
    let (channels, count) = (layout.channels, layout.numbersPerChannel)
    let (a, b) = (scale.value, shift.value)
    let centre = allocate([channels])
    var inverse = [Double]()
    if training {
      let mean = ChannelKernels.sums(layout, numbers).map { $0 / Double(count) }
      for c in 0..<channels { centre.values[c] = Scalar(mean[c]) }
      let squares = ChannelKernels.centredSquares(layout, numbers, centre.values)
      inverse = squares.map { 1 / ($0 / Double(count) + ε).squareRoot() }
      statistics.update(mean: mean, squares: squares, count: count)
    } else {
      for c in 0..<channels {
        centre.values[c] = statistics.mean.elements[c]
        inverse.append(1 / (Double(statistics.variance.elements[c]) + ε).squareRoot())
      }
    }
    let result = Activation<Scalar>(shape: x.shape, layout: layout, pool: pool)
    let (slope, offset) = (allocate([channels]), allocate([channels]))
    for c in 0..<channels {
      slope.values[c] = a.values[c] * Scalar(inverse[c])
      offset.values[c] = b.values[c] - slope.values[c] * centre.values[c]
    }
    ChannelKernels.affine(layout, numbers, slope.values, offset.values, into: result.memory)
    return record(result, from: [x, scale, shift]) {
      [pool, inverse, x = x.slot, scale = scale.slot, shift = shift.slot] gradient in
      let outer = gradient.values(in: layout)
      let sums = ChannelKernels.sums(layout, outer)
      let numbers = input.values(in: layout)
      let products = ChannelKernels.centredProducts(
        layout, numbers, centre.values, outer)
      func perChannel(_ value: (Int) -> Double) -> Activation<Scalar> {
        let result = Activation<Scalar>(shape: [channels], pool: pool)
        for c in 0..<channels { result.values[c] = Scalar(value(c)) }
        return result
      }
      if let x {
        let result = Activation<Scalar>(shape: input.shape, layout: layout, pool: pool)
        if training {
          // x̄ = slope ȳ + along x + constant, from the formula above.
          let n = Double(count)
          let along = perChannel {
            -Double(slope.values[$0]) * inverse[$0] * inverse[$0] * products[$0] / n
          }
          let constant = perChannel {
            -Double(slope.values[$0]) * sums[$0] / n
              - Double(along.values[$0]) * Double(centre.values[$0])
          }
          ChannelKernels.affine(
            layout, outer, numbers, slope.values, along.values, constant.values,
            into: result.memory)
        } else {
          let zero = perChannel { _ in 0 }
          ChannelKernels.affine(
            layout, outer, slope.values, zero.values, into: result.memory)
        }
        x.add(result)
      }
      scale?.add(perChannel { products[$0] * inverse[$0] })
      shift?.add(perChannel { sums[$0] })
    }
  }
}
