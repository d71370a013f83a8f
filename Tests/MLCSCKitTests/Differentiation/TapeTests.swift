// Claim: operations equal their definitions, memory is freed as it becomes useless, and an unfolded
// network is the library's pursuit.
import MLCSCKit
import Testing

struct TapeTests {
  private func normal(_ shape: [Int], _ name: String) -> Tensor<Double> {
    GradientCheck.normal(shape, name)
  }

  @Test("batch norm equals its definition, and its statistics move by the momentum")
  func batchNormDefinition() {
    let x = normal([4, 3, 2, 5], "x")
    let (a, b) = (normal([3], "a"), normal([3], "b"))
    let tape = Tape<Double>()
    let statistics = BatchStatistics<Double>(channels: 3, momentum: 0.3)
    let y = tape.batchNorm(
      tape.input(x), scale: tape.input(a), shift: tape.input(b), statistics: statistics,
      training: true, ε: 1e-3
    ).tensor
    for c in 0..<3 {
      let places = (0..<4).flatMap { n in (0..<10).map { (n * 3 + c) * 10 + $0 } }
      let values = places.map { x.elements[$0] }
      let mean = values.reduce(0, +) / 40
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      for i in places {
        let expected =
          a.elements[c] * (x.elements[i] - mean) / (squares / 40 + 1e-3).squareRoot()
          + b.elements[c]
        #expect(abs(y.elements[i] - expected) < 1e-13)  // rounding of numbers of size one
      }
      #expect(abs(statistics.mean.elements[c] - 0.3 * mean) < 1e-14)
      #expect(abs(statistics.variance.elements[c] - (0.7 + 0.3 * squares / 39)) < 1e-13)
    }
    let inference = tape.batchNorm(
      tape.input(x), scale: tape.input(a), shift: tape.input(b), statistics: statistics,
      training: false, ε: 1e-3
    ).tensor
    let expected =
      a.elements[1] * (x.elements[10] - statistics.mean.elements[1])
      / (statistics.variance.elements[1] + 1e-3).squareRoot() + b.elements[1]
    #expect(abs(inference.elements[10] - expected) < 1e-13)
  }

  @Test("the one-sided threshold is a rectifier with bias −b: S⁺_b(z) = ReLU(z − b)")
  func oneSidedThreshold() {
    let z = normal([3, 4, 2, 5], "z")
    let b = Tensor(shape: [4], elements: [0.5, -0.25, 0, 1])
    let tape = Tape<Double>()
    let found = tape.threshold(tape.input(z), by: tape.input(b), .oneSided).tensor.elements
    let negated = Tensor(shape: [4], elements: b.elements.map { -$0 })
    let rectified = tape.relu(tape.addBias(tape.input(z), tape.input(negated))).tensor.elements
    for (i, value) in z.elements.enumerated() {
      let bias = b.elements[i / 10 % 4]
      // The case distinction of the definition, without rounding.
      #expect(found[i] == (value <= bias ? 0 : value - bias) && found[i] == rectified[i])
    }
  }

  @Test("pooling and the shortcut equal their definitions", arguments: [1, 2, 3])
  func poolingDefinition(_ stride: Int) {
    let x = normal([2, 3, 7, 6], "x")
    func at(_ n: Int, _ c: Int, _ i: Int, _ j: Int) -> Double {
      x.elements[((n * 3 + c) * 7 + i) * 6 + j]
    }
    let tape = Tape<Double>()
    let input = tape.input(x)
    let pooled = tape.maxPool(input, window: Extent(3, 2), stride: .square(stride))
    let means = tape.globalAveragePool(input).tensor
    let shortcut = tape.subsample(input, stride: stride, channels: 8)
    let (h, w) = ((7 - 3) / stride + 1, (6 - 2) / stride + 1)
    #expect(pooled.shape == [2, 3, h, w])
    #expect(shortcut.shape == [2, 8, (7 + stride - 1) / stride, (6 + stride - 1) / stride])
    let (p, s) = (pooled.tensor.elements, shortcut.tensor.elements)
    let (sh, sw) = (shortcut.shape[2], shortcut.shape[3])
    for n in 0..<2 {
      for c in 0..<3 {
        for i in 0..<h {
          for j in 0..<w {
            let window = (0..<3).flatMap { a in
              (0..<2).map { b in at(n, c, i * stride + a, j * stride + b) }
            }
            #expect(p[((n * 3 + c) * h + i) * w + j] == window.max())
          }
        }
        let all = (0..<7).flatMap { i in (0..<6).map { at(n, c, i, $0) } }
        #expect(abs(means[n, c] - all.reduce(0, +) / 42) < 1e-14)
      }
      for c in 0..<8 {
        for i in 0..<sh {
          for j in 0..<sw {
            // Two of the five added channels come first.
            let expected = (2..<5).contains(c) ? at(n, c - 2, i * stride, j * stride) : 0
            #expect(s[((n * 8 + c) * sh + i) * sw + j] == expected)
          }
        }
      }
    }
  }

