import ExperimentSuite
import MLCSCKit
import MLCSCStudies

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
    let trainings = settings.trainings(results)
    return try [Table("curves", trainings.curves)]
      + trainings.tables(contrasts(settings.depths), isFullScale: settings.isFullScale)
  }

  /// R's comparisons: between the least and the largest of its usual depths, 20 and 56.
  private static func contrasts(_ depths: [Int]) -> [NetworkContrast<ResidualKey>] {
    let usual = depths.filter { $0 <= 56 }
    let (shallow, deep) = (usual.min() ?? 20, usual.max() ?? 56)
    func net(_ model: ResidualModel, _ layers: Int) -> ResidualKey {
      ResidualKey(model, layers: layers)
    }
    let (plain, simplified) = (net(.plain, deep), net(.simplified, deep))
    let pairs: [NetworkContrast<ResidualKey>] = [
      .init("plain-degrades-in-test", of: net(.plain, shallow), minus: plain),
      .init("plain-degrades-in-training", .trainingLoss, of: plain, minus: net(.plain, shallow)),
      .init("simplified-softens", of: simplified, minus: plain),
      .init("simplified-softens-in-training", .trainingLoss, of: plain, minus: simplified),
      .init("shortcut-matters-more", of: net(.resNet, deep), minus: simplified),
      .init("rescsc-beats-resnet", of: net(.resCSC, deep), minus: net(.resNet, deep)),
    ]
    return pairs
      + [ResidualModel.resNet, .resCSC].flatMap { model -> [NetworkContrast<ResidualKey>] in
        [
          .init(
            "\(model.rawValue)-gains-from-depth", of: net(model, deep), minus: net(model, shallow)),
          .init(
            "\(model.rawValue)-overcomes-degradation", .testAccuracy,
            "what plain networks lose from \(shallow) to \(deep) layers",
            [(1, net(.plain, shallow)), (-1, plain)], minus: "what \(model.title) loses",
            [(1, net(model, shallow)), (-1, net(model, deep))], unit: "points"),
        ]
      }
  }

  /// What "as accurate as" and "does not degrade" allow, in points: about what R's own table varies
  /// by between neighbouring depths of one model.
  private static let margin = 1.0

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let claims = try NetworkClaims<ResidualKey>(tables)
    let source = "R Sec. VII A, Fig. 7"
    func published(_ a: ResidualModel, _ m: Int, _ b: ResidualModel, _ n: Int) -> PaperValue? {
      ResidualStudy.published(ResidualKey(a, layers: m), ResidualKey(b, layers: n))
    }
    return [
      claims.claim(
        "plain-degrades-in-test", decides: ["R25"],
        "A plain network of 56 layers classifies worse than one of 20", source: source,
        paper: published(.plain, 20, .plain, 56)),
      claims.claim(
        "plain-degrades-in-training", decides: ["R25"],
        "A plain network of 56 layers fits its training images worse than one of 20",
        source: "R Sec. I; He et al. 2016"),
      claims.claim(
        "simplified-softens", decides: ["R26"],
        "Res-CSC-Simplified alleviates the degradation to some extent", source: source,
        paper: published(.simplified, 56, .plain, 56)),
      claims.claim(
        "simplified-softens-in-training", decides: [],
        "Res-CSC-Simplified alleviates the degradation of the training loss too",
        source: "ours, beside R Fig. 7 A"),
      claims.claim(
        "shortcut-matters-more", decides: ["R31"],
        "The term X₋₁ plays a more important role than c·DᵀD X₋₁ does", source: source,
        paper: published(.resNet, 56, .simplified, 56)),
    ]
      + [ResidualModel.resNet, .resCSC].flatMap { model -> [ClaimTest] in
        let gain = "\(model.rawValue)-gains-from-depth"
        return [
          claims.claim(
            "\(model.rawValue)-overcomes-degradation", decides: ["R30"],
            "\(model.title) distinctly overcomes the degradation of plain networks", source: source),
          claims.claim(
            "\(model.rawValue)-does-not-degrade", comparing: gain, decides: ["R30"],
            "\(model.title) of 56 layers is no worse than of 20", source: source,
            holdsWhen: .above(-margin), paper: published(model, 56, model, 20)),
          claims.claim(
            gain, decides: model == .resCSC ? ["R28"] : [],
            "\(model.title) gains from depth: 56 layers do better than 20", source: source,
            paper: published(model, 56, model, 20)),
        ]
      } + [
        claims.claim(
          "rescsc-beats-resnet", decides: ["R29", "R32"],
          "Res-CSC is as accurate as ResNet or slightly better", source: source,
          holdsWhen: .above(-margin), paper: published(.resCSC, 56, .resNet, 56)),
        untrainable(claims.rows),
      ]
  }

  /// R's "×": whether plain networks of more than a hundred layers stay near chance.
  private static func untrainable(_ networks: [NetworkRow<ResidualKey>]) -> ClaimTest {
    let deep = networks.filter { $0.key.layers > 100 }
    let isPlain = [ResidualModel.plain.title, ResidualModel.simplified.title]
    let residual = deep.filter { $0.key.model == ResidualModel.resNet.title }
    return ClaimTest(
      "plain-beyond-hundred-layers", decides: ["R27"],
      "Plain and Res-CSC-Simplified networks of more than a hundred layers do not train",
      source: "R Sec. VII A, Table II", .number("test accuracy", unit: "%"),
      parts: deep.filter { isPlain.contains($0.key.model) }.map {
        ClaimTest.Part($0.network, $0.measurement)
      },
      // Chance is 10 %; a network that trains at all is far above twice that after R's 200 epochs.
      holdsWhen: .below(20),
      premises: [
        Premise(
          "ResNet of the same depth trains", isMet: residual.contains(where: \.isTrained))
      ])
  }
}
