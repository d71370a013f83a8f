import MLCSCKit

/// Test accuracy against the epoch for plain, Res-CSC-Simplified, ResNet and Res-CSC networks of
/// several depths.
///
/// Training accuracy and loss stand beside the test accuracy: a deeper network that is worse on both
/// is degraded, one that is worse on test images alone only overfits. Trainings are shared with
/// `rescsc-table2` through the cell cache; settings and readings are in `ResidualStudy` and
/// `ResidualPair`.
@main
struct DegradationFigure: StudyExperiment {
  static let identity = ExperimentIdentity(
    name: "rescsc-fig7-degradation",
    paper: "R: Residual and dilated dense networks via CSC",
    figure: "Fig. 7",
    title: "Accuracy of plain, Res-CSC-Simplified, ResNet and Res-CSC networks as they get deeper",
    question: "Does a start at the pair's input keep deep networks from degradation?",
    dataSets: ["cifar10"])

  // The figure is about one set; the table has the others.
  static func settings(for profile: Profile) -> ResidualStudy {
    ResidualStudy.settings(for: profile).ofFirstSet
  }

  static func tables(_ settings: ResidualStudy, _ results: ResidualStudy.Results) throws -> [Table]
  {
    let all = settings.comparison(of: settings.sources[0], in: results)
    let depths = settings.depths.sorted()
    let final = settings.models.flatMap { model in
      depths.compactMap { depth -> [Value]? in
        let network = ResidualArchitecture(model, depth: depth)
        let found = all.trainings(of: network)
        guard !found.isEmpty else { return nil }
        let test = all.mean(of: network, \.testPercent)
        let training = all.mean(of: network) { 100 * $0.summary.finalTrainingAccuracy }
        let loss = all.mean(of: network) { $0.summary.finalTrainingLoss }
        return [
          .text(model.title), .integer(depth), .real(test.value), Value(finite: test.lower),
          Value(finite: test.upper), .real(100 - test.value), .real(training.value),
          Value(finite: training.lower), Value(finite: training.upper),
          .real(100 - training.value), .real(loss.value), .integer(found.count),
        ]
      }
    }
    func loose(_ name: String) -> Column { .measured(name, absolute: 5, relative: 0) }
    return try [
      all.curves("curves", keys: ResidualStudy.keys),
      all.accuracies("accuracies", keys: ResidualStudy.keys),
      Table(
        "depths",
        [
          .key("model"), .key("layers"), loose("test_accuracy_percent"),
          .note("test_lower_percent"), .note("test_upper_percent"), loose("test_error_percent"),
          loose("training_accuracy_percent"), .note("training_lower_percent"),
          .note("training_upper_percent"), loose("training_error_percent"),
          .measured("training_loss", absolute: 0.05, relative: 0.2), .exact("seeds"),
        ], rows: final),
    ]
  }

  /// What "as accurate as" and "does not degrade" allow, in points: about what R's own table varies
  /// by between neighbouring depths of one model.
  private static let margin = 1.0

