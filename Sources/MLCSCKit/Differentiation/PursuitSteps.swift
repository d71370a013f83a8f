/// The two steps of an ISTA iteration on a convolutional dictionary F, or on F beside the identity,
/// [I Fᵀ], each in as few passes over memory as it has results.
extension Tape {
  /// r = Dγ − x.
  ///
  /// - Parameters:
  ///   - code: γ, shape [N, M, H', W'], or [N, C + M, H, W] beside the identity.
  ///   - filters: Shape [M, C, kernel height, kernel width].
  ///   - geometry: Of the convolution.
  ///   - target: x, shape [N, C, H, W].
  ///   - besideIdentity: Whether D is [I Fᵀ], so that Dγ is the first C channels plus the synthesis
  ///     of the others.
  /// - Returns: The shape of x.
  public func residual(
    of code: Variable<Scalar>, _ filters: Variable<Scalar>, _ geometry: ConvolutionGeometry,
    against target: Variable<Scalar>, besideIdentity: Bool = false
  ) -> Variable<Scalar> {
    precondition(
      target.shape == geometry.signalShape(batch: target.value.batch),
      "a target of shape \(target.shape)")
    let parts = parts(of: code, filters, geometry, besideIdentity)
    let (tail, codes) = (parts.tail, parts.tailValue(of: code.value))
    var start = [SynthesisStart<Scalar>.Term(-1, target.value, nil)]
    if let head = parts.head { start.append(.init(1, code.value, head)) }
    let result = engine.synthesize(
      codes, filters: filters.value, geometry, from: SynthesisStart(terms: start))
    let kept = filters.slot == nil ? nil : codes
    let dictionary = code.slot == nil ? nil : filters.value
    return record(result, from: [code, filters, target]) {
      [engine, shape = code.shape, c = code.slot, k = filters.slot, x = target.slot] gradient in
      let wanted = engine.wantedSynthesisGradients(
        signals: gradient, codes: kept, filters: dictionary, geometry)
      if let c, let product = wanted.codes {
        if let head = parts.head {
          c.add(gradient, to: head, of: shape)
          c.add(product, to: tail, of: shape)
        } else {
          c.add(product, isFresh: true)
        }
      }
      x?.add(gradient, scaledBy: -1)
      if let filters = wanted.filters { k?.add(filters, isFresh: true) }
    }
  }

  /// y = S(z − c Dᵀr; t), or S(c Dᵀr; t) where z is zero.
  ///
  /// - Parameters:
  ///   - z: The shape of a code (see `residual`); zero if absent.
  ///   - residual: r, shape [N, C, H, W].
  ///   - filters: Shape [M, C, kernel height, kernel width].
  ///   - geometry: Of the convolution.
  ///   - step: c, a learned number of shape [1]; 1 if absent.
  ///   - thresholds: t, one number a channel of the code.
  ///   - kind: One-sided or soft.
  ///   - besideIdentity: Whether D is [I Fᵀ], so that Dᵀr is r itself, then F∗r.
  /// - Returns: The shape of a code.
  public func proximalStep(
    from z: Variable<Scalar>?, analyzing residual: Variable<Scalar>, _ filters: Variable<Scalar>,
    _ geometry: ConvolutionGeometry, step: Variable<Scalar>?, thresholds: Variable<Scalar>,
    _ kind: ThresholdKind, besideIdentity: Bool = false
  ) -> Variable<Scalar> {
    let product = engine.analyze(residual.value, filters: filters.value, geometry)
    let parts = CodeParts(
      product, beside: besideIdentity ? residual.value : nil)
    precondition(
      thresholds.value.count == parts.shape[1] && (z == nil || z?.shape == parts.shape),
      "\(thresholds.value.count) thresholds and an estimate of shape \(z?.shape ?? []) for codes of "
        + "shape \(parts.shape)")
    let layout = parts.layout
    let t = LayoutKernels.spread(thresholds.value, layout)
    let result = Activation<Scalar>(shape: parts.shape, layout: layout, pool: pool)
    let c = step.map(scalar) ?? 1
    // With z the step goes against the gradient, without it the code is the correlation.
    let factor = z == nil ? c : -c
    let start = z?.value.values(in: layout)
    let ranges = parts.ranges
    let head = parts.head == nil ? nil : residual.value
    for (range, part) in zip(ranges, (head.map { [$0] } ?? []) + [product]) {
      PursuitStepKernels.step(
        kind, range, start, factor, part.values(in: range.layout), t.memory, into: result.memory)
    }
    // Only the gradient of the step needs the product.
    let keptProduct = step?.slot == nil ? nil : product
    let kept = filters.slot == nil && step?.slot == nil ? nil : residual.value
    let dictionary = residual.slot == nil ? nil : filters.value
    let inputs = [residual, filters, thresholds] + [z, step].compactMap { $0 }
    return record(result, from: inputs) {
      [
        engine, pool, shape = thresholds.shape, z = z?.slot, r = residual.slot, k = filters.slot,
        slot = thresholds.slot, step = step?.slot
      ] gradient in
      let masked = Activation<Scalar>(like: result)
      let outer = gradient.values(in: layout)
      var (sums, product) = ([Double](), 0.0)
      let arguments = ranges.count == 2 ? [kept, keptProduct] : [keptProduct]
      for (range, argument) in zip(ranges, arguments) {
        let partial = PursuitStepKernels.gradient(
          kind, range, outer, result.memory, t.memory,
          step == nil ? nil : argument?.values(in: range.layout), into: masked.memory)
        sums += partial.thresholds
        product += partial.product
      }
      let tail = parts.tail
      let codes = Activation<Scalar>(shape: tail.shape, layout: tail.layout, pool: pool)
      tail.copyPart(of: masked.memory, into: codes.memory)
      ChannelKernels.scale(codes.memoryCount, factor, codes.memory, into: codes.memory)
      let start = parts.head.map { [SynthesisStart.Term(factor, masked, $0)] }
      let wanted = engine.wantedAnalysisGradients(
        signals: k == nil ? nil : kept, codes: codes, filters: dictionary, geometry,
        from: SynthesisStart(terms: start ?? []))
      if let signals = wanted.signals { r?.add(signals, isFresh: true) }
      if let filters = wanted.filters { k?.add(filters, isFresh: true) }
      if let step {
        let sum = Activation<Scalar>(shape: [1], pool: pool)
        sum.values[0] = Scalar(z == nil && factor == c ? product : -product)
        step.add(sum)
      }
      if let slot {
        let sum = Activation<Scalar>(shape: shape, pool: pool)
        for (i, value) in sums.enumerated() { sum.values[i] = Scalar(value) }
        slot.add(sum)
      }
      z?.add(masked, isFresh: true)
    }
  }

