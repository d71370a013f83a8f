/// The proximal step of an iteration and its gradient on a part of the channels, each in one pass.
enum PursuitStepKernels {
  /// y ← S(z + f g; t) on the channels of a range, where g lies alone and z and y with all channels.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func step<Scalar: NumericScalar>(
    _ kind: ThresholdKind, _ range: ChannelRange, _ z: UnsafeMutablePointer<Scalar>?,
    _ factor: Scalar, _ g: UnsafeMutablePointer<Scalar>, _ t: UnsafeMutablePointer<Scalar>,
    into y: UnsafeMutablePointer<Scalar>
  ) {
    let layout = range.layout
    let t = t + range.offset / max(layout.positions, 1)
    let (factor, zero) = (SIMD16<Scalar>(repeating: factor), SIMD16<Scalar>(repeating: 0))
    Parallelism.forEach(layout.batch) { sample in
      let place = range.offset &+ sample &* (range.whole &- layout.sampleCount)
      ChannelVectors.forEach(layout, sample, t, t, t) { i, count, t, _, _ in
        var x = factor * ChannelVectors.load(g + i, count)
        if let z { x += ChannelVectors.load(z + (place &+ i), count) }
        switch kind {
        case .oneSided:
          ChannelVectors.store(Scalar.raised(x - t, to: zero), y + (place &+ i), count)
        case .soft:
          let size = Scalar.raised(t, to: zero)
          let (above, below) = (
            Scalar.raised(x - size, to: zero), Scalar.raised(-x - size, to: zero)
          )
          ChannelVectors.store(above - below, y + (place &+ i), count)
        }
      }
    }
  }

  /// m ← the gradient where y ≠ 0, on the channels of a range.
  ///
  /// - Parameters:
  ///   - kind: The threshold.
  ///   - range: The channels, of all those that lie together.
  ///   - gradient: Of all channels.
  ///   - y: The step's result, all channels.
  ///   - t: The thresholds of all lanes.
  ///   - g: The range's argument, alone, where the gradient of the factor is wanted.
  ///   - m: All channels.
  /// - Returns: The gradient of the range's thresholds, and Σ m g.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func gradient<Scalar: NumericScalar>(
    _ kind: ThresholdKind, _ range: ChannelRange, _ gradient: UnsafeMutablePointer<Scalar>,
    _ y: UnsafeMutablePointer<Scalar>, _ t: UnsafeMutablePointer<Scalar>,
    _ g: UnsafeMutablePointer<Scalar>?, into m: UnsafeMutablePointer<Scalar>
  ) -> (thresholds: [Double], product: Double) {
    let layout = range.layout
    let t = t + range.offset / max(layout.positions, 1)
    let zero = SIMD16<Scalar>(repeating: 0)
    let totals = ChannelVectors.totals(layout, of: Scalar.self) { sample, sums in
      let place = range.offset &+ sample &* (range.whole &- layout.sampleCount)
      ChannelVectors.sum(layout, sample, t, t, t, sums) { i, count, t, _, _ in
        let result = ChannelVectors.load(y + (place &+ i), count)
        let outer = ChannelVectors.load(gradient + (place &+ i), count)
        let masked = Scalar.chosen(outer, whereNonzero: result)
        ChannelVectors.store(masked, m + (place &+ i), count)
        let product = g.map { masked * ChannelVectors.load($0 + i, count) } ?? zero
        switch kind {
        case .oneSided: return (-masked, product)
        case .soft:
          let signed = masked - 2 * Scalar.chosen(masked, wherePositive: result)
          return (Scalar.chosen(signed, wherePositive: t), product)
        }
      }
    }
    return (totals.first, totals.second.reduce(0, +))
  }
}
