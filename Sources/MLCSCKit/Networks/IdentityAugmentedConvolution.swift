/// A learned convolutional dictionary beside the identity, [I Fᵀ]: a layer of R's MSD-CSC.
///
/// The learned form of `IdentityAugmentedDictionary`: analysis is concat(X, F∗X), synthesis a + Fᵀb
/// of the two parts of a code. The convolution must keep the size of the image.
public struct IdentityAugmentedConvolution<Scalar: NumericScalar>: LearnedDictionary {
  /// F.
  public let base: LearnedConvolution<Scalar>

  /// [I Fᵀ].
  public init(_ base: LearnedConvolution<Scalar>) {
    precondition(
      base.geometry.codeSize == base.geometry.signalSize,
      "codes of \(base.geometry.codeSize) beside signals of \(base.geometry.signalSize)")
    self.base = base
  }

  public var parameters: [Parameter<Scalar>] { base.parameters }

  /// The channels of a code: those of the signal, then the filters.
  public var codeChannels: Int { base.geometry.channels + base.filters.value.rows }

  public func analyze(_ x: Variable<Scalar>, on tape: Tape<Scalar>) -> Variable<Scalar> {
    tape.concatenate([x, base.analyze(x, on: tape)])
  }

  public func synthesize(_ code: Variable<Scalar>, on tape: Tape<Scalar>) -> Variable<Scalar> {
    let parts = tape.split(code, [base.geometry.channels, base.filters.value.rows])
    return tape.add(parts[0], base.synthesize(parts[1], on: tape))
  }

  public func residual(
    of code: Variable<Scalar>, against target: Variable<Scalar>, on tape: Tape<Scalar>
  ) -> Variable<Scalar> {
    tape.residual(
      of: code, tape.variable(base.filters), base.geometry, against: target, besideIdentity: true)
  }

  public func proximalStep(
    from z: Variable<Scalar>?, analyzing residual: Variable<Scalar>, step: Variable<Scalar>?,
    thresholds: Variable<Scalar>, _ kind: ThresholdKind, on tape: Tape<Scalar>
  ) -> Variable<Scalar> {
    tape.proximalStep(
      from: z, analyzing: residual, tape.variable(base.filters), base.geometry, step: step,
      thresholds: thresholds, kind, besideIdentity: true)
  }

  /// The learned thresholds where there is one for every atom; where the filters alone have some, zeros
  /// for the identity's atoms, then these, shape [1, codeChannels].
  public func thresholds(
    _ learned: Variable<Scalar>, on tape: Tape<Scalar>
  ) -> Variable<Scalar> {
    learned.value.count == codeChannels
      ? learned
      : tape.concatenate([tape.input(Tensor(shape: [1, base.geometry.channels])), learned])
  }

  /// ‖[I Fᵀ]‖² = 1 + ‖F‖² (R, Lemma 3).
  public func squaredNorm(iterations: Int, on tape: Tape<Scalar>) -> Variable<Scalar> {
    base.squaredNorm(iterations: iterations, plus: 1, on: tape)
  }
}
