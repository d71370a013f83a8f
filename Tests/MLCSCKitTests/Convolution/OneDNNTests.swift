// Claim: oneDNN computes the same convolutions as the library's dictionaries, in every layout it
// chooses and along chains that keep its layouts.
import MLCSCKit
import Testing

@Suite(.serialized)
struct OneDNNTests {
  /// Channels, side, kernel, filters, stride, dilation, padding: B's, R's and odd ones.
  static let shapes: [[Int]] = [
    [1, 28, 6, 64, 2, 1, 0], [64, 12, 6, 128, 2, 1, 0], [128, 4, 4, 32, 1, 1, 0],
    [3, 32, 5, 64, 2, 1, 0], [3, 16, 3, 16, 1, 1, 1], [16, 16, 3, 32, 2, 1, 1],
    [32, 8, 3, 32, 1, 1, 1], [35, 12, 3, 32, 1, 2, 2], [67, 12, 3, 32, 1, 3, 3],
    [2, 7, 3, 3, 3, 2, 1], [5, 9, 4, 7, 2, 1, 0], [16, 9, 1, 16, 2, 1, 0], [16, 3, 3, 16, 1, 1, 1],
    // Most of a filter outside: two positions an axis, one, and with every second tap.
    [32, 2, 3, 80, 1, 1, 1], [80, 1, 3, 16, 1, 1, 1], [16, 3, 5, 32, 2, 2, 4],
    // Few tiles for many filters, with and without a block of fewer channels.
    [96, 4, 3, 96, 1, 1, 1], [35, 4, 3, 192, 1, 1, 1],
    // Few channels in patches, with gaps, steps and an edge.
    [1, 9, 4, 32, 2, 1, 1], [4, 8, 3, 16, 1, 2, 2],
  ]

  private func geometry(_ s: [Int]) throws -> ConvolutionGeometry {
    try ConvolutionGeometry(
      channels: s[0], signalSize: .square(s[1]), kernelSize: .square(s[2]), stride: .square(s[4]),
      dilation: .square(s[5]), padding: .square(s[6]))
  }

  private func normal(_ shape: [Int], _ name: String) -> Tensor<Float> {
    GradientCheck.normal(shape, name).converted(to: Float.self)
  }

  /// The largest difference, relative to the largest number.
  private func difference(_ x: Tensor<Float>?, _ y: Tensor<Float>?) -> Float {
    guard let x, let y, x.shape == y.shape else { return .infinity }
    let largest = y.elements.map(abs).max() ?? 0
    return zip(x.elements, y.elements).map { abs($0 - $1) }.max().map { $0 / largest } ?? 0
  }

  /// Sums of up to 10⁴ terms in another order: rounding of 6e-8 times some ten.
  static let tolerance: Float = 4e-6

  /// The root mean square of the same errors, relative to the largest number; Winograd's of 6×6
  /// taps in 64 channels comes to 4.4e-7 with every instruction set.
  static let typicalError: Float = 6e-7

  private func typicalDifference(_ x: Tensor<Float>?, _ y: Tensor<Float>?) -> Float {
    guard let x, let y, x.shape == y.shape, let largest = y.elements.map(abs).max() else {
      return .infinity
    }
    let squares = zip(x.elements, y.elements).map { ($0 - $1) * ($0 - $1) }
    return (squares.reduce(0, +) / Float(x.count)).squareRoot() / largest
  }

  /// Codes and signals with their gradients, and those of the filters.
  private func results(
    _ s: [Int], _ batch: Int, _ engine: any ConvolutionEngine<Float>
  ) throws -> [Tensor<Float>?] {
    let geometry = try geometry(s)
    let side = geometry.codeSize
    let x = normal([batch, s[0], s[1], s[1]], "x")
    let filters = Parameter("k", normal([s[3], s[0], s[2], s[2]], "k"))
    let seed = normal([batch, s[3], side.height, side.width], "seed")
    let tape = Tape<Float>(engine: engine)
    let input = tape.input(x, wantsGradient: true)
    let codes = tape.analyze(input, tape.variable(filters), geometry)
    let first = tape.backward(from: codes, seed: seed)
    let deep = tape.input(seed, wantsGradient: true)
    let signals = tape.synthesize(deep, tape.variable(filters), geometry)
    let second = tape.backward(from: signals, seed: x)
    return [
      codes.tensor, first[input]?.tensor, first[filters]?.tensor, signals.tensor,
      second[deep]?.tensor, second[filters]?.tensor,
    ]
  }

  @Test("analysis, synthesis and all gradients equal the dictionary's", arguments: shapes, [1, 5])
  func equality(_ s: [Int], _ batch: Int) throws {
    let expected = try results(s, batch, ReferenceConvolution())
    for (found, expected) in zip(try results(s, batch, OneDNNConvolution()), expected) {
      #expect(difference(found, expected) < Self.tolerance)
      #expect(typicalDifference(found, expected) < Self.typicalError)
    }
  }

