// Claim: optimisers follow their formulas and go on from a saved state, schedules have the papers'
// values, and mini-batches show every image once an epoch, changed as said and the same on resuming.
import MLCSCKit
import RealModule
import Testing

struct TrainingTests {
  /// The gradient of ½ Σ aᵢ (xᵢ − cᵢ)² at a parameter's value, through a tape.
  private func gradients(
    _ parameter: Parameter<Double>, _ tape: Tape<Double>, _ a: [Double], _ c: [Double]
  ) -> Gradients<Double> {
    let seed = zip(zip(a, c), parameter.value.elements).map { $0.0 * ($1 - $0.1) }
    return tape.backward(
      from: tape.variable(parameter), seed: Tensor(shape: parameter.value.shape, elements: seed))
  }

  private let a = [1.0, 3.0, 0.5]
  private let c = [2.0, -1.0, 4.0]

  private func run(_ optimizer: some Optimizer<Double>, steps: Int, from start: [Double])
    -> [Double]
  {
    let parameter = Parameter("x", Tensor(shape: [1, 3], elements: start))
    for _ in 0..<steps {
      let tape = Tape<Double>()
      optimizer.step([parameter], gradients(parameter, tape, a, c), rate: 0.1)
    }
    return parameter.value.elements
  }

  @Test(
    "gradient descent follows its formula, with both kinds of momentum", arguments: [true, false])
  func descent(nesterov: Bool) {
    let (ν, δ, η) = (0.9, 0.01, 0.1)
    var (x, v) = ([1.0, 1.0, 1.0], [0.0, 0.0, 0.0])
    for _ in 0..<5 {
      for i in 0..<3 {
        let g = a[i] * (x[i] - c[i]) + δ * x[i]
        v[i] = ν * v[i] + g
        x[i] -= η * (nesterov ? g + ν * v[i] : v[i])
      }
    }
    let found = run(
      GradientDescent(momentum: ν, nesterov: nesterov, weightDecay: δ), steps: 5, from: [1, 1, 1])
    for (p, q) in zip(found, x) { #expect(abs(p - q) < 1e-14) }
  }

  @Test("a step changes the numbers where they lie, also beside a tape that has used them")
  func inPlace() {
    let optimizers: [any Optimizer<Double>] = [GradientDescent(momentum: 0.9), Adam()]
    for optimizer in optimizers {
      let parameter = Parameter("x", Tensor(shape: [1, 3], elements: [1, 1, 1]))
      let tape = Tape<Double>()
      // The first step may copy a constant of the program.
      let places = (0..<3).map { _ in
        optimizer.step([parameter], gradients(parameter, tape, a, c), rate: 0.1)
        return parameter.value.withElements { UnsafeRawPointer($0) }
      }
      #expect(parameter.value.elements != [1, 1, 1])
      #expect(places[1] == places[0] && places[2] == places[0])
    }
  }

  @Test("Adam follows its formula; its first step is the learning rate whatever the gradient is")
  func adam() {
    let first = run(Adam(epsilon: 0), steps: 1, from: [1, 1, 1])
    // Against the gradient's signs: −, +, −.
    for (p, q) in zip(first, [1.1, 0.9, 1.1]) { #expect(abs(p - q) < 1e-12) }
    var (x, m, v) = ([1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0])
    for t in 1...6 {
      for i in 0..<3 {
        let g = a[i] * (x[i] - c[i])
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        let (p, q) = (m[i] / (1 - .pow(0.9, t)), v[i] / (1 - .pow(0.999, t)))
        x[i] -= 0.1 * p / (q.squareRoot() + 1e-4)
      }
    }
    let found = run(Adam(epsilon: 1e-4), steps: 6, from: [1, 1, 1])
    for (p, q) in zip(found, x) { #expect(abs(p - q) < 1e-12) }
  }

  @Test("both reach the minimum of a quadratic function")
  func convergence() {
    let target = c
    for (p, q) in zip(run(GradientDescent(momentum: 0.5), steps: 400, from: [9, 9, 9]), target) {
      #expect(abs(p - q) < 1e-6)
    }
    for (p, q) in zip(run(Adam(), steps: 4_000, from: [9, 9, 9]), target) {
      #expect(abs(p - q) < 1e-3)
    }
  }

  @Test("a step from a saved state is the step that would have followed, bit by bit")
  func resumption() {
    func check(_ make: () -> some Optimizer<Double>) {
      let whole = run(make(), steps: 7, from: [1, 1, 1])
      let before = make()
      let half = run(before, steps: 3, from: [1, 1, 1])
      let after = make()
      after.state = before.state
      #expect(run(after, steps: 4, from: half) == whole)
    }
    check { GradientDescent<Double>(momentum: 0.9, nesterov: true, weightDecay: 0.1) }
    check { Adam<Double>() }
  }

  @Test("schedules have the papers' values")
  func schedules() {
    let resnet = LearningRateSchedule.steps(at: [100, 150], factor: 0.1)
    for (epoch, value) in [(0, 1), (99, 1), (100, 0.1), (149, 0.1), (150, 0.01), (199, 0.01)] {
      #expect(abs(resnet.factor(progress: Double(epoch) + 0.9, epochs: 200) - value) < 1e-15)
    }
    let code = LearningRateSchedule.every(epochs: 30, factor: 0.2)
    #expect(code.factor(progress: 29.99, epochs: 100) == 1)
    #expect(abs(code.factor(progress: 60, epochs: 100) - 0.04) < 1e-15)
    let cycle = LearningRateSchedule.oneCycle(start: 0.1, rise: 0.3, end: 0)
    #expect(abs(cycle.factor(progress: 0, epochs: 10) - 0.1) < 1e-15)
    #expect(abs(cycle.factor(progress: 3, epochs: 10) - 1) < 1e-15)
    #expect(abs(cycle.factor(progress: 10, epochs: 10)) < 1e-15)
    let ρ = ConsistencySchedule()
    #expect(abs(ρ.share(epoch: 60, of: 90) - 0.5) < 1e-15)
    #expect(ρ.share(epoch: 1, of: 100) < 1e-5 && ρ.share(epoch: 100, of: 100) > 0.998)
    #expect(abs(ConsistencySchedule(limit: 0.5).share(epoch: 60, of: 90) - 0.25) < 1e-15)
  }

  /// Nine images of 2 × 3 × 4 whose pixels say which image, channel, row and column they are.
  private func images() throws -> LabelledImages {
    var pixels = [UInt8]()
    for image in 0..<9 {
      for c in 0..<2 {
        for y in 0..<3 { for x in 0..<4 { pixels.append(UInt8(24 * image + 12 * c + 4 * y + x)) } }
      }
    }
    return LabelledImages(
      pixels: pixels, labels: (0..<9).map { UInt8($0) }, channels: 2, size: Extent(3, 4))
  }

  @Test("an epoch shows every image once in an order of its own, the same when asked again")
  func order() throws {
    let batches = try MiniBatches(images(), size: 2, seed: "a")
    #expect(batches.count == 4)
    #expect(batches.order(epoch: 0).sorted() == Array(0..<9))
    #expect(batches.order(epoch: 0) == batches.order(epoch: 0))
    #expect(batches.order(epoch: 0) != batches.order(epoch: 1))
    let first = batches.batch(1, epoch: 3, order: batches.order(epoch: 3))
    let again = batches.batch(1, epoch: 3, order: batches.order(epoch: 3))
    #expect(first.images == again.images && first.labels == again.labels)
    #expect(first.labels == batches.order(epoch: 3)[2..<4].map { $0 })
  }

  @Test("changed images are translations and mirror images, with zeros from the edge")
  func augmentation() throws {
    let images = try images()
    let batches = try MiniBatches(
      images, size: 9, augmentation: .init(translation: 1, flips: true), seed: "b")
    var seen = Set<String>()
    for epoch in 0..<40 {
      let batch = batches.batch(0, epoch: epoch, order: batches.order(epoch: epoch))
      for (row, label) in batch.labels.enumerated() {
        let found = (0..<24).map { batch.images.elements[row * 24 + $0] }
        var matches = [String]()
        for dy in -1...1 {
          for dx in -1...1 {
            for flip in [false, true] {
              let expected = (0..<24).map { i -> Float in
                let (c, y, x) = (i / 12, i % 12 / 4 - dy, i % 4 - dx)
                guard (0..<3).contains(y), (0..<4).contains(x) else { return 0 }
                return Float(24 * label + 12 * c + 4 * y + (flip ? 3 - x : x)) / 255
              }
              if expected == found { matches.append("\(dy) \(dx) \(flip)") }
            }
          }
        }
        #expect(!matches.isEmpty)
        seen.formUnion(matches)
      }
    }
    // 360 draws of 18 kinds: one is missing with probability 18 (17/18)³⁶⁰ < 10⁻⁷.
    #expect(seen.count == 18)
  }

  @Test("normalised images have the mean subtracted and are divided by the deviation")
  func normalization() throws {
    let images = try images()
    let batches = try MiniBatches(
      images, size: 1, normalization: ([0.5, 0.25], [0.5, 2]), seed: "c")
    let batch = batches.unchanged([2])
    #expect(abs(batch.images.elements[5] - (Float(48 + 5) / 255 - 0.5) / 0.5) < 1e-6)
    #expect(abs(batch.images.elements[17] - (Float(48 + 17) / 255 - 0.25) / 2) < 1e-6)
  }

  @Test("sizes and numbers that do not fit are refused")
  func refusals() throws {
    let images = try images()
    #expect(throws: ModelError.self) { try MiniBatches(images, size: 10, seed: "d") }
    #expect(throws: ModelError.self) { try MiniBatches(images, size: 0, seed: "d") }
    #expect(throws: ModelError.self) { try MiniBatches(images, indices: [9], size: 1, seed: "d") }
    #expect(throws: ModelError.self) { try MiniBatches(images, indices: [], size: 1, seed: "d") }
    #expect(throws: ModelError.self) {
      try MiniBatches(images, size: 1, augmentation: .init(translation: -1), seed: "d")
    }
    #expect(throws: ModelError.self) {
      try MiniBatches(images, size: 1, normalization: ([0], [1]), seed: "d")
    }
  }
}
