import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// The label of a sparse-coded linear classifier under an ℓ₂ attack (S, "Adversarial Robustness").
///
/// S's theorem certifies the label of sign(wᵀγ̂), γ̂ the basis pursuit code of x = Dγ + v, for
/// ‖v‖₂ ≤ O/(7.5 k ‖w‖₂); its argument gives √k in place of k and asks for λ = 4ε, which is what is
/// measured here. Two readings: λ fixed at four certified radii, where the smallest perturbation
/// that errs is searched piece by piece of the piecewise linear code; and λ = 4ε for every ε, where
/// the first ε that errs is enclosed between the support's certificate and an attack. Synthetic
/// signals of D = [I H/√n]; digits as k atoms of the learned model.
@main
struct AdversarialRobustness: Experiment {
  static let identity = ExperimentIdentity(
    name: "adversarial-robustness",
    paper: "S: slides",
    figure: "theorem of Adversarial Robustness Analysis",
    title: "Sparse-coded linear classifier: radius where it first errs against the certified one",
    question: "Does no perturbation within the certified radius change the label, and how far off?",
    dataSets: ["mnist"])

  struct Settings: Codable {
    var dimension = 64
    var cardinalities = [1, 2, 3, 4, 5, 6, 7, 8]
    /// Draws a cardinality: random, matched, comb.
    var drawsWithinPremise: [Int]
    var drawsBeyondPremise: [Int]
    /// How many draws of each of the above are also attacked with λ = 4ε for every ε.
    var tiedDraws: Int
    /// To how much that radius is enclosed.
    var tiedAccuracy = 0.005
    /// A second, larger [I H/√n] for how the radius falls with k; matched draws only.
    var scalingDimension: Int
    var scalingCardinalities: [Int]
    var scalingDraws: Int
    /// Random starts there.
    var scalingStarts: Int
    /// Random starts of an attack beside its fixed ones: random, matched, comb, digits.
    ///
    /// Combs need many: around them codes are not unique and rays break off.
    var randomStarts: [Int]
    /// Cells that share the draws of one family and cardinality.
    var blocks: Int
    var digitPairs = [[0, 1], [3, 8], [4, 9]]
    var digitsPerPair: Int
    /// k and the largest coherence among the atoms, for the two sets of digits.
    var digitCardinalities = [10, 1]
    /// 0.95 removes duplicates; at ½ the premise admits one atom.
    var digitCoherences = [0.95, 0.5]
    var ridge = 0.03
    var fullScale: Bool

