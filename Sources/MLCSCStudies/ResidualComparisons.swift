import ExperimentSuite
import MLCSCKit

/// R's comparisons of its residual networks on one image set, and the claims that rest on them.
///
/// R Section VII A, Fig. 7 and Table II: CIFAR-10, CIFAR-100 and SVHN.
public struct ResidualComparisons: Sendable {
  /// The images.
  public let source: ImageSource

  /// What "as accurate as" and "does not degrade" allow, in points: about what R's own table varies
  /// by between neighbouring depths of one model.
  private static let margin = 1.0

  /// R's comparisons on an image set.
  public init(on source: ImageSource) { self.source = source }

  /// Behind the names of comparisons and claims; those on CIFAR-10, which the figure is about, have none.
  private var suffix: String { source.family == "CIFAR10" ? "" : "-\(source.rawValue)" }

  /// The name of a comparison or claim.
  private func id(_ name: String) -> String { name + suffix }

  /// What the sentence is true of.
  private var place: String { suffix.isEmpty ? "" : ", on \(source.title)" }

  /// The set whose column of R's table stands beside: a part has that of the whole.
  private var data: String {
    source.showsHouseNumbers ? "SVHN" : source.classes == 100 ? "CIFAR100" : "CIFAR10"
  }

  /// The comparisons: between the least and the largest of R's usual depths, 20 and 56.
  ///
  /// - Parameter depths: Those that are trained.
  /// - Returns: Eight of test accuracies and two of training losses; without those of depths where
  ///   one usual depth alone is trained, as any network is as accurate as itself.
  public func contrasts(_ depths: [Int]) -> [NetworkContrast<ResidualKey>] {
    let usual = depths.filter { $0 <= 56 }
    let (shallow, deep) = (usual.min() ?? 20, usual.max() ?? 56)
    func net(_ model: ResidualModel, _ layers: Int) -> ResidualKey {
      ResidualKey(model, layers: layers, data: source.family)
    }
    let (plain, simplified) = (net(.plain, deep), net(.simplified, deep))
    let degradation: [NetworkContrast<ResidualKey>] = [
      .init(id("plain-degrades-in-test"), of: net(.plain, shallow), minus: plain),
      .init(
        id("plain-degrades-in-training"), .trainingLoss, of: plain, minus: net(.plain, shallow)),
    ]
    let models: [NetworkContrast<ResidualKey>] = [
      .init(id("simplified-softens"), of: simplified, minus: plain),
      .init(id("simplified-softens-in-training"), .trainingLoss, of: plain, minus: simplified),
      .init(id("shortcut-matters-more"), of: net(.resNet, deep), minus: simplified),
      .init(id("rescsc-beats-resnet"), of: net(.resCSC, deep), minus: net(.resNet, deep)),
    ]
    guard shallow < deep else { return models }
    let gains = [ResidualModel.resNet, .resCSC].flatMap { model -> [NetworkContrast<ResidualKey>] in
      [
        .init(
          id("\(model.rawValue)-gains-from-depth"), of: net(model, deep),
          minus: net(model, shallow)),
        .init(
          id("\(model.rawValue)-overcomes-degradation"), .testAccuracy,
          "what plain networks lose from \(shallow) to \(deep) layers",
          [(1, net(.plain, shallow)), (-1, plain)], minus: "what \(model.title) loses",
          [(1, net(model, shallow)), (-1, net(model, deep))], unit: "points"),
      ]
    }
    return degradation + models + gains
  }

  /// The claims, without those on the deepest networks; on other sets than CIFAR-10, which the figure
  /// is about, those alone whose networks were trained.
  ///
  /// - Parameter claims: Of the tables with the comparisons.
  /// - Returns: Twelve at most.
  public func claims(_ claims: NetworkClaims<ResidualKey>) -> [ClaimTest] {
    func published(_ a: ResidualModel, _ m: Int, _ b: ResidualModel, _ n: Int) -> PaperValue? {
      ResidualStudy.published(
        ResidualKey(a, layers: m, data: data), ResidualKey(b, layers: n, data: data))
    }
    func claim(
      _ name: String, comparing comparison: String? = nil, decides statements: [String],
      _ sentence: String, source: String = "R Sec. VII A, Fig. 7",
      holdsWhen rule: VerdictRule = .above(0), paper: PaperValue? = nil
    ) -> ClaimTest? {
      let comparison = id(comparison ?? name)
      let isMeasured = claims.comparisons(like: comparison).contains { $0.id == comparison }
      guard isMeasured || suffix.isEmpty else { return nil }
      return claims.claim(
        id(name), comparing: comparison, decides: statements, sentence + place, source: source,
        holdsWhen: rule, paper: paper)
    }
    let plain = [
      claim(
        "plain-degrades-in-test", decides: ["R25"],
        "A plain network of 56 layers classifies worse than one of 20",
        paper: published(.plain, 20, .plain, 56)),
      claim(
        "plain-degrades-in-training", decides: ["R25"],
        "A plain network of 56 layers fits its training images worse than one of 20",
        source: "R Sec. I; He et al. 2016"),
      claim(
        "simplified-softens", decides: ["R26"],
        "Res-CSC-Simplified alleviates the degradation to some extent",
        paper: published(.simplified, 56, .plain, 56)),
      claim(
        "simplified-softens-in-training", decides: [],
        "Res-CSC-Simplified alleviates the degradation of the training loss too",
        source: "ours, beside R Fig. 7 A"),
      claim(
        "shortcut-matters-more", decides: ["R31"],
        "The term X₋₁ plays a more important role than c·DᵀD X₋₁ does",
        paper: published(.resNet, 56, .simplified, 56)),
    ]
    let residual = [ResidualModel.resNet, .resCSC].flatMap { model -> [ClaimTest?] in
      let gain = "\(model.rawValue)-gains-from-depth"
      return [
        claim(
          "\(model.rawValue)-overcomes-degradation", decides: ["R30"],
          "\(model.title) distinctly overcomes the degradation of plain networks"),
        claim(
          "\(model.rawValue)-does-not-degrade", comparing: gain, decides: ["R30"],
          "\(model.title) of 56 layers is no worse than of 20", holdsWhen: .above(-Self.margin),
          paper: published(model, 56, model, 20)),
        claim(
          gain, decides: model == .resCSC ? ["R28"] : [],
          "\(model.title) gains from depth: 56 layers do better than 20",
          paper: published(model, 56, model, 20)),
      ]
    }
    let both = claim(
      "rescsc-beats-resnet", decides: ["R29", "R32"],
      "Res-CSC is as accurate as ResNet or slightly better", holdsWhen: .above(-Self.margin),
      paper: published(.resCSC, 56, .resNet, 56))
    return (plain + residual + [both]).compactMap(\.self)
  }
}
