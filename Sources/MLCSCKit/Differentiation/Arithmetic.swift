/// Sums, scaling, and joining and cutting of channels.
extension Tape {
  /// α x + β y with fixed factors: sums, residuals, momentum, mixtures.
  public func combination(
    _ α: Scalar, _ x: Variable<Scalar>, _ β: Scalar, _ y: Variable<Scalar>
  ) -> Variable<Scalar> {
    checkShapes(x, y)
    let layout = chainLayout(x, y)
    let result = Activation<Scalar>(shape: x.shape, layout: layout, pool: pool)
    ChannelKernels.combine(
      result.memoryCount, α, x.value.values(in: layout), β, y.value.values(in: layout),
      into: result.memory)
    return record(result, from: [x, y]) { [x = x.slot, y = y.slot] gradient in
      for (slot, factor) in [(x, α), (y, β)] {
        guard let slot else { continue }
        if factor == 1 {
          slot.add(gradient)
        } else {
          let scaled = Activation<Scalar>(like: gradient)
          ChannelKernels.scale(scaled.memoryCount, factor, gradient.memory, into: scaled.memory)
          slot.add(scaled, isFresh: true)
        }
      }
    }
  }

  /// x + y.
  public func add(_ x: Variable<Scalar>, _ y: Variable<Scalar>) -> Variable<Scalar> {
    combination(1, x, 1, y)
  }

  /// x − y.
  public func subtract(_ x: Variable<Scalar>, _ y: Variable<Scalar>) -> Variable<Scalar> {
    combination(1, x, -1, y)
  }

  /// c x with a learned number c of shape [1].
  public func scale(_ x: Variable<Scalar>, by c: Variable<Scalar>) -> Variable<Scalar> {
    let factor = scalar(c)
    let result = allocate(like: x)
    let layout = result.layout
    ChannelKernels.scale(result.memoryCount, factor, x.value.memory, into: result.memory)
    let kept = c.slot == nil ? nil : x.value
    return record(result, from: [x, c]) { [pool, x = x.slot, c = c.slot] gradient in
      if let x {
        let scaled = Activation<Scalar>(like: gradient)
        ChannelKernels.scale(scaled.memoryCount, factor, gradient.memory, into: scaled.memory)
        x.add(scaled, isFresh: true)
      }
      if let c, let kept {
        let product = Activation<Scalar>(shape: [1], pool: pool)
        product.values[0] = Scalar(
          ChannelKernels.dot(kept.memoryCount, gradient.values(in: layout), kept.memory))
        c.add(product)
      }
    }
  }

  /// One number, of shape [1], as a parameter of so many channels.
  func repeated(_ c: Variable<Scalar>, _ channels: Int) -> Variable<Scalar> {
    let result = allocate([channels])
    result.memory.update(repeating: scalar(c), count: channels)
    return record(result, from: [c]) { [pool, slot = c.slot] gradient in
      let sum = Activation<Scalar>(shape: [1], pool: pool)
      let values = gradient.values
      sum.values[0] = Scalar((0..<channels).reduce(0.0) { $0 + Double(values[$1]) })
      slot?.add(sum)
    }
  }

  /// The channels of several variables one after another.
  ///
  /// - Parameter parts: Shapes [N, Cᵢ, H, W] with the same N, H, W.
  /// - Returns: Shape [N, ΣCᵢ, H, W].
  public func concatenate(_ parts: [Variable<Scalar>]) -> Variable<Scalar> {
    precondition(!parts.isEmpty, "nothing to join")
    var shape = parts[0].shape
    shape[1] = parts.reduce(0) { $0 + $1.value.channels }
    for part in parts {
      var expected = part.shape
      expected[1] = shape[1]
      precondition(expected == shape, "a part of shape \(part.shape) in a sum of \(shape)")
    }
    let channels = parts.map(\.value.channels)
    let layout = joinedLayout(
      shape, channels, areBlocked: parts.contains { $0.value.layout.lanes == 16 })
    let result = Activation<Scalar>(shape: shape, layout: layout, pool: pool)
    let ranges = ChannelRange.cut(shape, channels, layout)
    for (part, range) in zip(parts, ranges) {
      range.copy(part.value.values(in: range.layout), intoPartOf: result.memory)
    }
    let slots = parts.map(\.slot)
    return record(result, from: parts) { [pool] gradient in
      let outer = gradient.values(in: layout)
      for (slot, range) in zip(slots, ranges) {
        guard let slot else { continue }
        let part = Activation<Scalar>(shape: range.shape, layout: range.layout, pool: pool)
        range.copyPart(of: outer, into: part.memory)
        slot.add(part, isFresh: true)
      }
    }
  }

  /// The channels of one variable in several, the inverse of `concatenate`.
  ///
  /// - Parameters:
  ///   - x: Shape [N, C, H, W].
  ///   - counts: How many channels each part gets; their sum is C.
  /// - Returns: The parts, of shapes [N, counts[i], H, W].
  public func split(_ x: Variable<Scalar>, _ counts: [Int]) -> [Variable<Scalar>] {
    precondition(counts.reduce(0, +) == x.value.channels, "\(counts) of \(x.value.channels)")
    let layout = joinedLayout(x.shape, counts, areBlocked: x.value.layout.lanes == 16)
    let values = x.value.values(in: layout)
    return ChannelRange.cut(x.shape, counts, layout).map { range in
      let part = Activation<Scalar>(shape: range.shape, layout: range.layout, pool: pool)
      range.copyPart(of: values, into: part.memory)
      return record(part, from: [x]) { [slot = x.slot, shape = x.shape] gradient in
        slot?.add(gradient, to: range, of: shape)
      }
    }
  }

  /// Blocks of channels where the parts are blocks themselves, else row-major.
  private func joinedLayout(_ shape: [Int], _ counts: [Int], areBlocked: Bool) -> ChannelLayout {
    let plain = ChannelLayout.rowMajor(shape)
    guard areBlocked, plain.positions > 1, counts.dropFirst().allSatisfy({ $0 % 16 == 0 }) else {
      return plain
    }
    return .blocked(shape, lanes: 16)
  }
}
