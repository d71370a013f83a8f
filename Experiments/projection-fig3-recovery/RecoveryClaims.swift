import ExperimentSuite

/// The claims, from the signals' table alone.
struct RecoveryClaims {
  private let signals: [SignalRow]

  init(_ tables: TableSet) throws {
    signals = try tables.rows("signals")
  }

  var tests: [ClaimTest] {
    let figure = "P Fig. 3"
    return [
      compared(
        "digits-error", ["P19"],
        "Projection recovers the codes of digits with a smaller error than layered subspace pursuit",
        "\(figure), top", "digits", \.subspaceError,
        "layered subspace pursuit", \.projectionError, isError: true),
      compared(
        "digits-support", ["P20"],
        "Projection recovers more of the supports of the codes of digits than layered subspace "
          + "pursuit", "\(figure), bottom", "digits", \.subspaceSupport,
        "layered subspace pursuit", \.projectionSupport, isError: false),
      compared(
        "digits-error-basis-pursuit", ["P23"],
        "Projection recovers the codes of digits with a smaller error than layered basis pursuit",
        "P Abstract; Sec. 1", "digits", \.basisError, "layered basis pursuit", \.projectionError,
        isError: true),
      compared(
        "digits-support-basis-pursuit", ["P23"],
        "Projection recovers more of the supports of the codes of digits than layered basis pursuit",
        "P Abstract; Sec. 1", "digits", \.basisSupport, "layered basis pursuit",
        \.projectionSupport, isError: false),
      compared(
        "guaranteed-error", ["P19"],
        "Where layered pursuit has a guarantee, on a model of low coherence, projection errs less too",
        "\(figure), top; family ours", "guaranteed", \.subspaceError, "layered subspace pursuit",
        \.projectionError, isError: true),
      compared(
        "guaranteed-support", ["P20"],
        "Where layered pursuit has a guarantee, projection recovers more of the supports too",
        "\(figure), bottom; family ours", "guaranteed", \.subspaceSupport,
        "layered subspace pursuit", \.projectionSupport, isError: false),
      firstCode,
    ]
  }

  private func rows(_ region: String, _ layer: Int) -> [SignalRow] {
    signals.filter { $0.region == region && $0.layer == layer }
  }

  private func compared(
    _ id: String, _ statements: [String], _ sentence: String, _ source: String, _ region: String,
    _ layered: @escaping (SignalRow) -> Double, _ name: String,
    _ projection: @escaping (SignalRow) -> Double, isError: Bool
  ) -> ClaimTest {
    let parts = (1...3).map { layer in
      ClaimTest.Part(
        "γ\(layer)",
        .mean(
          rows(region, layer).map { row in
            isError ? layered(row) - projection(row) : projection(row) - layered(row)
          }, of: region == "digits" ? "digits" : "draws"))
    }
    let details = (1...3).flatMap { layer in
      let found = rows(region, layer)
      return found.isEmpty
        ? []
        : [
          Detail("γ\(layer): projection", Statistics.mean(found.map(projection))),
          Detail("layered", Statistics.mean(found.map(layered))),
          Detail("non-zeros", Statistics.mean(found.map(\.cardinality))),
        ]
    }
    return ClaimTest(
      id, decides: statements, sentence, source: source,
      isError
        ? .difference(of: "relative error", name, minus: "projection", unit: "")
        : .difference(of: "support intersection", "projection", minus: name, unit: ""),
      parts: parts, details: details, holdsWhen: .above(0))
  }

  /// How much of the distance to projection the true γ₁ closes.
  private var firstCode: ClaimTest {
    let parts = (2...3).map { layer in
      let found = rows("digits", layer)
      return ClaimTest.Part(
        "γ\(layer)",
        .bootstrap(found.count, of: "digits") { chosen in
          var (closed, gap) = (0.0, 0.0)
          for b in chosen {
            closed += found[b].subspaceError - (found[b].givenError ?? .nan)
            gap += found[b].subspaceError - found[b].projectionError
          }
          return 100 * closed / gap
        })
    }
    return ClaimTest(
      "first-code-is-chief-reason", decides: ["P22"],
      "The chief reason of layered pursuit’s errors is its estimate of γ1", source: "P Sec. 4",
      .number("share of the gap to projection that the true γ1 closes", unit: "%"), parts: parts,
      details: (2...3).flatMap { layer -> [Detail] in
        let found = rows("digits", layer)
        return found.isEmpty
          ? []
          : [
            Detail(
              "error of γ\(layer) from the true γ1",
              Statistics.mean(found.compactMap(\.givenError))),
            Detail("from its estimate", Statistics.mean(found.map(\.subspaceError))),
            Detail("of projection", Statistics.mean(found.map(\.projectionError))),
          ]
      },
      // "Chief" is more than half.
      holdsWhen: .above(50),
      premises: [
        Premise(
          "layered pursuit is behind projection",
          isMet: (2...3).allSatisfy { layer in
            Statistics.mean(rows("digits", layer).map { $0.subspaceError - $0.projectionError }) > 0
          })
      ])
  }
}
