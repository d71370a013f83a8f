/// A paper's table of accuracies on CIFAR-10, CIFAR-100 and SVHN, to be filled with a study's.
public struct PublishedAccuracies<Study: ImageStudy>: Sendable {
  /// One row.
  public struct Row: Sendable {
    /// The network.
    public let model: Study.Model
    /// Accuracies in percent, in the order of `sets`; nothing where the paper prints ×.
    public let percent: [Double?]

    /// A row.
    public init(_ model: Study.Model, percent: [Double?]) {
      (self.model, self.percent) = (model, percent)
    }
  }

  /// The paper's name for the table.
  public let name: String
  /// The image sets (see `ImageSource.family`).
  public let sets = ["CIFAR10", "CIFAR100", "SVHN"]
  /// Its rows.
  public let rows: [Row]

  /// A table.
  public init(_ name: String, rows: [Row]) { (self.name, self.rows) = (name, rows) }

  /// The paper's accuracy in percent, where it has one.
  public func percent(of model: Study.Model, on set: String) -> Double? {
    guard let column = sets.firstIndex(of: set) else { return nil }
    return rows.first { $0.model == model }?.percent[column]
  }

  /// Which of a study's sets stands for a set of the table.
  public func source(_ set: String, _ study: Study) -> ImageSource? {
    study.sources.first { $0.family == set }
  }

  /// The table's rows, and those that a study has beyond them.
  private func rows(with study: Study, _ results: Study.Results) -> [Row] {
    var seen = Set(rows.map(\.model))
    return rows
      + results.map { Study.model(of: $0.cell.architecture) }.filter { seen.insert($0).inserted }
      .map { Row($0, percent: sets.map { _ in nil }) }
  }

  /// The paper's accuracies beside ours and the scale at which ours were made; empty where nothing
  /// was run.
  ///
  /// - Parameters:
  ///   - study: The study that was run.
  ///   - results: Its trainings.
  /// - Returns: A row for every model and set.
  /// - Throws: `TableError`.
  public func table(_ study: Study, _ results: Study.Results) throws -> Table {
    let rows = rows(with: study, results)
    let body = sets.enumerated().flatMap { column, set -> [[Value]] in
      let all = source(set, study).map { study.comparison(of: $0, in: results) }
      return rows.enumerated().map { number, row in
        let found = all?.trainings(of: row.model) ?? []
        func ours(
          _ measure: (TrainingComparison<Study.Model>.Training) -> Double
        ) -> Estimate? {
          found.isEmpty ? nil : all?.mean(of: row.model, measure)
        }
        let mean = ours(\.testPercent)
        return [.text(set)] + Study.keys.map { $0.value(row.model) } + [
          .integer(number + 1),
          // R's sign for a network that "can not be trained normally"; not the same as no row.
          row.percent[column].map { .real($0) }
            ?? (number < self.rows.count ? .text("×") : .missing),
          Value(finite: mean?.value),
          Value(finite: mean?.lower), Value(finite: mean?.upper),
          Value(finite: ours { 100 * $0.summary.finalTestAccuracy }?.value),
          Value(finite: ours { 100 * $0.summary.bestTestAccuracy }?.value),
          Value(finite: ours { 100 * $0.summary.finalTrainingAccuracy }?.value),
          found.isEmpty ? .missing : .integer(found.count),
          found.isEmpty ? .missing : .text(study.scale + failures(found)),
        ]
      }
    }
    let loose = TrainingComparison<Study.Model>.loose
    return try Table(
      "accuracies",
      [.key("data")] + Study.keys.map { .key($0.column) } + [
        .note("row"), .exact("paper_percent"), loose("ours_mean_of_last_percent"),
        .note("ours_lower_percent"), .note("ours_upper_percent"), loose("ours_final_percent"),
        loose("ours_best_percent_chosen_on_test"), loose("ours_training_percent"),
        .exact("seeds"), .exact("scale"),
      ], rows: body)
  }

  private func failures(_ trainings: [TrainingComparison<Study.Model>.Training]) -> String {
    let count = trainings.count { $0.summary.isDiverged }
    return count == 0 ? "" : "; \(count) of \(trainings.count) diverged"
  }

  /// The claims that the paper's accuracies are reached, one for each set on which anything was run.
  ///
  /// Reached is what is within a point or above. Only the paper's own scale decides.
  public func levels(_ study: Study, _ results: Study.Results) -> [Claim] {
    sets.enumerated().compactMap { column, set in
      guard let source = source(set, study) else { return nil }
      let all = study.comparison(of: source, in: results)
      let cells = rows.compactMap { row -> (ours: Double, paper: Double)? in
        guard let paper = row.percent[column], !all.trainings(of: row.model).isEmpty else {
          return nil
        }
        return (all.mean(of: row.model, \.testPercent).value, paper)
      }
      guard let least = cells.map(\.paper).min(), let most = cells.map(\.paper).max() else {
        return nil
      }
      let reached = cells.count { $0.ours >= $0.paper - 1 }
      return Claim(
        id: "levels-\(set.lowercased())", sentence: "The accuracies of \(name) on \(set)",
        source: "R \(name)", paper: "\(least) to \(most) %",
        measured: "\(reached) of \(cells.count) cells within a point of the paper or above; "
          + study.scale,
        verdict: !study.isFullScale
          ? .undecided : reached == cells.count ? .holds : .doesNotHold)
    }
  }
}
