/// Two layers of a residual network, the unit of R's update rule.
///
///     X = S⁺(N₁(D₁ᵀX₋₁))                                                  [R, eq. 3]
///     Γ = S⁺(N₂(D₂ᵀX) + PX₋₁ + c·N₃(D₂ᵀD₂ PX₋₁))                          [R, eq. 5]
///
/// D is the second layer's dictionary throughout eq. 5, since Γ is a code for X over it. R leaves
/// three things open, which are read as follows. N₁ and N₂ are batch norms behind the convolutions,
/// as in the residual networks that R compares with; their shifts are the thresholds of S⁺. N₃ is a
/// batch norm of the refinement's own, without scale and shift since c is its scale: DᵀD X₋₁ grows
/// with the squared norm of the filters, and with a bare c training is at the mercy of it. P is the
/// identity, or where the first layer has stride 2 every second position of X₋₁ with channels of
/// zeros, so that PX₋₁ has the shape of Γ and is a code of D₂. c begins at −0.1; eq. 5 says −L
/// for D divided by its Lipschitz constant L (erratum 8), which learned filters are not.
public struct ResidualPair<Scalar: NumericScalar> {
  /// Which terms there are.
  public let model: ResidualModel
  /// D₁.
  public let first: LearnedConvolution<Scalar>
  /// D₂.
  public let second: LearnedConvolution<Scalar>
  private let firstNorm: LearnedNormalization<Scalar>
  private let secondNorm: LearnedNormalization<Scalar>
  private let refinement: (coefficient: Parameter<Scalar>, norm: LearnedNormalization<Scalar>)?

  /// Two layers of 3×3 filters.
  ///
  /// - Parameters:
  ///   - name: What the parameters' names begin with.
  ///   - model: Which terms there are.
  ///   - channels: Of X₋₁.
  ///   - size: Of X₋₁.
  ///   - filterCount: In both layers.
  ///   - stride: Of the first layer.
  ///   - stream: Where the filters come from; the same numbers for all models.
  /// - Throws: `ModelError` where a kernel does not fit.
  public init(
    _ name: String, _ model: ResidualModel, channels: Int, size: Extent, filterCount: Int,
    stride: Int, stream: inout RandomStream
  ) throws {
    self.model = model
    let outer = try ConvolutionGeometry(
      channels: channels, signalSize: size, kernelSize: .square(3), stride: .square(stride),
      padding: .square(1))
    let inner = try ConvolutionGeometry(
      channels: filterCount, signalSize: outer.codeSize, kernelSize: .square(3),
      padding: .square(1))
    let scale = 2.0.squareRoot()
    first = LearnedConvolution(
      name + ".filters.1", filterCount: filterCount, geometry: outer, scale: scale,
      stream: &stream)
    second = LearnedConvolution(
      name + ".filters.2", filterCount: filterCount, geometry: inner, scale: scale,
      stream: &stream)
    firstNorm = LearnedNormalization(name + ".norm.1", channels: filterCount)
    secondNorm = LearnedNormalization(name + ".norm.2", channels: filterCount)
    refinement =
      model.hasRefinement
      ? (
        Parameter(name + ".coefficient", Tensor(shape: [1], repeating: -0.1)),
        LearnedNormalization(name + ".norm.3", channels: filterCount, isLearned: false)
      ) : nil
  }

  /// Filters, scales and shifts of both layers, and c.
  public var parameters: [Parameter<Scalar>] {
    first.parameters + firstNorm.parameters + second.parameters + secondNorm.parameters
      + (refinement.map { [$0.coefficient] } ?? [])
  }

  /// N₁, N₂ and where there is one N₃.
  public var norms: [LearnedNormalization<Scalar>] {
    [firstNorm, secondNorm] + (refinement.map { [$0.norm] } ?? [])
  }

  /// Γ from X₋₁.
  ///
  /// - Parameters:
  ///   - input: X₋₁, shape [N, C, H, W].
  ///   - tape: What records the operations.
  ///   - training: Whether batch norms use the batch's own statistics.
  /// - Returns: Shape [N, filters, H/stride, W/stride].
  public func code(
    of input: Variable<Scalar>, on tape: Tape<Scalar>, training: Bool
  ) -> Variable<Scalar> {
    let signal = firstNorm.normalize(
      first.analyze(input, on: tape), on: tape, training: training, rectified: true)
    let start = model == .plain ? nil : initialCode(input, on: tape)
    let code = secondNorm.normalize(
      second.analyze(signal, on: tape), on: tape, training: training,
      adding: model.hasShortcut ? start : nil, rectified: refinement == nil)
    guard let refinement, let start else { return code }
    // c is the scale of N₃, so that one pass normalises, adds and rectifies.
    return refinement.norm.normalize(
      second.analyze(second.synthesize(start, on: tape), on: tape), on: tape, training: training,
      by: tape.variable(refinement.coefficient), adding: code, rectified: true)
  }

  /// PX₋₁, the code at which the second layer's iteration begins.
  private func initialCode(
    _ input: Variable<Scalar>, on tape: Tape<Scalar>
  ) -> Variable<Scalar> {
    let geometry = first.geometry
    let channels = second.geometry.channels
    if geometry.stride == .square(1), geometry.channels == channels { return input }
    return tape.subsample(input, stride: geometry.stride.height, channels: channels)
  }
}
