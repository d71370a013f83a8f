// Claim: with its numbers frozen, an unfolded network computes the library's pursuit.
import MLCSCKit
import Testing

struct UnfoldedPursuitTests {
  /// Two convolutional layers, 2×8×8 → 3×3×3 → 4×2×2, with steps and thresholds of any sign.
  struct Model {
    let filters: [Tensor<Double>]
    let geometries: [ConvolutionGeometry]
    let steps: [Double] = [0.011, 0.03]
    let thresholds: [[Double]] = [[0.05, -0.03, 0.02], [0.01, -0.02, 0.03, -0.01]]
    let signals = GradientCheck.normal([5, 2, 8, 8], "signals")

    init() throws {
      filters = [
        GradientCheck.normal([3, 2, 4, 4], "k1"), GradientCheck.normal([4, 3, 2, 2], "k2"),
      ]
      geometries = try [
        ConvolutionGeometry(
          channels: 2, signalSize: .square(8), kernelSize: .square(4), stride: .square(2)),
        ConvolutionGeometry(channels: 3, signalSize: .square(3), kernelSize: .square(2)),
      ]
    }

    var dictionaries: [ConvolutionalDictionary<Double>] {
      get throws {
        try zip(filters, geometries).map { try ConvolutionalDictionary(filters: $0, geometry: $1) }
      }
    }

    func problem(_ kind: ThresholdKind) throws -> MultiLayerProblem<Double> {
      try MultiLayerProblem(
        model: MultiLayerModel(dictionaries), signals: signals.reshaped(5, 128),
        penalties: [0, 0], nonnegative: kind == .oneSided)
    }

    /// Soft thresholds are not negative; one-sided ones may be.
    func thresholds(_ kind: ThresholdKind) -> [[Double]] {
      kind == .soft ? thresholds.map { $0.map(abs) } : thresholds
    }

    func unfolded(
      _ kind: ThresholdKind, _ method: UnfoldedMethod, unfoldings: Int
    ) -> UnfoldedPursuit<Double> {
      UnfoldedPursuit(
        zip(filters, geometries).enumerated().map {
          LearnedConvolution(filters: Parameter("k\($0)", $1.0), geometry: $1.1)
        },
        thresholds: thresholds(kind).enumerated().map {
          Parameter("t\($0)", Tensor(shape: [$1.count], elements: $1))
        },
        steps: steps.enumerated().map {
          Parameter("c\($0)", Tensor(shape: [1], elements: [$1]))
        },
        kind: kind, method: method, unfoldings: unfoldings)
    }

    func codes(_ pursuit: UnfoldedPursuit<Double>, consistency: Double = 1) -> [[Double]] {
      let tape = Tape<Double>()
      return tape.withoutRecording {
        pursuit.codes(
          of: tape.input(signals), on: tape,
          ForwardPass(isTraining: false, consistency: consistency)
        )
        .map(\.tensor.elements)
      }
    }
  }

