import MLCSCKit

/// S's convergence theorem for ML-ISTA on random problems with certified optima.
enum StepBias {
  /// Gap and bound, relative to the optimum, for every inner step and iterate looked at.
  ///
  /// ML-ISTA starts at zero and at the optimum, whose neighbourhood holds its limit: from there the
  /// gap is all bias, from zero it is mostly what is still to be done. The bound speaks of both.
  static func rows(
    _ settings: ThresholdingGuarantees.Settings, from stream: inout RandomStream
  ) throws -> [ThresholdingGuarantees.Row] {
    let (n, m1, m2) = (
      settings.biasDimensions[0], settings.biasDimensions[1], settings.biasDimensions[2]
    )
    let model = try MultiLayerModel<Double>([
      DenseDictionary.gaussian(n, m1, normalized: true, from: &stream),
      DenseDictionary.gaussian(m1, m2, normalized: true, from: &stream),
    ])
    let range = settings.biasPenalties
    let penalties = (0..<2).map { _ in
      (0..<settings.biasProblems).map { _ in
        range[0] + (range[1] - range[0]) * stream.uniform()
      }
    }
    let problem = try MultiLayerProblem(
      model: model, signals: .normal(settings.biasProblems, n, from: &stream),
      penalties: penalties)
    let optimum = try ExactSolver(tolerance: 1e-11).solve(problem)
    let best = problem.objective(at: optimum.codes[1])
    var rows = [ThresholdingGuarantees.Row]()
    for scale in settings.biasScales {
      let theorem = try MultiLayerISTABias(problem, scale: scale)
      for start in ["zero", "optimum"] {
        let iterator = try MultiLayerISTA(problem, innerStep: .fixed(scale)).makeIterator()
        if start == "optimum" { iterator.restart(from: optimum.codes[1]) }
        for iteration in settings.biasIterations {
          while iterator.iteration < iteration - 1 { iterator.step() }
          let before = iterator.deepest
          iterator.step()
          let after = iterator.deepest
          var row = ThresholdingGuarantees.Row(
            method: "ml-ista", family: start, layer: 2, place: scale, iteration: iteration)
          let gaps = zip(problem.objective(at: after), best).map { $0 - $1 }
          let guarantees = theorem.guarantees(before: before, after: after)
          for (b, guarantee) in guarantees.enumerated() {
            // The optimum's own certificate is 1e-11, so gaps below that are zero.
            row.add(
              guarantee, error: gaps[b] < 1e-10 * best[b] ? 0 : gaps[b], isSupported: true,
              unit: best[b])
          }
          rows.append(row)
        }
      }
    }
    return rows
  }
}
