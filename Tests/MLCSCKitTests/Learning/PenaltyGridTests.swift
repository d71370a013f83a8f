// Claim: a penalty grid solves every pair as if it were alone, and chooses as trying all pairs does.
import MLCSCKit
import Testing

struct PenaltyGridTests {
  private let grid = PenaltyGrid([0.003, 0.03, 0.1])

  private func instances(_ count: Int) throws -> [(instance: CosparseInstance, signal: [Double])] {
    try (0..<count).map { number in
      var stream = RandomStream("penalty grid", "\(number)")
      let instance = try CosparseInstance(
        dimensions: [12, 16, 14], sparsity: 6, cosparsity: 4, from: &stream)
      return (instance, instance.noisy(amplitudeRatio: 5, from: &stream))
    }
  }

  @Test("errors are those of single problems")
  func singly() throws {
    let (instance, signal) = try instances(1)[0]
    let found = try grid.errors(of: instance, seenAs: signal, tolerance: 1e-11)
    #expect(found.largestRelativeGap <= 1e-11)
    for (i, first) in ([0] + grid.values).enumerated() {
      for (j, second) in grid.values.enumerated() {
        let alone = try ExactSolver(tolerance: 1e-11).solve(
          MultiLayerProblem(
            model: instance.model(), signals: Tensor(shape: [1, 12], elements: signal),
            penalties: [first, second]))
        for layer in 0..<2 {
          let error = SparsityMeasures.relativeError(
            alone.codes[layer].elements, instance.codes[layer])
          // A relative gap of 1e-11 leaves codes of order one off by less than 1e-4.
          #expect(abs(found.relative[layer][i][j] - error) < 1e-4)
        }
      }
    }
  }

  @Test("the best pair of all signals together")
  func best() throws {
    let errors = try instances(3).map {
      try grid.errors(of: $0.instance, seenAs: $0.signal, tolerance: 1e-9).relative
    }
    func score(_ first: Int, _ second: Int) -> Double {
      errors.reduce(0) { $0 + $1[0][first][second] + $1[1][first][second] } / 3
    }
    let choice = PenaltyGrid.Choice(errors)
    let (first, second) = choice.bestPair(multiLayer: true)
    #expect(first > 0)
    let all = (1...3).flatMap { i in (0..<3).map { score(i, $0) } }
    #expect(score(first, second) == all.min())
    let plain = choice.bestPair(multiLayer: false)
    #expect(plain.first == 0)
    #expect(score(0, plain.second) == (0..<3).map { score(0, $0) }.min())
    for place in 0..<3 {
      #expect(score(choice.first(at: place), place) == (0...3).map { score($0, place) }.min())
    }
  }

  @Test("a choice of penalties must name every layer")
  func shortChoice() throws {
    let (instance, signal) = try instances(1)[0]
    #expect(throws: ModelError.parameterCount(name: "lambda", expected: 2, found: 1)) {
      try MultiLayerProblem(
        model: instance.model(), signal: signal, choices: [[0.1, 0.1], [0.1]])
    }
  }
}
