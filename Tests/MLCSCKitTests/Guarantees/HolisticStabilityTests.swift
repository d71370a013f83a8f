// Claim: the oracle holistic pursuit's error is the trace that S bounds; a layer's LASSO with a
// penalty for each unit meets its optimality conditions.
import MLCSCKit
import Testing

struct HolisticStabilityTests {
  // The pursuit is linear in y on fixed supports, so unit noises add up to the trace.
  @Test("the expected error is the sum over unit noises, and within S's bound", arguments: 0..<5)
  func trace(_ seed: Int) throws {
    var stream = RandomStream("holistic stability", "\(seed)")
    let layers = CosparseInstance.scaledLayers(dimensions: [12, 20, 14], from: &stream)
    let instance = try CosparseInstance(
      layers: layers, support: [1, 3, 5, 8, 11], cosupport: [0, 7], from: &stream)
    let pursuit = try HolisticPursuit(instance.model())
    let noisy = Matrix<Double>(
      rows: (0..<12).map { i in
        instance.signal.enumerated().map { $0.element + ($0.offset == i ? 1 : 0) }
      })
    let codes = try pursuit.codes(
      noisy, support: instance.support, cosupports: [instance.cosupport])
    let measured = codes.reduce(0) {
      $0 + Double.squaredDistance(14, $1.codes[1], instance.codes[1])
    }
    let theory = try HolisticStability(
      atoms: pursuit.effective.atoms(instance.support),
      rows: Matrix(
        rows: instance.cosupport.map { row in
          instance.support.map { layers[1].atomRows[$0, row] }
        }), rank: instance.rank)
    // Least squares on five atoms whose Gram matrix has a condition below 10⁴.
    #expect(abs(measured - theory.expected) < 1e-6 * theory.expected)
    #expect(!theory.isViolated && theory.expected <= theory.bound)
  }

  @Test("the mean over Gaussian dictionaries is that of inverse Wishart matrices")
  func mean() throws {
    let dimensions = [24, 30, 24]
    let errors = try (0..<2_000).map { draw in
      var stream = RandomStream("holistic stability", "mean", "\(draw)")
      let layers = CosparseInstance.scaledLayers(dimensions: dimensions, from: &stream)
      let atoms = layers[0].synthesize(layers[1].atoms([0, 1, 2]))
      return try HolisticStability(
        atoms: atoms, rows: Matrix(rows: [(0..<3).map { layers[1].atomRows[$0, 4] }]), rank: 1
      ).expected
    }
    let predicted = HolisticStability.meanError(
      dimensions: dimensions, freedom: 2, cosparsity: 1)
    // Five standard errors of the mean.
    #expect(abs(Statistics.mean(errors) - predicted) < 5 * Statistics.standardError(errors))
  }
}

struct LayerCodingTests {
  @Test("|d_kᵀ(x − DΓ)| ≤ β w_k at the optimum with a penalty for each unit", arguments: 0..<3)
  func weights(_ seed: Int) throws {
    var stream = RandomStream("layer coding", "\(seed)")
    let layer = try DenseLayer(
      filters: .normal(12, 8, from: &stream), biases: (0..<12).map { _ in -stream.uniform() })
    let weights = (0..<12).map { _ in 0.5 + stream.uniform() }
    let β = 0.7
    let x = Tensor<Double>.normal(5, 8, from: &stream)
    let coding = LayerCoding(
      layer: layer, keepsInput: false, biases: layer.biases, penalty: β,
      constant: layer.eigenvalue, weights: weights)
    let ξ = try coding.reconstructions(of: x, .signed, gap: 1e-12)
    let residual = Tensor(shape: x.shape, elements: zip(x.elements, ξ.elements).map { $0 - $1 })
    let products = DenseDictionary(atomRows: layer.filters).analyze(residual)
    for b in 0..<5 {
      // A gap of 10⁻¹² leaves the residual off by 10⁻⁶.
      for k in 0..<12 { #expect(abs(products[b, k]) <= β * weights[k] + 1e-4) }
    }
  }

  @Test("one step from zero thresholds DᵀX/L; the network's features use their own biases")
  func steps() throws {
    var stream = RandomStream("layer coding", "steps")
    let layer = try DenseLayer(
      filters: .normal(6, 4, from: &stream), biases: [-0.1, 0.2, -0.3, 0, 0.1, -0.2])
    let x = Tensor<Double>.normal(3, 4, from: &stream)
    let coding = LayerCoding(
      layer: layer, keepsInput: true, biases: layer.biases, penalty: 0.5,
      constant: layer.eigenvalue + 1, weights: nil)
    let dictionary = IdentityAugmentedDictionary(DenseDictionary(atomRows: layer.filters))
    let thresholded = (1 / (layer.eigenvalue + 1)) * dictionary.analyze(x)
    let code = thresholded.softThresholded(by: 0.5 / (layer.eigenvalue + 1))
    let step = try coding.reconstructions(of: x, .softStep, gap: 0)
    #expect(largestDifference(step, dictionary.synthesize(code)) < 1e-12)
    let features = DenseDictionary(atomRows: layer.filters).synthesize(layer.features(x))
    let network = try coding.reconstructions(of: x, .network, gap: 0)
    #expect(largestDifference(network, features + x) < 1e-12)
  }
}
