/// Biases, rectifiers and thresholds.
extension Tape {
  /// y = x + b, one bias a channel.
  ///
  /// - Parameters:
  ///   - x: Shape [N, C, H, W] or [N, C].
  ///   - bias: Shape [C].
  /// - Returns: The shape of x.
  public func addBias(_ x: Variable<Scalar>, _ bias: Variable<Scalar>) -> Variable<Scalar> {
    checkChannels(bias, of: x, "biases")
    let result = allocate(like: x)
    let layout = x.value.layout
    let lanes = LayoutKernels.spread(bias.value, layout)
    ChannelKernels.addBias(layout, x.value.memory, lanes.memory, into: result.memory)
    return record(result, from: [x, bias]) { [pool, x = x.slot, b = bias.slot] gradient in
      x?.add(gradient)
      if let b {
        let sum = Activation<Scalar>(shape: [layout.channels], pool: pool)
        for (c, value) in ChannelKernels.sums(layout, gradient.values(in: layout)).enumerated() {
          sum.values[c] = Scalar(value)
        }
        b.add(sum)
      }
    }
  }

  /// y = max(x, 0), with gradient 0 at x = 0.
  public func relu(_ x: Variable<Scalar>) -> Variable<Scalar> {
    let result = allocate(like: x)
    let layout = result.layout
    ThresholdKernels.rectify(result.memoryCount, x.value.memory, into: result.memory)
    return record(result, from: [x]) { [x = x.slot] gradient in
      let masked = Activation<Scalar>(like: result)
      ThresholdKernels.mask(
        masked.memoryCount, gradient.values(in: layout), result.memory, into: masked.memory)
      x?.add(masked, isFresh: true)
    }
  }

  /// y = S(x; t), one learned threshold a channel.
  ///
  /// With `kind` one-sided this is max(x + b, 0) for the bias b = −t.
  /// - Parameters:
  ///   - x: Shape [N, C, H, W] or [N, C].
  ///   - thresholds: Shape [C].
  ///   - kind: One-sided or soft.
  /// - Returns: The shape of x.
  public func threshold(
    _ x: Variable<Scalar>, by thresholds: Variable<Scalar>, _ kind: ThresholdKind
  ) -> Variable<Scalar> {
    checkChannels(thresholds, of: x, "thresholds")
    let result = allocate(like: x)
    let layout = x.value.layout
    let t = LayoutKernels.spread(thresholds.value, layout)
    ThresholdKernels.threshold(layout, kind, x.value.memory, t.memory, into: result.memory)
    return record(result, from: [x, thresholds]) {
      [pool, x = x.slot, slot = thresholds.slot, shape = thresholds.shape] gradient in
      let masked = Activation<Scalar>(like: result)
      ThresholdKernels.mask(
        masked.memoryCount, gradient.values(in: layout), result.memory, into: masked.memory)
      x?.add(masked)
      if let slot {
        let sum = Activation<Scalar>(shape: shape, pool: pool)
        ThresholdKernels.thresholdGradient(
          layout, kind, masked.memory, result.memory, t.memory, into: sum.values)
        slot.add(sum)
      }
    }
  }

  /// y = S(z − c g; t), a proximal gradient step in one pass over memory.
  ///
  /// The step of every ISTA iteration: z the estimate, g = Dᵀ(D z − x) its gradient.
  /// - Parameters:
  ///   - z: Shape [N, C, H, W] or [N, C].
  ///   - gradient: g, the shape of z.
  ///   - step: c, a learned number of shape [1]; 1 if absent.
  ///   - thresholds: t, shape [C].
  ///   - kind: One-sided or soft.
  /// - Returns: The shape of z.
  public func proximalStep(
    from z: Variable<Scalar>, along gradient: Variable<Scalar>, step: Variable<Scalar>?,
    thresholds: Variable<Scalar>, _ kind: ThresholdKind
  ) -> Variable<Scalar> {
    checkChannels(thresholds, of: z, "thresholds")
    checkShapes(z, gradient)
    let (layout, g) = (chainLayout(z, gradient), gradient.value)
    let t = LayoutKernels.spread(thresholds.value, layout)
    let result = Activation<Scalar>(shape: z.shape, layout: layout, pool: pool)
    let c = step.map(scalar) ?? 1
    ThresholdKernels.proximalStep(
      layout, kind, z.value.values(in: layout), c, g.values(in: layout), t.memory,
      into: result.memory)
    // Only the gradient of the step needs g.
    let kept = step?.slot == nil ? nil : g
    return record(result, from: [z, gradient, thresholds] + (step.map { [$0] } ?? [])) {
      [
        pool, z = z.slot, g = gradient.slot, step = step?.slot, slot = thresholds.slot,
        shape = thresholds.shape
      ] gradient in
      let masked = Activation<Scalar>(like: result)
      ThresholdKernels.mask(
        masked.memoryCount, gradient.values(in: layout), result.memory, into: masked.memory)
      z?.add(masked)
      if let g {
        let scaled = Activation<Scalar>(like: masked)
        ChannelKernels.scale(scaled.memoryCount, -c, masked.memory, into: scaled.memory)
        g.add(scaled, isFresh: true)
      }
      if let step, let kept {
        let product = Activation<Scalar>(shape: [1], pool: pool)
        product.values[0] = Scalar(
          -ChannelKernels.dot(masked.memoryCount, masked.memory, kept.values(in: layout)))
        step.add(product)
      }
      if let slot {
        let sum = Activation<Scalar>(shape: shape, pool: pool)
        ThresholdKernels.thresholdGradient(
          layout, kind, masked.memory, result.memory, t.memory, into: sum.values)
        slot.add(sum)
      }
    }
  }

  /// The one number of a variable of shape [1].
  func scalar(_ x: Variable<Scalar>) -> Scalar {
    precondition(x.value.count == 1, "shape \(x.shape) where one number is needed")
    return x.value.memory[0]
  }

  func checkChannels(_ parameters: Variable<Scalar>, of x: Variable<Scalar>, _ name: String) {
    precondition(
      parameters.value.count == x.value.channels,
      "\(parameters.value.count) \(name) for \(x.value.channels) channels")
  }

  func checkShapes(_ x: Variable<Scalar>, _ y: Variable<Scalar>) {
    precondition(x.shape == y.shape, "shapes \(x.shape) and \(y.shape) differ")
  }
}