  /// Rounding of other orders of summation over at most 6 unfoldings.
  private func expectEqual(_ found: [[Double]], _ expected: [[Double]]) {
    for (found, expected) in zip(found, expected) {
      let largest = expected.map(abs).max() ?? 0
      #expect(found.count == expected.count && largest > 0)
      for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-13 * largest) }
    }
  }

  /// The library's ISTA or FISTA.
  private func iterator(
    _ method: UnfoldedMethod, _ problem: MultiLayerProblem<Double>, steps: [Double],
    thresholds: [[Double]]
  ) throws -> ProximalIterator<Double> {
    method.isAccelerated
      ? try MultiLayerFISTA(problem, steps: steps, thresholds: thresholds).makeIterator()
      : try MultiLayerISTA(problem, steps: steps, thresholds: thresholds).makeIterator()
  }

  @Test(
    "unfolded ML-ISTA and ML-FISTA are MultiLayerISTA and MultiLayerFISTA",
    arguments: ThresholdKind.allCases, 0...6)
  func multiLayer(_ kind: ThresholdKind, _ unfoldings: Int) throws {
    let model = try Model()
    for method in [UnfoldedMethod.multiLayerISTA, .multiLayerFISTA] {
      let iterator = try iterator(
        method, model.problem(kind), steps: model.steps, thresholds: model.thresholds(kind))
      for _ in 0...unfoldings { iterator.step() }
      expectEqual(
        model.codes(model.unfolded(kind, method, unfoldings: unfoldings)),
        iterator.codes.map(\.elements))
    }
  }

  @Test("unfolded layered pursuits are ISTA and FISTA, layer by layer", arguments: 0...4)
  func layered(_ unfoldings: Int) throws {
    let model = try Model()
    for method in [UnfoldedMethod.layeredISTA, .layeredFISTA] {
      var (signals, expected) = (model.signals.reshaped(5, 128), [[Double]]())
      for (i, dictionary) in try model.dictionaries.enumerated() {
        let problem = try MultiLayerProblem(
          dictionary: dictionary, signals: signals, penalty: 0, nonnegative: true)
        let iterator = try iterator(
          method, problem, steps: [model.steps[i]], thresholds: [model.thresholds[i]])
        for _ in 0...unfoldings { iterator.step() }
        signals = iterator.deepest
        expected.append(signals.elements)
      }
      expectEqual(model.codes(model.unfolded(.oneSided, method, unfoldings: unfoldings)), expected)
    }
  }

  @Test(
    "without unfoldings every method is layered thresholding", arguments: UnfoldedMethod.allCases)
  func feedForward(_ method: UnfoldedMethod) throws {
    let model = try Model()
    var pursuit = model.unfolded(.oneSided, method, unfoldings: 0)
    pursuit = UnfoldedPursuit(
      pursuit.dictionaries, thresholds: pursuit.thresholds, method: method, unfoldings: 0)
    let positions = [9, 4]
    let expected = try LayeredThresholding(
      model: MultiLayerModel(model.dictionaries),
      biases: zip(model.thresholds, positions).map { thresholds, count in
        thresholds.flatMap { Array(repeating: -$0, count: count) }
      }
    ).solve(model.signals.reshaped(5, 128))
    expectEqual(model.codes(pursuit), expected.codes.map(\.elements))
  }

  @Test("a relaxed pursuit is Supplement B's, by brute force", arguments: [0, 0.3, 1], 1...3)
  func relaxed(_ ρ: Double, _ unfoldings: Int) throws {
    let model = try Model()
    let dictionaries = try model.dictionaries
    let y = model.signals.reshaped(5, 128)
    func combine(_ a: Double, _ x: Tensor<Double>, _ b: Double, _ y: Tensor<Double>)
      -> Tensor<Double>
    {
      Tensor(shape: x.shape, elements: zip(x.elements, y.elements).map { a * $0 + b * $1 })
    }
    /// S(z − c Dᵀ(Dz − x)), straight from the formula.
    func update(_ i: Int, _ z: Tensor<Double>, _ x: Tensor<Double>) -> Tensor<Double> {
      let gradient = dictionaries[i].analyze(combine(1, dictionaries[i].synthesize(z), -1, x))
      let run = z.columns / model.thresholds[i].count
      let moved = combine(1, z, -model.steps[i], gradient)
      return Tensor(
        shape: z.shape,
        elements: moved.elements.enumerated().map { j, value in
          max(value - model.thresholds[i][j % z.columns / run], 0)
        })
    }
    var γ1 = Tensor<Double>(shape: [5, 27])
    var γ2 = Tensor<Double>(shape: [5, 16])
    for _ in 0...unfoldings {
      γ1 = update(0, combine(ρ, dictionaries[1].synthesize(γ2), 1 - ρ, γ1), y)
      γ2 = update(1, γ2, γ1)
    }
    let pursuit = model.unfolded(.oneSided, .multiLayerISTA, unfoldings: unfoldings)
    expectEqual(model.codes(pursuit, consistency: ρ), [γ1.elements, γ2.elements])
  }

  // B, Suppl. B: with ρ = 0 the first code does not hear of the second, as in layered pursuit; the
  // second is fed by every iterate of the first and not by its last one alone.
  @Test("with ρ = 0 the relaxed pursuit is not layered pursuit", arguments: 1...3)
  func relaxedIsNotLayered(_ unfoldings: Int) throws {
    let model = try Model()
    let relaxed = model.codes(
      model.unfolded(.oneSided, .multiLayerISTA, unfoldings: unfoldings), consistency: 0)
    let layered = model.codes(model.unfolded(.oneSided, .layeredISTA, unfoldings: unfoldings))
    expectEqual([relaxed[0]], [layered[0]])
    let largest = layered[1].map(abs).max() ?? 0
    #expect(zip(relaxed[1], layered[1]).contains { abs($0 - $1) > 1e-3 * largest })
  }

  @Test("a step of zero and thresholds of a wrong number are refused")
  func refusals() throws {
    let model = try Model()
    let problem = try model.problem(.oneSided)
    #expect(throws: ModelError.self) {
      try MultiLayerISTA(problem, steps: [0.1, 0], thresholds: model.thresholds)
    }
    #expect(throws: ModelError.self) {
      try MultiLayerFISTA(problem, steps: [0.1, 0.1], thresholds: [[0], [0, 1, 2]])
    }
    #expect(throws: ModelError.self) {
      try MultiLayerISTA(problem, steps: [0.1], thresholds: model.thresholds)
    }
  }
}
