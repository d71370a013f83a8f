// Claim: operations that do several things in one pass have the values and gradients of the chain of
// single ones, and those of their definition.
import MLCSCKit
import Testing

@Suite(.serialized)
struct FusedStepTests {
  /// Central differences, as in `TapeGradientTests`.
  static let tolerance = 1e-6

  private func geometry(
    _ channels: Int, _ side: Int, _ kernel: Int, stride: Int = 1, dilation: Int = 1,
    padding: Int = 0
  ) throws -> ConvolutionGeometry {
    try ConvolutionGeometry(
      channels: channels, signalSize: .square(side), kernelSize: .square(kernel),
      stride: .square(stride), dilation: .square(dilation), padding: .square(padding))
  }

  /// Whether a step's arguments stay clear of its kinks by more than differences move them.
  private func isClear(
    _ geometry: ConvolutionGeometry, _ z: Tensor<Double>?, _ r: Tensor<Double>,
    _ k: Tensor<Double>, _ c: Double, _ t: Tensor<Double>, _ kind: ThresholdKind, _ beside: Bool
  ) -> Bool {
    let tape = Tape<Double>()
    let product = tape.withoutRecording {
      let codes = tape.analyze(tape.input(r), tape.input(k), geometry)
      return (beside ? tape.concatenate([tape.input(r), codes]) : codes).tensor
    }
    let positions = product.shape.dropFirst(2).reduce(1, *)
    return product.elements.indices.allSatisfy { i in
      let g = product.elements[i]
      let x = z.map { $0.elements[i] - c * g } ?? c * g
      let threshold = t.elements[i / positions % product.shape[1]]
      return abs((kind == .soft ? abs(x) : x) - threshold) > 2e-4
    }
  }

  @Test(
    "a proximal step with its product has the gradient of its definition",
    arguments: ThresholdKind.allCases, [true, false])
  func proximalStep(_ kind: ThresholdKind, _ besideIdentity: Bool) throws {
    let geometry = try geometry(2, 5, 3, dilation: 2, padding: 2)
    let codes = [2, besideIdentity ? 5 : 3, 5, 5]
    let k = GradientCheck.normal([3, 2, 3, 3], "k")
    let z = GradientCheck.normal(codes, "z")
    let c = Tensor<Double>(shape: [1], elements: [0.3])
    let t = Tensor(
      shape: [codes[1]], elements: GradientCheck.normal([codes[1]], "t").elements.map { abs($0) })
    for start in [z, nil] {
      let draws = (0..<50).lazy.map { GradientCheck.normal([2, 2, 5, 5], "r\($0)") }
      let clear = draws.first {
        isClear(geometry, start, $0, k, 0.3, t, kind, besideIdentity)
      }
      let r = try #require(clear)
      let error = GradientCheck.relativeError([r, k, c, t] + (start.map { [$0] } ?? [])) {
        $0.proximalStep(
          from: $1.count > 4 ? $1[4] : nil, analyzing: $1[0], $1[1], geometry, step: $1[2],
          thresholds: $1[3], kind, besideIdentity: besideIdentity)
      }
      #expect(error < Self.tolerance)
    }
  }

  @Test("a residual has the gradient of its definition", arguments: [true, false])
  func residual(_ besideIdentity: Bool) throws {
    let geometry = try geometry(2, 5, 3, padding: 1)
    let error = GradientCheck.relativeError([
      GradientCheck.normal([2, besideIdentity ? 5 : 3, 5, 5], "code"),
      GradientCheck.normal([3, 2, 3, 3], "k"), GradientCheck.normal([2, 2, 5, 5], "x"),
    ]) {
      $0.residual(of: $1[0], $1[1], geometry, against: $1[2], besideIdentity: besideIdentity)
    }
    #expect(error < Self.tolerance)
  }