  private func parts(
    of code: Variable<Scalar>, _ filters: Variable<Scalar>, _ geometry: ConvolutionGeometry,
    _ besideIdentity: Bool
  ) -> CodeParts<Scalar> {
    let count = filters.shape[0]
    var expected = geometry.codeShape(batch: code.value.batch, filters: count)
    if besideIdentity { expected[1] += geometry.channels }
    precondition(code.shape == expected, "codes of shape \(code.shape), not \(expected)")
    return CodeParts(
      shape: code.shape, filterCount: count, isBlocked: code.value.layout.lanes == 16)
  }
}

/// The channels of a code on a dictionary beside the identity: those of the identity, if it is
/// there, then those of the filters.
struct CodeParts<Scalar: NumericScalar> {
  /// Of the whole code.
  let shape: [Int]
  let layout: ChannelLayout
  /// The identity's channels.
  let head: ChannelRange?
  /// The filters' channels.
  let tail: ChannelRange

  /// The parts of a code.
  init(shape: [Int], filterCount: Int, isBlocked: Bool) {
    self.shape = shape
    let plain = ChannelLayout.rowMajor(shape)
    layout =
      isBlocked && plain.positions > 1 && filterCount % 16 == 0
      ? .blocked(shape, lanes: 16) : plain
    let channels = shape[1] - filterCount
    let ranges = ChannelRange.cut(
      shape, (channels > 0 ? [channels] : []) + [filterCount], layout)
    head = channels > 0 ? ranges[0] : nil
    tail = ranges[ranges.count - 1]
  }

  /// The parts of the code that a product and, beside the identity, the signal itself make.
  init(_ product: Activation<Scalar>, beside signal: Activation<Scalar>?) {
    var shape = product.shape
    if let signal {
      shape[1] += signal.channels
      precondition(
        signal.shape.dropFirst(2) == product.shape.dropFirst(2),
        "codes of another size than signals")
    }
    self.init(
      shape: shape, filterCount: product.channels, isBlocked: product.layout.lanes == 16)
  }

  var ranges: [ChannelRange] { (head.map { [$0] } ?? []) + [tail] }

  /// The filters' channels of a code.
  func tailValue(of code: Activation<Scalar>) -> Activation<Scalar> {
    guard head != nil else { return code }
    let part = Activation<Scalar>(shape: tail.shape, layout: tail.layout, pool: code.pool)
    tail.copyPart(of: code.values(in: layout), into: part.memory)
    return part
  }
}
