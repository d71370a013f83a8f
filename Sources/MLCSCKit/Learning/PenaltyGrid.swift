/// The search for the penalties of two-layer basis pursuit on a grid, for signals with known codes.
///
/// λ₂ runs over the grid's values, λ₁ over zero (basis pursuit) and the same values.
public struct PenaltyGrid: Sendable {
  /// The values of λ₂.
  public let values: [Double]
  /// The values of λ₁: zero, then those of λ₂.
  public let firstValues: [Double]

  /// A grid with some positive values.
  public init(_ values: [Double]) { (self.values, firstValues) = (values, [0] + values) }

  /// How far the codes of one signal are from the true ones at every pair of penalties.
  public struct Errors: Sendable {
    /// ‖γ̂ − γ‖₂/‖γ‖₂ by layer, place of λ₁ in `firstValues`, and place of λ₂ in `values`.
    public let relative: [[[Double]]]
    /// The largest certified duality gap of all solutions, relative to the objective.
    public let largestRelativeGap: Double
  }

  /// Solves the problem of one signal with all pairs of penalties, as one batch.
  ///
  /// - Parameters:
  ///   - instance: D₁, D₂ and the true codes.
  ///   - signal: What is seen of the instance, n numbers.
  ///   - tolerance: The relative duality gap of every solution.
  /// - Returns: The errors of both layers.
  /// - Throws: What `ExactSolver` throws.
  /// - Complexity: One exact solve of values · (values + 1) signals.
  public func errors(
    of instance: CosparseInstance, seenAs signal: [Double], tolerance: Double
  ) throws -> Errors {
    let problem = try MultiLayerProblem(
      model: instance.model(), signal: signal,
      choices: firstValues.flatMap { first in values.map { [first, $0] } })
    let solution = try ExactSolver(tolerance: tolerance).solve(problem)
    let objectives = problem.objective(at: solution.codes[1])
    let relative = zip(solution.codes, instance.codes).map { found, truth in
      firstValues.indices.map { i in
        values.indices.map { j in
          SparsityMeasures.relativeError(found.row(i * values.count + j), truth)
        }
      }
    }
    return Errors(
      relative: relative,
      largestRelativeGap: zip(solution.dualityGaps ?? [], objectives).map { $0 / $1 }.max() ?? 0)
  }

  /// The penalties that suit some signals best: they minimise the mean of both layers' errors.
  public struct Choice {
    /// By signal, each as in `Errors.relative`.
    private let errors: [[[[Double]]]]

    /// The choice for signals with some errors, each as in `Errors.relative`.
    public init(_ errors: [[[[Double]]]]) { self.errors = errors }

    private func score(_ first: Int, _ second: Int) -> Double {
      Statistics.mean(errors.map { $0[0][first][second] + $0[1][first][second] })
    }

    /// The place of the best λ₁ at a place of λ₂.
    ///
    /// - Parameters:
    ///   - second: The place of λ₂.
    ///   - start: The first place that is looked at; 1 leaves out λ₁ = 0.
    /// - Returns: The place; 0 without signals.
    public func first(at second: Int, from start: Int = 0) -> Int {
      (start..<(errors.first?[0].count ?? 0)).min { score($0, second) < score($1, second) } ?? 0
    }

    /// The places of the best pair of all, with λ₁ > 0 or without λ₁.
    public func bestPair(multiLayer: Bool) -> (first: Int, second: Int) {
      (errors.first?[0][0].indices ?? 0..<0)
        .map { (multiLayer ? first(at: $0, from: 1) : 0, $0) }
        .min { score($0.0, $0.1) < score($1.0, $1.1) } ?? (0, 0)
    }
  }
}
