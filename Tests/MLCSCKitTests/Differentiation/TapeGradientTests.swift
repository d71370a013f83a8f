// Claim: the gradient of every operation of the tape is that of its definition: it equals central
// differences in Double.
import MLCSCKit
import Testing

struct TapeGradientTests {
  /// The differences themselves are good to h² = 1e-10 and rounding of 1e-16/1e-5 times sums.
  static let tolerance = 1e-6

  static let shapes = [[3, 2, 4, 5], [2, 4, 1, 1], [4, 3], [1, 5, 3, 3]]

  static let geometries: [(ConvolutionGeometry, filters: Int)] = {
    var all = [(ConvolutionGeometry, filters: Int)]()
    func add(
      _ c: Int, _ size: Extent, _ kernel: Extent, _ filters: Int, stride: Extent = .square(1),
      dilation: Extent = .square(1), padding: Extent = .square(0), _ boundary: Boundary = .zero
    ) {
      if let geometry = try? ConvolutionGeometry(
        channels: c, signalSize: size, kernelSize: kernel, stride: stride, dilation: dilation,
        padding: padding, boundary: boundary)
      {
        all.append((geometry, filters))
      }
    }
    for stride in 1...3 {
      for dilation in 1...3 {
        for padding in 0...2 {
          add(
            2, .square(7), .square(3), 2, stride: .square(stride), dilation: .square(dilation),
            padding: .square(padding))
        }
      }
    }
    add(1, .square(8), .square(6), 3, stride: .square(2))
    add(3, .square(4), .square(4), 2)
    add(1, .square(2), .square(2), 130)  // a matrix product cut into two
    add(3, .square(4), .square(1), 4)
    add(2, Extent(5, 8), Extent(2, 3), 3, stride: Extent(1, 2), dilation: Extent(2, 1))
    add(2, .square(6), .square(3), 2, dilation: .square(2), .circular)
    add(2, .line(11), .line(4), 3, stride: Extent(1, 2), padding: Extent(0, 1))
    return all
  }()

  @Test("there are geometries of every kind")
  func coverage() {
    #expect(Self.geometries.count > 30)
    #expect(Self.geometries.contains { $0.0.dilation.height == 3 && $0.0.padding.height == 2 })
  }

  @Test("analysis and synthesis, with respect to signals, codes and filters", arguments: geometries)
  func convolution(_ geometry: ConvolutionGeometry, filters: Int) {
    let kernel = [
      filters, geometry.channels, geometry.kernelSize.height, geometry.kernelSize.width,
    ]
    let signals = [2, geometry.channels, geometry.signalSize.height, geometry.signalSize.width]
    let codes = [2, filters, geometry.codeSize.height, geometry.codeSize.width]
    let weights = GradientCheck.normal(kernel, "filters")
    let analysis = GradientCheck.relativeError([GradientCheck.normal(signals, "x"), weights]) {
      $0.analyze($1[0], $1[1], geometry)
    }
    #expect(analysis < Self.tolerance)
    let synthesis = GradientCheck.relativeError([GradientCheck.normal(codes, "c"), weights]) {
      $0.synthesize($1[0], $1[1], geometry)
    }
    #expect(synthesis < Self.tolerance)
  }

  @Test("a filter used by synthesis and analysis has the sum of both gradients")
  func sharedFilters() throws {
    let geometry = try ConvolutionGeometry(
      channels: 2, signalSize: .square(6), kernelSize: .square(3), stride: .square(2))
    let error = GradientCheck.relativeError([
      GradientCheck.normal([2, 2, 6, 6], "x"), GradientCheck.normal([3, 2, 3, 3], "filters"),
    ]) { tape, v in
      let codes = tape.analyze(v[0], v[1], geometry)
      let residual = tape.subtract(tape.synthesize(codes, v[1], geometry), v[0])
      return tape.add(codes, tape.analyze(residual, v[1], geometry))
    }
    #expect(error < Self.tolerance)
  }

  @Test("bias and ReLU", arguments: shapes)
  func rectifier(_ shape: [Int]) {
    let bias = GradientCheck.relativeError([
      GradientCheck.normal(shape, "x"), GradientCheck.normal([shape[1]], "b"),
    ]) { $0.addBias($1[0], $1[1]) }
    #expect(bias < Self.tolerance)
    let relu = GradientCheck.relativeError([GradientCheck.awayFromZero(shape, "x")]) {
      $0.relu($1[0])
    }
    #expect(relu < Self.tolerance)
  }

  /// Numbers whose distance from the kinks of S(·; t) is at least 0.1.
  private func awayFromKinks(
    _ shape: [Int], _ thresholds: Tensor<Double>, _ kind: ThresholdKind
  ) -> Tensor<Double> {
    let offsets = GradientCheck.awayFromZero(shape, "offset")
    let positions = shape.dropFirst(2).reduce(1, *)
    return Tensor(
      shape: shape,
      elements: offsets.elements.enumerated().map { i, offset in
        let t = thresholds.elements[i / positions % shape[1]]
        switch kind {
        case .oneSided: return t + offset
        case .soft:
          // Inside (−t, t), or beyond either end: |x| − t is the offset where that is possible.
          let size = max(t, 0) + (offset < 0 ? max(offset, -max(t, 0) + 0.05) : offset)
          return i % 3 == 0 ? -size : size
        }
      })
  }

