import Foundation
import MLCSCKit

/// Multi-layer basis pursuit at scale: seconds until every signal is certified.
struct ExactBenchmark {
  /// What is solved.
  enum Instance: String, CaseIterable {
    /// Gaussian dictionaries 1000×2000, 2000×3000, 3000×5000 with unit columns; one signal of 60
    /// deepest atoms with noise of a tenth of its size.
    case gaussian = "1000×2000×3000×5000, one signal"
    /// The learned model that comes with the package, and its first 64 test digits.
    case digits = "learned model, 64 digits"
  }

  /// One line of the report.
  struct Result: Encodable {
    let instance: String
    let seconds: Double
    /// The largest relative duality gap of a signal.
    let gap: Double
    /// The largest number of Newton steps.
    let steps: Int
    /// The seconds that it should not exceed on two slow cores.
    let goal: Double
  }

  let instance: Instance

  /// The relative gap to reach.
  private static let tolerance = 1e-8

  /// Times the solver.
  ///
  /// - Throws: `PursuitError.notCertified`; what reading the embedded data throws.
  func measure(repetitions: Int) throws -> Result {
    let problem = try problem()
    let solver = ExactSolver(tolerance: Self.tolerance)
    var times = [Double]()
    var (gap, steps) = (0.0, 0)
    for _ in 0..<repetitions {
      times.append(
        try seconds {
          let solution = try solver.solve(problem)
          let deepest = solution.codes[solution.codes.count - 1]
          let objectives = problem.objective(at: deepest)
          gap = zip(solution.dualityGaps ?? [.infinity], objectives).map { $0 / $1 }.max() ?? 0
          steps = solution.iterations
        })
    }
    return Result(
      instance: instance.rawValue, seconds: median(times), gap: gap, steps: steps, goal: 60)
  }

  /// λᵢ is a fraction of ‖(D₁ ⋯ Dᵢ)ᵀy‖∞: 0.01, 0.02 and 0.05 for the Gaussian model, 0.01, 0.01
  /// and 0.05 for the learned one.
  private func problem() throws -> MultiLayerProblem<Double> {
    switch instance {
    case .gaussian:
      var stream = RandomStream("benchmark", "exact")
      let sizes = [1000, 2000, 3000, 5000]
      let model = try MultiLayerModel<Double>(
        zip(sizes, sizes.dropFirst()).map {
          DenseDictionary.gaussian($0, $1, normalized: true, from: &stream)
        })
      var code = Matrix<Double>(zeros: 1, 5000)
      for j in stream.indices(60, below: 5000) { code[0, j] = stream.normal() }
      var signal = model.synthesize(code)
      let deviation =
        0.1 * (signal.elements.reduce(0) { $0 + $1 * $1 } / Double(signal.columns)).squareRoot()
      for i in 0..<signal.columns { signal[0, i] += deviation * stream.normal() }
      return try MultiLayerProblem(
        model: model, signals: signal, penaltyFractions: [0.01, 0.02, 0.05])
    case .digits:
      let model = try MultiLayerModel<Double>(LearnedModel.embedded().layers)
      let digits = try MNIST.embedded().test.batch(0..<64, as: Double.self)
      return try MultiLayerProblem(
        model: model, signals: digits, penaltyFractions: [0.01, 0.01, 0.05])
    }
  }
}
