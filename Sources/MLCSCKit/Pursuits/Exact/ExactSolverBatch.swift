/// Signal by signal: large problems of several layers.
extension ExactSolver {
  /// Solves every signal by `SemismoothNewton`, and what that leaves open by the decomposition.
  func solveOneByOne(
    _ problem: MultiLayerProblem<Double>, clock: (() -> Double)?
  ) throws -> PursuitSolution<Double> {
    let outcomes = try outcomes(problem, clock)
    let open = outcomes.indices.filter { !outcomes[$0].certificate.meets(tolerance) }
    let m = problem.model.deepestDimension
    var codes = problem.model.propagate(
      Tensor(shape: [problem.batch, m], elements: outcomes.flatMap(\.code)))
    codes = Self.cleaned(codes, zeros: outcomes.map(\.zeros))
    var gaps = outcomes.map(\.certificate.gap)
    let history = Self.combined(outcomes.map(\.history))
    if let first = open.first {
      guard m <= 4_000 else {
        let certificate = outcomes[first].certificate
        throw PursuitError.notCertified(
          gap: certificate.gap / max(certificate.objective, 1e-300), tolerance: tolerance,
          iterations: outcomes[first].steps)
      }
      let rest = try MultiLayerProblem(
        model: problem.model, signals: problem.signals.gathering(rows: open),
        penalties: problem.penalties.map { λ in λ.count == 1 ? λ : open.map { λ[$0] } },
        nonnegative: problem.nonnegative)
      let solution = try solveByDecomposition(rest, clock: clock)
      for (row, b) in open.enumerated() {
        gaps[b] = solution.dualityGaps?[row] ?? .infinity
        for i in codes.indices {
          for j in 0..<codes[i].columns { codes[i][b, j] = solution.codes[i][row, j] }
        }
      }
    }
    return PursuitSolution(
      codes: codes, iterations: outcomes.map(\.steps).max() ?? 0, stopped: .dualityGap,
      dualityGaps: gaps, history: history)
  }

  private func outcomes(
    _ problem: MultiLayerProblem<Double>, _ clock: (() -> Double)?
  ) throws -> [SemismoothNewton.Outcome] {
    var results = [Result<SemismoothNewton.Outcome, any Error>?](
      repeating: nil, count: problem.batch)
    results.withUnsafeMutableBufferPointer { results in
      // Every signal writes its own result.
      nonisolated(unsafe) let results = results
      Parallelism.forEach(problem.batch) { b in
        results[b] = Result {
          var solver = SemismoothNewton(
            problem, signal: b, tolerance: tolerance, limit: min(limit, 1_000))
          return try solver.solve(clock: clock)
        }
      }
    }
    return try results.compactMap { try $0?.get() }
  }

  /// The histories of all signals as one: objectives summed, a signal's last where it has ended.
  private static func combined(_ histories: [[HistoryEntry]]) -> [HistoryEntry] {
    (0..<(histories.map(\.count).max() ?? 0)).map { round in
      let entries = histories.compactMap { $0.isEmpty ? nil : $0[min(round, $0.count - 1)] }
      return HistoryEntry(
        iteration: entries.map(\.iteration).max() ?? 0,
        seconds: entries.map(\.seconds).max() ?? 0,
        objective: entries.reduce(0) { $0 + $1.objective })
    }
  }

  /// Codes with exact zeros where the active set has them, for counting supports.
  static func cleaned(_ codes: [Tensor<Double>], zeros: [[Bool]?]) -> [Tensor<Double>] {
    var codes = codes
    for (b, zeros) in zeros.enumerated() {
      guard let zeros else { continue }
      var firstRow = 0
      for i in codes.indices {
        let width = codes[i].columns
        for j in 0..<width where zeros[firstRow + j] { codes[i][b, j] = 0 }
        firstRow += width
      }
    }
    return codes
  }
}
