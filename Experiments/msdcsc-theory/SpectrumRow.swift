import ExperimentSuite
import MLCSCKit
import RealModule

/// One instance of Lemma 3: the spectrum of B = [I; A][I Aᵀ] for A of p rows and q columns.
///
/// R counts as many zeros as A has columns and p values λ_i(AAᵀ) + 1. B has rank q, so the zeros
/// number p, A's rows; the others are 1 + σ², and 1 with multiplicity q − rank A (erratum 6; R's
/// proof takes the trace of the identity for p where it is q). The largest eigenvalue is
/// λ_max(AAᵀ) + 1 either way, which is all that R's Lipschitz constants need.
struct SpectrumRow: Codable {
  let rows: Int
  let columns: Int
  let rank: Int
  /// Ascending.
  let eigenvalues: [Double]
  let asPrinted: [Double]?
  let mended: [Double]
  let largestOfGram: Double

  static func instance(_ shape: [Int], from stream: inout RandomStream) throws -> SpectrumRow {
    let (p, q, rank) = (shape[0], shape[1], shape[2])
    // Scaled to eigenvalues of order one, where a one is told from a zero.
    let product = Tensor<Double>.normal(p, rank, from: &stream)
      .multiplied(by: .normal(rank, q, from: &stream))
    let scale = 1 / Double.sqrt(Double(p * rank))
    let a = Tensor(shape: [p, q], elements: product.elements.map { scale * $0 })
    // [I Aᵀ] as a dictionary of unit vectors and the rows of A; B is its Gram matrix.
    let atoms = IdentityAugmentedDictionary(DenseDictionary(atomRows: a))
    let b = atoms.atoms(Array(0..<p + q)).gramOfRows
    let gram = try a.gramOfRows.symmetricEigenvalues()
    let squares = gram.suffix(rank)
    let printed = [Double](repeating: 0, count: q) + gram.map { $0 + 1 }
    return SpectrumRow(
      rows: p, columns: q, rank: rank, eigenvalues: try b.symmetricEigenvalues().sorted(),
      asPrinted: printed.count == p + q ? printed.sorted() : nil,
      mended: ([Double](repeating: 0, count: p) + [Double](repeating: 1, count: q - rank)
        + squares.map { $0 + 1 }).sorted(),
      largestOfGram: gram.last ?? 0)
  }

  /// The largest distance between two spectra relative to the largest eigenvalue.
  private func distance(_ other: [Double]?) -> Double {
    guard let other else { return .infinity }
    let largest = eigenvalues.last ?? 1
    return zip(eigenvalues, other).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
  }

  static func table(_ rows: [SpectrumRow], _ settings: Theory.Settings) throws -> Table {
    // One drawn spectrum a shape, in full: the first.
    let shown = settings.spectra.compactMap { shape in
      rows.first { [$0.rows, $0.columns, $0.rank] == shape }
    }
    return try Table(
      "lemma3",
      [
        .key("rows"), .key("columns"), .key("rank"), .key("index"), .measured("eigenvalue"),
        .measured("as_printed"), .measured("mended"),
      ],
      rows: shown.flatMap { row in
        row.eigenvalues.indices.map { i in
          [
            .integer(row.rows), .integer(row.columns), .integer(row.rank), .integer(i + 1),
            // What rounding leaves of a zero is not worth comparing.
            .real(abs(row.eigenvalues[i]) < 1e-12 ? 0 : row.eigenvalues[i]),
            row.asPrinted.map { .real(abs($0[i]) < 1e-12 ? 0 : $0[i]) } ?? .missing,
            .real(row.mended[i]),
          ]
        }
      })
  }

  static func claims(_ rows: [SpectrumRow]) -> [Claim] {
    let wrong = rows.filter { $0.distance($0.asPrinted) > 1e-10 }
    let square = rows.count { $0.rows == $0.columns && $0.rank == $0.rows }
    let mended = rows.map { $0.distance($0.mended) }.max() ?? 0
    let largest =
      rows.map { abs(($0.eigenvalues.last ?? 0) - $0.largestOfGram - 1) / ($0.largestOfGram + 1) }
      .max() ?? 0
    return [
      Claim(
        id: "lemma-3-spectrum",
        sentence:
          "B = [I Aᵀ; A AAᵀ] has eigenvalues λ_i(AAᵀ) + 1 and as many zeros as A has columns",
        source: "R Lemma 3",
        measured:
          "off on \(wrong.count) of \(rows.count) matrices, right on the square ones of full "
          + "rank (\(square)). Zeros number A's rows, the rest are 1 + σ² and 1 (columns − rank "
          + "times): largest relative deviation \(Wording.number(mended))",
        verdict: wrong.isEmpty ? .holds : .doesNotHold),
      Claim(
        id: "lemma-3-largest",
        sentence: "λ_max(B) = λ_max(AAᵀ) + 1",
        source: "R Lemma 3",
        measured:
          "largest relative deviation \(Wording.number(largest)) over \(rows.count) matrices",
        verdict: largest < 1e-12 ? .holds : .doesNotHold),
    ]
  }
}
