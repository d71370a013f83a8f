// Claim: what one pass of thresholding cannot do: bear a low contrast, recover without noise, or meet
// the bound of the deep coding problem; basis pursuit can.
import MLCSCKit
import Testing

struct ThresholdingLimitTests {
  /// [I H/8], µ = 1/8.
  static func dictionary() throws -> DenseDictionary<Double> {
    try DenseDictionary<Double>.spikesAndHadamard(64)
  }

  static func code(_ entries: [Int: Double]) -> Matrix<Double> {
    var γ = Matrix<Double>(zeros: 1, 128)
    for (j, value) in entries { γ[0, j] = value }
    return γ
  }

  static func support(_ γ: Matrix<Double>) -> [Int] {
    SparsityMeasures.support(γ.elements, threshold: 1e-9)
  }

  // One spike and c times one Hadamard atom that weakens it: the product with the latter is c − 1/8,
  // with the others ±1/8, so that below c = 1/4 no threshold parts them.
  @Test("S, contrast: no threshold finds entries of 1 and 0.1, basis pursuit does")
  func contrast() throws {
    let dictionary = try Self.dictionary()
    let hadamard = try #require(
      (64..<128).first { dictionary.atomRows[$0, 1] < 0 })
    for (contrast, isFound) in [(1.0, true), (0.3, true), (0.2, false), (0.1, false)] {
      let γ = Self.code([1: 1, hadamard: contrast])
      let x = dictionary.synthesize(γ)
      let products = dictionary.analyze(x).elements.map(abs)
      let on = min(products[1], products[hadamard])
      let off = products.indices.filter { $0 != 1 && $0 != hadamard }.map { products[$0] }.max()
      #expect((on > (off ?? 0)) == isFound)
      let pursuit = try WorkingSetBasisPursuit(dictionary).codes(x, penalties: [0.001])
      #expect(pursuit[0].support.sorted() == [1, hadamard])
    }
    // The guarantee's noise falls with the contrast, to none.
    let noise = [1, 0.8, 0.6, 0.3].map { smallest in
      ThresholdingStability.largestNoise([
        LayerProfile(stripe: 2, patch: 2, smallest: smallest, largest: 1, coherence: 0.125)
      ])
    }
    #expect(noise[0] > noise[1] && noise[1] > noise[2] && noise[2] > 0 && !(noise[3] > 0))
  }

  @Test("S: without noise thresholding errs within its guarantee, basis pursuit as little as asked")
  func noiseless() throws {
    let dictionary = try Self.dictionary()
    var stream = RandomStream("noiseless")
    let profile = LayerProfile(stripe: 3, patch: 3, smallest: 1, largest: 1.02, coherence: 0.125)
    let layer = ThresholdingStability.layers(noise: 0, [profile])[0]
    #expect(layer.guarantee.premise)
    for _ in 0..<50 {
      let γ = Self.code(
        [Int: Double](
          uniqueKeysWithValues: stream.indices(3, below: 128).map {
            ($0, stream.sign() * (1 + 0.02 * stream.uniform()))
          }))
      let x = dictionary.synthesize(γ)
      let found = try LayeredThresholding(
        model: MultiLayerModel([dictionary]), thresholds: [layer.threshold]
      ).solve(x).codes[0]
      #expect(Self.support(found) == Self.support(γ))
      // The threshold takes itself off every entry; others' products give back 2µ · 1.02 at most.
      let least = layer.threshold - 2 * 0.125 * 1.02
      #expect(least > 0.05)
      for (a, b) in zip(found.elements, γ.elements) where b != 0 {
        #expect(abs(a - b) >= least - 1e-12)
      }
      for penalty in [1e-1, 1e-2, 1e-3] {
        let pursuit = try WorkingSetBasisPursuit(dictionary).codes(x, penalties: [penalty])
        // ‖Γ̂ − Γ‖_∞ ≤ λ/(1 − (‖Γ‖₀ − 1)µ) = 4λ/3.
        #expect(largestDifference(pursuit.densified(128), γ) < 1.34 * penalty)
      }
    }
  }

  @Test("S: layered basis pursuit finds every entry above its error, and misses smaller ones")
  func largeEntries() throws {
    let dictionary = try Self.dictionary()
    var stream = RandomStream("large entries")
    let ε = 0.02
    var (large, missed) = (0, 0)
    for _ in 0..<200 {
      let γ = Self.code(
        [Int: Double](
          uniqueKeysWithValues: stream.indices(3, below: 128).map {
            ($0, stream.sign() * (0.01 + 0.5 * stream.uniform()))
          }))
      let noise = Matrix<Double>.normal(1, 64, from: &stream)
      let y = dictionary.synthesize(γ) + (ε / noise.dot(noise).squareRoot()) * noise
      let profile = LayerProfile(
        stripe: 3, patch: 3, smallest: 0.01, largest: 0.51, coherence: 0.125)
      let layer = BasisPursuitStability.layers(noise: ε, [profile])[0]
      let found = try WorkingSetBasisPursuit(dictionary).codes(y, penalties: [layer.penalty])[0]
      for j in Self.support(γ) {
        let isLarge = abs(γ[0, j]) > layer.entryError
        large += isLarge ? 1 : 0
        missed += found.support.contains(j) ? 0 : 1
        #expect(!isLarge || found.support.contains(j))
      }
    }
    #expect(large > 100 && missed > 10)
  }

  // Erratum 11. With E = 0 the lemma gives Γ̂ = Γ. One pass either keeps the products of the other
  // atoms or takes its threshold off the entry.
  @Test("R, Lemma 2: its bound is no bound of one pass of thresholding, whatever the threshold")
  func onePass() throws {
    let dictionary = try Self.dictionary()
    let γ = Self.code([0: 1])
    let x = dictionary.synthesize(γ)
    for noise in [0, 0.005] {
      let bound = LayeredStability.guarantees(
        noise: noise, sparsities: [1], coherences: [dictionary.mutualCoherence()])[0]
      #expect(bound.premise)
      for threshold in [0, 0.01, 0.05, 0.1, 0.125, 0.2, 0.5, 1] {
        let found = try LayeredThresholding(
          model: MultiLayerModel([dictionary]), thresholds: [threshold], nonnegative: false
        ).solve(x).codes[0]
        let difference = found - γ
        #expect(bound.isViolated(by: difference.dot(difference)))
      }
    }
  }
}