  @Test(
    "batch norm with a shortcut and a rectifier has the gradient of its definition",
    arguments: [true, false], [true, false])
  func batchNorm(_ rectified: Bool, _ training: Bool) {
    for shape in [[3, 2, 4, 5], [6, 19], [2, 3, 5, 5]] {
      let c = shape[1]
      let inputs = [
        GradientCheck.normal(shape, "x"), GradientCheck.normal([c], "scale"),
        GradientCheck.normal([c], "shift"), GradientCheck.normal(shape, "shortcut"),
      ]
      for count in [3, 4] {
        let error = GradientCheck.relativeError(Array(inputs.prefix(count)), step: 1e-6) {
          let statistics = BatchStatistics<Double>(channels: c)
          statistics.variance = Tensor(shape: [c], repeating: 1.7)
          return $0.batchNorm(
            $1[0], scale: $1[1], shift: $1[2], statistics: statistics, training: training,
            adding: count == 4 ? $1[3] : nil, rectified: rectified)
        }
        #expect(error < Self.tolerance)
      }
    }
  }

  /// The largest difference, relative to the largest number.
  private func difference(_ x: Tensor<Float>?, _ y: Tensor<Float>?) -> Float {
    guard let x, let y, x.shape == y.shape else { return .infinity }
    let largest = y.elements.map(abs).max() ?? 0
    return zip(x.elements, y.elements).map { abs($0 - $1) }.max().map { $0 / largest } ?? 0
  }

  /// Channels, side, kernel, filters, stride, dilation, padding; whether beside the identity.
  static let layers: [([Int], Bool)] = [
    ([3, 16, 3, 32, 1, 1, 1], true), ([35, 16, 3, 32, 1, 2, 2], true),
    ([67, 8, 3, 32, 1, 3, 3], true), ([35, 8, 3, 5, 1, 1, 1], true),
    ([1, 28, 6, 64, 2, 1, 0], false), ([64, 12, 6, 128, 2, 1, 0], false),
    ([128, 4, 4, 32, 1, 1, 0], false), ([16, 9, 3, 16, 1, 1, 1], false),
    ([5, 9, 4, 7, 2, 1, 0], false),
  ]

  @Test(
    "an iteration on oneDNN equals single operations on the reference engine", arguments: layers,
    [1, 2])
  func iteration(_ layer: ([Int], Bool), _ threads: Int) throws {
    try Parallelism.withWidth(threads) { try iteration(layer) }
  }

  private func iteration(_ layer: ([Int], Bool)) throws {
    let (s, beside) = layer
    let geometry = try geometry(
      s[0], s[1], s[2], stride: s[4], dilation: s[5], padding: s[6])
    let side = geometry.codeSize
    let channels = beside ? s[0] + s[3] : s[3]
    func normal(_ shape: [Int], _ name: String, _ scale: Float = 1) -> Tensor<Float> {
      let values = GradientCheck.normal(shape, name).converted(to: Float.self)
      return Tensor(shape: shape, elements: values.elements.map { $0 * scale })
    }
    let x = normal([3, s[0], s[1], s[1]], "x")
    let z = normal([3, channels, side.height, side.width], "z")
    let fan = Float(s[0] * s[2] * s[2])
    let parameters = [
      Parameter("k", normal([s[3], s[0], s[2], s[2]], "k", 1 / fan.squareRoot())),
      Parameter("c", Tensor<Float>(shape: [1], repeating: 0.4)),
      Parameter("t", normal([channels], "t", 0.1)),
    ]
    let seed = normal([3, channels, side.height, side.width], "seed")
    func results(fused: Bool) -> [Tensor<Float>?] {
      let tape = Tape<Float>(
        engine: fused ? OneDNNConvolution() : ReferenceConvolution<Float>())
      let p = parameters.map(tape.variable)
      let (signal, start) = (
        tape.input(x, wantsGradient: true), tape.input(z, wantsGradient: true)
      )
      func dictionary(_ r: Variable<Float>) -> Variable<Float> {
        let codes = tape.analyze(r, p[0], geometry)
        return beside ? tape.concatenate([r, codes]) : codes
      }
      let residual: Variable<Float>
      let code: Variable<Float>
      if fused {
        residual = tape.residual(
          of: start, p[0], geometry, against: signal, besideIdentity: beside)
        code = tape.proximalStep(
          from: start, analyzing: residual, p[0], geometry, step: p[1], thresholds: p[2],
          .oneSided, besideIdentity: beside)
      } else {
        let parts = beside ? tape.split(start, [s[0], s[3]]) : [start]
        var product = tape.synthesize(parts[parts.count - 1], p[0], geometry)
        if beside { product = tape.add(parts[0], product) }
        residual = tape.subtract(product, signal)
        code = tape.proximalStep(
          from: start, along: dictionary(residual), step: p[1], thresholds: p[2], .oneSided)
      }
      let gradients = tape.backward(from: code, seed: seed)
      return [residual.tensor, code.tensor, gradients[signal]?.tensor, gradients[start]?.tensor]
        + parameters.map { gradients[$0]?.tensor }
    }
    for (found, expected) in zip(results(fused: true), results(fused: false)) {
      // Numbers that rounding carries over a threshold lose or gain their gradient: few, and small.
      #expect(difference(found, expected) < 2e-4)
    }
  }