    /// ⅓(1 + 1/µ) of [I H/√n], whose coherence is 1/√n.
    var premiseLimit: Double { (1 + Double(dimension).squareRoot()) / 3 }
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(
        cardinalities: [1, 3, 8], drawsWithinPremise: [20, 10, 4], drawsBeyondPremise: [2, 2, 4],
        tiedDraws: 1, scalingDimension: 16, scalingCardinalities: [1], scalingDraws: 2,
        scalingStarts: 0, randomStarts: [0, 0, 4, 0], blocks: 1, digitPairs: [[0, 1]],
        digitsPerPair: 2,
        fullScale: false)
    case .quick:
      Settings(
        drawsWithinPremise: [700, 2700, 200], drawsBeyondPremise: [20, 20, 200], tiedDraws: 16,
        scalingDimension: 256, scalingCardinalities: [1, 2, 3, 4, 5], scalingDraws: 10,
        scalingStarts: 2, randomStarts: [2, 2, 16, 2], blocks: 4, digitsPerPair: 24,
        fullScale: false)
    case .standard:
      Settings(
        drawsWithinPremise: [8_000, 1_500, 500], drawsBeyondPremise: [100, 100, 1_000],
        tiedDraws: 50, scalingDimension: 256, scalingCardinalities: [1, 2, 3, 4, 5],
        scalingDraws: 20, scalingStarts: 2, randomStarts: [2, 2, 16, 4], blocks: 8,
        digitsPerPair: 30, fullScale: true)
    case .paper:
      Settings(
        drawsWithinPremise: [20_000, 4_000, 2_000], drawsBeyondPremise: [2_000, 2_000, 1_000],
        tiedDraws: 100, scalingDimension: 1024, scalingCardinalities: [1, 2, 3, 5, 8, 11],
        scalingDraws: 10, scalingStarts: 0, randomStarts: [40, 40, 80, 40], blocks: 50,
        digitsPerPair: 200,
        fullScale: true)
    }
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    let families = "random, matched, comb"
    let teeth = Int(Double(settings.dimension).squareRoot())
    return [
      .entries("drawsWithinPremise", settings.drawsWithinPremise, 3, families),
      .entries("drawsBeyondPremise", settings.drawsBeyondPremise, 3, families),
      .entries("randomStarts", settings.randomStarts, 4, families + ", digits"),
      .distinct("digitCardinalities", settings.digitCardinalities),
      .entries(
        "digitCoherences", settings.digitCoherences, settings.digitCardinalities.count,
        "one for each of digitCardinalities"),
      .within("digitCoherences", settings.digitCoherences, range: 0.01...1),
      SettingRule(
        "dimension", "be a power of four, from 4 on",
        teeth >= 2 && teeth * teeth == settings.dimension && teeth & (teeth - 1) == 0),
      // A comb of √n teeth has no more entries.
      .within("cardinalities", settings.cardinalities, range: 1...max(teeth, 1)),
      .distinct("cardinalities", settings.cardinalities),
      SettingRule(
        "scalingDimension", "be a power of two",
        settings.scalingDimension & (settings.scalingDimension - 1) == 0),
      .within(
        "scalingCardinalities", settings.scalingCardinalities,
        range: 1...max(settings.scalingDimension, 1)),
      .distinct("scalingCardinalities", settings.scalingCardinalities),
      SettingRule(
        "digitPairs", "be pairs of different digits from 0 to 9, none of them twice",
        Set(settings.digitPairs).count == settings.digitPairs.count
          && settings.digitPairs.allSatisfy {
            Set($0).count == 2 && $0.allSatisfy { (0...9).contains($0) }
          }),
    ]
  }

  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> DigitModel {
    try DigitModel(fullScale: settings.fullScale, resources)
  }

  struct Cell: ExperimentCell {
    /// A family of draws, or digits as "3-8".
    let family: String
    let dimension: Int
    let cardinality: Int
    /// Of the cells with the same draws, or of the sets of digits.
    let block: Int

    var id: String { "\(family)-\(dimension)-\(cardinality)-\(block)" }
  }

  static func cells(_ settings: Settings, _ inputs: DigitModel) -> [Cell] {
    var cells = [Cell]()
    for pair in settings.digitPairs {
      for (set, k) in settings.digitCardinalities.enumerated() {
        cells.append(
          Cell(family: "\(pair[0])-\(pair[1])", dimension: 0, cardinality: k, block: set))
      }
    }
    for k in settings.scalingCardinalities {
      cells.append(
        Cell(
          family: "matched", dimension: settings.scalingDimension, cardinality: k, block: 0))
    }
    for family in AdversarialDraw.Family.allCases {
      for k in settings.cardinalities {
        for block in 0..<settings.blocks {
          cells.append(
            Cell(
              family: family.rawValue, dimension: settings.dimension, cardinality: k, block: block))
        }
      }
    }
    return cells
  }

  struct Row: Codable {
    let result: AdversarialMeasurement
    /// For digits: µ of the atoms, their number, the accuracy on γ.
    var coherence: Double?
    var atoms: Int?
    var accuracy: Double?
    /// For the first digit of a pair: x̂, v and x̂ + v as pixels.
    var pictures: [[Double]]?
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: DigitModel, _ context: CellContext
  ) throws -> [Row] {
    guard let family = AdversarialDraw.Family(rawValue: cell.family) else {
      return try digits(cell, settings, inputs, context)
    }
    // Draws do not depend on how many numbers an attack takes.
    var stream = context.stream
    var attacks = RandomStream(identity.name, cell.id, "\(context.seed)", "attacks")
    let path = BasisPursuitPath(try DenseDictionary<Double>.spikesAndHadamard(cell.dimension))
    let µ = path.dictionary.mutualCoherence()
    let isScaling = cell.dimension == settings.scalingDimension
    let isWithin = Double(cell.cardinality) <= (1 + 1 / µ) / 3 + 1e-12
    let order = AdversarialDraw.Family.allCases.firstIndex(of: family) ?? 0
    let all = (isWithin ? settings.drawsWithinPremise : settings.drawsBeyondPremise)[order]
    func share(_ count: Int) -> Int {
      (count * (cell.block + 1)) / settings.blocks - (count * cell.block) / settings.blocks
    }
    let draws = isScaling ? settings.scalingDraws : share(all)
    let tied = isScaling ? settings.scalingDraws : share(settings.tiedDraws)
    return try (0..<draws).map { number in
      try context.checkInterruption()
      let draw = AdversarialDraw(
        family, dimension: cell.dimension, cardinality: cell.cardinality, from: &stream)
      var found = try AdversarialMeasurement(
        code: draw.code, weights: draw.weights, named: cell.family, path: path, coherence: µ,
        starts: isScaling ? settings.scalingStarts : settings.randomStarts[order],
        tiedAccuracy: number < tied ? settings.tiedAccuracy : nil, from: &attacks)
      found.perturbation = nil
      return Row(result: found)
    }
  }

  private static func digits(
    _ cell: Cell, _ settings: Settings, _ inputs: DigitModel, _ context: CellContext
  ) throws -> [Row] {
    var stream = context.stream
    let pair = try SparseCodedDigits(
      classes: cell.family.split(separator: "-").compactMap { Int($0) }, of: inputs,
      largestCoherence: settings.digitCoherences[cell.block], cardinality: cell.cardinality,
      ridge: settings.ridge, count: settings.digitsPerPair)
    return try pair.draws.enumerated().map { number, draw in
      try context.checkInterruption()
      var found = try AdversarialMeasurement(
        code: draw.code, weights: draw.weights, named: cell.family, path: pair.path,
        coherence: pair.coherence,
        starts: settings.randomStarts[3], tiedAccuracy: nil, from: &stream)
      var pictures: [[Double]]?
      if number == 0, let v = found.perturbation {
        let (digit, change) = (pair.pixels(code: draw.code), try pair.pixels(v))
        pictures = [digit, change, zip(digit, change).map { $0 + $1 }]
      }
      found.perturbation = nil
      return Row(
        result: found, coherence: pair.coherence, atoms: draw.code.count, accuracy: pair.accuracy,
        pictures: pictures)
    }
  }
}
