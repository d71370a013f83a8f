import Foundation
import MLCSCKit

/// What `mlcsc solve` says of a solution.
struct SolveReport: Encodable {
  let solver: String
  let iterations: Int
  let stopped: String
  /// Summed over signals; for pursuits without penalties half the squared residual.
  let objective: Double
  /// Summed over signals; null where the solver has no certificate.
  let duality_gap: Double?
  /// Non-zeros of γ₁ … γ_L over all signals.
  let nonzeros: [Int]
  /// ‖Y − D₁⋯D_L Γ‖ over all signals.
  let residual_norm: Double
  let signals: Int
  let seconds: Double

  enum CodingKeys: String, CodingKey {
    case solver, iterations, stopped, objective, duality_gap, nonzeros, residual_norm, signals
    case seconds
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(solver, forKey: .solver)
    try container.encode(iterations, forKey: .iterations)
    try container.encode(stopped, forKey: .stopped)
    try container.encode(objective, forKey: .objective)
    try container.encode(duality_gap, forKey: .duality_gap)  // null, not absent
    try container.encode(nonzeros, forKey: .nonzeros)
    try container.encode(residual_norm, forKey: .residual_norm)
    try container.encode(signals, forKey: .signals)
    try container.encode(seconds, forKey: .seconds)
  }

  var words: String {
    """
    solver         \(solver)
    signals        \(signals)
    iterations     \(iterations) (stopped: \(stopped))
    objective      \(objective)
    duality gap    \(duality_gap.map { "\($0)" } ?? "none: this solver has no certificate")
    non-zeros      \(nonzeros.map(String.init).joined(separator: ", "))
    residual norm  \(residual_norm)
    seconds        \((seconds * 1000).rounded() / 1000)
    """
  }
}

extension Solve {
  func report(
    _ model: MultiLayerModel<Double>, _ signals: Tensor<Double>,
    _ solution: PursuitSolution<Double>, _ objective: Double?, _ seconds: Double
  ) throws -> SolveReport {
    let estimate = model.synthesize(solution.codes[solution.codes.count - 1])
    let square = zip(signals.elements, estimate.elements)
      .reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return SolveReport(
      solver: solver.rawValue, iterations: solution.iterations,
      stopped: solution.stopped.rawValue, objective: objective ?? square / 2,
      duality_gap: solver == .layeredBP ? nil : solution.dualityGaps?.reduce(0, +),
      nonzeros: solution.codes.map { SparsityMeasures.cardinality($0.elements) },
      residual_norm: square.squareRoot(), signals: signals.rows, seconds: seconds)
  }

  /// Writes codes and history; a solver that is done in one go has a history of one line.
  func write(
    _ solution: PursuitSolution<Double>, _ report: SolveReport, to folder: URL,
    like format: MatrixFile.Format
  ) throws {
    for (i, code) in solution.codes.enumerated() {
      try MatrixFile.write(
        code.transposed,
        to: folder.appendingPathComponent("gamma\(i + 1).\(format.rawValue)"))
    }
    let end = HistoryEntry(
      iteration: report.iterations, seconds: report.seconds, objective: report.objective)
    let history = solution.history.isEmpty ? [end] : solution.history
    let lines = history.map { "\($0.iteration),\($0.seconds),\($0.objective)" }
    let text = (["iteration,seconds,objective"] + lines).joined(separator: "\n") + "\n"
    try AtomicFile.write(Data(text.utf8), to: folder.appendingPathComponent("history.csv"))
  }
}
