import Foundation

/// A claim as it stands in `claims.csv`: its numbers, and the words that are made of them.
public struct ClaimRow: TableRow {
  /// The claim's identifier.
  @Field("claim", .key) public var id = ""
  /// The verdict.
  @Field("verdict", .exact) public var verdict = ""
  /// The statements it decides, separated by blanks.
  @Field("statements", .exact) public var statements = ""
  /// What the document says.
  @Field("document_says", .note) public var sentence = ""
  /// Where.
  @Field("source", .note) public var source = ""
  /// The document's own number.
  @Field("paper", .note) public var paper: String? = nil
  /// The estimate.
  @Field("estimate", .note) public var estimate: Double? = nil
  /// The lower end of the 95 % interval.
  @Field("lower_95", .note) public var lower: Double? = nil
  /// The upper end of the 95 % interval.
  @Field("upper_95", .note) public var upper: Double? = nil
  /// The unit of these.
  @Field("unit", .note) public var unit = ""
  /// What was measured on how many of what: "3 seeds, 1,000 test images".
  @Field("sample", .note) public var sample = ""
  /// The p-value after Holm's correction.
  @Field("p_holm", .note) public var significance: Double? = nil
  /// How many claims were corrected for together.
  @Field("claims_corrected_for", .note) public var family: Int? = nil
  /// The measurement in words.
  @Field("measured", .note) public var measured = ""
  /// When the claim holds, in words.
  @Field("judgement", .note) public var judgement = ""

  /// An empty row.
  public init() {}

  /// The row of a claim.
  public init(_ claim: Claim) {
    (id, verdict, sentence, source) = (
      claim.id, claim.verdict.rawValue, claim.sentence, claim.source
    )
    statements = claim.statements.joined(separator: " ")
    (estimate, lower, upper, unit) = (
      claim.estimate, claim.lower, claim.upper, claim.quantity.unit
    )
    sample = claim.sample.map { "\(Wording.count($0.count)) \($0.unit)" }.joined(separator: ", ")
    (paper, significance, family) = (claim.paperWords, claim.significance, claim.family)
    (measured, judgement) = (claim.measured, claim.judgement)
  }
}

extension TableSet {
  /// Writes `claims.csv` of a folder anew, and its columns into the folder's schema.
  ///
  /// - Throws: `FileError`, `TableError`.
  public static func storeClaims(_ claims: [Claim], in folder: URL) throws {
    let table = try Table("claims", claims.map(ClaimRow.init))
    let schema = try TableSchema.read(folder).replacing(table)
    try AtomicFile.write(Data(table.csv.utf8), to: folder.appendingPathComponent("claims.csv"))
    try AtomicFile.write(
      JSONText.pretty(schema), to: folder.appendingPathComponent(TableSchema.fileName))
  }
}
