extension ConvolutionalDictionary {
  /// A layer of two channels whose filters have two taps: a rotation with delays.
  ///
  ///     filter 0: cos θ at (channel 0, shift 0), sin θ at (channel 1, shift d)
  ///     filter 1: sin θ at (channel 0, shift 0), −cos θ at (channel 1, shift d')
  ///
  /// For d = d' taps meet at one shift only, where the two products cancel, so on a circular signal
  /// DᵀD = I and µ(D) = 0: every code entry spreads over two, at no cost in coherence. A cascade of
  /// such layers with different delays is a sparse orthonormal D₂ ⋯ D_L with 2^{L−1} taps a filter.
  /// For d ≠ d' the products stand at two shifts, and µ(D) = ½|sin 2θ|.
  /// - Parameters:
  ///   - signalSize: The positions of the two channels; circular.
  ///   - angle: θ in radians.
  ///   - delay: d along each axis, below the signal's size.
  ///   - secondDelay: d'; d where it is not given.
  /// - Returns: The layer, kernel size d + 1.
  /// - Throws: `ModelError.parameterOutOfRange`.
  public static func rotation(
    signalSize: Extent, angle: Scalar, delay: Extent, secondDelay: Extent? = nil
  ) throws -> ConvolutionalDictionary {
    let other = secondDelay ?? delay
    for shift in [delay, other] {
      guard (0..<signalSize.height).contains(shift.height),
        (0..<signalSize.width).contains(shift.width)
      else {
        throw ModelError.parameterOutOfRange(
          name: "delay", value: "\(shift)", range: "0 to below the signal's size \(signalSize)")
      }
    }
    let kernel = Extent(
      max(delay.height, other.height) + 1, max(delay.width, other.width) + 1)
    var filters = Tensor<Scalar>(zeros: 2, 2, kernel.height, kernel.width)
    filters.withMutableElements { p in
      func tap(_ filter: Int, _ channel: Int, _ shift: Extent) -> Int {
        ((filter * 2 + channel) * kernel.height + shift.height) * kernel.width + shift.width
      }
      p[tap(0, 0, .square(0))] = .cos(angle)
      p[tap(0, 1, delay)] = .sin(angle)
      p[tap(1, 0, .square(0))] = .sin(angle)
      p[tap(1, 1, other)] = -.cos(angle)
    }
    return try ConvolutionalDictionary(
      filters: filters,
      geometry: ConvolutionGeometry(
        channels: 2, signalSize: signalSize, kernelSize: kernel, boundary: .circular))
  }
}
