// Claim: convolutional dictionaries are exact operators: adjoint, equal to their matrices, equal to
// the definition, and closed under products.
import MLCSCKit
import Testing

struct ConvolutionTests {
  /// All combinations of boundary, stride, dilation and padding on small grids.
  static let geometries: [ConvolutionGeometry] = {
    var all = [ConvolutionGeometry]()
    for boundary in Boundary.allCases {
      for stride in 1...3 {
        for dilation in 1...3 {
          for padding in 0...2 {
            for (channels, size, kernel) in [
              (1, Extent.line(11), Extent.line(4)), (2, .line(8), .line(3)),
              (2, Extent(6, 7), Extent(2, 3)), (1, Extent(5, 5), Extent(5, 5)),
            ] {
              let geometry = try? ConvolutionGeometry(
                channels: channels, signalSize: size, kernelSize: kernel,
                stride: size.height == 1 ? Extent(1, stride) : .square(stride),
                dilation: size.height == 1 ? Extent(1, dilation) : .square(dilation),
                padding: size.height == 1 ? Extent(0, padding) : .square(padding),
                boundary: boundary)
              if let geometry { all.append(geometry) }
            }
          }
        }
      }
    }
    // Lines of every length that is copied in a way of its own.
    for width in 1...20 {
      let geometry = try? ConvolutionGeometry(
        signalSize: .line(width + 2), kernelSize: .line(3), boundary: .zero)
      if let geometry { all.append(geometry) }
    }
    return all
  }()

