import ExperimentSuite
import MLCSCKit
import RealModule

/// Codes of ML-CSC and MSD-CSC at equal biases b, by LASSO: how sparse they are and what they lose.
///
/// β = bL, and the identity adds to L, so that β of MSD-CSC is larger: by b with the right constant
/// L = λ_max, by 2b with R's, where L is twice as large too. Their ratio 1 + 1/λ_max is the same, and so
/// is every verdict. Signals are as in Theorem 1, b is such that β of ML-CSC is a share of the largest
/// |dᵀx|.
struct PenaltyRow: MeasuredRow {
  @Field("instance", .key) var instance = 0
  @Field("codes", .key) var codes = ""
  @Field("beta_ml_over_largest", .key) var share = 0.0
  @Field("beta_msd_over_beta_ml", .measured()) var ratio = 0.0
  @Field("nonzeros_ml", .measured(absolute: 1)) var nonzeros = 0
  @Field("nonzeros_msd", .measured(absolute: 1)) var denseNonzeros = 0
  /// Of the features alone, without the identity's codes.
  @Field("feature_nonzeros_msd", .measured(absolute: 1)) var featureNonzeros = 0
  /// The share of the entries that are not zero.
  @Field("density_ml", .measured(absolute: 0.1)) var density = 0.0
  @Field("density_msd", .measured(absolute: 0.1)) var denseDensity = 0.0
  /// ‖x − DΓ‖²/‖x‖².
  @Field("loss_ml", .measured(absolute: 1e-5)) var loss = 0.0
  @Field("loss_msd", .measured(absolute: 1e-5)) var denseLoss = 0.0
  /// The same loss of MSD-CSC at the β of ML-CSC.
  @Field("loss_msd_at_equal_beta", .measured(absolute: 1e-5)) var equalLoss = 0.0

  static func instance(
    _ number: Int, _ settings: Theory.Settings, from stream: inout RandomStream
  ) throws -> [PenaltyRow] {
    let (n, m) = (settings.signalDimensions[1], settings.atomCounts[1])
    let plain = DenseDictionary<Double>.gaussian(n, m, normalized: true, from: &stream)
    let dense = IdentityAugmentedDictionary(plain)
    let x = Tensor<Double>.normal(1, n, from: &stream)
    let largest = plain.analyze(x).elements.map(abs).max() ?? 1
    let λ = try plain.squaredSpectralNorm().estimate
    let shares = settings.penaltyShares
    let signals = Tensor(shape: [shares.count, n], elements: shares.flatMap { _ in x.elements })
    return try [false, true].flatMap { nonnegative -> [PenaltyRow] in
      func codes(
        _ dictionary: some SparseDictionary<Double>, factor: Double
      ) throws -> (codes: Tensor<Double>, losses: [Double]) {
        let problem = try MultiLayerProblem(
          model: MultiLayerModel([dictionary]), signals: signals,
          penalties: [shares.map { $0 * largest * factor }], nonnegative: nonnegative)
        let found = try ExactSolver(tolerance: settings.certifiedGap).solve(problem).codes[0]
        let residual = signals - dictionary.synthesize(found)
        return (
          found, shares.indices.map { Double.squaredNorm(n, residual.row($0)) / x.dot(x) }
        )
      }
      let ml = try codes(plain, factor: 1)
      let msd = try codes(dense, factor: 1 + 1 / λ)
      let equal = try codes(dense, factor: 1)
      return shares.indices.map { i in
        func count(_ code: some Sequence<Double>) -> Int {
          SparsityMeasures.cardinality(Array(code), threshold: 1e-9 * largest)
        }
        let (few, many) = (count(ml.codes.row(i)), count(msd.codes.row(i)))
        return PenaltyRow(
          instance: number, codes: nonnegative ? "non-negative" : "signed", share: shares[i],
          ratio: 1 + 1 / λ, nonzeros: few, denseNonzeros: many,
          featureNonzeros: count(msd.codes.row(i).dropFirst(n)),
          density: Double(few) / Double(m), denseDensity: Double(many) / Double(n + m),
          loss: ml.losses[i], denseLoss: msd.losses[i], equalLoss: equal.losses[i])
      }
    }
  }

