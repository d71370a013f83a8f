import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// Where a signal of a model comes from.
enum SampleKind: String, Codable, CaseIterable, ValueConvertible {
  /// Its deepest code is drawn, on the learned model.
  case drawn = "drawn from the learned model"
  /// It is the projection of a test digit on the learned model.
  case digit = "digits projected on it"
  /// Its deepest code is drawn, on a model of Gaussian filters of the same shapes.
  case randomFilters = "drawn with random filters"
}

/// The non-zeros of one sampled signal in one layer, beside the limit λᵢ of that layer.
struct SampleRow: Codable {
  let kind: SampleKind
  /// k, the limit of γ_L.
  let entries: Int
  let draw: Int
  let layer: Int
  let nonzeros: Int
  /// mᵢ.
  let dimension: Int
  /// λ_{i−1} = ‖Dᵢ‖₀ λᵢ of the learned model  [P, footnote 3].
  let limit: Int

  static func rows(
    _ kind: SampleKind, _ entries: Int, _ settings: ModelTheory.Settings, _ digits: DigitModel,
    from stream: inout RandomStream
  ) throws -> (rows: [SampleRow], pictures: [[Double]]) {
    let limits = digits.limits(deepest: entries)
    let model =
      kind == .randomFilters ? try random(like: digits.layers, from: &stream) : digits.model
    let codes: [Tensor<Double>]
    if kind == .digit {
      codes = try digits.projectedCodes(
        of: digits.test.batch(Array(0..<settings.samples)), sparsity: entries)
    } else {
      var deepest = Matrix<Double>(zeros: settings.samples, model.deepestDimension)
      for b in 0..<settings.samples {
        for j in stream.indices(entries, below: model.deepestDimension) {
          deepest[b, j] = stream.normal()
        }
      }
      codes = model.propagate(deepest)
    }
    var rows = [SampleRow]()
    for (layer, code) in codes.enumerated() {
      rows += (0..<code.rows).map { b in
        SampleRow(
          kind: kind, entries: entries, draw: b, layer: layer + 1,
          nonzeros: SparsityMeasures.cardinality(code.row(b), threshold: 1e-12),
          dimension: code.columns,
          limit: limits[layer])
      }
    }
    guard entries == settings.shownEntries else { return (rows, []) }
    let signals = model.synthesize(codes[codes.count - 1])
    return (
      rows,
      (0..<min(settings.pictures, signals.rows)).map { b in
        let pixels = signals.row(b)
        let largest = pixels.map(abs).max() ?? 1
        return pixels.map { $0 / max(largest, 1e-300) }
      }
    )
  }

  /// Gaussian filters of the shapes of a model's.
  private static func random(
    like layers: [ConvolutionalDictionary<Double>], from stream: inout RandomStream
  ) throws -> MultiLayerModel<Double> {
    try MultiLayerModel<Double>(
      layers.map { layer in
        let elements = layer.filters.elements.map { _ in stream.normal() }
        return try ConvolutionalDictionary(
          filters: Tensor(shape: layer.filters.shape, elements: elements),
          geometry: layer.geometry)
      })
  }
}

/// The samples of a kind and cardinality in a layer.
struct SampleSummary: TableRow {
  @Field("kind", .key) var kind = SampleKind.drawn
  @Field("deepest_nonzeros", .key) var entries = 0
  @Field("layer", .key) var layer = 0
  @IntervalField("nonzeros", .measured(relative: 0.01)) var nonzeros: Estimate? = nil
  @Field("dimension", .exact) var dimension = 0
  @Field("limit", .exact) var limit = 0
  @Field("samples", .exact) var samples = 0
  /// Signals above the limit of this layer.
  @Field("above_limit", .exact) var above = 0

  static func rows(_ rows: [SampleRow]) -> [SampleSummary] {
    struct Key: Hashable {
      let kind: SampleKind
      let entries: Int
      let layer: Int
    }
    let groups = [Key: [SampleRow]](grouping: rows) {
      Key(kind: $0.kind, entries: $0.entries, layer: $0.layer)
    }
    return groups.sorted {
      ($0.key.kind.rawValue, $0.key.entries, $0.key.layer)
        < ($1.key.kind.rawValue, $1.key.entries, $1.key.layer)
    }.map { key, rows in
      SampleSummary(
        kind: key.kind, entries: key.entries, layer: key.layer,
        nonzeros: Statistics.studentMean(rows.map { Double($0.nonzeros) }),
        dimension: rows.first?.dimension ?? 0, limit: rows.first?.limit ?? 0, samples: rows.count,
        above: rows.count { $0.nonzeros > $0.limit })
    }
  }

  static func claims(_ rows: [SampleSummary]) -> [ClaimTest] {
    // The deepest code meets its limit by construction, and a limit of all entries says nothing.
    let deepest = rows.map(\.layer).max() ?? 1
    let telling = rows.filter { $0.layer < deepest && $0.limit < $0.dimension }
    func of(_ kind: SampleKind) -> [SampleSummary] { telling.filter { $0.kind == kind } }
    func above(_ kind: SampleKind) -> Measurement {
      .violations(
        of(kind).reduce(0) { $0 + $1.above }, of: of(kind).reduce(0) { $0 + $1.samples },
        "inner codes whose limit is below their length")
    }
    /// The mean non-zeros of γ₁ at the largest cardinality.
    func first(_ kind: SampleKind, _ label: String) -> [Detail] {
      rows.filter { $0.kind == kind && $0.layer == 1 }.max { $0.entries < $1.entries }
        .flatMap { $0.nonzeros.map { [Detail(label, $0.value)] } } ?? []
    }
    return [
      ClaimTest(
        "samples-satisfy-the-constraints", decides: ["D6"],
        "The model can be sampled: signals of drawn deepest codes satisfy the constraints of every "
          + "layer", source: "D abstract; P footnote 3",
        .number("inner codes above their limit", unit: ""), above(.drawn),
        details: first(.drawn, "non-zeros of γ1 at the largest k, drawn")
          + first(.digit, "digits projected on the model")
          + first(.randomFilters, "drawn with random filters"), holdsWhen: .never(atLeast: 20)),
      ClaimTest(
        "random-filters-have-no-samples", decides: ["D3", "S10"],
        "With random filters in place of learned ones no drawn signal satisfies the constraints",
        source: "D abstract; S, How to learn?",
        .number("inner codes of random filters within their limit", unit: ""),
        .violations(
          of(.randomFilters).reduce(0) { $0 + $1.samples - $1.above },
          of: of(.randomFilters).reduce(0) { $0 + $1.samples },
          "inner codes whose limit is below their length"),
        holdsWhen: .never(atLeast: 20)),
    ]
  }
}