  /// More tiles than are few, and more images than a batch is cut into, by parts of unequal length.
  @Test(
    "the same for batches that are cut",
    arguments: [([64, 12, 6, 128, 2, 1, 0], 65), ([96, 4, 3, 96, 1, 1, 1], 70)]
      + [([1, 9, 4, 32, 2, 1, 1], 19)])
  func cutBatches(_ s: [Int], _ batch: Int) throws {
    try equality(s, batch)
  }

  @Test(
    "the library's own products have the same bits on one thread and on three",
    arguments: [
      [80, 1, 3, 16, 1, 1, 1], [32, 2, 3, 80, 1, 1, 1], [96, 4, 3, 96, 1, 1, 1],
      [64, 12, 6, 128, 2, 1, 0],
    ], [5, 70])
  func threads(_ s: [Int], _ batch: Int) throws {
    let one = try Parallelism.withWidth(1) { try results(s, batch, OneDNNConvolution()) }
    let three = try Parallelism.withWidth(3) { try results(s, batch, OneDNNConvolution()) }
    #expect(one.map(\.?.elements) == three.map(\.?.elements))
  }

  @Test(
    "an empty batch has a gradient of zeros",
    arguments: [
      [1, 9, 4, 32, 2, 1, 1], [16, 8, 3, 16, 1, 1, 1], [96, 4, 3, 96, 1, 1, 1],
      [32, 2, 3, 80, 1, 1, 1],
    ])
  func emptyBatch(_ s: [Int]) throws {
    let geometry = try geometry(s)
    let tape = Tape<Float>(engine: OneDNNConvolution())
    let filters = Parameter("k", normal([s[3], s[0], s[2], s[2]], "k"))
    let codes = tape.analyze(
      tape.input(Tensor(shape: [0, s[0], s[1], s[1]])), tape.variable(filters), geometry)
    let gradients = tape.backward(from: codes, seed: Tensor(shape: codes.tensor.shape))
    let gradient = try #require(gradients[filters]?.tensor)
    #expect(gradient.shape == filters.value.shape && gradient.elements.allSatisfy { $0 == 0 })
  }

  @Test("patches have the same bits on one thread and on three", arguments: [5, 19])
  func patchThreads(batch: Int) throws {
    let s = [1, 9, 4, 32, 2, 1, 1]
    let one = try Parallelism.withWidth(1) { try results(s, batch, OneDNNConvolution()) }
    let three = try Parallelism.withWidth(3) { try results(s, batch, OneDNNConvolution()) }
    // Analysis and the filters' gradients; the synthesis is oneDNN's.
    for i in [0, 2, 5] { #expect(one[i]?.elements == three[i]?.elements) }
  }

  /// Height and width differ, so that one in the place of the other is found.
  @Test("positions of oblong images are the right ones")
  func oblong() throws {
    let geometry = try ConvolutionGeometry(
      channels: 16, signalSize: Extent(1, 3), kernelSize: Extent(3, 5), stride: Extent(1, 2),
      padding: Extent(1, 2))
    let x = normal([4, 16, 1, 3], "x")
    let filters = normal([32, 16, 3, 5], "k")
    let codes = [ReferenceConvolution<Float>(), OneDNNConvolution()].map {
      (engine: any ConvolutionEngine<Float>) in
      let tape = Tape<Float>(engine: engine)
      return tape.withoutRecording {
        tape.analyze(tape.input(x), tape.variable(Parameter("k", filters)), geometry).tensor
      }
    }
    #expect(difference(codes[1], codes[0]) < Self.tolerance)
  }

  /// One tile an image, so that there are as many rows as images, and an odd number of blocks.
  @Test("products of Winograd's transforms are right for every number of rows", arguments: 2...13)
  func tileProducts(batch: Int) throws {
    try equality([48, 4, 3, 48, 1, 1, 1], batch)
  }

  /// 64 tiles are few, 70 are not.
  @Test("an image has the same codes, and codes the same image, beside few others and many")
  func fewTiles() throws {
    let geometry = try geometry([96, 4, 3, 96, 1, 1, 1])
    let filters = Parameter("k", normal([96, 96, 3, 3], "k"))
    let x = normal([70, 96, 4, 4], "x")
    func halves(_ x: Tensor<Float>) -> [Tensor<Float>] {
      let half = x.elements.count / 2
      return [x.elements.prefix(half), x.elements.suffix(half)].map {
        Tensor(shape: [35, 96, 4, 4], elements: Array($0))
      }
    }
    let tape = Tape<Float>(engine: OneDNNConvolution())
    typealias Operation = (Tensor<Float>) -> Tensor<Float>
    let operations: [Operation] = [
      { tape.analyze(tape.input($0), tape.variable(filters), geometry).tensor },
      { tape.synthesize(tape.input($0), tape.variable(filters), geometry).tensor },
    ]
    tape.withoutRecording {
      for operation in operations {
        #expect(operation(x).elements == halves(x).map(operation).flatMap(\.elements))
      }
    }
  }

  @Test("a chain of every operation has the same loss and gradients", arguments: [1, 2])
  func chain(_ threads: Int) throws {
    try Parallelism.withWidth(threads, chain)
  }

  private func chain() throws {
    let wide = try geometry([16, 12, 3, 16, 1, 1, 1])
    let strided = try geometry([48, 12, 3, 32, 2, 1, 1])
    let x = normal([4, 16, 12, 12], "x")
    let shapes = [[16, 16, 3, 3], [32, 48, 3, 3], [16], [16], [1], [32], [10, 32]]
    let values = shapes.enumerated().map { i, shape in
      Tensor(shape: shape, elements: normal(shape, "p\(i)").elements.map { $0 * 0.1 })
    }
    func results(_ engine: any ConvolutionEngine<Float>) -> [Tensor<Float>?] {
      let tape = Tape<Float>(engine: engine)
      let parameters = values.enumerated().map { Parameter("p\($0)", $1) }
      let p = parameters.map(tape.variable)
      let input = tape.input(x, wantsGradient: true)
      let first = tape.addBias(tape.analyze(input, p[0], wide), p[2])
      let normalised = tape.batchNorm(
        first, scale: p[3], shift: p[2], statistics: BatchStatistics(channels: 16), training: true)
      let codes = tape.threshold(normalised, by: p[2], .soft)
      let residual = tape.subtract(tape.synthesize(codes, p[0], wide), input)
      let step = tape.proximalStep(
        from: codes, along: tape.analyze(residual, p[0], wide), step: p[4], thresholds: p[2],
        .oneSided)
      let joined = tape.concatenate([tape.add(step, input), codes, tape.scale(input, by: p[4])])
      let second = tape.relu(tape.addBias(tape.analyze(joined, p[1], strided), p[5]))
      let shortcut = tape.subsample(input, stride: 2, channels: 32)
      let parts = tape.split(tape.combination(1, second, 0.5, shortcut), [16, 16])
      let pooled = tape.globalAveragePool(tape.concatenate([parts[1], parts[0]]))
      let loss = tape.crossEntropy(tape.dense(pooled, p[6]), labels: [1, 5, 0, 9])
      let gradients = tape.backward(from: loss)
      return [loss.tensor, gradients[input]?.tensor] + parameters.map { gradients[$0]?.tensor }
    }
    let expected = results(ReferenceConvolution<Float>())
    let found = results(OneDNNConvolution())
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) {
      // A dozen operations deep; batch norm divides by small differences.
      #expect(difference(a, b) < 1e-4)
    }
  }

