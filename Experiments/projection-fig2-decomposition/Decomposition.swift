import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// One digit decomposed through all layers, x̂ = D₁γ₁ = D⁽²⁾γ₂ = D⁽³⁾γ₃ (P, Figure 2).
///
/// A test digit is projected on the learned model with k atoms (Algorithm 1 with orthogonal matching
/// pursuit). Shown are the digit, its reconstruction from every layer, and the terms of largest
/// energy, coefficient times atom, of every layer.
@main
struct Decomposition: Experiment {
  static let identity = ExperimentIdentity(
    name: "projection-fig2-decomposition",
    paper: "P: Projecting onto the ML-CSC model; S: ML-CSC decompositions",
    figure: "Fig. 2",
    title: "One digit decomposed through all layers of the learned model",
    question: "Does a digit decompose exactly, and sparsely, at every layer of the model?",
    dataSets: ["mnist"], version: 2)

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

  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> DigitModel {
    try DigitModel(fullScale: settings.fullScale, resources)
  }

  static func fingerprint(of inputs: DigitModel) -> String { inputs.fingerprint }

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
    let dimensions: [Int]
    /// The largest difference between the reconstructions of any two layers.
    let disagreement: Double
    let pictures: [Picture]
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
    let projection = try Projection(
      model, limits: inputs.limits(deepest: settings.sparsity),
      measures: [LayerSparsity](repeating: .cardinality, count: model.depth - 1),
      effective: inputs.effective, threshold: 0)
    let found = try projection.project(image).map(\.deepest)
    let codes = model.propagate(found.densified(inputs.effective.atomCount))
    let operators = try (1...model.depth).map { try model.effectiveConvolution($0) }
    let images = zip(operators, codes).map { $0.synthesize($1) }
    var disagreement = 0.0
    for other in images.dropFirst() {
      for (a, b) in zip(images[0].elements, other.elements) {
        disagreement = max(disagreement, abs(a - b))
      }
    }
    var pictures = [Picture]()
    if cell.digit == settings.digits.first {
      pictures = ([image] + images).map { Picture(group: 0, pixels: $0.elements) }
      for (layer, (atoms, code)) in zip(operators, codes).enumerated() {
        pictures += terms(atoms, code.elements, settings.shownTerms).map {
          Picture(group: layer + 1, pixels: $0)
        }
      }
    }
    return [
      Row(
        label: Int(inputs.test.labels[cell.digit]),
        relativeError: SparsityMeasures.relativeError(images[0].elements, image.elements),
        cardinalities: codes.map { SparsityMeasures.cardinality($0.elements) },
        dimensions: codes.map(\.columns),
        disagreement: disagreement, pictures: pictures)
    ]
  }

  /// Coefficient times atom of the terms with the most energy.
  private static func terms(
    _ atoms: ConvolutionalDictionary<Double>, _ code: [Double], _ count: Int
  ) -> [[Double]] {
    let norms = atoms.atomNorms
    let order = SparsityMeasures.support(code).sorted {
      abs(code[$0]) * norms[$0] > abs(code[$1]) * norms[$1]
    }
    let chosen = Array(order.prefix(count))
    let rows = atoms.atoms(chosen)
    return chosen.enumerated().map { row, j in rows.row(row).map { $0 * code[j] } }
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] {
    let rows = results.flatMap { result in
      result.rows.map { row -> [Value] in
        [
          .integer(result.cell.digit), .integer(row.label), .real(row.relativeError),
          .integer(row.cardinalities[0]), .integer(row.cardinalities[1]),
          .integer(row.cardinalities[2]), .real(row.disagreement),
        ]
      }
    }
    let tiles = results.flatMap(\.rows).flatMap(\.pictures).map {
      Mosaic.Tile(group: $0.group, size: 28, pixels: $0.pixels)
    }
    return try [
      Table(
        "decomposition",
        [
          .key("digit"), .exact("label"), .measured("error_relative_l2", absolute: 1e-6),
          .measured("gamma1_nonzeros", absolute: 2), .measured("gamma2_nonzeros", absolute: 1),
          .measured("gamma3_nonzeros", absolute: 0.1),
          .measured("largest_disagreement", absolute: 1e-10),
        ], rows: rows)
    ] + Mosaic.tables("pictures", tiles, perRow: 4)
  }

  static func claims(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Claim] {
    let rows = results.flatMap(\.rows)
    let worst = rows.map(\.disagreement).max() ?? 0
    func mean(_ value: (Row) -> Double) -> Double { Statistics.mean(rows.map(value)) }
    let densities = (0..<(rows.first?.dimensions.count ?? 0)).map { layer in
      mean { Double($0.cardinalities[layer]) / Double($0.dimensions[layer]) }
    }
    return [
      Claim(
        id: "exact-at-every-layer",
        sentence: "x̂ = D1γ1 = D(2)γ2 = D(3)γ3 with the same x̂ at every layer",
        source: "P Fig. 2",
        measured: "largest difference of any pixel between the layers' reconstructions over "
          + "\(rows.count) digits: \(worst < 1e-12 ? "below 1e-12" : "\(worst)")",
        verdict: worst < 1e-10 ? .holds : .doesNotHold),
      Claim(
        id: "sparse-at-every-layer",
        sentence: "Digits have sparse codes at every layer",
        source: "P Fig. 2; S ML-CSC decompositions",
        measured: "with k = \(settings.sparsity) the mean shares of non-zeros of γ1, γ2, γ3 are "
          + densities.map { Wording.number($0) }.joined(separator: ", ")
          + " (sparse: below a half); relative error \(Wording.number(mean(\.relativeError)))",
        verdict: rows.count < 10
          ? .undecided : densities.allSatisfy { $0 < 0.5 } ? .holds : .doesNotHold),
    ]
  }
}
