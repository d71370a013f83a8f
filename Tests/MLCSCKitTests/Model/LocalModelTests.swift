// Claim: a convolutional model is local, sparse filters hand sparsity on from layer to layer, and it
// is the dictionaries' structure that decides whether a model has any signals.
import Algorithms
import MLCSCKit
import Testing

struct LocalModelTests {
  @Test(
    "every patch is the local dictionary times a stripe of the code: P_j x = Ω S_j γ",
    arguments: [(1, 2), (3, 1), (2, 3)])
  func stripes(_ channels: Int, _ filters: Int) throws {
    let (length, n) = (12, 4)
    var stream = RandomStream("stripes", "\(channels)")
    let dictionary = try ConvolutionalDictionary<Double>(
      filters: .normal(filters, channels, 1, n, from: &stream),
      geometry: ConvolutionGeometry(
        channels: channels, signalSize: .line(length), kernelSize: .line(n), boundary: .circular))
    let γ = Matrix<Double>.normal(1, filters * length, from: &stream)
    let x = dictionary.synthesize(γ).elements
    // Ω has one column a filter and shift −(n − 1) … n − 1: the filter, cut at the patch's ends.
    let shifts = Array(-(n - 1)...(n - 1))
    func local(_ channel: Int, _ i: Int, _ filter: Int, _ shift: Int) -> Double {
      (0..<n).contains(i - shift)
        ? dictionary.filters.elements[(filter * channels + channel) * n + i - shift] : 0
    }
    for j in 0..<length {
      for (channel, i) in (0..<channels).flatMap({ c in (0..<n).map { (c, $0) } }) {
        let value = (0..<filters).reduce(0.0) { sum, filter in
          shifts.reduce(sum) { sum, shift in
            let entry = γ.elements[filter * length + (j + shift + length) % length]
            return sum + local(channel, i, filter, shift) * entry
          }
        }
        // Sums of at most 21 products of order one.
        #expect(abs(x[channel * length + (j + i) % length] - value) < 1e-13)
      }
    }
  }

  /// A line of circular layers with few taps a filter, D₁ not included: D₂ … D_L.
  private static func layers(
    _ length: Int, _ sizes: [(channels: Int, filters: Int, kernel: Int, taps: Int)],
    _ stream: inout RandomStream
  ) throws -> [ConvolutionalDictionary<Double>] {
    try sizes.map { size in
      let width = size.channels * size.kernel
      var elements = [Double](repeating: 0, count: size.filters * width)
      for filter in 0..<size.filters {
        for place in stream.indices(size.taps, below: width) {
          elements[filter * width + place] = stream.normal()
        }
      }
      return try ConvolutionalDictionary(
        filters: Tensor(shape: [size.filters, size.channels, 1, size.kernel], elements: elements),
        geometry: ConvolutionGeometry(
          channels: size.channels, signalSize: .line(length), kernelSize: .line(size.kernel),
          boundary: .circular))
    }
  }

  // ‖Γ_{i−1}‖ˢ counts 2n_{i−1} − 1 positions, on which atoms at 2n_{i−1} + n_i − 2 positions of Γ_i
  // have taps; stripes of 2n_i − 1 cover these, c_i at most.
  @Test("sparsity proxies: ‖Γ_{L−1}‖ ≤ c‖D_L‖₀‖Γ_L‖, and the product over the layers above i")
  func proxies() throws {
    let (length, outer) = (40, 3)
    var stream = RandomStream("sparsity proxies")
    for _ in 0..<50 {
      let layers = try Self.layers(length, [(2, 3, 4, 2), (3, 4, 5, 3)], &stream)
      let sizes = [outer, 4, 5]
      let grids = zip([2, 3, 4], sizes).map {
        CodeGrid(channels: $0, size: .line(length), filterSize: .line($1), boundary: .circular)
      }
      func constant(_ i: Int) -> Int {
        let (positions, stripe) = (2 * sizes[i - 1] + sizes[i] - 2, 2 * sizes[i] - 1)
        return (positions + stripe - 1) / stripe
      }
      let factors = [1, 2].map {
        constant($0) * SparsityMeasures.largestFilterCardinality(layers[$0 - 1])
      }
      // A signal of the model is drawn by drawing its deepest code.
      var deepest = Matrix<Double>(zeros: 1, 4 * length)
      for j in stream.indices(1 + stream.index(below: 12), below: 4 * length) {
        deepest[0, j] = stream.normal()
      }
      let middle = layers[1].synthesize(deepest)
      let codes = [layers[0].synthesize(middle), middle, deepest]
      let norms = zip(codes, grids).map { SparsityMeasures.stripeNorm($0.elements, on: $1) }
      #expect(norms[1] <= factors[1] * norms[2])
      #expect(norms[0] <= factors[0] * norms[1])
      #expect(norms[0] <= factors[0] * factors[1] * norms[2])
    }
    // c = 2 is attained: two entries further apart than a stripe of Γ₂ meet in one of Γ₁.
    let taps = Tensor(shape: [2, 1, 1, 4], elements: [0, 0, 0, 1, 1, 0, 0, 0])
    let layer = try ConvolutionalDictionary<Double>(
      filters: taps,
      geometry: ConvolutionGeometry(
        signalSize: .line(length), kernelSize: .line(4), boundary: .circular))
    var code = Matrix<Double>(zeros: 1, 2 * length)
    (code[0, 10], code[0, length + 17]) = (1, 1)
    func norm(_ γ: Matrix<Double>, _ channels: Int, _ size: Int) -> Int {
      SparsityMeasures.stripeNorm(
        γ.elements,
        on: CodeGrid(
          channels: channels, size: .line(length), filterSize: .line(size), boundary: .circular))
    }
    #expect(norm(code, 2, 4) == 1 && norm(layer.synthesize(code), 1, outer) == 2)
  }

  // Minors that do not vanish for one matrix vanish for almost none: a dictionary drawn at random
  // sends a code of k non-zeros to one with at most k − 1 zeros, and admits λ₁ ≤ m₁ − k for none.
  @Test("a generic D₂ leaves the model empty below ‖γ₁‖₀ = m₁ − k + 1; two taps a filter do not")
  func existence() throws {
    var stream = RandomStream("existence")
    let generic = IntegerMatrix.uniform(6, 8, upTo: 9_999, from: &stream)
    for k in 1...4 {
      for support in (0..<8).combinations(ofCount: k) {
        for zeros in (0..<6).combinations(ofCount: k) {
          // Only the zero code on this support is zero on these rows.
          #expect(try generic.selecting(rows: zeros, columns: support).rank() == k)
        }
      }
    }
    // Neither trained nor random: every code entry of a rotation layer gives two, here of 40.
    let rotation = try ConvolutionalDictionary<Double>.rotation(
      signalSize: .line(20), angle: 0.7, delay: Extent(0, 3))
    for k in 1...4 {
      var deepest = Matrix<Double>(zeros: 1, 40)
      for j in stream.indices(k, below: 40) { deepest[0, j] = stream.normal() }
      let code = rotation.synthesize(deepest)
      #expect(SparsityMeasures.cardinality(code.elements) <= 2 * k)
      #expect(Double.norm2(40, code.elements) > 0)
    }
  }
}
