import ExperimentSuite
import MLCSCKit
import RealModule

/// One instance of Lemma 3: the spectrum of B = [I; A][I Aᵀ] for A of p rows and q columns.
///
/// R counts as many zeros as A has columns and p values λ_i(AAᵀ) + 1. B has rank q, so the zeros
/// number p, A's rows; the others are 1 + σ², and 1 with multiplicity q − rank A (erratum 6; R's
/// proof takes the trace of the identity for p where it is q). The largest eigenvalue is
/// λ_max(AAᵀ) + 1 either way, which is all that R's Lipschitz constants need.
struct SpectrumRow: MeasuredRow {
  @Field("rows", .key) var rows = 0
  @Field("columns", .key) var columns = 0
  @Field("rank", .key) var rank = 0
  @Field("matrix", .key) var matrix = 0
  /// The largest distance between measured and stated eigenvalues over the largest of them.
  @Field("deviation_as_printed", .measured(absolute: 1e-10)) var asPrinted = 0.0
  @Field("deviation_mended", .measured(absolute: 1e-10)) var mended = 0.0
  /// The same of the largest eigenvalue alone.
  @Field("deviation_of_largest", .measured(absolute: 1e-10)) var largest = 0.0
}

/// One eigenvalue of B, ascending.
struct EigenvalueRow: MeasuredRow {
  @Field("rows", .key) var rows = 0
  @Field("columns", .key) var columns = 0
  @Field("rank", .key) var rank = 0
  @Field("index", .key) var index = 0
  @Field("eigenvalue", .measured(absolute: 1e-10)) var measured = 0.0
  @Field("as_printed", .measured(absolute: 1e-10)) var asPrinted = 0.0
  @Field("mended", .measured(absolute: 1e-10)) var mended = 0.0
}

extension SpectrumRow {
  /// A drawn matrix of a shape, with its eigenvalues.
  static func instance(
    _ number: Int, _ shape: [Int], from stream: inout RandomStream
  ) throws -> (row: SpectrumRow, eigenvalues: [EigenvalueRow]) {
    let (p, q, rank) = (shape[0], shape[1], shape[2])
    // Scaled to eigenvalues of order one, where a one is told from a zero.
    let product = Tensor<Double>.normal(p, rank, from: &stream)
      .multiplied(by: .normal(rank, q, from: &stream))
    let scale = 1 / Double.sqrt(Double(p * rank))
    let a = Tensor(shape: [p, q], elements: product.elements.map { scale * $0 })
    // [I Aᵀ] as a dictionary of unit vectors and the rows of A; B is its Gram matrix.
    let atoms = IdentityAugmentedDictionary(DenseDictionary(atomRows: a))
    let spectrum = try atoms.atoms(Array(0..<p + q)).gramOfRows.symmetricEigenvalues().sorted()
    let gram = try a.gramOfRows.symmetricEigenvalues()
    func zeros(_ count: Int) -> [Double] { [Double](repeating: 0, count: count) }
    let printed = (zeros(q) + gram.map { $0 + 1 }).sorted()
    let mended =
      (zeros(p) + zeros(q - rank).map { $0 + 1 } + gram.suffix(rank).map { $0 + 1 }).sorted()
    let largest = spectrum.last ?? 1
    func deviation(_ other: some Collection<Double>) -> Double {
      zip(spectrum.suffix(other.count), other).map { abs($0 - $1) / largest }.max() ?? 0
    }
    let row = SpectrumRow(
      rows: p, columns: q, rank: rank, matrix: number, asPrinted: deviation(printed),
      mended: deviation(mended), largest: deviation([(gram.last ?? 0) + 1]))
    return (
      row,
      spectrum.indices.map { i in
        EigenvalueRow(
          rows: p, columns: q, rank: rank, index: i + 1, measured: spectrum[i],
          asPrinted: printed[i], mended: mended[i])
      }
    )
  }

  static func claims(_ rows: [SpectrumRow]) -> [ClaimTest] {
    func off(_ deviation: (SpectrumRow) -> Double, by limit: Double) -> Measurement {
      .violations(rows.count { deviation($0) > limit }, of: rows.count, "matrices")
    }
    return [
      ClaimTest(
        "lemma-3-spectrum", decides: ["R19"],
        "B = [I Aᵀ; A AAᵀ] has eigenvalues λ_i(AAᵀ) + 1 and as many zeros as A has columns",
        source: "R Lemma 3", .number("matrices on which it is not so", unit: ""),
        off(\.asPrinted, by: 1e-10),
        details: [
          Detail(
            "square matrices of full rank",
            Double(rows.count { $0.rows == $0.columns && $0.rank == $0.rows })),
          Detail(
            "largest relative deviation of the mended form (as many zeros as rows, 1 + σ², and 1)",
            rows.map(\.mended).max() ?? 0),
        ], holdsWhen: .never(atLeast: 100)),
      ClaimTest(
        "lemma-3-largest", decides: ["R19"], "λ_max(B) = λ_max(AAᵀ) + 1", source: "R Lemma 3",
        .number("matrices on which it is not so", unit: ""), off(\.largest, by: 1e-12),
        details: [Detail("largest relative deviation", rows.map(\.largest).max() ?? 0)],
        holdsWhen: .never(atLeast: 100)),
    ]
  }
}
