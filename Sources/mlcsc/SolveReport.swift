import Foundation
import MLCSCKit

/// What `mlcsc solve` says of a solution.
struct SolveReport: Encodable {
  let solver: String
  let iterations: Int
  /// Why it stopped; several reasons where signals stopped for different ones.
  let stopped: String
  /// How many signals stopped for which reason, one list a layer; empty for pursuits that treat all
  /// signals at once.
  let stopped_counts: [[String: Int]]
  /// Summed over signals; for pursuits without penalties half the squared residual; null where it is
  /// beyond the range of numbers.
  let objective: Double?
  /// Summed over signals; null where the solver has no certificate, or as the objective.
  let duality_gap: Double?
  /// The gap over the objective, in whatever units they are; null where there is no certificate.
  let relative_gap: Double?
  /// Non-zeros of γ₁ … γ_L over all signals.
  let nonzeros: [Int]
  /// ‖Y − D₁⋯D_L Γ‖ over all signals.
  let residual_norm: Double?
  let signals: Int
  let seconds: Double
  /// What the reader must know beyond the numbers; not part of the JSON object.
  let notes: [String]

  enum CodingKeys: String, CodingKey {
    case solver, iterations, stopped, stopped_counts, objective, duality_gap
    case relative_gap, nonzeros, residual_norm, signals, seconds
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(solver, forKey: .solver)
    try container.encode(iterations, forKey: .iterations)
    try container.encode(stopped, forKey: .stopped)
    try container.encode(stopped_counts, forKey: .stopped_counts)
    try container.encode(objective, forKey: .objective)
    try container.encode(duality_gap, forKey: .duality_gap)  // null, not absent
    try container.encode(relative_gap, forKey: .relative_gap)
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
    objective      \(objective.map { "\($0)" } ?? "beyond the range of numbers")
    duality gap    \(gapInWords)
    non-zeros      \(nonzeros.map(String.init).joined(separator: ", "))
    residual norm  \(residual_norm.map { "\($0)" } ?? "beyond the range of numbers")
    seconds        \((seconds * 1000).rounded() / 1000)
    """
  }
}

extension SolveReport {
  private var gapInWords: String {
    guard let relative_gap else { return "none: this solver has no certificate" }
    return duality_gap.map { "\($0)" } ?? "\(relative_gap) of the objective"
  }
}

extension Solve {
  /// - Parameters:
  ///   - task: What was solved.
  ///   - outcome: What was found, in the same units.
  ///   - restored: What was found, in the reader's units.
  ///   - units: From the one to the other.
  ///   - seconds: How long it took.
  /// - Returns: The report, in the reader's units.
  func report(
    _ task: Task, _ outcome: Outcome, _ restored: PursuitSolution<Double>, _ units: BinaryUnits,
    _ seconds: Double
  ) -> SolveReport {
    let solution = outcome.solution
    let estimate = task.model.synthesize(solution.codes[solution.codes.count - 1])
    var residual = task.signals.elements
    for (i, x) in estimate.elements.enumerated() { residual[i] -= x }
    let norm = Double.norm2(residual.count, residual)
    let objective = outcome.objective ?? 0.5 * norm * norm
    let gap = solver == .layeredBP ? nil : solution.dualityGaps?.reduce(0, +)
    var notes = shortfalls(outcome.reasons)
    func number(_ name: String, _ value: Double, _ original: Double) -> Double? {
      if original.isFinite, value == 0 || original.isNormal { return original }
      // A gap or residual that is rounding is as good as zero.
      if abs(value) < 1e-13, original.isFinite { return original }
      notes.append("\(name): beyond the range of numbers, so there is none")
      return nil
    }
    return SolveReport(
      solver: solver.rawValue, iterations: solution.iterations,
      stopped: Self.words(of: outcome.reasons) ?? solution.stopped.rawValue,
      stopped_counts: outcome.reasons.map { Self.counts(of: $0) },
      objective: number("objective", objective, units.restored(objective: objective)),
      duality_gap: gap.flatMap { number("duality gap", $0, units.restored(objective: $0)) },
      relative_gap: gap.flatMap { $0.isFinite ? (objective > 0 ? $0 / objective : 0) : nil },
      nonzeros: restored.codes.map { SparsityMeasures.cardinality($0.elements) },
      residual_norm: number("residual norm", norm, units.restored(norm: norm)),
      signals: task.signals.rows, seconds: seconds, notes: notes)
  }

  private static func counts(of reasons: [StoppingReason]) -> [String: Int] {
    Dictionary(reasons.map { ($0.rawValue, 1) }, uniquingKeysWith: +)
  }

  /// All reasons that occur, the most frequent first.
  private static func words(of reasons: [[StoppingReason]]) -> String? {
    let counts = counts(of: reasons.flatMap { $0 }).sorted {
      $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key
    }
    return counts.isEmpty ? nil : counts.map(\.key).joined(separator: "; ")
  }

  /// What to say of codes with fewer non-zeros than were asked for.
  private func shortfalls(_ reasons: [[StoppingReason]]) -> [String] {
    reasons.enumerated().flatMap { layer, reasons in
      Self.counts(of: reasons.filter { $0 != .complete }).sorted { $0.key < $1.key }.map {
        let place = solver == .projection ? "the deepest layer" : "layer \(layer + 1)"
        return "\(place): \($0.value) of \(reasons.count) signals have no more non-zeros than "
          + "these: \($0.key)"
      }
    }
  }

  /// Writes codes and history; a solver that is done in one go has a history of one line.
  func write(
    _ solution: PursuitSolution<Double>, _ report: SolveReport,
    of model: MultiLayerModel<Double>, _ signals: PursuitInput.Signals, to folder: URL
  ) throws {
    switch signals.form {
    case .columns(let format):
      for (i, code) in solution.codes.enumerated() {
        try MatrixFile.write(
          code.transposed,
          to: folder.appendingPathComponent("gamma\(i + 1).\(format.rawValue)"))
      }
    case .images(let stack):
      try CodedImages(model, stack, solution.codes).write(to: folder)
    }
    func line(_ iteration: Int, _ seconds: Double, _ objective: Double?) -> String {
      // An objective beyond the range of numbers leaves its field empty.
      let text = objective.map { $0.isFinite ? "\($0)" : "" } ?? ""
      return "\(iteration),\(seconds),\(text)"
    }
    let lines =
      solution.history.isEmpty
      ? [line(report.iterations, report.seconds, report.objective)]
      : solution.history.map { line($0.iteration, $0.seconds, $0.objective) }
    let text = (["iteration,seconds,objective"] + lines).joined(separator: "\n") + "\n"
    try AtomicFile.write(Data(text.utf8), to: folder.appendingPathComponent("history.csv"))
  }
}
