import Algorithms
import ExperimentSuite
import MLCSCKit

/// The two layered pursuits that P compares.
enum LayeredPursuit: String, Codable, CaseIterable, ValueConvertible {
  /// The forward pass: γ̂ᵢ = S_t(Dᵢᵀγ̂_{i−1}).
  case thresholding = "layered thresholding"
  /// γ̂ᵢ = argmin ½‖γ̂_{i−1} − Dᵢγ‖² + t‖γ‖₁.
  case basisPursuit = "layered basis pursuit"

  /// The codes of all layers, with t a share of the largest |dᵀγ̂_{i−1}| of each signal and layer.
  ///
  /// - Throws: What the pursuit throws.
  func codes(
    _ signals: Tensor<Double>, _ layers: [any SparseDictionary<Double>], share: Double
  ) throws -> [Tensor<Double>] {
    var (current, codes) = (signals, [Tensor<Double>]())
    for layer in layers {
      let products = DenseDictionary<Double>(layer).analyze(current)
      let limits = (0..<products.rows).map { b in
        share * (products.row(b).map(abs).max() ?? 0)
      }
      switch self {
      case .thresholding:
        current = Tensor(
          rows: (0..<products.rows).map { b in
            products.row(b).map { ($0 < 0 ? -1 : 1) * max(abs($0) - limits[b], 0) }
          })
      case .basisPursuit:
        current = try WorkingSetBasisPursuit(layer).codes(
          current, penalties: limits.map { max($0, 1e-12) }
        ).densified(layer.atomCount)
      }
      codes.append(current)
    }
    return codes
  }
}

/// Errors of both layered pursuits on the draws of a block: by pursuit, share, layer and draw.
struct LayeredRow: Codable {
  let entries: Int
  let block: Int
  let errors: [[[[Double]]]]

  init(
    _ cell: ModelTheory.Cell, _ settings: ModelTheory.Settings, _ model: ModelUnderTest,
    _ draws: [ModelUnderTest.Draw]
  ) throws {
    (entries, block) = (cell.entries, cell.block)
    let signals = Tensor(rows: draws.map(\.signal))
    errors = try LayeredPursuit.allCases.map { pursuit in
      try settings.layeredShares.map { share in
        try pursuit.codes(signals, model.layers, share: share).enumerated().map { layer, code in
          draws.indices.map {
            SparsityMeasures.relativeError(code.row($0), draws[$0].codes[layer])
          }
        }
      }
    }
  }
}

/// Both layered pursuits over the draws of so many entries, in one layer.
///
/// Each takes the share that serves the other half of the blocks best, on the mean error of all layers.
struct LayeredSummary: TableRow {
  @Field("entries", .key) var entries = 0
  @Field("layer", .key) var layer = 0
  @IntervalField("error_thresholding", .measured(absolute: 1e-6, relative: 1e-3))
  var thresholding: Estimate? = nil
  @IntervalField("error_basis_pursuit", .measured(absolute: 1e-6, relative: 1e-3))
  var basisPursuit: Estimate? = nil
  @Field("difference", .measured(absolute: 1e-6, relative: 1e-3)) var difference = 0.0
  @Field("difference_standard_error", .measured(absolute: 1e-6, relative: 1e-2)) var spread = 0.0
  @Field("draws", .exact) var draws = 0

  static func rows(_ rows: [LayeredRow]) -> [LayeredSummary] {
    rows.grouped(by: \.entries).sorted { $0.key < $1.key }.flatMap { entries, rows in
      let layers = rows[0].errors[0][0].indices
      /// The share of a pursuit that suits the blocks of one half best.
      func best(_ pursuit: Int, half: Int) -> Int {
        let own = rows.filter { $0.block % 2 == half }
        return rows[0].errors[pursuit].indices.min { a, b in
          func score(_ share: Int) -> Double {
            Statistics.mean(own.flatMap { $0.errors[pursuit][share].flatMap { $0 } })
          }
          return score(a) < score(b)
        } ?? 0
      }
      let chosen = LayeredPursuit.allCases.indices.map { pursuit in
        [best(pursuit, half: 1), best(pursuit, half: 0)]
      }
      return layers.map { layer in
        let errors = LayeredPursuit.allCases.indices.map { pursuit in
          rows.flatMap { $0.errors[pursuit][chosen[pursuit][$0.block % 2]][layer] }
        }
        let differences = zip(errors[0], errors[1]).map(-)
        return LayeredSummary(
          entries: entries, layer: layer + 1, thresholding: Statistics.studentMean(errors[0]),
          basisPursuit: Statistics.studentMean(errors[1]),
          difference: Statistics.mean(differences),
          spread: Statistics.standardError(differences), draws: differences.count)
      }
    }
  }

  static func claim(_ rows: [LayeredSummary]) -> ClaimTest {
    ClaimTest(
      "layered-basis-pursuit-is-better", decides: ["P25"],
      "Layered basis pursuit has a smaller error than the forward pass (layered thresholding)",
      source: "P Sec. 3.2",
      .difference(
        of: "relative error", "layered thresholding", minus: "layered basis pursuit", unit: ""),
      parts: rows.map { row in
        .init(
          "γ\(row.layer), \(row.entries) entries",
          .mean(
            row.difference, standardError: row.spread, draws: row.draws,
            sample: [Sample(row.draws, "draws")]))
      }, holdsWhen: .above(0))
  }
}
