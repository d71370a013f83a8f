/// The verdict on a claim.
public enum Verdict: String, Codable, Sendable {
  /// The measurement agrees with the claim.
  case holds
  /// The measurement contradicts the claim.
  case doesNotHold = "does not hold"
  /// This profile cannot tell.
  case undecided = "not decided at this profile"
}

/// When a claim holds: all rules of all experiments.
///
/// A rule that a sample decides gives a significance for "holds" and one for "does not hold"; the
/// verdict needs one of them, corrected by Holm's method for all claims that the experiment decides, to
/// be at most `Claim.level`.
public enum VerdictRule: Codable, Sendable, Equatable {
  /// The quantity is larger than a limit.
  case above(Double)
  /// The quantity is smaller than a limit.
  case below(Double)
  /// The quantity is that of the paper within a margin on both sides: the whole interval has to lie
  /// within it, so that noise makes it harder to hold, never easier.
  case within(Double, Double)
  /// A number that no draw enters is the paper's.
  case equals(Double, tolerance: Double)
  /// No violation among at least so many tests whose premise holds.
  case never(atLeast: Int)
  /// At least one instance: existence.
  case some

  /// The significance of "holds" and of "does not hold" for one measurement; 1 where it says nothing.
  func significance(of measurement: Measurement) -> (holds: Double, fails: Double) {
    guard let value = measurement.value else { return (1, 1) }
    switch self {
    case .above(let limit):
      return (
        measurement.significance { $0.lower > limit },
        measurement.significance { $0.upper <= limit }
      )
    case .below(let limit):
      return (
        measurement.significance { $0.upper < limit },
        measurement.significance { $0.lower >= limit }
      )
    case .within(let lower, let upper):
      return (
        measurement.significance { $0.lower >= lower && $0.upper <= upper },
        measurement.significance { $0.upper < lower || $0.lower > upper }
      )
    case .equals(let target, let tolerance):
      return abs(value - target) <= tolerance ? (0, 1) : (1, 0)
    case .never(let least):
      if value > 0 { return (1, 0) }
      let tests = measurement.sample.first?.count ?? 0
      return tests >= max(least, 1) ? (0, 1) : (1, 1)
    case .some:
      return value > 0 ? (0, 1) : (1, 0)
    }
  }

  /// The verdict on one measurement by itself, for claims that count over several.
  ///
  /// - Parameter measurement: The number.
  /// - Returns: The verdict at `Claim.level`, not corrected for anything.
  public func verdict(on measurement: Measurement) -> Verdict {
    let found = significance(of: measurement)
    return found.holds <= Claim.level
      ? .holds : found.fails <= Claim.level ? .doesNotHold : .undecided
  }

  /// The rule in words, after "holds where it is".
  func words(unit: String) -> String {
    func quantity(_ x: Double) -> String {
      Wording.number(x) + (unit.isEmpty || x == 0 ? "" : " \(unit)")
    }
    switch self {
    case .above(let limit): return "above \(quantity(limit))"
    case .below(let limit): return "below \(quantity(limit))"
    case .within(let lower, let upper):
      return "between \(Wording.number(lower)) and \(quantity(upper))"
    case .equals(let target, let tolerance):
      return tolerance == 0
        ? "equal to \(quantity(target))"
        : "within \(Wording.number(tolerance)) of \(quantity(target))"
    case .never(let least): return "zero in at least \(least) tests"
    case .some: return "not zero"
    }
  }
}

/// What a claim's measurement rests on, and without which it says nothing.
public struct Premise: Codable, Sendable, Equatable {
  /// What has to be so.
  public let statement: String
  /// Whether it is.
  public let isMet: Bool

  /// A premise.
  public init(_ statement: String, isMet: Bool) {
    (self.statement, self.isMet) = (statement, isMet)
  }
}

/// Claims of one experiment before they are judged together.
public struct ClaimTest: Sendable {
  /// One measurement of a claim that has one or several.
  public struct Part: Sendable {
    /// What it is of, where there are several: a layer, a data set.
    public let label: String
    /// The number.
    public let measurement: Measurement

    /// A part.
    public init(_ label: String, _ measurement: Measurement) {
      (self.label, self.measurement) = (label, measurement)
    }
  }

  /// A stable name, unique within the experiment.
  public let id: String
  let statements: [String]
  let sentence: String
  let source: String
  let quantity: Quantity
  let parts: [Part]
  let paper: PaperValue?
  let details: [Detail]
  let rule: VerdictRule
  let premises: [Premise]

  /// A claim with what was measured.
  ///
  /// - Parameters:
  ///   - id: A stable name, unique within the experiment.
  ///   - statements: The identifiers of the documents' statements that it decides, as in the ledger;
  ///     empty for a claim of our own.
  ///   - sentence: What the document says.
  ///   - source: Where it says so.
  ///   - quantity: What was measured.
  ///   - measurement: The number.
  ///   - paper: The document's own number.
  ///   - details: Further numbers for the reader.
  ///   - rule: When the claim holds.
  ///   - premises: What the measurement rests on; one that is not met leaves the claim undecided.
  public init(
    _ id: String, decides statements: [String], _ sentence: String, source: String,
    _ quantity: Quantity, _ measurement: Measurement, paper: PaperValue? = nil,
    details: [Detail] = [], holdsWhen rule: VerdictRule, premises: [Premise] = []
  ) {
    self.init(
      id, decides: statements, sentence, source: source, quantity, parts: [Part("", measurement)],
      paper: paper, details: details, holdsWhen: rule, premises: premises)
  }

