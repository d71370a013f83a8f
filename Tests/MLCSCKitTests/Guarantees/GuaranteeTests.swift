// Claim: premises and bounds are what the theorems say, hold by brute force on small cases, and fail
// in their printed form where an erratum says so.
import MLCSCKit
import RealModule
import Testing

struct GuaranteeTests {
  /// The largest ‖δ‖² a unit ‖Dδ‖² allows on the support: the inverse of the smallest eigenvalue.
  static func worst(_ dictionary: some SparseDictionary<Double>, _ support: [Int]) throws -> Double
  {
    try 1 / (dictionary.atoms(support).gramOfRows.symmetricEigenvalues()[0])
  }

  @Test("P (4), (5), (7) give the catalogue's numbers for coherences 0.159, 0.128 and 0.209")
  func catalogue() throws {
    let layered = LayeredStability.guarantees(
      noise: 1, sparsities: [2, 1], coherences: [0.159, 0.128])
    #expect(layered.allSatisfy { $0.premise })
    let first = try #require(layered[0].bound)
    let second = try #require(layered[1].bound)
    #expect(first.isApproximatelyEqual(to: 7.6, relativeTolerance: 0.01))
    #expect(second.isApproximatelyEqual(to: 35, relativeTolerance: 0.01))
    let projected = ProjectionStability.asPrinted(noise: 1, sparsity: 1, coherence: 0.209)
    let third = try #require(projected.bound)
    #expect(third.isApproximatelyEqual(to: 5.1, relativeTolerance: 0.01))
    #expect(AtomGeometry(coherence: 0.159).stabilityLimit > 3.64)
    #expect(AtomGeometry(coherence: 0.209).stabilityLimit > 2.89)
  }

  @Test("erratum 11: printed, P (5) has the power 1 + i(i − 1) of 4 in place of i")
  func printedProduct() throws {
    let (k, µ) = ([2, 1, 1], [0.1, 0.2, 0.3])
    let right = LayeredStability.guarantees(noise: 0.5, sparsities: k, coherences: µ)
    let printed = LayeredStability.asPrinted(noise: 0.5, sparsities: k, coherences: µ)
    for i in 1...3 {
      let product = (0..<i).reduce(0.25) { $0 / (1 - Double(2 * k[$1] - 1) * µ[$1]) }
      // Powers of 4 are exact; the quotients round.
      let (ours, theirs) = (try #require(right[i - 1].bound), try #require(printed[i - 1].bound))
      #expect(ours.isApproximatelyEqual(to: .pow(4, Double(i)) * product))
      #expect(theirs.isApproximatelyEqual(to: .pow(4, Double(1 + i * (i - 1))) * product))
    }
  }

  @Test("the worst error over all pairs of supports stays below P (7)", arguments: [1, 2])
  func bruteForce(_ k: Int) throws {
    let dictionary = try DenseDictionary<Double>.spikesAndHadamard(16)
    let geometry = AtomGeometry(dictionary)
    #expect(geometry.coherence.isApproximatelyEqual(to: 0.25))
    let bound = try #require(
      ProjectionStability.guarantee(noise: 1, sparsity: k, atoms: geometry).bound)
    var largest = 0.0
    func visit(_ support: [Int]) throws {
      if support.count == 2 * k {
        largest = max(largest, 4 * (try Self.worst(dictionary, support)))
      } else {
        for j in ((support.last ?? -1) + 1)..<32 { try visit(support + [j]) }
      }
    }
    try visit([])
    #expect(largest <= bound * (1 + 1e-12))
    // One pair of atoms at the coherence attains the bound; four of these cannot all be so alike.
    if k == 1 {
      #expect(largest.isApproximatelyEqual(to: bound, relativeTolerance: 1e-12))
    } else {
      #expect(largest.isApproximatelyEqual(to: 8, relativeTolerance: 1e-9) && bound == 16)
    }
    #expect(!ProjectionStability.guarantee(noise: 1, sparsity: 3, atoms: geometry).premise)
  }

  /// D₁D₂ for D₁ = [1 .6; 0 .8] and D₂ a rotation.
  static func rotated(_ angle: Double) -> DenseDictionary<Double> {
    let (c, s) = (Double.cos(angle), Double.sin(angle))
    let first = Matrix(rows: [[1, 0.6], [0, 0.8]])
    return DenseDictionary(matrix: first.multiplied(by: Matrix(rows: [[c, -s], [s, c]])))
  }

