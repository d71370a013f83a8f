import Algorithms
import ExperimentSuite
import MLCSCKit
import RealModule

/// The pursuits of γ_L on the effective dictionary.
enum DeepPursuit: String, Codable, CaseIterable, ValueConvertible {
  case orthogonalMatchingPursuit = "OMP"
  case subspacePursuit = "subspace pursuit"
  case basisPursuit = "basis pursuit"
  case iterativeHardThresholding = "iterative hard thresholding"

  /// The codes of k entries that it finds.
  ///
  /// Basis pursuit has no k: of penalties that fall, the first whose solution has k entries is taken,
  /// of that the k largest, and these are fitted by least squares.
  /// - Parameters:
  ///   - signals: Shape [B, n].
  ///   - k: The entries of the true code.
  ///   - dictionary: D⁽ᴸ⁾.
  ///   - penalties: Of basis pursuit, over the largest |dᵀy| of each signal, falling.
  /// - Returns: One code a signal.
  /// - Throws: What the pursuits throw.
  func codes(
    _ signals: Tensor<Double>, _ k: Int, _ dictionary: any SparseDictionary<Double>,
    penalties: [Double]
  ) throws -> [SparseCode<Double>] {
    switch self {
    case .orthogonalMatchingPursuit:
      return try OrthogonalMatchingPursuit(dictionary, sparsity: k).codes(signals)
    case .subspacePursuit:
      return try SubspacePursuit(dictionary, sparsity: k).codes(signals)
    case .iterativeHardThresholding:
      return try IterativeHardThresholding(dictionary, sparsity: k).codes(signals)
    case .basisPursuit:
      let products = DenseDictionary<Double>(dictionary).analyze(signals)
      let largest = (0..<signals.rows).map { products.row($0).map(abs).max() ?? 1 }
      let paths = try WorkingSetBasisPursuit(dictionary).path(
        signals, penalties: penalties.map { share in largest.map { share * $0 } })
      return try paths.enumerated().map { b, path in
        let code = (path.first { $0.code.support.count >= k } ?? path[path.count - 1]).code
        let order = code.support.indices.sorted {
          abs(code.coefficients[$0]) > abs(code.coefficients[$1])
        }
        return try SparseCode(
          leastSquaresOn: order.prefix(k).map { code.support[$0] }.sorted(), of: dictionary,
          signal: signals.row(b))
      }
    }
  }
}

/// What a pursuit found of the draws of a block.
struct PursuitRow: Codable {
  let entries: Int
  let pursuit: DeepPursuit
  /// ‖γ̂_L − γ_L‖/‖γ_L‖ of every draw, whether its support is the true one, and whether the premise of P's
  /// Theorem 1 holds for it.
  let errors: [Double]
  let isExact: [Bool]
  let premise: [Bool]

  /// A line whose D₁ has two filters of low coherence and whose D₂ has two taps a filter.
  ///
  /// - Throws: `ModelError` where the settings do not fit each other.
  static func model(_ settings: ModelTheory.Settings) throws -> ModelUnderTest {
    var stream = RandomStream(ModelTheory.identity.name, "searched filters")
    let (signal, size) = (Extent.line(settings.lineSignal), Extent.line(settings.lineFilter))
    let filters = LowCoherenceFilters.searched(
      count: 2, size: size, flips: settings.flips, from: &stream)
    return try ModelUnderTest(
      "line",
      [
        ConvolutionalDictionary(
          filters: filters,
          geometry: ConvolutionGeometry(signalSize: signal, kernelSize: size, boundary: .circular)),
        .rotation(
          signalSize: signal, angle: settings.lineAngle,
          delay: Extent(0, settings.lineDelays[0]), secondDelay: Extent(0, settings.lineDelays[1])),
      ], isDense: true)
  }

  static func rows(
    _ cell: ModelTheory.Cell, _ settings: ModelTheory.Settings, _ model: ModelUnderTest,
    _ draws: [ModelUnderTest.Draw]
  ) throws -> [PursuitRow] {
    let signals = Tensor(rows: draws.map(\.signal))
    let last = model.depth - 1
    return try DeepPursuit.allCases.map { pursuit in
      let dictionary = model.effective[last]
      let found = try pursuit.codes(
        signals, cell.entries, dictionary, penalties: settings.penalties)
      let dense: Tensor<Double> = found.densified(dictionary.atomCount)
      return PursuitRow(
        entries: cell.entries, pursuit: pursuit,
        errors: draws.indices.map {
          SparsityMeasures.relativeError(dense.row($0), draws[$0].codes[last])
        },
        isExact: draws.indices.map {
          found[$0].support.sorted() == SparsityMeasures.support(draws[$0].codes[last])
        },
        premise: draws.map {
          Double($0.effectiveSparsities[last]) < model.geometry.effective[last].stabilityLimit
        })
    }
  }
}