  @Test("cross entropy is minus the mean log-softmax of the labels, without overflow")
  func crossEntropyDefinition() {
    let scores = Tensor<Double>(rows: [[1000, 1001, 999], [-3, 0.5, 2]])
    let tape = Tape<Double>()
    let logarithms = tape.logSoftmax(tape.input(scores)).tensor
    let loss = tape.crossEntropy(tape.input(scores), labels: [1, 0]).tensor
    #expect(abs(loss.elements[0] + (logarithms[0, 1] + logarithms[1, 0]) / 2) < 1e-14)
    for row in 0..<2 {
      let sum = logarithms.row(row).reduce(0) { $0 + Double.exp($1) }
      #expect(abs(sum - 1) < 1e-12)  // arguments of 1000 are good to 1e-13
    }
  }

  @Test(
    "the small loss of a sure decision, and its gradient, are not rounded to the scores' last digit",
    arguments: [20, 30, 60])
  func sureDecisions(score: Double) throws {
    func lossAndGradient<Scalar: NumericScalar>(
      _ type: Scalar.Type
    ) throws -> ([Double], [Double]) {
      let scores = Tensor(rows: [[score, score - 12, score - 13].map { Scalar($0) }])
      let tape = Tape<Scalar>()
      let input = tape.input(scores, wantsGradient: true)
      let loss = tape.crossEntropy(input, labels: [0])
      let logarithm = -Double(tape.logSoftmax(input).tensor[0, 0])
      let gradient = try #require(tape.backward(from: loss)[input]).tensor
      return ([Double(loss.tensor.elements[0]), logarithm], gradient.elements.map { Double($0) })
    }
    let (single, exact) = (try lossAndGradient(Float.self), try lossAndGradient(Double.self))
    // The loss is 8.4 · 10⁻⁶; beside one it has 1.2 · 10⁻⁷ as its last digit, beside 30 it has 2 · 10⁻⁶.
    for (a, b) in zip(single.0 + single.1, exact.0 + exact.1) { #expect(abs(a - b) < 2e-7) }
    #expect(abs(exact.0[0] - 8.4045064e-6) < 1e-12)  // log(1 + e⁻¹² + e⁻¹³)
  }

  @Test("memory is freed as soon as nothing needs it, and is the same in every step")
  func memory() {
    let (depth, pool) = (40, MemoryPool())
    let tape = Tape<Double>(pool: pool)
    let bias = Parameter("bias", normal([4], "b"))
    let images = normal([8, 4, 16, 16], "x")
    let one = images.count * 8
    func forward() -> Variable<Double> {
      var x = tape.addBias(tape.input(images), tape.variable(bias))
      for _ in 0..<depth { x = tape.relu(x) }
      return x
    }
    tape.withoutRecording { _ = forward() }
    // The argument and the result of one operation, and some parameters.
    #expect(pool.peakByteCount < 2 * one + 4096)
    let parameters = pool.byteCount
    #expect(parameters < 4096)
    for _ in 0..<2 {
      pool.resetPeak()
      let gradient = tape.backward(from: forward())[bias]
      #expect(gradient != nil)
      // Every layer's output, the last one's gradient and the seed; backward adds one more.
      #expect(pool.peakByteCount <= (depth + 4) * one + 4096)
    }
    #expect(tape.stepCount == 0)
    #expect(pool.byteCount == parameters)
  }

  @Test("a parameter's new value is seen by its next use, and unused ones have no gradient")
  func parameters() {
    let tape = Tape<Double>()
    let (used, unused) = (Parameter("a", normal([3], "a")), Parameter("b", normal([3], "b")))
    let x = normal([2, 3], "x")
    for value in [1.0, 2.0] {
      used.value = Tensor(shape: [3], repeating: value)
      let y = tape.addBias(tape.input(x), tape.variable(used))
      #expect(y.tensor.elements == x.elements.map { $0 + value })
      let gradients = tape.backward(from: y)
      #expect(gradients[used]?.tensor.elements == [2, 2, 2])
      #expect(gradients[unused] == nil)
    }
  }

  @Test("the same network in Float has the gradients of Double, to its precision")
  func precision() throws {
    let geometry = try ConvolutionGeometry(
      channels: 2, signalSize: .square(9), kernelSize: .square(3), stride: .square(2))
    let (x, k) = (normal([4, 2, 9, 9], "x"), normal([5, 2, 3, 3], "k"))
    func gradient<Scalar: NumericScalar>(_ type: Scalar.Type) -> Tensor<Scalar> {
      let tape = Tape<Scalar>()
      let filters = Parameter("k", k.converted(to: Scalar.self))
      let scale = Parameter("a", Tensor<Scalar>(shape: [5], repeating: 1))
      let shift = Parameter("b", Tensor<Scalar>(shape: [5], repeating: 0))
      let codes = tape.analyze(
        tape.input(x.converted(to: Scalar.self)), tape.variable(filters), geometry)
      let normalised = tape.batchNorm(
        codes, scale: tape.variable(scale), shift: tape.variable(shift),
        statistics: BatchStatistics(channels: 5), training: true)
      let pooled = tape.globalAveragePool(tape.relu(normalised))
      let loss = tape.crossEntropy(pooled, labels: [0, 1, 4, 2])
      return tape.backward(from: loss)[filters]?.tensor ?? Tensor(shape: k.shape)
    }
    let (single, double) = (gradient(Float.self), gradient(Double.self))
    let largest = double.elements.map(abs).max() ?? 0
    #expect(largest > 0)
    for (a, b) in zip(single.elements, double.elements) {
      // Some hundred operations of relative rounding 6e-8.
      #expect(abs(Double(a) - b) < 1e-5 * largest)
    }
  }
}