  @Test("batch norm in blocks of channels equals row-major batch norm", arguments: [1, 2])
  func blockedBatchNorm(_ threads: Int) throws {
    try Parallelism.withWidth(threads, blockedBatchNorm)
  }

  private func blockedBatchNorm() throws {
    let geometry = try geometry(16, 10, 3, padding: 1)
    let x = GradientCheck.normal([4, 16, 10, 10], "x").converted(to: Float.self)
    let k = GradientCheck.normal([32, 16, 3, 3], "k").converted(to: Float.self)
    let shortcut = GradientCheck.normal([4, 32, 10, 10], "s").converted(to: Float.self)
    func results(_ engine: any ConvolutionEngine<Float>, fused: Bool) -> [Tensor<Float>?] {
      let tape = Tape<Float>(engine: engine)
      let (scale, shift) = (
        Parameter("a", Tensor<Float>(shape: [32], repeating: 1.5)),
        Parameter("b", Tensor<Float>(shape: [32], repeating: 0.2))
      )
      let (input, added) = (
        tape.input(x, wantsGradient: true), tape.input(shortcut, wantsGradient: true)
      )
      let codes = tape.analyze(input, tape.input(k), geometry)
      var y = tape.batchNorm(
        codes, scale: tape.variable(scale), shift: tape.variable(shift),
        statistics: BatchStatistics(channels: 32), training: true,
        adding: fused ? added : nil, rectified: fused)
      if !fused { y = tape.relu(tape.add(y, added)) }
      let gradients = tape.backward(from: y, seed: shortcut)
      return [
        y.tensor, gradients[input]?.tensor, gradients[added]?.tensor, gradients[scale]?.tensor,
        gradients[shift]?.tensor,
      ]
    }
    let expected = results(ReferenceConvolution<Float>(), fused: false)
    for (found, expected) in zip(results(OneDNNConvolution(), fused: true), expected) {
      #expect(difference(found, expected) < 2e-4)
    }
  }

  @Test("two trainings with the same seed have the same bits", arguments: [1, 2])
  func determinism(_ threads: Int) throws {
    try Parallelism.withWidth(threads, determinism)
  }

  private func determinism() throws {
    let x = GradientCheck.normal([6, 3, 16, 16], "x").converted(to: Float.self)
    func losses(_ network: any Network<Float>) -> [Float] {
      let tape = Tape<Float>(engine: OneDNNConvolution())
      let optimizer = GradientDescent<Float>(momentum: 0.9)
      return (0..<3).map { _ in
        let scores = network.scores(
          of: tape.input(x), on: tape, ForwardPass(isTraining: true))
        let loss = tape.crossEntropy(scores, labels: [0, 1, 2, 3, 0, 1])
        optimizer.step(network.parameters, tape.backward(from: loss), rate: 0.01)
        return loss.tensor.elements[0]
      }
    }
    let stream = RandomStream("determinism")
    let networks: [() throws -> any Network<Float>] = [
      {
        try MixedScaleNetwork<Float>(
          depth: 3, filterCount: 16, unfoldings: 2, size: .square(16), classes: 4, stream: stream)
      },
      {
        try ResidualNetwork<Float>(
          .resCSC, depth: 8, size: .square(16), classes: 4, stream: stream)
      },
    ]
    for make in networks { #expect(try losses(make()) == losses(make())) }
  }
}
