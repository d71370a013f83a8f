/// How instances of one kind fared with a theorem: errors inside and outside its premise, bounds and
/// violations.
///
/// A tally is one block of independent draws; blocks are summed up by `init(_:)`, and their spread
/// gives the standard error of a mean.
public struct GuaranteeTally: Sendable, Codable, Equatable {
  /// Errors of some instances.
  public struct Errors: Sendable, Codable, Equatable {
    /// How many instances.
    public fileprivate(set) var count = 0
    /// The sum of their errors, in the unit in which they were added.
    public fileprivate(set) var sum = 0.0
    /// The largest error; zero for no instances.
    public fileprivate(set) var largest = 0.0

    /// The mean error; nil for no instances.
    public var mean: Double? { count > 0 ? sum / Double(count) : nil }

    fileprivate mutating func add(_ error: Double) {
      count += 1
      sum += error
      largest = max(largest, error)
    }

    fileprivate static func + (a: Errors, b: Errors) -> Errors {
      Errors(count: a.count + b.count, sum: a.sum + b.sum, largest: max(a.largest, b.largest))
    }
  }

  /// Errors where the premise holds.
  public private(set) var inside = Errors()
  /// Errors where it does not.
  public private(set) var outside = Errors()
  /// The sum of the bounds where the premise holds, in the unit of the errors.
  private var boundSum = 0.0
  /// Of the instances with the premise, those whose estimate is one that the theorem speaks of.
  public private(set) var tested = 0
  /// Of these, those that contradict the theorem.
  public private(set) var violations = 0
  /// The largest error over bound of those that were tested; zero for none.
  public private(set) var tightness = 0.0

  /// A tally without instances.
  public init() {}

  /// The sum of tallies.
  public init(_ tallies: some Sequence<GuaranteeTally>) {
    for other in tallies {
      inside = inside + other.inside
      outside = outside + other.outside
      boundSum += other.boundSum
      tested += other.tested
      violations += other.violations
      tightness = max(tightness, other.tightness)
    }
  }

  /// Errors inside and outside the premise.
  public var all: Errors { inside + outside }

  /// The mean bound where the premise holds; nil where it never does.
  public var bound: Double? { inside.count > 0 ? boundSum / Double(inside.count) : nil }

  /// Adds one instance.
  ///
  /// - Parameters:
  ///   - guarantee: What the theorem says of it.
  ///   - error: What was measured, in the unit of the guarantee's bound.
  ///   - unit: By what errors and bounds are divided before they are added up.
  ///   - isTested: Whether the estimate is one that the theorem speaks of.
  ///   - isPromised: Whether all else that the theorem promises, a support say, is so.
  public mutating func add(
    _ guarantee: Guarantee, error: Double, unit: Double = 1, isTested: Bool = true,
    isPromised: Bool = true
  ) {
    guard let bound = guarantee.bound else {
      outside.add(error / unit)
      return
    }
    inside.add(error / unit)
    boundSum += bound / unit
    guard isTested else { return }
    tested += 1
    tightness = max(tightness, error / bound)
    violations += !isPromised || guarantee.isViolated(by: error) ? 1 : 0
  }
}

extension Sequence<GuaranteeTally> {
  /// The mean error over all instances of some kind, with the standard error of the blocks' means.
  ///
  /// - Parameter kind: Which errors: inside the premise, outside, or all.
  /// - Returns: Both numbers; nil where no block has an instance of that kind.
  public func meanError(
    _ kind: (GuaranteeTally) -> GuaranteeTally.Errors
  ) -> (value: Double, standardError: Double)? {
    let blocks = map(kind).filter { $0.count > 0 }
    guard let value = blocks.reduce(GuaranteeTally.Errors(), +).mean else { return nil }
    return (value, Statistics.standardError(blocks.compactMap(\.mean)))
  }
}