  static func claims(_ rows: [PenaltyRow]) -> [ClaimTest] {
    /// A difference, averaged over the biases of an instance, for both kinds of codes.
    func parts(_ difference: (PenaltyRow) -> Double) -> [ClaimTest.Part] {
      rows.grouped(by: \.codes).sorted { $0.key > $1.key }.map { codes, rows in
        let means = rows.grouped(by: \.instance).sorted { $0.key < $1.key }.map {
          Statistics.mean($0.value.map(difference))
        }
        return .init("\(codes) codes", .mean(means, of: "dictionaries"))
      }
    }
    func mean(_ value: (PenaltyRow) -> Double) -> Double { Statistics.mean(rows.map(value)) }
    return [
      ClaimTest(
        "msd-csc-is-sparser", decides: ["R21"],
        "At equal biases MSD-CSC obtains sparser solutions than ML-CSC, as its β is larger",
        source: "R Sec. V-B",
        .difference(of: "non-zeros", "ML-CSC", minus: "MSD-CSC", unit: ""),
        parts: parts { Double($0.nonzeros - $0.denseNonzeros) },
        details: [
          Detail("β of MSD-CSC over that of ML-CSC", mean(\.ratio)),
          Detail("non-zeros of ML-CSC", mean { Double($0.nonzeros) }),
          Detail("of MSD-CSC’s features alone", mean { Double($0.featureNonzeros) }),
          Detail("share of entries that are not zero, ML-CSC", mean(\.density)),
          Detail("MSD-CSC", mean(\.denseDensity)),
        ], holdsWhen: .above(0)),
      ClaimTest(
        "msd-csc-loses-less", decides: ["R22"],
        "MSD-CSC allows a larger β and a lower loss of information than ML-CSC, at equal biases",
        source: "R Sec. V-B",
        .difference(of: "‖x − DΓ‖²/‖x‖²", "ML-CSC", minus: "MSD-CSC", unit: ""),
        parts: parts { $0.loss - $0.denseLoss },
        details: [
          Detail("loss of ML-CSC", mean(\.loss)), Detail("of MSD-CSC", mean(\.denseLoss)),
          Detail("of MSD-CSC at ML-CSC’s β", mean(\.equalLoss)),
        ], holdsWhen: .above(0)),
    ]
  }
}

/// Means over the instances at a bias.
struct PathRow: TableRow {
  @Field("codes", .key) var codes = ""
  @Field("beta_ml_over_largest", .key) var share = 0.0
  @IntervalField("nonzeros_ml", .measured(absolute: 0.1)) var nonzeros: Estimate? = nil
  @IntervalField("nonzeros_msd", .measured(absolute: 0.1)) var denseNonzeros: Estimate? = nil
  @IntervalField("loss_ml", .measured(absolute: 1e-5)) var loss: Estimate? = nil
  @IntervalField("loss_msd", .measured(absolute: 1e-5)) var denseLoss: Estimate? = nil

  static func rows(_ rows: [PenaltyRow]) -> [PathRow] {
    rows.grouped(by: \.codes).sorted { $0.key < $1.key }.flatMap { codes, rows in
      rows.grouped(by: \.share).sorted { $0.key < $1.key }.map { share, rows in
        func mean(_ value: (PenaltyRow) -> Double) -> Estimate {
          Statistics.studentMean(rows.map(value))
        }
        return PathRow(
          codes: codes, share: share, nonzeros: mean { Double($0.nonzeros) },
          denseNonzeros: mean { Double($0.denseNonzeros) }, loss: mean(\.loss),
          denseLoss: mean(\.denseLoss))
      }
    }
  }
}
