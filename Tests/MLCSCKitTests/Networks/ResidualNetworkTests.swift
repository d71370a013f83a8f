// Claim: R's residual networks are layered pursuits that differ in two terms; their gradients, their
// parameters and their memory are what they should be.
import MLCSCKit
import Testing

struct ResidualNetworkTests {
  /// Depth 8: one pair a stage, of 2, 3 and 4 filters, on images of 8×8.
  private func small(_ model: ResidualModel, _ name: String = "small") throws
    -> ResidualNetwork<Double>
  {
    let network = try ResidualNetwork<Double>(
      model, depth: 8, channels: 2, size: .square(8), widths: [2, 3, 4], classes: 3,
      stream: RandomStream(name))
    for parameter in network.parameters where parameter.name.contains("norm") {
      let draw = GradientCheck.normal(parameter.value.shape, parameter.name)
      let start = parameter.value.elements
      parameter.value = Tensor(
        shape: draw.shape, elements: zip(start, draw.elements).map { $0 + 0.2 * $1 })
    }
    for (name, statistics) in network.statistics {
      let draw = GradientCheck.normal(statistics.mean.shape, name)
      statistics.mean = Tensor(shape: draw.shape, elements: draw.elements.map { 0.1 * $0 })
      statistics.variance = Tensor(
        shape: draw.shape, elements: draw.elements.map { 0.5 + $0 * $0 })
    }
    return network
  }

  private func scores(
    _ network: some Network<Double>, _ images: Tensor<Double>, training: Bool
  ) -> [Double] {
    let tape = Tape<Double>()
    return tape.withoutRecording {
      network.scores(of: tape.input(images), on: tape, ForwardPass(isTraining: training))
        .tensor.elements
    }
  }

  @Test(
    "gradients of whole networks", arguments: ResidualModel.allCases, [true, false])
  func gradients(_ model: ResidualModel, _ training: Bool) throws {
    // Differences of step 1e-6 err by 1e-9 or so; a code that crosses zero within one would show
    // as an error of its own size.
    let worst = GradientCheck.relativeError(
      of: try small(model), images: GradientCheck.normal([3, 2, 8, 8], "images"),
      labels: [2, 0, 1], ForwardPass(isTraining: training))
    #expect(worst.error < 1e-6, "\(worst.parameter)")
  }

  @Test(
    "parameters are as many as R's Table II says, in millions cut off after the digits it gives",
    arguments: [
      (20, 269_722, 0.27), (32, 464_154, 0.46), (44, 658_586, 0.66), (56, 853_018, 0.85),
      // The table's 1.70 and 3.40 have one digit, and 218 layers have twice as many as 110.
      (110, 1_727_962, 1.7), (218, 3_477_850, 3.4),
    ])
  func counts(_ depth: Int, _ count: Int, _ millions: Double) throws {
    let network = try ResidualNetwork<Float>(
      .plain, depth: depth, classes: 10, stream: RandomStream("count"))
    #expect(network.parameterCount == count)
    let difference = Double(count) * 1e-6 - millions
    #expect(depth > 100 ? (0..<0.1).contains(difference) : abs(difference) < 0.005)
  }

  @Test("the models have the same parameters, and with the refinement one a pair more")
  func sameParameters() throws {
    let networks = try ResidualModel.allCases.map {
      try ResidualNetwork<Float>($0, depth: 20, classes: 10, stream: RandomStream("count"))
    }
    for network in networks {
      #expect(network.parameterCount == 269_722 + (network.model.hasRefinement ? 9 : 0))
      let shared = network.parameters.filter { !$0.name.hasSuffix("coefficient") }
      #expect(shared.map(\.name) == networks[0].parameters.map(\.name))
      #expect(shared.map(\.value) == networks[0].parameters.map(\.value))
    }
  }

  @Test("with c = 0 Res-CSC is ResNet and Res-CSC-Simplified is plain", arguments: [true, false])
  func withoutRefinement(_ training: Bool) throws {
    let images = GradientCheck.normal([3, 2, 8, 8], "images")
    for (refined, other) in [(ResidualModel.resCSC, ResidualModel.resNet), (.simplified, .plain)] {
      let network = try small(refined)
      let expected = scores(try small(other), images, training: training)
      #expect(scores(network, images, training: training) != expected)
      for parameter in network.parameters where parameter.name.hasSuffix("coefficient") {
        parameter.value = Tensor(shape: [1])
      }
      #expect(scores(network, images, training: training) == expected)
    }
  }