/// What a pursuit found of all draws of so many entries.
struct PursuitSummary: TableRow {
  @Field("entries", .key) var entries = 0
  @Field("pursuit", .key) var pursuit = DeepPursuit.orthogonalMatchingPursuit
  @IntervalField("error_relative_l2", .measured(absolute: 1e-6, relative: 1e-2))
  var error: Estimate? = nil
  @IntervalField("support_found_percent", .measured(absolute: 0.6)) var found: Estimate? = nil
  @Field("draws", .exact) var draws = 0
  /// Draws with the premise of P's Theorem 1, and those of them whose support is not found.
  @Field("draws_with_premise", .exact) var premise = 0
  @Field("missed_with_premise", .exact) var missed = 0
  /// Per draw less that of OMP; empty for OMP itself.
  @IntervalField("error_minus_omp", .measured(absolute: 1e-6, relative: 1e-2))
  var overOMP: Estimate? = nil
  @Field("error_minus_omp_standard_error", .measured(absolute: 1e-6, relative: 1e-2))
  var spread: Double? = nil

  static func rows(_ rows: [PursuitRow]) -> [PursuitSummary] {
    rows.grouped(by: \.entries).sorted { $0.key < $1.key }.flatMap { entries, rows in
      let omp = rows.filter { $0.pursuit == .orthogonalMatchingPursuit }.flatMap(\.errors)
      return DeepPursuit.allCases.map { pursuit in
        let own = rows.filter { $0.pursuit == pursuit }
        let (errors, exact) = (own.flatMap(\.errors), own.flatMap(\.isExact))
        let premise = own.flatMap(\.premise)
        let differences = pursuit == .orthogonalMatchingPursuit ? [] : zip(errors, omp).map(-)
        return PursuitSummary(
          entries: entries, pursuit: pursuit, error: Statistics.studentMean(errors),
          found: Measurement.percent(exact.count { $0 }, of: exact.count, "draws").estimate,
          draws: errors.count, premise: premise.count { $0 },
          missed: zip(premise, exact).count { $0 && !$1 },
          overOMP: differences.isEmpty ? nil : Statistics.studentMean(differences),
          spread: differences.isEmpty ? nil : Statistics.standardError(differences))
      }
    }
  }

  static func claims(_ rows: [PursuitSummary]) -> [ClaimTest] {
    let alternatives = DeepPursuit.allCases.filter { $0 != .orthogonalMatchingPursuit }
    return [
      ClaimTest(
        "every-alternative-serves", decides: ["D2", "P17"],
        "Several sparse coding methods can serve as the pursuit on D(L): each finds the support where "
          + "the premise of Theorem 1 holds", source: "D abstract, P Sec. 3.2",
        .number("draws whose support is not found", unit: ""),
        parts: DeepPursuit.allCases.map { pursuit in
          let own = rows.filter { $0.pursuit == pursuit }
          return .init(
            pursuit.rawValue,
            .violations(
              own.reduce(0) { $0 + $1.missed }, of: own.reduce(0) { $0 + $1.premise }, "draws"))
        }, holdsWhen: .never(atLeast: 100)),
      ClaimTest(
        "omp-is-no-worse", decides: [],
        "Where the premise fails, no other pursuit has a smaller error than OMP (ours)",
        source: "D abstract",
        .number(
          "relative error of γ_L minus that of OMP, at the cardinality where this is smallest",
          unit: ""),
        parts: alternatives.compactMap { pursuit in
          let own = rows.filter { $0.pursuit == pursuit && $0.premise < $0.draws }
          return own.min { ($0.overOMP?.value ?? 0) < ($1.overOMP?.value ?? 0) }.map { row in
            .init(
              "\(pursuit.rawValue), \(row.entries) entries",
              .mean(
                row.overOMP?.value ?? 0, standardError: row.spread ?? 0, draws: row.draws,
                sample: [Sample(row.draws, "draws")]))
          }
        },
        // A hundredth of the code's norm is no difference that matters.
        holdsWhen: .above(-0.01)),
    ]
  }
}
