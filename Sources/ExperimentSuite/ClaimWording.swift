/// The words of claims: the one place where their numbers become sentences.
extension Claim {
  /// The quantity with its estimate and interval: "test accuracy of A 2.3 [1.1, 3.5] points above that of
  /// B".
  private var finding: String {
    let what = part.map { " (\($0))" } ?? ""
    guard let estimate else { return "\(subject)\(what): not measured" }
    switch quantity {
    case .number(_, let unit):
      return "\(subject)\(what): \(Wording.number(estimate))\(interval(sign: 1))"
        + (unit.isEmpty ? "" : " \(unit)")
    case .difference(let of, let first, let second, let unit):
      let sign = estimate < 0 ? -1.0 : 1
      let direction = estimate < 0 ? "below" : "above"
      let size =
        "\(what): \(Wording.number(abs(estimate)))\(interval(sign: sign))"
        + (unit.isEmpty ? "" : " \(unit)")
      return of.isEmpty
        ? "\(first)\(size) \(direction) \(second)"
        : "\(of) of \(first)\(size) \(direction) that of \(second)"
    }
  }

  private var subject: String {
    switch quantity {
    case .number(let name, _): name
    case .difference(let of, let first, let second, _):
      of.isEmpty ? "\(first) minus \(second)" : "\(of) of \(first) minus that of \(second)"
    }
  }

  private func interval(sign: Double) -> String {
    guard let lower, let upper else { return "" }
    let ends = [sign * lower, sign * upper].sorted()
    return " [\(Wording.number(ends[0])), \(Wording.number(ends[1]))]"
  }

  /// What was measured, in one sentence without a full stop: number, interval, sample, and what else
  /// belongs to it.
  public var measured: String {
    var words = finding
    let counts = sample.map { "\(Wording.count($0.count)) \($0.unit)" }
    if !counts.isEmpty { words += " (\(counts.joined(separator: ", ")))" }
    if !otherParts.isEmpty { words += "; " + otherParts.map(Self.words).joined(separator: ", ") }
    if !details.isEmpty { words += "; " + details.map(Self.words).joined(separator: ", ") }
    return words
  }

  private static func words(_ detail: Detail) -> String {
    "\(detail.label) \(Wording.number(detail.value))"
      + (detail.unit.isEmpty ? "" : " \(detail.unit)")
  }

  /// When the claim holds and how sure the verdict is: "holds where above 0; p = 0.002 after Holm's
  /// correction for 4 claims".
  public var judgement: String {
    var words = "holds where \(rule.words(unit: quantity.unit))"
    if let significance, let family {
      words +=
        "; p \(significance < 1e-3 ? "< 0.001" : "= \(Wording.number(significance, digits: 2))")"
        + " after Holm’s correction for \(family) \(family == 1 ? "claim" : "claims")"
    }
    for premise in unmet { words += "; not met: \(premise)" }
    return words
  }

  /// The paper's own number in words; nil where it gives none.
  public var paperWords: String? {
    guard let paper, let first = paper.values.first, let last = paper.values.last else {
      return nil
    }
    let unit = paper.unit.isEmpty ? "" : " \(paper.unit)"
    func exact(_ x: Double) -> String { Value.real(x).content }
    switch paper.relation {
    case .single: return exact(first) + unit
    case .range: return "\(exact(first)) to \(exact(last))\(unit)"
    case .against: return "\(exact(first)) against \(exact(last))\(unit)"
    }
  }
}

extension Verdict {
  /// The verdict in a table or a count: "holds", "does not hold", "not decided".
  public var short: String { self == .undecided ? "not decided" : rawValue }
}