  @Test("a plain network is layered thresholding on its dictionaries")
  func layeredThresholding() throws {
    let network = try small(.plain)
    func value(_ name: String) throws -> Tensor<Double> {
      try #require(network.parameters.first { $0.name == name }).value
    }
    let stages = (1...3).flatMap { stage in
      [1, 2].map {
        (filters: "stage\(stage).pair1.filters.\($0)", norm: "stage\(stage).pair1.norm.\($0)")
      }
    }
    var (dictionaries, biases) = ([any SparseDictionary<Double>](), [[Double]]())
    var size = Extent.square(8)
    for (i, layer) in ([(filters: "first.filters", norm: "first.norm")] + stages).enumerated() {
      // Batch norm with fixed statistics scales filters and shifts codes.
      let filters = try value(layer.filters)
      let statistics = try #require(network.statistics[layer.norm])
      let scale = try value(layer.norm + ".scale").elements
      let shift = try value(layer.norm + ".shift").elements
      let slopes = zip(scale, statistics.variance.elements).map { $0 / ($1 + 1e-5).squareRoot() }
      let run = filters.columns
      let geometry = try ConvolutionGeometry(
        channels: filters.shape[1], signalSize: size, kernelSize: .square(3),
        stride: .square(i == 3 || i == 5 ? 2 : 1), padding: .square(1))
      dictionaries.append(
        try ConvolutionalDictionary(
          filters: Tensor(
            shape: filters.shape,
            elements: filters.elements.enumerated().map { $1 * slopes[$0 / run] }),
          geometry: geometry))
      let offsets = slopes.indices.map { shift[$0] - slopes[$0] * statistics.mean.elements[$0] }
      biases.append(
        offsets.flatMap { Array(repeating: $0, count: geometry.codeSize.area) })
      size = geometry.codeSize
    }
    let images = GradientCheck.normal([3, 2, 8, 8], "images")
    let solution = try LayeredThresholding(model: MultiLayerModel(dictionaries), biases: biases)
      .solve(images.reshaped(3, 128))
    let tape = Tape<Double>()
    let codes = tape.withoutRecording {
      network.code(of: tape.input(images), on: tape, training: false).tensor.elements
    }
    let expected = solution.codes[6].elements
    let largest = expected.map(abs).max() ?? 0
    #expect(codes.count == expected.count && largest > 0)
    // Rounding through seven layers.
    for (a, b) in zip(codes, expected) { #expect(abs(a - b) < 1e-12 * largest) }
  }

  @Test("the second layer of Res-CSC is one iteration of ISTA from the pair's input")
  func iteration() throws {
    var stream = RandomStream("pair")
    let pair = try ResidualPair<Double>(
      "pair", .resCSC, channels: 3, size: .square(6), filterCount: 3, stride: 1, stream: &stream)
    for norm in pair.norms {
      // With this variance the norm is the identity but for its shift.
      norm.statistics.variance = Tensor(shape: [3], repeating: 1 - 1e-5)
    }
    let thresholds = [0.3, -0.2, 0.1]
    for parameter in pair.parameters {
      if parameter.name.hasSuffix("coefficient") {
        parameter.value = Tensor(shape: [1], elements: [-1])
      } else if parameter.name.hasSuffix("norm.2.shift") {
        parameter.value = Tensor(shape: [3], elements: thresholds.map { -$0 })
      }
    }
    let input = GradientCheck.normal([2, 3, 6, 6], "input")
    let start = Tensor(shape: [2, 108], elements: input.elements.map(abs))
    let tape = Tape<Double>()
    let code = tape.withoutRecording {
      pair.code(
        of: tape.input(Tensor(shape: [2, 3, 6, 6], elements: start.elements)), on: tape,
        training: false
      ).tensor.elements
    }
    func dictionary(_ layer: LearnedConvolution<Double>) throws -> ConvolutionalDictionary<Double> {
      try ConvolutionalDictionary(filters: layer.filters.value, geometry: layer.geometry)
    }
    let signals = try LayeredThresholding(
      model: MultiLayerModel([dictionary(pair.first)]), biases: [[0]]
    ).solve(start).codes[0]
    let problem = try MultiLayerProblem(
      model: MultiLayerModel([dictionary(pair.second)]), signals: signals, penalties: [0],
      nonnegative: true)
    let iterator = try MultiLayerISTA(problem, steps: [1], thresholds: [thresholds]).makeIterator()
    iterator.restart(from: start)
    iterator.step()
    let expected = iterator.deepest.elements
    let largest = expected.map(abs).max() ?? 0
    #expect(largest > 0)
    for (a, b) in zip(code, expected) { #expect(abs(a - b) < 1e-13 * largest) }
  }

  @Test("oneDNN trains the same network", arguments: ResidualModel.allCases)
  func engines(_ model: ResidualModel) throws {
    func network<Scalar: NumericScalar>() throws -> ResidualNetwork<Scalar> {
      try ResidualNetwork(
        model, depth: 14, size: .square(12), classes: 10, stream: RandomStream("engines"))
    }
    let worst = try #require(
      try EngineAgreement.difference(
        of: OneDNNConvolution(), in: network() as ResidualNetwork<Float>, from: network(),
        images: [2, 3, 12, 12], labels: [1, 5]))
    #expect(worst.ratio <= 1, "\(worst.name)")
  }

  @Test("memory of a training step grows linearly with depth: 218 layers of 128 images in 12 GiB")
  func memory() throws {
    let images = GradientCheck.normal([2, 3, 32, 32], "images").converted(to: Float.self)
    func peak(_ depth: Int) throws -> Double {
      let pool = MemoryPool()
      let tape = Tape<Float>(engine: OneDNNConvolution(), pool: pool)
      let network = try ResidualNetwork<Float>(
        .resCSC, depth: depth, classes: 10, stream: RandomStream("memory"))
      tape.backward(
        from: tape.crossEntropy(
          network.scores(of: tape.input(images), on: tape, ForwardPass(isTraining: true)),
          labels: [1, 2]))
      return Double(pool.peakByteCount)
    }
    let peaks = try [8, 14, 20].map(peak)
    let slopes = [peaks[1] - peaks[0], peaks[2] - peaks[1]]
    #expect(abs(slopes[0] / slopes[1] - 1) < 0.05)
    // Activations are those of 64 times as many images; parameters are no more than counted so.
    let bytes = 64 * (peaks[2] + 33 * slopes[1])
    #expect(bytes < 12 * 1_073_741_824, "\(bytes / 1_073_741_824) GiB")
  }

  @Test("depths other than 6n + 2 and falling widths are refused")
  func refusals() {
    for depth in [2, 10, 21] {
      #expect(throws: ModelError.self) {
        try ResidualNetwork<Float>(.plain, depth: depth, classes: 10, stream: RandomStream("x"))
      }
    }
    #expect(throws: ModelError.self) {
      try ResidualNetwork<Float>(
        .plain, depth: 8, widths: [4, 3, 2], classes: 10, stream: RandomStream("x"))
    }
  }
}