  static func claims(
    _ settings: ResidualStudy, _ results: ResidualStudy.Results
  ) throws -> [Claim] {
    let all = settings.comparison(of: settings.sources[0], in: results)
    let usual = settings.depths.filter { $0 <= 56 }
    let (shallow, deep) = (usual.min() ?? 20, usual.max() ?? 56)
    func network(_ model: ResidualModel, _ depth: Int) -> ResidualArchitecture {
      ResidualArchitecture(model, depth: depth)
    }
    func claim(
      _ id: String, _ sentence: String, _ source: String, _ better: ResidualArchitecture,
      over worse: ResidualArchitecture, inLoss: Bool = false, margin: Double = 0
    ) -> Claim {
      settings.claim(
        id, sentence, source, better, over: worse, inLoss: inLoss, margin: margin, in: results)
    }
    let source = "R Sec. VII A, Fig. 7"
    var claims = [
      claim(
        "plain-degrades-in-test",
        "A plain network of \(deep) layers classifies worse than one of \(shallow)", source,
        network(.plain, shallow),
        over: network(.plain, deep)),
      claim(
        "plain-degrades-in-training",
        "A plain network of \(deep) layers fits its training images worse than one of \(shallow)",
        "R Sec. I; He et al. 2016", network(.plain, shallow), over: network(.plain, deep),
        inLoss: true),
      claim(
        "simplified-softens", "Res-CSC-Simplified alleviates the degradation to some extent",
        source, network(.simplified, deep),
        over: network(.plain, deep)),
      claim(
        "simplified-softens-in-training",
        "Res-CSC-Simplified alleviates the degradation of the training loss too",
        "ours: beside R's Fig. 7 A", network(.simplified, deep), over: network(.plain, deep),
        inLoss: true),
      claim(
        "shortcut-matters-more",
        "The term X₋₁ plays a more important role than c·DᵀD X₋₁ does", source,
        network(.resNet, deep),
        over: network(.simplified, deep)),
    ]
    for model in [ResidualModel.resNet, .resCSC] {
      claims.append(
        claim(
          "\(model.rawValue)-beats-plain",
          "\(model.title) of \(deep) layers does better than plain",
          source, network(model, deep),
          over: network(.plain, deep)))
      claims.append(
        claim(
          "\(model.rawValue)-does-not-degrade",
          "\(model.title) of \(deep) layers is no worse than of \(shallow)", source,
          network(model, deep), over: network(model, shallow), margin: margin))
      claims.append(
        claim(
          "\(model.rawValue)-gains-from-depth",
          "\(model.title) gains from depth: \(deep) layers do better than \(shallow)", source,
          network(model, deep), over: network(model, shallow)))
      claims.append(resistance(model, all, shallow, deep, settings))
    }
    claims.append(
      claim(
        "rescsc-beats-resnet", "Res-CSC is as accurate as ResNet or slightly better", source,
        network(.resCSC, deep), over: network(.resNet, deep), margin: margin))
    claims.append(untrainable(settings, all))
    return claims
  }

  /// How much less a model loses from the shallow to the deep network than plain does.
  private static func resistance(
    _ model: ResidualModel, _ all: TrainingComparison<ResidualArchitecture>, _ shallow: Int,
    _ deep: Int, _ settings: ResidualStudy
  ) -> Claim {
    func drops(_ model: ResidualModel) -> [Int: Double] {
      let ends = [shallow, deep].map { depth in
        [Int: Double](
          all.trainings(of: ResidualArchitecture(model, depth: depth)).map {
            ($0.seed, $0.testPercent)
          }, uniquingKeysWith: { a, _ in a })
      }
      return ends[0].reduce(into: [:]) { result, pair in
        if let other = ends[1][pair.key] { result[pair.key] = pair.value - other }
      }
    }
    let (plain, other) = (drops(.plain), drops(model))
    let differences = plain.keys.sorted().compactMap { seed in
      other[seed].map { (plain[seed] ?? 0) - $0 }
    }
    let gain = differences.count < 2 ? nil : Statistics.studentMean(differences)
    func mean(_ values: [Int: Double]) -> String {
      Wording.number(Statistics.mean(Array(values.values)))
    }
    return Claim(
      id: "\(model.rawValue)-overcomes-degradation",
      sentence: "\(model.title) distinctly overcomes the degradation of plain networks",
      source: "R Sec. VII A, Fig. 7",
      measured: gain.map {
        "from \(shallow) to \(deep) layers \(model.title) loses \(mean(other)) points of test "
          + "accuracy, plain \(mean(plain)): \(Wording.interval($0)) points less; \(settings.scale), "
          + "\(settings.seeds) seeds"
      } ?? "not measured with two seeds",
      verdict: settings.isDecisive ? gain?.verdictOnPositive ?? .undecided : .undecided)
  }

  /// R's "×": whether plain networks of more than a hundred layers stay at chance.
  private static func untrainable(
    _ settings: ResidualStudy, _ all: TrainingComparison<ResidualArchitecture>
  ) -> Claim {
    let found = all.trainings.filter {
      $0.model.depth > 100 && ($0.model.model == .plain || $0.model.model == .simplified)
    }
    let words = found.map {
      "\($0.model.name) \(Wording.percent($0.summary.bestTestAccuracy))"
    }
    return Claim(
      id: "plain-beyond-hundred-layers",
      sentence: "Plain and Res-CSC-Simplified networks of more than a hundred layers do not train",
      source: "R Sec. VII A, Table II", paper: "×",
      measured: found.isEmpty
        ? "not run at this profile" : "best test accuracy \(words.joined(separator: ", "))",
      // Chance is 10 %; a network that trains at all is far above twice that after R's 200 epochs.
      verdict: found.isEmpty || !settings.isFullScale
        ? .undecided
        : found.allSatisfy { $0.summary.bestTestAccuracy < 0.2 } ? .holds : .doesNotHold)
  }
}
