import ExperimentSuite
import MLCSCKit

/// The claims, from the tables alone.
struct FiltersClaims {
  private static let source = "D; S, Learning Multi-Layer CSC Models"
  private let losses: [Double]
  private let layers: [LayerRow]
  private let test: TestRow?
  private let filters: [FilterRow]
  private let shapes: [ShapeRow]

  init(_ tables: TableSet) throws {
    losses = try tables.rows("learning", as: EpochRow.self).filter { $0.filters == "sparse" }
      .sorted { $0.epoch < $1.epoch }.map(\.error)
    layers = try tables.rows("layers", as: LayerRow.self).filter { $0.filters == "sparse" }
      .sorted { $0.layer < $1.layer }
    test = try tables.rows("test", as: TestRow.self).first { $0.filters == "sparse" }
    filters = try tables.rows("filters", as: FilterRow.self).filter { $0.filters == "sparse" }
    shapes = try tables.rows("shapes")
  }

  var tests: [ClaimTest] {
    [settles, sparse, combine, apart, digitLike]
  }

  private var settles: ClaimTest {
    let late = losses.count > 4 ? losses[losses.count - 1] / losses[losses.count - 3] - 1 : nil
    return ClaimTest(
      "loss-settles", decides: ["S12", "D4"], "The loss falls over the epochs and settles",
      source: Self.source, .number("change of the loss over the last two epochs", unit: "%"),
      late.map { .exact(100 * $0, Sample(losses.count, "epochs")) } ?? .none,
      details: [
        Detail("relative squared error in the first epoch", losses.first ?? .nan),
        Detail("in the last", losses.last ?? .nan),
      ].filter(\.value.isFinite), holdsWhen: .within(-2, 2),
      premises: [
        Premise(
          "the loss has fallen by a tenth at least",
          isMet: (losses.last ?? 1) <= 0.9 * (losses.first ?? 0))
      ])
  }

  /// The limits make the filters sparse; what can fail is that digits are still represented.
  private var sparse: ClaimTest {
    let deeper = layers.filter { $0.layer > 1 }
    return ClaimTest(
      "sparse-dictionaries", decides: ["S13", "D5"],
      "D2 and D3 can be very sparse and represent digits nearly as well as dense filters do",
      source: Self.source, .number("test error over that with dense filters", unit: ""),
      test.flatMap { row in
        row.ratio.map { ratio in
          .mean(
            ratio, standardError: row.ratioError ?? .infinity, draws: row.digits,
            sample: [Sample(row.digits, "test digits")])
        }
      } ?? .none,
      details: deeper.map { Detail("zeros of D\($0.layer)", 100 * $0.zeros, unit: "%") }
        + deeper.map { Detail("most non-zeros of a filter of D\($0.layer)", Double($0.most)) },
      holdsWhen: .below(1.3),
      premises: [
        // The document has no number; the journal version reports above 99 %.
        Premise(
          "more than 99 % of D2 and D3 are zeros",
          isMet: deeper.count == 2 && deeper.allSatisfy { $0.zeros > 0.99 })
      ])
  }

  private var combine: ClaimTest {
    let parts = [2, 3].map { layer in
      ClaimTest.Part(
        "D\(layer)",
        .mean(filters.filter { $0.layer == layer }.map(\.participation), of: "filters"))
    }
    return ClaimTest(
      "filters-combine-atoms", decides: ["S13", "D5"],
      "Each atom of the next layer is a sparse combination of atoms, not one of them",
      source: Self.source, .number("effective number of entries of a filter, 1/Σd⁴", unit: ""),
      parts: parts,
      details: layers.filter { $0.layer > 1 }.map {
        Detail("least non-zeros of a filter of D\($0.layer)", Double($0.least))
      },
      // One entry with nine tenths of the energy has 1.2, two equal ones have 2.
      holdsWhen: .above(2),
      premises: [
        Premise(
          "every filter of D2 and D3 has three non-zeros or more",
          isMet: layers.filter { $0.layer > 1 && $0.least >= 3 }.count == 2)
      ])
  }

  private var apart: ClaimTest {
    let first = layers.first { $0.layer == 1 }
    return ClaimTest(
      "first-layer-coherence", decides: [],
      "The atoms of D1 are no copies of each other: their coherence is below 0.9",
      source: "ours, for the experiments on this model", .number("coherence of D1", unit: ""),
      first.map { .exact($0.coherence, Sample($0.count, "filters")) } ?? .none,
      details: layers.filter { $0.layer > 1 }.map {
        Detail("coherence of D(\($0.layer))", $0.coherence)
      }
        + layers.map {
          Detail(
            "filters of D(\($0.layer)) with a twin above 0.95", Double($0.twins))
        }, holdsWhen: .below(0.9))
  }

  private var digitLike: ClaimTest {
    let learned = shapes.filter { $0.atoms == "learned" }
    let nearer = learned.count { max($0.stroke, $0.part) > $0.dot + 0.05 }
    func mean(_ label: String, _ atoms: String, _ value: (ShapeRow) -> Double) -> Detail {
      Detail(label, Statistics.mean(shapes.filter { $0.atoms == atoms }.map(value)))
    }
    return ClaimTest(
      "atoms-look-like-digits", decides: ["S14"],
      "Most atoms of D(3) are strokes and parts of digits", source: Self.source,
      .number(
        "atoms whose |cosine| with a stroke or a part of a digit is 0.05 above that with any dot",
        unit: "%"),
      .percent(nearer, of: learned.count, "atoms"),
      details: [
        mean("mean |cosine| with the nearest part of a digit", "learned", \.part),
        mean("stroke", "learned", \.stroke), mean("dot", "learned", \.dot),
        mean("before learning: part", "before", \.part), mean("stroke", "before", \.stroke),
        mean("dot", "before", \.dot),
        Detail(
          "median number of pixels with 90 % of an atom’s energy",
          Statistics.median(learned.map { Double($0.energyPixels) })),
      ].filter(\.value.isFinite), holdsWhen: .above(50),
      // Of fewer filters so many are near the limit that the rounding of learning decides.
      premises: [
        Premise("the model has D’s 1,024 deepest filters", isMet: learned.count >= 1024)
      ])
  }
}