  @Test("a chain of geometries joins each layer to the codes of the one before")
  func chain() throws {
    let chain = try ConvolutionGeometry.chain(
      signalSize: .square(28), filterCounts: [5, 7, 9], kernelSizes: [6, 6, 4], strides: [2, 2, 1])
    #expect(chain.map(\.codeSize) == [.square(12), .square(4), .square(1)])
    #expect(chain.map(\.channels) == [1, 5, 7])
    #expect(chain[1].signalSize == chain[0].codeSize)
    #expect(throws: ModelError.parameterCount(name: "strides", expected: 2, found: 1)) {
      try ConvolutionGeometry.chain(
        signalSize: .square(28), filterCounts: [5, 7], kernelSizes: [6, 6], strides: [2])
    }
    #expect(throws: ModelError.self) {
      try ConvolutionGeometry.chain(
        signalSize: .square(8), filterCounts: [5, 7], kernelSizes: [6, 6], strides: [2, 2])
    }
  }

  func dictionary(_ geometry: ConvolutionGeometry, _ filters: Int = 3) throws
    -> ConvolutionalDictionary<Double>
  {
    var stream = RandomStream("filters", "\(geometry)")
    return try ConvolutionalDictionary(
      filters: .normal(
        filters, geometry.channels, geometry.kernelSize.height, geometry.kernelSize.width,
        from: &stream),
      geometry: geometry)
  }

  @Test("there are geometries of every kind")
  func coverage() {
    #expect(Self.geometries.count > 100)
    #expect(Self.geometries.contains { $0.isCoveredByOneFilter })
    #expect(Set(1...20).isSubset(of: Self.geometries.map(\.codeSize.width)))
  }

  @Test("synthesis is the adjoint of analysis, and both equal the matrix", arguments: geometries)
  func adjoint(_ geometry: ConvolutionGeometry) throws {
    let dictionary = try dictionary(geometry)
    var stream = RandomStream("adjoint", "\(geometry)")
    let (n, m) = (dictionary.signalDimension, dictionary.atomCount)
    let signals = Matrix<Double>.normal(5, n, from: &stream)
    let codes = Matrix<Double>.normal(5, m, from: &stream)
    let synthesis = dictionary.synthesize(codes)
    let analysis = dictionary.analyze(signals)
    let left = zip(synthesis.elements, signals.elements).reduce(0) { $0 + $1.0 * $1.1 }
    let right = zip(codes.elements, analysis.elements).reduce(0) { $0 + $1.0 * $1.1 }
    // Sums of some thousand terms of size one in double precision.
    #expect(abs(left - right) < 1e-11 * (1 + abs(left)) * 100)
    let matrix = definition(dictionary)
    #expect(largestDifference(dictionary.matrix(), matrix) < 1e-14)
    #expect(
      largestDifference(synthesis, codes.multiplied(by: matrix, transposingOther: true)) < 1e-11)
    #expect(largestDifference(analysis, signals.multiplied(by: matrix)) < 1e-11)
    let norms = (0..<m).map { Double.norm2(n, matrix.transposed.row($0)) }
    #expect(zip(norms, dictionary.atomNorms).allSatisfy { abs($0 - $1) < 1e-13 * 100 })
    let explicit = DenseDictionary(matrix: matrix)
    #expect(abs(explicit.mutualCoherence() - dictionary.mutualCoherence()) < 1e-12)
  }

  /// The matrix straight from the definition: x[c, q·s + k·d − p] += K[o, c, k] γ[o, q].
  private func definition(_ dictionary: ConvolutionalDictionary<Double>) -> Matrix<Double> {
    let g = dictionary.geometry
    var matrix = Matrix<Double>(zeros: dictionary.signalDimension, dictionary.atomCount)
    func place(_ q: Int, _ k: Int, _ n: Int, _ s: Int, _ d: Int, _ p: Int) -> Int? {
      let i = q * s + k * d - p
      return g.boundary == .circular ? i % n : (0..<n).contains(i) ? i : nil
    }
    for o in 0..<dictionary.filterCount {
      for qy in 0..<g.codeSize.height {
        for qx in 0..<g.codeSize.width {
          for c in 0..<g.channels {
            for ky in 0..<g.kernelSize.height {
              for kx in 0..<g.kernelSize.width {
                guard
                  let y = place(
                    qy, ky, g.signalSize.height, g.stride.height, g.dilation.height,
                    g.padding.height),
                  let x = place(
                    qx, kx, g.signalSize.width, g.stride.width, g.dilation.width, g.padding.width)
                else { continue }
                let row = (c * g.signalSize.height + y) * g.signalSize.width + x
                let column = (o * g.codeSize.height + qy) * g.codeSize.width + qx
                matrix[row, column] +=
                  dictionary.filters.elements[
                    ((o * g.channels + c) * g.kernelSize.height + ky) * g.kernelSize.width + kx]
              }
            }
          }
        }
      }
    }
    return matrix
  }

  @Test("the product of two convolutional dictionaries is convolutional")
  func products() throws {
    var tried = 0
    for outer in Self.geometries {
      for inner in Self.geometries where tried < 400 {
        guard inner.channels == 2, outer.codeSize == inner.signalSize,
          inner.boundary == outer.boundary, inner.padding == .square(0)
        else { continue }
        let (d1, d2) = (try dictionary(outer, 2), try dictionary(inner))
        guard let product = try? d1.product(with: d2) else {
          #expect(outer.boundary == .circular)  // the stride does not divide the signal
          continue
        }
        tried += 1
        let expected = d1.matrix().multiplied(by: d2.matrix())
        #expect(largestDifference(product.matrix(), expected) < 1e-12 * 100)
      }
    }
    #expect(tried > 10)
  }

  @Test("a padded inner layer has no explicit product")
  func paddedProduct() throws {
    let outer = try dictionary(
      ConvolutionGeometry(signalSize: .line(10), kernelSize: .line(3)), 2)
    let inner = try dictionary(
      ConvolutionGeometry(
        channels: 2, signalSize: .line(8), kernelSize: .line(3), padding: Extent(0, 1)))
    #expect(throws: ModelError.self) { try outer.product(with: inner) }
  }

  struct Case: Decodable {
    let co: Int
    let ci: Int
    let kernel: [Int]
    let input: [Int]
    let stride: Int
    let dilation: Int
    let pad: Int
    let circular: Bool
    let spectral_norm_sq: Double
  }

  @Test(
    "convolutions of an independent implementation",
    .enabled(if: Fixture.root != nil, Fixture.absent), arguments: Fixture.all("conv"))
  func fixtures(_ fixture: Fixture) throws {
    let p = try fixture.parameters(Case.self)
    let isLine = p.kernel.count == 1
    func axes(_ value: Int, other: Int) -> Extent {
      isLine ? Extent(other, value) : .square(value)
    }
    let geometry = try ConvolutionGeometry(
      channels: p.ci, signalSize: SparsityMeasureTests.extent(p.input),
      kernelSize: SparsityMeasureTests.extent(p.kernel), stride: axes(p.stride, other: 1),
      dilation: axes(p.dilation, other: 1), padding: axes(p.pad, other: 0),
      boundary: p.circular ? .circular : .zero)
    let kernel = try fixture.matrix("kernel")
    let dictionary = try ConvolutionalDictionary(
      filters: Tensor(
        shape: [p.co, p.ci, geometry.kernelSize.height, geometry.kernelSize.width],
        elements: kernel.elements), geometry: geometry)
    func flat(_ name: String) throws -> Matrix<Double> {
      let matrix = try fixture.matrix(name)
      return matrix.reshaped(1, matrix.count)
    }
    #expect(largestDifference(dictionary.analyze(try flat("input")), try flat("output")) < 1e-11)
    #expect(
      largestDifference(dictionary.synthesize(try flat("adj_input")), try flat("adj_output"))
        < 1e-11)
    #expect(largestDifference(dictionary.matrix().transposed, try fixture.matrix("matrix")) < 1e-12)
    let norm = try dictionary.squaredSpectralNorm()
    #expect(abs(norm.estimate - p.spectral_norm_sq) < 1e-10 * p.spectral_norm_sq)
    let power = try dictionary.squaredSpectralNorm(margin: 0.01, directLimit: 0)
    #expect(power.estimate <= p.spectral_norm_sq * (1 + 1e-12))
    #expect(power.upperBound >= p.spectral_norm_sq)
  }

  struct CoherenceCase: Decodable {
    let mu_layers: [Double]
    let mu_effective: [Double]
    let lambda_max_DtD: [Double]
  }

  @Test(
    "mutual coherence and spectral norm", .enabled(if: Fixture.root != nil, Fixture.absent),
    arguments: Fixture.all("coherence"))
  func coherence(_ fixture: Fixture) throws {
    let p = try fixture.parameters(CoherenceCase.self)
    let layers = try (1...p.mu_layers.count).map {
      DenseDictionary(matrix: try fixture.matrix("D\($0)"))
    }
    for (layer, expected) in zip(layers, p.mu_layers) {
      #expect(abs(layer.mutualCoherence() - expected) < 1e-12)
    }
    for (layer, expected) in zip(layers, p.lambda_max_DtD) {
      #expect(abs(try layer.squaredSpectralNorm().estimate - expected) < 1e-10 * expected)
    }
    let composed = ComposedDictionary(factors: layers)
    #expect(abs(composed.mutualCoherence() - (p.mu_effective.last ?? 0)) < 1e-12)
  }

  @Test("geometries that cannot be are refused with their reason")
  func refusal() {
    #expect(throws: ModelError.self) {
      try ConvolutionGeometry(signalSize: .line(4), kernelSize: .line(6))
    }
    #expect(throws: ModelError.self) {
      try ConvolutionGeometry(
        signalSize: .line(4), kernelSize: .line(2), padding: Extent(0, 1), boundary: .circular)
    }
    #expect(throws: ModelError.self) {
      try ConvolutionGeometry(signalSize: .line(4), kernelSize: .line(2), stride: Extent(1, 0))
    }
    #expect(throws: ModelError.self) {
      try MultiLayerModel<Double>([
        DenseDictionary(matrix: Matrix(zeros: 4, 5)), DenseDictionary(matrix: Matrix(zeros: 6, 3)),
      ])
    }
    #expect(throws: ModelError.self) { try MultiLayerModel<Double>([]) }
  }
}

extension ConvolutionGeometry {
  /// Whether a filter covers the whole signal at its only position.
  var isCoveredByOneFilter: Bool { kernelSize == signalSize && codeSize.area == 1 }
}
