/// Draws for theorems that measure noise and errors patch by patch, with the norm ‖·‖ᵖ_{2,∞}.
extension ModelUnderTest {
  /// True codes of every layer with their signal, without noise.
  public struct LocalDraw: Sendable {
    /// Γ₁ … Γ_L.
    public let codes: [[Double]]
    /// x, shape [1, n].
    public let signal: Tensor<Double>
    /// What the layer-wise theorems ask of the codes.
    public let profiles: [LayerProfile]
  }

  /// Noise that is added to a signal.
  public enum LocalNoise: Int, CaseIterable, Sendable {
    /// White noise.
    case white
    /// The atom off the support that looks most like the signal, with the sign that it has there.
    case misleadingAtom
    /// The weakest atom of the support, against its sign.
    case hidingAtom
  }

  /// Draws Γ₂ of a two-layer model, entries everywhere or within the reach of one filter of D₁.
  ///
  /// - Parameters:
  ///   - entries: ‖Γ₂‖₀.
  ///   - spread: Magnitudes are uniform in [1, 1 + spread].
  ///   - isCrowded: Whether entries fall within the reach of one filter.
  ///   - stream: Where random numbers come from.
  /// - Returns: The draw.
  /// - Throws: `ModelError`, never for layers that fit.
  public func localDraw(
    entries: Int, spread: Double, isCrowded: Bool, from stream: inout RandomStream
  ) throws -> LocalDraw {
    let grid = geometry.stripes[1]
    let (size, reach) = (grid.size, geometry.stripes[0].filterSize)
    let window = Extent(min(reach.height, size.height), min(reach.width, size.width))
    let corner = Extent(stream.index(below: size.height), stream.index(below: size.width))
    var deepest = Matrix<Double>(zeros: 1, grid.channels * size.area)
    var placed = 0
    while placed < entries {
      var j = stream.index(below: deepest.columns)
      if isCrowded {
        let y = (corner.height + stream.index(below: window.height)) % size.height
        let x = (corner.width + stream.index(below: window.width)) % size.width
        j = stream.index(below: grid.channels) * size.area + y * size.width + x
      }
      guard deepest[0, j] == 0 else { continue }
      deepest[0, j] = stream.sign() * (1 + spread * stream.uniform())
      placed += 1
    }
    let model = try MultiLayerModel(layers)
    let codes = model.propagate(deepest).map(\.elements)
    return LocalDraw(
      codes: codes, signal: model.synthesize(deepest), profiles: geometry.profiles(codes))
  }

  /// The largest ε₀ that thresholding's premise admits for one entry of Γ_L of worst magnitudes.
  ///
  /// - Parameter spread: As in `localDraw`.
  /// - Returns: ε₀, a patch norm.
  /// - Throws: `ModelError`, never for layers that fit.
  public func thresholdingEdge(spread: Double) throws -> Double {
    let model = try MultiLayerModel(layers)
    var deepest = Matrix<Double>(zeros: 1, model.deepestDimension)
    deepest[0, 0] = 1
    let profiles = geometry.profiles(model.propagate(deepest).map(\.elements)).map {
      LayerProfile(
        stripe: $0.stripe, patch: $0.patch, smallest: $0.smallest,
        largest: $0.largest * (1 + spread), coherence: $0.coherence)
    }
    return ThresholdingStability.largestNoise(profiles)
  }

  /// The signal of a draw with noise of a local norm.
  ///
  /// - Parameters:
  ///   - draw: Codes and signal.
  ///   - ε: ε₀ = ‖E‖ᵖ_{2,∞}.
  ///   - kind: What noise is made of.
  ///   - stream: Where white noise comes from.
  /// - Returns: y, shape [1, n].
  public func noisySignal(
    of draw: LocalDraw, localNorm ε: Double, _ kind: LocalNoise, from stream: inout RandomStream
  ) -> Tensor<Double> {
    let n = draw.signal.columns
    let noise =
      kind == .white
      ? Tensor<Double>.normal(1, n, from: &stream).elements
      : atomOfNoise(draw, isMisleading: kind == .misleadingAtom)
    let scale = ε / SparsityMeasures.patchNorm2(noise, on: geometry.patches[0])
    return Tensor(
      shape: [1, n], elements: zip(draw.signal.elements, noise).map { $0 + scale * $1 })
  }

  /// An atom of D₁ with the sign with which it does most harm.
  private func atomOfNoise(_ draw: LocalDraw, isMisleading: Bool) -> [Double] {
    let products = layers[0].analyze(draw.signal).elements
    var candidates = SparsityMeasures.support(draw.codes[0], threshold: 1e-12)
    if isMisleading {
      let taken = Set(candidates)
      candidates = products.indices.filter { !taken.contains($0) }
    }
    let order = isMisleading ? 1.0 : -1.0
    let chosen = candidates.max { order * abs(products[$0]) < order * abs(products[$1]) } ?? 0
    let atom = layers[0].atoms([chosen]).elements
    return (products[chosen] < 0) == isMisleading ? atom.map { -$0 } : atom
  }

  /// ε₀ = ‖E‖ᵖ_{2,∞} of a noisy signal, shape [1, n].
  public func localNoise(_ signal: Tensor<Double>, of draw: LocalDraw) -> Double {
    SparsityMeasures.patchNorm2(
      zip(signal.elements, draw.signal.elements).map(-), on: geometry.patches[0])
  }

  /// ‖Γ̂ᵢ − Γᵢ‖ᵖ_{2,∞}, layers from 0.
  public func localError(_ found: [Double], _ truth: [Double], layer: Int) -> Double {
    SparsityMeasures.patchNorm2(zip(found, truth).map(-), on: geometry.patches[layer + 1])
  }
}