  @Test("erratum 20: without unit effective atoms P (7) is exceeded, and its mended form attained")
  func shortAtoms() throws {
    let dictionary = Self.rotated(.pi / 4)
    let geometry = AtomGeometry(dictionary)
    #expect(geometry.coherence < 1e-15)
    let error = 4 * (try Self.worst(dictionary, [0, 1]))
    #expect(error.isApproximatelyEqual(to: 10, relativeTolerance: 1e-12))
    let printed = ProjectionStability.asPrinted(
      noise: 1, sparsity: 1, coherence: geometry.coherence)
    #expect(printed.isViolated(by: error))
    let mended = ProjectionStability.guarantee(noise: 1, sparsity: 1, atoms: geometry)
    #expect(!mended.isViolated(by: error))
    let bound = try #require(mended.bound)
    #expect(bound.isApproximatelyEqual(to: error, relativeTolerance: 1e-12))
    // The projection itself, not only a member within E₀: x on the short atom, y past the bisector,
    // so that its nearest member lies on the other atom (OMP with one atom is exact).
    let long = dictionary.atomRows.row(0).map { $0 / 1.6.squareRoot() }
    let short = dictionary.atomRows.row(1).map { $0 / 0.4.squareRoot() }
    let signal = zip(long, short).map { 0.5501 * $0 + 0.55 * $1 }
    let nearest = try OrthogonalMatchingPursuit(dictionary, sparsity: 1)
      .codes(Tensor(shape: [1, 2], elements: signal)).densified(2).elements
    let truth = [0, 1 / Double(0.4).squareRoot()]
    let quotient =
      Double.squaredDistance(2, nearest, truth) / Double.squaredDistance(2, signal, short)
    #expect(nearest[1] == 0 && quotient > 5.3 && quotient < 10)
    #expect(printed.isViolated(by: quotient))
    for step in 0...20 {
      let turned = Self.rotated(.pi / 4 * Double(step) / 20)
      let guarantee = ProjectionStability.guarantee(
        noise: 1, sparsity: 1, atoms: AtomGeometry(turned))
      let worst = 4 * (try Self.worst(turned, [0, 1]))
      #expect(!guarantee.isViolated(by: worst))
    }
  }

  @Test("P Theorem 1 with the stripes of D₂ in place of those of D⁽²⁾ is exceeded")
  func narrowStripes() throws {
    // D₁: circulant of (1, c); D₂ = I as a convolution with filters of length one.
    let (n, c) = (12, 0.2087121525220799)  // c/(1 + c²) = 0.2
    let scale = 1 / (1 + c * c).squareRoot()
    let first = try ConvolutionalDictionary<Double>(
      filters: Tensor(shape: [1, 1, 1, 2], elements: [scale, c * scale]),
      geometry: ConvolutionGeometry(
        signalSize: .line(n), kernelSize: .line(2), boundary: .circular))
    let geometry = AtomGeometry(first)
    #expect(geometry.coherence.isApproximatelyEqual(to: 0.2, relativeTolerance: 1e-9))
    // γ and γ̂ with two non-zeros in any three positions differ by an alternating δ.
    let γ = (0..<n).map { $0 % 3 == 0 ? 0 : ($0 % 2 == 0 ? 1.0 : -1.0) }
    let other = (0..<n).map { $0 % 3 == 0 ? ($0 % 2 == 0 ? -1.0 : 1.0) : 0 }
    let wide = CodeGrid(
      channels: 1, size: .line(n), filterSize: .line(2), boundary: .circular)
    let narrow = CodeGrid(
      channels: 1, size: .line(n), filterSize: .line(1), boundary: .circular)
    #expect(SparsityMeasures.stripeNorm(γ, on: wide) == 2)
    #expect(SparsityMeasures.stripeNorm(other, on: wide) == 1)
    #expect(SparsityMeasures.stripeNorm(γ, on: narrow) == 1)
    let δ = zip(γ, other).map(-)
    let signal = first.synthesize(Tensor(shape: [1, n], elements: δ)).elements
    // y is the middle between the two signals: both are as far from it as the noise is long.
    let noise = 0.5 * Double.norm2(n, signal)
    let error = Double.squaredNorm(n, δ)
    #expect((error / noise / noise).isApproximatelyEqual(to: 4 / 0.6, relativeTolerance: 1e-9))
    func guarantee(_ k: Int) -> Guarantee {
      ProjectionStability.guarantee(noise: noise, sparsity: k, atoms: geometry)
    }
    #expect(guarantee(1).isViolated(by: error))
    #expect(guarantee(2).premise && !guarantee(2).isViolated(by: error))
  }