  /// A claim that holds where all of its parts do, and does not where one of them does not.
  ///
  /// - Parameters:
  ///   - id: A stable name, unique within the experiment.
  ///   - statements: The identifiers of the documents' statements that it decides.
  ///   - sentence: What the document says.
  ///   - source: Where it says so.
  ///   - quantity: What was measured.
  ///   - parts: The numbers, with what each is of.
  ///   - paper: The document's own number.
  ///   - details: Further numbers for the reader.
  ///   - rule: When each part holds.
  ///   - premises: What the measurements rest on.
  public init(
    _ id: String, decides statements: [String], _ sentence: String, source: String,
    _ quantity: Quantity, parts: [Part], paper: PaperValue? = nil, details: [Detail] = [],
    holdsWhen rule: VerdictRule, premises: [Premise] = []
  ) {
    (self.id, self.statements, self.sentence, self.source) = (id, statements, sentence, source)
    (self.quantity, self.parts, self.paper, self.details) = (quantity, parts, paper, details)
    (self.rule, self.premises) = (rule, premises)
  }

  /// Whether anything can be decided: the premises are met, and no part is absent.
  private var isDecidable: Bool {
    !parts.isEmpty && premises.allSatisfy(\.isMet)
      && parts.allSatisfy { $0.measurement.value != nil }
  }

  /// The significance of both verdicts: of "holds" the largest of the parts', of "does not hold" the
  /// smallest, times the number of parts (Bonferroni).
  private var significance: (holds: Double, fails: Double) {
    guard isDecidable else { return (1, 1) }
    let all = parts.map { rule.significance(of: $0.measurement) }
    return (
      all.map(\.holds).max() ?? 1, min(1, Double(all.count) * (all.map(\.fails).min() ?? 1))
    )
  }

  /// The part that decides: the one least in favour of the claim.
  private var deciding: Part? {
    parts.max {
      let (a, b) = (rule.significance(of: $0.measurement), rule.significance(of: $1.measurement))
      return (a.holds, -a.fails) < (b.holds, -b.fails)
    }
  }

  private var isSampled: Bool { parts.contains { $0.measurement.isSampled } }

  /// Judges the claims of an experiment together.
  ///
  /// The significances of all claims that samples decide are corrected by Holm's step-down method
  /// (Holm, Scand. J. Stat. 6, 1979): the k-th smallest of m is multiplied by m − k + 1. Claims whose
  /// premise fails or of which a part is absent, and those without sampling, are no part of the m.
  /// - Parameter tests: The claims.
  /// - Returns: The claims with their verdicts, in the same order.
  public static func judge(_ tests: [ClaimTest]) -> [Claim] {
    let raw = tests.map(\.significance)
    let family = tests.indices.filter { tests[$0].isSampled && tests[$0].isDecidable }
    let ordered = family.sorted {
      min(raw[$0].holds, raw[$0].fails) < min(raw[$1].holds, raw[$1].fails)
    }
    var corrected = [Int: Double]()
    var largest = 0.0
    for (rank, i) in ordered.enumerated() {
      let p = min(raw[i].holds, raw[i].fails) * Double(ordered.count - rank)
      largest = max(largest, min(p, 1))
      corrected[i] = largest
    }
    return tests.indices.map { i in
      tests[i].judged(
        raw[i], corrected: corrected[i], family: corrected[i] == nil ? nil : ordered.count)
    }
  }

  private func judged(
    _ raw: (holds: Double, fails: Double), corrected: Double?, family: Int?
  ) -> Claim {
    let p = corrected ?? min(raw.holds, raw.fails)
    let part = deciding
    let measurement = part?.measurement ?? .none
    let bounds = measurement.interval(Claim.confidence)
    let verdict: Verdict =
      p > Claim.level || raw.holds == raw.fails
      ? .undecided : raw.holds < raw.fails ? .holds : .doesNotHold
    func rounded(_ x: Double?) -> Double? { x.flatMap { $0.isFinite ? Wording.rounded($0) : nil } }
    return Claim(
      id: id, statements: statements, sentence: sentence, source: source, quantity: quantity,
      part: part.map(\.label).flatMap { $0.isEmpty ? nil : $0 },
      estimate: rounded(measurement.value),
      lower: measurement.isSampled ? rounded(bounds.lower) : nil,
      upper: measurement.isSampled ? rounded(bounds.upper) : nil, sample: measurement.sample,
      otherParts: parts.filter { $0.label != part?.label }.map {
        Detail($0.label, $0.measurement.value ?? .nan)
      }.filter { $0.value.isFinite },
      paper: paper, details: details, rule: rule, significance: corrected.map(Wording.rounded),
      family: family, unmet: premises.filter { !$0.isMet }.map(\.statement), verdict: verdict)
  }
}