  @Test("learned thresholds", arguments: shapes, ThresholdKind.allCases)
  func thresholds(_ shape: [Int], _ kind: ThresholdKind) {
    // One-sided thresholds have any sign; soft ones are sizes.
    let t = Tensor(
      shape: [shape[1]],
      elements: GradientCheck.normal([shape[1]], "t").elements.map {
        kind == .soft ? 0.4 + abs($0) : $0
      })
    let x = awayFromKinks(shape, t, kind)
    let threshold = GradientCheck.relativeError([x, t]) { $0.threshold($1[0], by: $1[1], kind) }
    #expect(threshold < Self.tolerance)
    // The argument z − c g of a proximal step is x, so z = x + c g.
    let g = GradientCheck.normal(shape, "g")
    let c = 0.7
    let z = Tensor(shape: shape, elements: zip(x.elements, g.elements).map { $0 + c * $1 })
    let step = GradientCheck.relativeError([z, g, Tensor(shape: [1], elements: [c]), t]) {
      $0.proximalStep(from: $1[0], along: $1[1], step: $1[2], thresholds: $1[3], kind)
    }
    #expect(step < Self.tolerance)
  }

  @Test("sums, residuals, momentum and scaling by a learned number", arguments: shapes)
  func arithmetic(_ shape: [Int]) {
    let (x, y) = (GradientCheck.normal(shape, "x"), GradientCheck.normal(shape, "y"))
    #expect(GradientCheck.relativeError([x, y]) { $0.add($1[0], $1[1]) } < Self.tolerance)
    #expect(GradientCheck.relativeError([x, y]) { $0.subtract($1[0], $1[1]) } < Self.tolerance)
    let mixture = GradientCheck.relativeError([x, y]) { $0.combination(1.3, $1[0], -0.3, $1[1]) }
    #expect(mixture < Self.tolerance)
    let scaling = GradientCheck.relativeError([x, Tensor(shape: [1], elements: [-0.6])]) {
      $0.scale($1[0], by: $1[1])
    }
    #expect(scaling < Self.tolerance)
  }

  @Test("a value used several times has the sum of its gradients", arguments: shapes)
  func fanOut(_ shape: [Int]) {
    let error = GradientCheck.relativeError([GradientCheck.normal(shape, "x")]) { tape, v in
      let double = tape.add(v[0], v[0])
      return tape.add(tape.combination(2, double, 1, v[0]), tape.subtract(double, v[0]))
    }
    #expect(error < Self.tolerance)
  }

  @Test("joining and cutting channels", arguments: [[3, 2, 4, 5], [2, 4, 1, 1], [4, 3]])
  func channels(_ shape: [Int]) {
    var other = shape
    other[1] += 3
    let (x, y) = (GradientCheck.normal(shape, "x"), GradientCheck.normal(other, "y"))
    let joined = GradientCheck.relativeError([x, y]) { $0.concatenate([$1[0], $1[1], $1[0]]) }
    #expect(joined < Self.tolerance)
    let cut = GradientCheck.relativeError([y]) { tape, v in
      let parts = tape.split(v[0], [shape[1], 2, 1])
      // One part alone, two of them again, and the whole: every way to collect a gradient.
      return tape.concatenate([parts[1], tape.scaledTwice(parts[0]), v[0]])
    }
    #expect(cut < Self.tolerance)
  }

  @Test("batch norm in training and with running statistics", arguments: [true, false])
  func batchNorm(_ training: Bool) {
    for shape in [[3, 2, 4, 5], [6, 3], [2, 3, 3, 3]] {
      let c = shape[1]
      let error = GradientCheck.relativeError([
        GradientCheck.normal(shape, "x"), GradientCheck.normal([c], "scale"),
        GradientCheck.normal([c], "shift"),
      ]) { tape, v in
        let statistics = BatchStatistics<Double>(channels: c)
        statistics.mean = GradientCheck.normal([c], "mean")
        statistics.variance = Tensor(shape: [c], repeating: 1.7)
        return tape.batchNorm(
          v[0], scale: v[1], shift: v[2], statistics: statistics, training: training)
      }
      #expect(error < Self.tolerance)
    }
  }

  @Test("max pooling, average pooling and the subsampled shortcut", arguments: [1, 2, 3])
  func pooling(_ stride: Int) {
    for shape in [[2, 3, 6, 6], [1, 2, 5, 7]] {
      let x = GradientCheck.distinct(shape, "x")
      for window in [Extent.square(2), Extent(3, 2)] {
        let error = GradientCheck.relativeError([x], step: 1e-4) {
          $0.maxPool($1[0], window: window, stride: .square(stride))
        }
        #expect(error < Self.tolerance)
      }
      #expect(GradientCheck.relativeError([x]) { $0.globalAveragePool($1[0]) } < Self.tolerance)
      let shortcut = GradientCheck.relativeError([x]) {
        $0.subsample($1[0], stride: stride, channels: shape[1] + 3)
      }
      #expect(shortcut < Self.tolerance)
    }
  }

  @Test("dense layer, log-softmax and cross entropy")
  func classifier() {
    let x = GradientCheck.normal([5, 2, 3, 1], "x")
    let w = GradientCheck.normal([4, 6], "w")
    #expect(GradientCheck.relativeError([x, w]) { $0.dense($1[0], $1[1]) } < Self.tolerance)
    let scores = GradientCheck.normal([5, 4], "scores")
    #expect(GradientCheck.relativeError([scores]) { $0.logSoftmax($1[0]) } < Self.tolerance)
    let loss = GradientCheck.relativeError([scores]) {
      $0.crossEntropy($1[0], labels: [0, 3, 1, 1, 2])
    }
    #expect(loss < Self.tolerance)
  }
}

extension Tape {
  fileprivate func scaledTwice(_ x: Variable<Scalar>) -> Variable<Scalar> {
    combination(1, x, 1, x)
  }
}
