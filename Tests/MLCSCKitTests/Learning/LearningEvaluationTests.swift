// Claim: a learned model is judged by its own codes, and its most used atoms come first.
import MLCSCKit
import Testing

struct LearningEvaluationTests {
  @Test("non-zeros count for the filter that they belong to")
  func uses() throws {
    var stream = RandomStream("filter uses")
    let layer = try ConvolutionalDictionary<Double>(
      filters: .normal(3, 1, 2, 2, from: &stream),
      geometry: ConvolutionGeometry(signalSize: .square(3), kernelSize: .square(2)))
    // Three filters at four positions, two signals.
    let codes = Tensor(
      shape: [2, 12],
      elements: [0, 1, 0, 0, 2, 3, 4, 5, 0, 0, 0, 0] + [0, 0, 6, 0]
        + [Double](repeating: 0, count: 7) + [7])
    #expect(layer.filterUses(codes) == [2, 4, 1])
  }

  @Test("the error, the densities and the uses are those of the learner's codes")
  func evaluation() throws {
    var stream = RandomStream("learning evaluation")
    let images = Matrix<Double>.normal(6, 36, from: &stream)
    let learner = try DictionaryLearning(
      signalSize: .square(6), filterCounts: [3, 8], kernelSizes: [3, 4], strides: [1, 1],
      settings: DictionaryLearningSettings(
        batchSize: 2, sparsity: 3, learningRate: 0.01, filterThresholds: [0, 0.01], leastUses: 0),
      streamNames: ["learning evaluation"])
    let effective = try learner.effectiveDictionary()
    let found = try learner.evaluation(
      on: images, side: 6, dotDeviation: 1, likenessBefore: effective.likeness(to: images))
    let codes = try OrthogonalMatchingPursuit<Double>(effective, sparsity: 3).codes(images)
    let rest = effective.synthesize(codes.densified(8))
    let error = zip(rest.elements, images.elements).reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }
    let energy = images.elements.reduce(0) { $0 + $1 * $1 }
    #expect(abs(found.relativeSquaredError - error / energy) < 1e-12)
    #expect(found.codeDensity[1] == 3.0 / 8)
    #expect(found.filterUses[1].reduce(0, +) == 18)
    #expect(found.filterUses[1] == (0..<8).map { j in codes.count { $0.support.contains(j) } })
    #expect(found.filterNonzeros == [[9, 9, 9], [Int](repeating: 48, count: 8)])
    #expect(found.shapes.map(\.learned) == found.shapes.map(\.random))

    let shown = try learner.model().mostUsedAtoms(found.filterUses, counts: [2, 3])
    #expect(shown.map(\.layer) == [1, 1, 2, 2, 2])
    #expect(shown.map(\.size) == [3, 3, 6, 6, 6])
    let uses = shown.suffix(3).map { found.filterUses[1][$0.index] }
    #expect(uses == Array(found.filterUses[1].sorted(by: >).prefix(3)))
    #expect(shown.allSatisfy { $0.pixels.map(abs).max() == 1 })
  }
}