  @Test("bounds fall with slack: monotone in noise, sparsity, coherence and patches")
  func monotone() throws {
    func profile(_ stripe: Int, _ patch: Int, _ µ: Double) -> LayerProfile {
      LayerProfile(stripe: stripe, patch: patch, smallest: 1, largest: 1.2, coherence: µ)
    }
    for (noise, stripe, patch, µ) in [(0.01, 2, 1, 0.05), (0.01, 3, 2, 0.02), (0.005, 1, 1, 0.1)] {
      func bounds(_ ε: Double, _ k: Int, _ p: Int, _ µ: Double) throws -> [Double] {
        let layers = [profile(k, p, µ), profile(1, 1, µ)]
        let thresholding = ThresholdingStability.layers(noise: ε, layers)
        let pursuit = BasisPursuitStability.layers(noise: ε, layers)
        let layered = LayeredStability.guarantees(
          noise: ε, sparsities: [k, 1], coherences: [µ, µ])
        let guarantees = thresholding.map(\.guarantee) + pursuit.map(\.guarantee) + layered
        return try guarantees.map { try #require($0.bound) }
      }
      let base = try bounds(noise, stripe, patch, µ)
      let changes = [
        try bounds(noise * 1.1, stripe, patch, µ), try bounds(noise, stripe + 1, patch, µ),
        try bounds(noise, stripe, patch + 1, µ), try bounds(noise, stripe, patch, µ * 1.1),
      ]
      for change in changes {
        for (larger, bound) in zip(change, base) { #expect(larger >= bound) }
      }
    }
  }

  @Test("thresholding: the largest noise is the edge of the premise")
  func edgeOfThresholding() {
    let layers = [
      LayerProfile(stripe: 3, patch: 3, smallest: 0.57, largest: 0.6, coherence: 1 / 16),
      LayerProfile(stripe: 1, patch: 1, smallest: 1, largest: 1.05, coherence: 0),
    ]
    let edge = ThresholdingStability.largestNoise(layers)
    #expect(edge > 0)
    func holds(_ noise: Double) -> Bool {
      ThresholdingStability.layers(noise: noise, layers).allSatisfy(\.guarantee.premise)
    }
    #expect(holds(edge * (1 - 1e-9)) && !holds(edge * (1 + 1e-9)))
    // By hand: layer 2 asks 1 > 2ε₁, ε₁ = √3 (2ε₀ + (2 + 3)·0.6/16).
    let mutual: Double = 5 * 0.6 / 16
    let byHand: Double = (0.5 / Double(3).squareRoot() - mutual) / 2
    #expect(edge.isApproximatelyEqual(to: byHand, relativeTolerance: 1e-9))
  }

  @Test("S's thresholding premise must be strict: at equality an entry falls on the threshold")
  func equality() throws {
    // D = I, one entry 1, noise −½ on it: off and on the support, the products meet at ½.
    let profile = LayerProfile(stripe: 1, patch: 1, smallest: 1, largest: 1, coherence: 0)
    let layer = ThresholdingStability.layers(noise: 0.5, [profile])[0]
    #expect(layer.guarantee.slack == 0 && !layer.guarantee.premise && layer.threshold == 0.5)
    let found = try LayeredThresholding<Double>(
      model: MultiLayerModel([DenseDictionary(matrix: .identity(2))]),
      thresholds: [layer.threshold]
    ).solve(Tensor(shape: [1, 2], elements: [0.5, 0])).codes[0]
    #expect(found.elements == [0, 0])
    // Basis pursuit's premise may be met with equality: ⅓(1 + 1/µ) = 3 for µ = 1/8.
    let equal = LayerProfile(stripe: 3, patch: 3, smallest: 1, largest: 1, coherence: 0.125)
    #expect(BasisPursuitStability.layers(noise: 0.1, [equal])[0].guarantee.premise)
  }

  @Test("thresholding finds every support whose premise holds, under the worst noise on one atom")
  func thresholdingByBruteForce() throws {
    let dictionary = try DenseDictionary<Double>.spikesAndHadamard(64)
    let µ = dictionary.mutualCoherence()
    var stream = RandomStream("thresholding by brute force")
    for _ in 0..<200 {
      let k = 1 + stream.index(below: 4)
      let support = stream.indices(k, below: 128)
      var code = Matrix<Double>(zeros: 1, 128)
      for j in support { code[0, j] = stream.sign() * (1 + 0.1 * stream.uniform()) }
      let magnitudes = support.map { abs(code[0, $0]) }
      let profile = LayerProfile(
        stripe: k, patch: k, smallest: magnitudes.min() ?? 0, largest: magnitudes.max() ?? 0,
        coherence: µ)
      let noise = 0.999 * ThresholdingStability.largestNoise([profile])
      guard noise > 0 else { continue }
      let layer = ThresholdingStability.layers(noise: noise, [profile])[0]
      let clean = dictionary.synthesize(code).elements
      for j in 0..<128 {
        for sign in [-1.0, 1] {
          let atom = dictionary.atomRows.row(j)
          let signal = zip(clean, atom).map { $0 + sign * noise * $1 }
          let found = try LayeredThresholding(
            model: MultiLayerModel([dictionary]), thresholds: [layer.threshold]
          ).solve(Tensor(shape: [1, 64], elements: signal)).codes[0].elements
          #expect(SparsityMeasures.support(found, threshold: 1e-12) == support.sorted())
          let error = Double.squaredDistance(128, found, code.elements).squareRoot()
          #expect(!layer.guarantee.isViolated(by: error))
        }
      }
    }
  }

  @Test("erratum 4: ML-ISTA diverges at S's printed outer step, with ‖D₂‖ for ‖D₂‖²")
  func outerStep() throws {
    var stream = RandomStream("outer step")
    let first = DenseDictionary<Double>.gaussian(10, 14, normalized: true, from: &stream)
    let unit = DenseDictionary<Double>.gaussian(14, 12, normalized: true, from: &stream)
    let second = DenseDictionary(
      atomRows: Matrix(shape: [12, 14], elements: unit.atomRows.elements.map { 5 * $0 }))
    let y = Tensor<Double>.normal(1, 10, from: &stream)
    let μ = try 1 / first.squaredSpectralNorm().estimate
    let square = try second.squaredSpectralNorm().estimate
    func soft(_ x: Tensor<Double>, _ λ: Double) -> Tensor<Double> {
      Tensor(shape: x.shape, elements: x.elements.map { max(abs($0) - λ, 0) * ($0 < 0 ? -1 : 1) })
    }
    func combined(_ x: Tensor<Double>, _ s: Double, _ z: Tensor<Double>) -> Tensor<Double> {
      Tensor(shape: x.shape, elements: zip(x.elements, z.elements).map { $0 + s * $1 })
    }
    func norm(after count: Int, outerStep t: Double) -> Double {
      var γ = Tensor<Double>(zeros: 1, 12)
      for _ in 0..<count {
        let u = second.synthesize(γ)
        let slope = first.analyze(combined(first.synthesize(u), -1, y))
        let p = soft(combined(u, -μ, slope), μ * 0.05)
        let mapping = second.analyze(combined(u, -1, p))
        γ = soft(combined(γ, -t / μ, mapping), t * 0.05)
      }
      return Double.norm2(12, γ.elements)
    }
    #expect(norm(after: 200, outerStep: 1.33 * μ / square) < 10)
    #expect(!(norm(after: 200, outerStep: 1.33 * μ / square.squareRoot()) < 1e10))
  }

  @Test("ML-ISTA's bias is below its bound at every iterate", arguments: 0..<20)
  func bias(_ seed: Int) throws {
    var stream = RandomStream("bias", "\(seed)")
    let model = try MultiLayerModel<Double>([
      DenseDictionary.gaussian(10, 14, normalized: true, from: &stream),
      DenseDictionary.gaussian(14, 12, normalized: true, from: &stream),
    ])
    let problem = try MultiLayerProblem(
      model: model, signals: .normal(3, 10, from: &stream),
      penalties: [0.02 + 0.1 * stream.uniform(), 0.02 + 0.1 * stream.uniform()])
    let optimum = try ExactSolver(tolerance: 1e-11).solve(problem)
    let best = problem.objective(at: optimum.codes[1])
    for scale in [1, 0.1, 0.01] {
      let theorem = try MultiLayerISTABias(problem, scale: scale)
      let iterator = try MultiLayerISTA(problem, innerStep: .fixed(scale)).makeIterator()
      for k in 0..<300 {
        let before = iterator.deepest
        iterator.step()
        guard k % 37 == 0 || k == 299 else { continue }
        let after = iterator.deepest
        let gaps = zip(problem.objective(at: after), best).map { $0 - $1 }
        for (guarantee, gap) in zip(theorem.guarantees(before: before, after: after), gaps) {
          #expect(guarantee.premise && !guarantee.isViolated(by: gap))
        }
      }
    }
  }
}
