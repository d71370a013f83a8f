/// What a claim is about.
public enum Quantity: Codable, Sendable, Equatable {
  /// A number, with its unit where it has one: "slope of log gap against log μ".
  case number(String, unit: String)
  /// How much larger something is of one thing than of another: "test accuracy" of "ResNet-56" and
  /// of "Plain-56", in points; the first word is empty where the two are quantities themselves.
  case difference(of: String, String, minus: String, unit: String)

  /// The unit.
  public var unit: String {
    switch self {
    case .number(_, let unit), .difference(_, _, _, let unit): unit
    }
  }
}

/// The paper's own number.
public struct PaperValue: Codable, Sendable, Equatable {
  /// How its numbers belong together.
  public enum Relation: String, Codable, Sendable {
    /// There is one.
    case single
    /// From the first to the second.
    case range
    /// The first beside the second.
    case against
  }

  /// One number or two.
  public let values: [Double]
  /// How they belong together.
  public let relation: Relation
  /// Their unit.
  public let unit: String

  /// One number.
  public init(_ value: Double, unit: String = "") {
    (values, relation, self.unit) = ([value], .single, unit)
  }

  /// Two numbers side by side.
  public init(_ first: Double, against second: Double, unit: String = "") {
    (values, relation, self.unit) = ([first, second], .against, unit)
  }

  /// From one number to another.
  public init(_ lower: Double, to upper: Double, unit: String = "") {
    (values, relation, self.unit) = ([lower, upper], .range, unit)
  }
}

/// A further number of a claim, for the reader.
public struct Detail: Codable, Sendable, Equatable {
  /// What it is.
  public let label: String
  /// The number.
  public let value: Double
  /// Its unit.
  public let unit: String

  /// A number with its label.
  public init(_ label: String, _ value: Double, unit: String = "") {
    (self.label, self.value, self.unit) = (label, value, unit)
  }
}

/// A statement of a document with what was measured and the verdict.
///
/// All words that a reader sees of it are made from these values in `ClaimWording`.
public struct Claim: Codable, Sendable, Equatable {
  /// A stable name, unique within the experiment.
  public let id: String
  /// The identifiers of the documents' statements that it decides (see `StatementLedger`).
  public let statements: [String]
  /// What the document says.
  public let sentence: String
  /// Where it says so.
  public let source: String
  /// What was measured.
  public let quantity: Quantity
  /// Which of several parts the estimate is of: the one least in favour of the claim.
  public let part: String?
  /// The number; nil where nothing was measured.
  public let estimate: Double?
  /// The lower end of the 95 % interval; nil where no draw enters or one draw says nothing.
  public let lower: Double?
  /// The upper end of the 95 % interval.
  public let upper: Double?
  /// What it was measured on.
  public let sample: [Sample]
  /// The estimates of the other parts.
  public let otherParts: [Detail]
  /// The paper's own number, where it gives one.
  public let paper: PaperValue?
  /// Further numbers.
  public let details: [Detail]
  /// When the claim holds.
  public let rule: VerdictRule
  /// The p-value after Holm's correction; nil where no sample decides.
  public let significance: Double?
  /// How many claims of the experiment were corrected for together.
  public let family: Int?
  /// The premises that are not met, without which the number says nothing.
  public let unmet: [String]
  /// Whether the claim holds.
  public let verdict: Verdict

  /// The confidence of the intervals that are shown.
  public static let confidence = 0.95
  /// The corrected significance that a verdict needs.
  public static let level = 0.05
}
