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
      result.count, α, x.value.values(in: layout), β, y.value.values(in: layout),
      into: result.memory)
    return record(result, from: [x, y]) { [x = x.slot, y = y.slot] gradient in
      for (slot, factor) in [(x, α), (y, β)] {
        guard let slot else { continue }
        if factor == 1 {
          slot.add(gradient)
        } else {
          let scaled = Activation<Scalar>(like: gradient)
          ChannelKernels.scale(scaled.count, factor, gradient.memory, into: scaled.memory)
          slot.add(scaled)
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
    ChannelKernels.scale(result.count, factor, x.value.memory, into: result.memory)
    let kept = c.slot == nil ? nil : x.value
    return record(result, from: [x, c]) { [pool, x = x.slot, c = c.slot] gradient in
      if let x {
        let scaled = Activation<Scalar>(like: gradient)
        ChannelKernels.scale(scaled.count, factor, gradient.memory, into: scaled.memory)
        x.add(scaled)
      }
      if let c, let kept {
        let product = Activation<Scalar>(shape: [1], pool: pool)
        product.values[0] = Scalar(
          ChannelKernels.dot(kept.count, gradient.values(in: layout), kept.memory))
        c.add(product)
      }
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
    let result = allocate(shape)
    var first = 0
    var places = [(slot: GradientSlot<Scalar>?, first: Int, channels: Int)]()
    for part in parts {
      var expected = part.shape
      expected[1] = shape[1]
      precondition(expected == shape, "a part of shape \(part.shape) in a sum of \(shape)")
      Self.copyChannels(part.value, 0, to: result, first, count: part.value.channels)
      places.append((part.slot, first, part.value.channels))
      first += part.value.channels
    }
    return record(result, from: parts) { [pool] gradient in
      for place in places {
        guard let slot = place.slot else { continue }
        var shape = gradient.shape
        shape[1] = place.channels
        let part = Activation<Scalar>(shape: shape, pool: pool)
        Self.copyChannels(gradient, place.first, to: part, 0, count: place.channels)
        slot.add(part)
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
    var first = 0
    return counts.map { count in
      defer { first += count }
      var shape = x.shape
      shape[1] = count
      let part = allocate(shape)
      Self.copyChannels(x.value, first, to: part, 0, count: count)
      return record(part, from: [x]) { [slot = x.slot, first, shape = x.shape] gradient in
        slot?.add(gradient, toChannelsFrom: first, of: shape)
      }
    }
  }

  private static func copyChannels(
    _ source: Activation<Scalar>, _ from: Int, to target: Activation<Scalar>, _ to: Int, count: Int
  ) {
    let p = source.positions
    let (a, b) = (source.channels * p, target.channels * p)
    for n in 0..<source.batch {
      (target.values + n * b + to * p).update(
        from: source.values + n * a + from * p, count: count * p)
    }
  }
}
