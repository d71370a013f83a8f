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
  ///
  /// What follows a batch norm in a residual network can be part of it, which saves passes over
  /// memory: a sum with a shortcut s, and a ReLU of the whole, y = max(a (x − m)/√(v + ε) + b + s, 0).
  /// - Parameters:
  ///   - x: Shape [N, C, H, W] or [N, C].
  ///   - scale: a, shape [C].
  ///   - shift: b, shape [C].
  ///   - statistics: The running statistics, updated in training.
  ///   - training: Whether the batch's own statistics are used.
  ///   - shortcut: s, the shape of x; nothing is added if absent.
  ///   - rectified: Whether negative numbers become zero, with gradient 0 there.
  ///   - ε: Added to the variance.
  /// - Returns: The shape of x.
  public func batchNorm(
    _ x: Variable<Scalar>, scale: Variable<Scalar>, shift: Variable<Scalar>,
    statistics: BatchStatistics<Scalar>, training: Bool, adding shortcut: Variable<Scalar>? = nil,
    rectified: Bool = false, ε: Double = 1e-5
  ) -> Variable<Scalar> {
    checkChannels(scale, of: x, "scales")
    checkChannels(shift, of: x, "shifts")
    if let shortcut { checkShapes(x, shortcut) }
    let input = x.value
    let layout = input.layout.isFull ? input.layout : .rowMajor(x.shape)
    let numbers = input.values(in: layout)
    let (channels, count) = (layout.channels, layout.numbersPerChannel)
    let (a, b) = (scale.value, shift.value)
    let centre = allocate([channels])
    var inverse = [Double]()
    if training {
      let (mean, squares) = NormalizationKernels.moments(layout, numbers)
      for c in 0..<channels { centre.values[c] = Scalar(mean[c]) }
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
    NormalizationKernels.normalize(
      layout, numbers, slope.memory, offset.memory, adding: shortcut?.value.values(in: layout),
      rectified: rectified, into: result.memory)
    let kept = rectified ? result : nil
    return record(result, from: [x, scale, shift] + (shortcut.map { [$0] } ?? [])) {
      [pool, inverse, x = x.slot, scale = scale.slot, shift = shift.slot, added = shortcut?.slot]
      gradient in
      var (outer, mask) = (gradient.values(in: layout), kept?.memory)
      let numbers = input.values(in: layout)
      let masked =
        added == nil || mask == nil
        ? nil : Activation<Scalar>(shape: input.shape, layout: layout, pool: pool)
      let (sums, products) = NormalizationKernels.gradientSums(
        layout, outer, mask, numbers, centre.memory, masked: masked?.memory)
      if let masked { (outer, mask) = (masked.memory, nil) }
      func perChannel(_ value: (Int) -> Double) -> Activation<Scalar> {
        let result = Activation<Scalar>(shape: [channels], pool: pool)
        for c in 0..<channels { result.values[c] = Scalar(value(c)) }
        return result
      }
      if let x {
        let result = Activation<Scalar>(shape: input.shape, layout: layout, pool: pool)
        // x̄ = slope ȳ + along x + constant, from the formula above; the batch's own statistics
        // make the last two.
        let n = Double(count)
        let along = perChannel {
          training ? -Double(slope.values[$0]) * inverse[$0] * inverse[$0] * products[$0] / n : 0
        }
        let constant = perChannel {
          training
            ? -Double(slope.values[$0]) * sums[$0] / n
              - Double(along.values[$0]) * Double(centre.values[$0]) : 0
        }
        NormalizationKernels.inputGradient(
          layout, outer, mask, numbers, slope.memory, along.memory, constant.memory,
          into: result.memory)
        x.add(result, isFresh: true)
      }
      scale?.add(perChannel { products[$0] * inverse[$0] })
      shift?.add(perChannel { sums[$0] })
      if let masked { added?.add(masked, isFresh: true) } else { added?.add(gradient) }
    }
  }
}