  @Test("a new value of the filters is seen by the compiled convolution")
  func newFilters() throws {
    let geometry = try geometry([16, 8, 3, 16, 1, 1, 1])
    let x = normal([2, 16, 8, 8], "x")
    let tape = Tape<Float>(engine: OneDNNConvolution())
    let parameter = Parameter("k", Tensor<Float>(shape: [16, 16, 3, 3]))
    for name in ["a", "b"] {
      parameter.value = normal([16, 16, 3, 3], name)
      let dictionary = try ConvolutionalDictionary(filters: parameter.value, geometry: geometry)
      let codes = tape.withoutRecording {
        tape.analyze(tape.input(x), tape.variable(parameter), geometry).tensor
      }
      let expected = dictionary.analyze(x.reshaped(2, 1024))
      #expect(difference(codes.reshaped(2, 1024), expected) < Self.tolerance)
    }
  }

  /// A dilated layer, B's last one, which goes from blocks of channels to BLAS, and one of two by two
  /// positions.
  @Test(
    "no memory is left behind by layouts and scratch space",
    arguments: [
      [35, 12, 3, 32, 1, 2, 2], [16, 4, 4, 256, 1, 1, 0], [16, 2, 3, 80, 1, 1, 1],
    ], [1, 2])
  func memory(_ s: [Int], _ threads: Int) throws {
    try Parallelism.withWidth(threads) { try memory(s) }
  }

  private func memory(_ s: [Int]) throws {
    let geometry = try geometry(s)
    let same = try self.geometry([s[0], s[1], 3, s[0], 1, 1, 1])
    let pool = MemoryPool()
    let tape = Tape<Float>(engine: OneDNNConvolution(), pool: pool)
    let x = normal([200, s[0], s[1], s[1]], "x")
    let before = Parameter("before", normal([s[0], s[0], 3, 3], "before"))
    let filters = Parameter("k", normal([s[3], s[0], s[2], s[2]], "k"))
    var sizes = [Int]()
    func forward() -> Variable<Float> {
      let first = tape.analyze(tape.input(x), tape.variable(before), same)
      let codes = tape.relu(tape.analyze(first, tape.variable(filters), geometry))
      return tape.synthesize(codes, tape.variable(filters), geometry)
    }
    for _ in 0..<6 {
      tape.backward(from: forward())
      sizes.append(pool.byteCount)
    }
    // What stays is the parameters and their copies in the layouts that primitives read.
    #expect(sizes.dropFirst().allSatisfy { $0 == sizes[1] })
    // Winograd's method has 36 numbers for nine, in blocks of sixteen channels, and their transposes.
    let transforms = 2 * 36 * ((s[0] + 15) / 16 * 16) * s[3]
    #expect(sizes[1] <= 4 * (3 * (before.value.count + filters.value.count) + transforms))
  }
}
