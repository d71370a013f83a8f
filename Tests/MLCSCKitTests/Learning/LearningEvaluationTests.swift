// Claim: a learned model is judged by its own codes, and its most used filters come first.
import MLCSCKit
import Testing

struct LearningEvaluationTests {
  @Test("non-zeros and energy count for the filter that they belong to")
  func uses() throws {
    let layer = try ConvolutionalDictionary<Double>(
      filters: Tensor(
        shape: [3, 1, 2, 2], elements: [1, 0, 0, 0, 0.6, 0.8, 0, 0, 0.5, 0.5, 0.5, -0.5]),
      geometry: ConvolutionGeometry(signalSize: .square(3), kernelSize: .square(2)))
    // Three unit filters at four positions, two signals.
    let codes = Tensor(
      shape: [2, 12],
      elements: [0, 1, 0, 0, 2, 3, 4, 5, 0, 0, 0, 0] + [0, 0, 6, 0]
        + [Double](repeating: 0, count: 7) + [7])
    let found = try FilterUse.all(of: [layer], codes: [codes])[0]
    #expect(found.map(\.nonzeros) == [1, 2, 4])
    let expected = [(2.0, 37.0), (4, 54), (1, 49)]
    for (filter, (uses, energy)) in zip(found, expected) {
      #expect(abs(filter.useShare - uses / 7) < 1e-15)
      #expect(abs(filter.energyShare - energy / 140) < 1e-15)
    }
    // 1/Σd⁴ of (1), (0.6, 0.8) and four equal entries.
    for (filter, entries) in zip(found, [1, 1 / (0.6 * 0.6 * 0.36 + 0.64 * 0.64), 4]) {
      #expect(abs(filter.effectiveNonzeros - entries) < 1e-12)
    }
    // (0.6, 0.8) shifted by one meets (1) in the entry 0.8.
    #expect(abs(found[0].twinCoherence - 0.8) < 1e-15)
  }

  @Test("the error and the uses are those of the learner's codes, in the order of use")
  func evaluation() throws {
    var stream = RandomStream("learning evaluation")
    let images = Matrix<Double>.normal(6, 36, from: &stream)
    let learner = try DictionaryLearning(
      signalSize: .square(6), filterCounts: [3, 8], kernelSizes: [3, 4], strides: [1, 1],
      settings: DictionaryLearningSettings(
        batchSize: 2, sparsity: 3, learningRate: 0.01, filterLimits: [nil, nil], leastUses: 0),
      streamNames: ["learning evaluation"])
    let (layers, found) = try learner.evaluation(on: images)
    let effective = try learner.effectiveDictionary()
    let codes = try OrthogonalMatchingPursuit<Double>(effective, sparsity: 3).codes(images)
    let rest = effective.synthesize(codes.densified(8))
    let error = zip(rest.elements, images.elements).reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }
    let energy = images.elements.reduce(0) { $0 + $1 * $1 }
    #expect(abs(found.relativeSquaredError - error / energy) < 1e-12)
    #expect(found.codeNonzeros[1] == 3)
    let uses = (0..<8).map { j in codes.count { $0.support.contains(j) } }.sorted(by: >)
    for (filter, count) in zip(found.filters[1], uses) {
      #expect(abs(filter.useShare - Double(count) / 18) < 1e-12)
    }
    let nonzeros = found.filters.map { $0.map(\.nonzeros) }
    #expect(nonzeros == [[9, 9, 9], Array(repeating: 48, count: 8)])
    // The ordered layers code the same signals as well.
    let ordered = try MultiLayerModel<Double>(layers)
    let again = try OrthogonalMatchingPursuit<Double>(
      DenseDictionary(ordered.effectiveConvolution(2)), sparsity: 3
    ).codes(images)
    let sum = again.reduce(0) { $0 + $1.residualNorm * $1.residualNorm }
    #expect(abs(sum - error) < 1e-10)

    let shown = try ordered.firstAtoms(counts: [2, 3])
    #expect(shown.map(\.layer) == [1, 1, 2, 2, 2])
    #expect(shown.map(\.size) == [3, 3, 6, 6, 6])
    #expect(shown.allSatisfy { ($0.pixels.max() ?? 0) == 1 && ($0.pixels.min() ?? -2) >= -1 })
  }
}
