import RealModule

/// Steps of a pursuit that cannot leave the range in which an iteration descends.
extension Tape {
  /// s = a + Σ x².
  ///
  /// - Parameters:
  ///   - x: Any shape.
  ///   - constant: a.
  /// - Returns: Shape [1].
  public func squaredNorm(_ x: Variable<Scalar>, plus constant: Scalar = 0) -> Variable<Scalar> {
    let value = x.value
    let result = allocate([1])
    result.values[0] =
      constant + Scalar(ChannelKernels.dot(value.memoryCount, value.memory, value.memory))
    return record(result, from: [x]) { [x = x.slot] gradient in
      let scaled = Activation<Scalar>(like: value)
      ChannelKernels.scale(
        scaled.memoryCount, 2 * gradient.values[0], value.memory, into: scaled.memory)
      x?.add(scaled, isFresh: true)
    }
  }

  /// c = κ/s with κ = 2/(1 + e^−θ), which lies between 0 and 2 for every θ.
  ///
  /// Where s is ‖D‖² an iteration of ISTA with such a step never raises its objective.
  /// - Parameters:
  ///   - θ: A learned number, shape [1]; 0 means κ = 1.
  ///   - squaredNorm: s > 0, shape [1].
  /// - Returns: Shape [1].
  public func boundedStep(
    _ θ: Variable<Scalar>, squaredNorm: Variable<Scalar>
  ) -> Variable<Scalar> {
    let (share, s) = (1 / (1 + Scalar.exp(-scalar(θ))), scalar(squaredNorm))
    let c = 2 * share / s
    let result = allocate([1])
    result.values[0] = c
    return record(result, from: [θ, squaredNorm]) {
      [pool, θ = θ.slot, slot = squaredNorm.slot] gradient in
      func hand(_ derivative: Scalar, to slot: GradientSlot<Scalar>?) {
        guard let slot else { return }
        let product = Activation<Scalar>(shape: [1], pool: pool)
        product.values[0] = derivative * gradient.values[0]
        slot.add(product)
      }
      hand(c * (1 - share), to: θ)
      hand(-c / s, to: slot)
    }
  }
}
