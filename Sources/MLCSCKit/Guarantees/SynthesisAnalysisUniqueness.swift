import Algorithms

/// Uniqueness of two-layer representations by synthesis and analysis together.
///
/// γ₂ with support S and γ₁ = D₂γ₂ zero on Λ lies in the space
///
///     V(S, Λ) = { γ : γ = 0 outside S, D₂[Λ, :] γ = 0 },  dim V = |S| − rank Φ^Λ,  Φ^Λ = D₂[Λ, S].
///
/// The slides ("Synthesis-Analysis Interpretation") call representations unique if
///
///     ‖γ₂‖₀ ≤ (η(D₁D₂) − 1)/2 + rank Φ^Λ,   η the spark.
///
/// As printed, for any dictionaries, this is false; it needs dictionaries in general position and one
/// condition more. Two representations of one signal differ by a vector of V(S, Λ) + V(S', Λ') that
/// D₁D₂ maps to zero. In general position that space has at most 2(s₂ − rank Φ) dimensions, and D₁D₂
/// is injective on it where those do not exceed n = η − 1 (the slides' condition) **nor m₁ − |Λ|**:
/// for Λ' = Λ, D₂ maps it to vectors that are zero on Λ. With structured dictionaries the spark says
/// too little, because the difference may have up to 2s₂ > η entries, and because a competitor may
/// have a Φ of smaller rank. Checked by exact enumeration: experiment `holistic-uniqueness`, where
/// the mended form held on every draw and the printed form failed without each of the conditions.
///
/// Entries are integers, so that every rank is exact.
public struct SynthesisAnalysisUniqueness: Sendable {
  /// D₁D₂, n × m₂.
  public let effective: IntegerMatrix
  /// D₂, m₁ × m₂.
  public let analysis: IntegerMatrix
  /// η(D₁D₂); nil where all columns are independent.
  public let spark: Int?

  /// Dictionaries whose shapes chain.
  ///
  /// - Throws: `ModelError.shapesDoNotChain`, what `IntegerMatrix.spark` throws.
  public init(_ first: IntegerMatrix, _ second: IntegerMatrix) throws {
    guard first.columns == second.rows else {
      throw ModelError.shapesDoNotChain(
        layer: 1, atoms: first.columns, nextLayerRows: second.rows)
    }
    effective = try first.multiplied(by: second)
    analysis = second
    spark = try effective.spark()
  }

  /// rank Φ^Λ, Φ^Λ = D₂[Λ, S].
  ///
  /// - Throws: `LinearAlgebraError.integerRange`.
  public func rank(support: [Int], cosupport: [Int]) throws -> Int {
    try analysis.selecting(rows: cosupport, columns: support).rank()
  }

  /// The slack of the slides' premise, (η − 1)/2 + rank Φ^Λ − |S|: it holds where this is not
  /// negative.
  ///
  /// - Returns: The slack; infinite where all columns of D₁D₂ are independent.
  /// - Throws: `LinearAlgebraError.integerRange`.
  public func slack(support: [Int], cosupport: [Int]) throws -> Double {
    guard let spark else { return .infinity }
    let rank = try rank(support: support, cosupport: cosupport)
    return Double(spark - 1) / 2 + Double(rank - support.count)
  }

  /// The slack of the condition that the slides lack, (m₁ − |Λ|)/2 − (|S| − rank Φ^Λ).
  ///
  /// - Throws: `LinearAlgebraError.integerRange`.
  public func innerSlack(support: [Int], cosupport: [Int]) throws -> Double {
    let rank = try rank(support: support, cosupport: cosupport)
    return Double(analysis.rows - cosupport.count) / 2 - Double(support.count - rank)
  }

  /// What the mended statement says of a model (S, Λ), for dictionaries in general position.
  ///
  /// - Returns: The smaller of both slacks, in atoms; the bound is the distance between two
  ///   representations of one signal, zero.
  /// - Throws: `LinearAlgebraError.integerRange`.
  public func guarantee(support: [Int], cosupport: [Int]) throws -> Guarantee {
    let inner = try innerSlack(support: support, cosupport: cosupport)
    let slack = min(try slack(support: support, cosupport: cosupport), inner)
    return Guarantee(slack: slack, bound: 0, strict: false)
  }

  /// What the slides say, which is false without the conditions above.
  ///
  /// - Throws: `LinearAlgebraError.integerRange`.
  public func asPrinted(support: [Int], cosupport: [Int]) throws -> Guarantee {
    let slack = try slack(support: support, cosupport: cosupport)
    return Guarantee(slack: slack, bound: 0, strict: false)
  }

  /// A model of the same sizes that shares a signal with the given one.
  public struct Competitor: Sendable, Equatable {
    /// S'.
    public let support: [Int]
    /// Λ'.
    public let cosupport: [Int]
  }

  /// The first competitor (S', Λ') with |S'| = |S| and |Λ'| = |Λ| such that γ ∈ V(S, Λ) and another
  /// γ' ∈ V(S', Λ') give the same signal.
  ///
  /// Smaller supports and larger co-supports are subspaces of these, so none is missed: nil says
  /// that every γ₂ of V(S, Λ) is the only one with its sparsities at both layers. The pairs (γ, γ')
  /// with D₁D₂γ = D₁D₂γ' are the null space of M = [D_S, −D_S'; Φ, 0; 0, Φ'], and γ = γ' on the
  /// vectors of V(S ∩ S', Λ ∪ Λ'); there is a pair of different ones exactly where
  /// 2|S| − rank M > |S ∩ S'| − rank D₂[Λ ∪ Λ', S ∩ S'].
  /// - Throws: `ModelError.parameterOutOfRange` for indices that repeat or do not exist;
  ///   `LinearAlgebraError.integerRange`.
  /// - Complexity: Exponential: two exact ranks for every S' and Λ'.
  public func competitor(support: [Int], cosupport: [Int]) throws -> Competitor? {
    try SupportIndices.validate(support, below: effective.columns, name: "support")
    try SupportIndices.validate(cosupport, below: analysis.rows, name: "co-support")
    for other in (0..<effective.columns).combinations(ofCount: support.count) {
      let common = support.filter(other.contains)
      for rows in (0..<analysis.rows).combinations(ofCount: cosupport.count) {
        let union = cosupport + rows.filter { !cosupport.contains($0) }
        let shared =
          common.count - (try analysis.selecting(rows: union, columns: common).rank())
        let unique = 2 * support.count - shared
        let rank = try coupled(support, cosupport, other, rows).rank(atMost: unique)
        if rank < unique { return Competitor(support: other, cosupport: rows) }
      }
    }
    return nil
  }

  /// M = [D_S, −D_S'; Φ, 0; 0, Φ'].
  private func coupled(
    _ support: [Int], _ cosupport: [Int], _ other: [Int], _ rows: [Int]
  ) -> IntegerMatrix {
    let (n, s, l) = (effective.rows, support.count, cosupport.count)
    var matrix = IntegerMatrix(zeros: n + 2 * l, 2 * s)
    for j in 0..<s {
      for i in 0..<n {
        matrix[i, j] = effective[i, support[j]]
        matrix[i, s + j] = -effective[i, other[j]]
      }
      for i in 0..<l {
        matrix[n + i, j] = analysis[cosupport[i], support[j]]
        matrix[n + l + i, s + j] = analysis[rows[i], other[j]]
      }
    }
    return matrix
  }
}
