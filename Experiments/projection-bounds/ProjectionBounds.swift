import ExperimentSuite
import MLCSCKit
import RealModule

/// P's Theorem 1 and equation 5 put to the test: errors against both bounds as layers are added.
///
/// Nested convolutional dictionaries of low coherence (Families.swift), codes drawn at random, noise
/// white or within the span of the atoms used. The projection is Algorithm 1's pursuit (OMP on D⁽ᴸ⁾),
/// the layer-wise problem is approached by OMP layer by layer, both with true cardinalities; where
/// least squares on the true support comes closer to y, that is taken, so that the estimates always
/// meet the constraints on which the theorems rest. Bounds are in units of E₀², the noise's energy.
/// The premise is checked layer by layer, which tests more than P's joint one. Mended forms: the
/// smallest norm of the effective atoms divides (7), and its stripes are those of D⁽ⁱ⁾.
@main
struct ProjectionBounds: Experiment {
  static let identity = ExperimentIdentity(
    name: "projection-bounds",
    paper: "P: Projecting onto the ML-CSC model",
    figure: "Theorem 1, eq. (4), (5), (7)",
    title: "Errors of projection and layered pursuits against P's bounds, as layers are added",
    question: "Do P's bounds hold wherever their premises do, and which grows with depth?")

  struct Settings: Codable {
    /// Blocks of draws for each of: line, plane, and all depths of the Kasami family together.
    var blocks: Int
    var drawsPerBlock: Int
    var lineSignal = 450  // as in the catalogue
    var lineFilter = 63
    /// θ and delays of the line's D₂; µ(D₂) = ½ sin 2θ = 0.128, as in the catalogue.
    var lineAngle = 0.129
    var lineDelays = [18, 11]
    var planeSignal = 24
    var planeFilter = 8
    var flips = 20_000
    /// γ_L of line and plane has 1 … mostEntries non-zeros, wherever they fall.
    var mostEntries = 3
    var kasamiDegree: Int
    var depth: Int
    /// E₀ as a share of ‖x‖, log-uniform between the two.
    var noise = [0.01, 1.0]
    /// The largest k for which the worst noise is searched.
    var worstSparsity = 6
    var degrees: [Double] = Array(stride(from: 0, through: 45, by: 2.5))
    var narrowCoherences = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3]
    /// Starts and steps of the search for the noise that hurts the exact projection most.
    var climbs: Int
    var climbSteps = 300
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke: Settings(blocks: 12, drawsPerBlock: 10, kasamiDegree: 8, depth: 3, climbs: 20)
    case .quick: Settings(blocks: 60, drawsPerBlock: 80, kasamiDegree: 10, depth: 4, climbs: 300)
    case .standard, .paper:
      Settings(blocks: 1_200, drawsPerBlock: 80, kasamiDegree: 10, depth: 4, climbs: 300)
    }
  }

  struct Inputs: Sendable { let families: [Family] }

  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> Inputs {
    Inputs(families: try Family.all(settings))
  }

  struct Cell: ExperimentCell {
    /// A family's name, or "examples".
    let family: String
    let block: Int
    var id: String { "\(family)-\(block)" }
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    [
      .entries("lineDelays", settings.lineDelays, 2, "of the two atoms of D2"),
      SettingRule(
        "noise", "be two positive shares of the signal, the second not below the first",
        settings.noise.count == 2 && settings.noise[0] > 0
          && settings.noise[1] >= settings.noise[0]),
      SettingRule("lineFilter", "be at least 3", settings.lineFilter >= 3),
      SettingRule(
        "narrowCoherences", "be above 0 and below 1/2, the most that two entries have",
        settings.narrowCoherences.allSatisfy { $0 > 0 && $0 < 0.5 }),
      .distinct("narrowCoherences", settings.narrowCoherences),
      .distinct("degrees", settings.degrees),
    ]
  }

  static func cells(_ settings: Settings, _ inputs: Inputs) -> [Cell] {
    let draws = inputs.families.flatMap { family -> [Cell] in
      let name = family.model.name
      let isKasami = name.hasPrefix("kasami")
      let count = isKasami ? max(2, settings.blocks / settings.depth) : settings.blocks
      return (0..<count).map { Cell(family: name, block: $0) }
    }
    return draws + [Cell(family: "examples", block: 0)]
  }

  /// Draws of one block that agree in all keys.
  struct Row: Codable {
    var family = ""
    var depth = 0
    var theorem = ""
    var layer = 0
    var noise = ""
    /// ‖γᵢ‖ˢ_{0,∞} for the filters that the theorem speaks of.
    var stripe = 0
    /// Errors over E₀²; what is tested are estimates that meet the problem's constraints.
    var tally = GuaranteeTally()
    /// Of all draws: the pursuit's own answer was taken.
    var found = 0
    var example: Example?
  }

  /// A worst case or counter-example.
  struct Example: Codable {
    var name: String
    var parameter: Double
    var coherence: Double
    var smallestNorm: Double
    /// Error of a member no further from y than x is, printed and mended bound, over E₀²; zero for a
    /// bound whose premise fails.
    var error: Double
    var printed: Double
    var mended: Double
    /// The largest error of the exact projection that was found, over E₀².
    var exact: Double?
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: Inputs, _ context: CellContext
  ) throws -> [Row] {
    guard let family = inputs.families.first(where: { $0.model.name == cell.family }) else {
      return try examples(settings, inputs)
    }
    try context.checkInterruption()
    var stream = context.stream
    let withinSpan = cell.block % 2 == 1
    let model = family.model
    let draws = try model.draws(
      settings.drawsPerBlock,
      cardinality: family.cardinalities[cell.block / 2 % family.cardinalities.count],
      withinSpan: withinSpan, noise: settings.noise, from: &stream)
    let projections = try model.projections(of: draws)
    let layered = try model.layeredPursuits(of: draws)
    var groups = [String: Row]()
    for (b, draw) in draws.enumerated() {
      let deep = LayeredStability.guarantees(
        noise: draw.noise, sparsities: draw.profiles.map(\.stripe),
        coherences: draw.profiles.map(\.coherence))
      for i in 0..<model.depth {
        let projected = ProjectionStability.guarantee(
          noise: draw.noise, sparsity: draw.effectiveSparsities[i],
          atoms: model.geometry.effective[i])
        let entries = [
          ("projection", projections[b], projected, draw.effectiveSparsities[i]),
          ("layered", layered[b], deep[i], draw.profiles[i].stripe),
        ]
        for (theorem, estimate, guarantee, stripe) in entries {
          let energy = draw.noise * draw.noise
          let truth = draw.codes[i]
          let error = Double.squaredDistance(truth.count, estimate.codes[i], truth)
          var row =
            groups["\(theorem)/\(i)/\(stripe)"]
            ?? Row(
              family: model.name, depth: model.depth, theorem: theorem, layer: i + 1,
              noise: withinSpan ? "within span" : "white", stripe: stripe)
          row.found += estimate.isFound ? 1 : 0
          row.tally.add(
            guarantee, error: error, unit: energy, isTested: estimate.isAdmissible[i])
          groups["\(theorem)/\(i)/\(stripe)"] = row
        }
      }
    }
    return groups.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Worst noise for single layers and products, and the two counter-examples.
  private static func examples(_ settings: Settings, _ inputs: Inputs) throws -> [Row] {
    func row(_ example: Example, family: String = "", layer: Int = 0, stripe: Int = 0) -> Row {
      var row = Row(family: family, layer: layer, stripe: stripe)
      row.example = example
      return row
    }
    var rows = [Row]()
    let deepest = "kasami-\(settings.depth)"
    for model in inputs.families.map(\.model)
    where model.name == deepest || !model.name.hasPrefix("kasami") {
      for i in 0..<model.depth {
        // The parameter is µ(Dᵢ), the coherence that of D⁽ⁱ⁾.
        let (own, product) = (model.geometry.layers[i], model.geometry.effective[i])
        rows.append(
          row(
            Example(
              name: "dictionary", parameter: own.coherence, coherence: product.coherence,
              smallestNorm: product.smallestNorm, error: 0, printed: 0, mended: 0),
            family: model.name, layer: i + 1))
        let isDeep = model.name == deepest
        let most = isDeep ? 1 << (settings.depth - 1 - i) : settings.worstSparsity
        let atoms = model.geometry.effective[i]
        // By shift invariance the first atom of both filters stands for all.
        let values = try WorstNoise.smallestEigenvalues(
          model.effective[i], upTo: most,
          representatives: [0, model.effective[i].atomCount / 2])
        for (k, eigenvalue) in values.enumerated() where eigenvalue > 1e-6 {
          let mended = ProjectionStability.guarantee(noise: 1, sparsity: k + 1, atoms: atoms)
          let printed = ProjectionStability.asPrinted(
            noise: 1, sparsity: k + 1, coherence: atoms.coherence)
          let example = Example(
            name: "worst noise", parameter: Double(k + 1), coherence: atoms.coherence,
            smallestNorm: atoms.smallestNorm, error: 4 / eigenvalue,
            printed: printed.bound ?? 0, mended: mended.bound ?? 0)
          rows.append(row(example, family: model.name, layer: i + 1, stripe: k + 1))
        }
      }
    }
    rows += try settings.degrees.map { row(try Counterexample.turned(degrees: $0, settings)) }
    rows += try settings.narrowCoherences.map {
      row(try Counterexample.narrowStripes(coherence: $0, settings))
    }
    return rows
  }
}
