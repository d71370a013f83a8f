import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// One digit decomposed through all layers, x̂ = D₁γ₁ = D⁽²⁾γ₂ = D⁽³⁾γ₃ (P, Figure 2).
///
/// A test digit is projected on the learned model with k atoms (Algorithm 1 with orthogonal matching
/// pursuit). Shown are the digit, its reconstruction from every layer, its codes, and the terms of
/// largest energy, coefficient times atom, of every layer.
@main
struct Decomposition: Experiment {
  static let identity = ExperimentIdentity(
    name: "projection-fig2-decomposition",
    paper: "P: Projecting onto the ML-CSC model; S: ML-CSC decompositions",
    figure: "Fig. 2",
    title: "One digit decomposed through all layers of the learned model",
    question: "Does a digit decompose exactly, and sparsely, at every layer of the model?",
    dataSets: ["mnist"], version: 3)

  struct Settings: Codable {
    /// Which test digits, by their place; the first is the one in the figure.
    var digits: [Int]
    var sparsity = 12
    /// Terms shown of every layer.
    var shownTerms = 16
    var fullScale: Bool
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke: Settings(digits: [0, 1], fullScale: false)
    case .quick: Settings(digits: Array(0..<50), fullScale: false)
    case .standard, .paper: Settings(digits: Array(0..<500), fullScale: true)
    }
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    [.distinct("digits", settings.digits)]
  }

  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> DigitModel {
    let model = try DigitModel(fullScale: settings.fullScale, resources)
    guard settings.digits.allSatisfy((0..<model.test.count).contains) else {
      throw SettingsError.broken(
        name: "digits", requirement: "be numbers of test digits, below \(model.test.count)")
    }
    return model
  }

  struct Cell: ExperimentCell {
    let digit: Int
    var id: String { "digit-\(digit)" }
  }

  static func cells(_ settings: Settings, _ inputs: DigitModel) -> [Cell] {
    settings.digits.map { Cell(digit: $0) }
  }

  struct Row: Codable {
    let label: Int
    let relativeError: Double
    let cardinalities: [Int]
    /// The largest difference between the reconstructions of any two layers.
    let disagreement: Double
    /// Of the digit in the figure.
    let pictures: [Picture]
    let codes: [[Double]]
  }

  struct Picture: Codable {
    /// 0: the digit and its reconstructions; else the layer whose terms these are.
    let group: Int
    let pixels: [Double]
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: DigitModel, _ context: CellContext
  ) throws -> [Row] {
    let image: Tensor<Double> = inputs.test.batch([cell.digit])
    let model = inputs.model
    let codes = try inputs.projectedCodes(of: image, sparsity: settings.sparsity)
    let operators = try (1...model.depth).map { try model.effectiveConvolution($0) }
    let images = zip(operators, codes).map { $0.synthesize($1) }
    var disagreement = 0.0
    for other in images.dropFirst() {
      for (a, b) in zip(images[0].elements, other.elements) {
        disagreement = max(disagreement, abs(a - b))
      }
    }
    var pictures = [Picture]()
    let isShown = cell.digit == settings.digits.first
    if isShown {
      pictures = ([image] + images).map { Picture(group: 0, pixels: $0.elements) }
      for (layer, (atoms, code)) in zip(operators, codes).enumerated() {
        pictures += atoms.largestTerms(of: code.elements, settings.shownTerms).map {
          Picture(group: layer + 1, pixels: $0)
        }
      }
    }
    return [
      Row(
        label: Int(inputs.test.labels[cell.digit]),
        relativeError: SparsityMeasures.relativeError(images[0].elements, image.elements),
        cardinalities: codes.map { SparsityMeasures.cardinality($0.elements) },
        disagreement: disagreement, pictures: pictures,
        codes: isShown ? codes.map(\.elements) : [])
    ]
  }

  /// How one digit decomposes.
  struct DigitRow: TableRow {
    @Field("digit", .key) var digit = 0
    @Field("label", .exact) var label = 0
    @Field("error_relative_l2", .measured(absolute: 1e-6)) var error = 0.0
    @Field("gamma1_nonzeros", .measured(absolute: 2)) var first = 0
    @Field("gamma2_nonzeros", .measured(absolute: 1)) var second = 0
    @Field("gamma3_nonzeros", .measured(absolute: 0.1)) var third = 0
    @Field("pixels", .exact) var pixels = 0
    @Field("largest_disagreement", .measured(absolute: 1e-10)) var disagreement = 0.0
  }

  /// A non-zero of the digit in the figure.
  struct CodeRow: TableRow {
    @Field("layer", .key) var layer = 0
    @Field("index", .key) var index = 0
    @Field("value", .note) var value = 0.0
    @Field("dimension", .note) var dimension = 0
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(settings.digits.count) test digits", "k = \(settings.sparsity)",
      settings.fullScale ? "the paper’s model" : "the small model",
    ]
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] {
    let tiles = results.flatMap(\.rows).flatMap(\.pictures).map {
      Mosaic.Tile(group: $0.group, size: 28, pixels: $0.pixels)
    }
    let codes = results.flatMap(\.rows).flatMap { row in
      row.codes.enumerated().flatMap { layer, code in
        SparsityMeasures.support(code).map {
          CodeRow(layer: layer + 1, index: $0, value: code[$0], dimension: code.count)
        }
      }
    }
    let digits = results.flatMap { result in
      result.rows.map { row in
        DigitRow(
          digit: result.cell.digit, label: row.label, error: row.relativeError,
          first: row.cardinalities[0], second: row.cardinalities[1], third: row.cardinalities[2],
          pixels: 28 * 28, disagreement: row.disagreement)
      }
    }
    return try [Table("decomposition", digits), Table("codes", codes, isCompared: false)]
      + Mosaic.tables("pictures", tiles, perRow: 4)
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let digits: [DigitRow] = try tables.rows("decomposition")
    let layers: [(name: String, nonzeros: (DigitRow) -> Int)] = [
      ("γ1", \.first), ("γ2", \.second), ("γ3", \.third),
    ]
    return [
      ClaimTest(
        "exact-at-every-layer", decides: ["D9", "P4", "S15"],
        "x̂ = D1γ1 = D(2)γ2 = D(3)γ3 with the same x̂ at every layer", source: "P Fig. 2",
        .number("largest difference of any pixel between two layers’ reconstructions", unit: ""),
        digits.isEmpty
          ? .none
          : .exact(digits.map(\.disagreement).max() ?? 0, Sample(digits.count, "digits")),
        // Some hundred roundings of numbers of about one.
        holdsWhen: .equals(0, tolerance: 1e-10)),
      ClaimTest(
        "sparse-at-every-layer", decides: ["P18", "S15"],
        "Digits have sparse codes at every layer", source: "P Fig. 2; S, ML-CSC decompositions",
        .number("non-zeros of a code over the pixels of a digit", unit: ""),
        parts: layers.map { layer in
          ClaimTest.Part(
            layer.name,
            .mean(
              digits.map { Double(layer.nonzeros($0)) / Double($0.pixels) }, of: "digits"))
        },
        details: [Detail("relative error", Statistics.mean(digits.map(\.error)))],
        // With as many numbers as pixels nothing is sparse.
        holdsWhen: .below(1)),
    ]
  }
}
