import RealModule

/// So many of what a number was measured on: 240 draws, 3 seeds, 1,000 test images.
public struct Sample: Codable, Sendable, Equatable {
  /// How many.
  public let count: Int
  /// Of what, in the plural.
  public let unit: String

  /// So many of what.
  public init(_ count: Int, _ unit: String) { (self.count, self.unit) = (count, unit) }
}

/// A measured number with what is needed to judge it: how it scatters and what it was measured on.
public struct Measurement: Sendable {
  /// The estimate; nil where nothing was measured.
  public let value: Double?
  /// What it was measured on.
  public let sample: [Sample]
  /// Whether another draw could have given another number.
  public let isSampled: Bool
  /// The two-sided interval at a confidence; intervals of a higher confidence contain it.
  public let interval: @Sendable (Double) -> (lower: Double, upper: Double)

  init(
    value: Double?, sample: [Sample], isSampled: Bool = true,
    interval: @escaping @Sendable (Double) -> (lower: Double, upper: Double)
  ) {
    (self.value, self.sample, self.isSampled) = (value, sample, isSampled)
    self.interval = interval
  }

  /// Nothing was measured, a row being absent: no rule decides it.
  public static let none = Measurement(value: nil, sample: [], isSampled: false) { _ in
    (-.infinity, .infinity)
  }

  /// A number that no draw enters: a count of parameters, an identity's residual.
  public static func exact(_ value: Double, _ sample: Sample...) -> Measurement {
    guard value.isFinite else { return .none }
    return Measurement(value: value, sample: sample, isSampled: false) { _ in (value, value) }
  }

  /// The mean of independent draws with Student's interval.
  ///
  /// To compare two methods on the same draws or seeds, pass their differences.
  /// - Parameters:
  ///   - values: One a draw; a single one has no interval and decides nothing.
  ///   - unit: What the draws are, in the plural.
  /// - Returns: The mean; nothing for no values.
  public static func mean(_ values: [Double], of unit: String) -> Measurement {
    mean(values, of: unit, imageStandardError: 0, images: nil)
  }

  /// The mean over seeds of accuracies, or of differences of accuracies paired by seed, on a sample of
  /// test images.
  ///
  /// Both the seeds' spread and the images' sampling error are in the interval: its squared standard
  /// error is s²/S + s_I², with the degrees of freedom of Welch and Satterthwaite.
  /// - Parameters:
  ///   - values: One a seed.
  ///   - unit: What the repetitions are.
  ///   - imageStandardError: The standard error that the choice of the test images adds to the mean;
  ///     for a difference, that of the images' paired differences.
  ///   - images: How many test images.
  /// - Returns: The mean; nothing for no values.
  public static func mean(
    _ values: [Double], of unit: String, imageStandardError: Double, images: Int?
  ) -> Measurement {
    let sample = [Sample(values.count, unit)] + (images.map { [Sample($0, "test images")] } ?? [])
    guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return .none }
    return mean(
      Statistics.mean(values), seedStandardError: Statistics.standardError(values),
      seeds: values.count, imageStandardError: imageStandardError, sample: sample)
  }

  /// A mean over seeds from its standard errors.
  ///
  /// - Parameters:
  ///   - center: The mean.
  ///   - seedStandardError: Of the seeds alone.
  ///   - seeds: How many there are; one has no interval.
  ///   - imageStandardError: Of the test images alone.
  ///   - sample: What it was measured on.
  /// - Returns: The mean.
  public static func mean(
    _ center: Double, seedStandardError: Double, seeds: Int, imageStandardError: Double,
    sample: [Sample]
  ) -> Measurement {
    let (own, images) = (
      seedStandardError * seedStandardError, imageStandardError * imageStandardError
    )
    let variance = own + images
    return Measurement(value: center, sample: sample) { confidence in
      guard seeds > 1 else { return (-.infinity, .infinity) }
      guard variance > 0 else { return (center, center) }
      let freedom = own > 0 ? variance * variance / (own * own) * Double(seeds - 1) : .infinity
      // From 200 on Student's quantile is the normal one but for a hundredth.
      let half =
        Statistics.studentQuantile(confidence, degreesOfFreedom: Int(min(freedom, 200)))
        * variance.squareRoot()
      return (center - half, center + half)
    }
  }

  /// A mean over independent draws from its standard error.
  ///
  /// - Parameters:
  ///   - center: The mean.
  ///   - standardError: Of the mean.
  ///   - draws: How many there are; one has no interval.
  ///   - sample: What it was measured on.
  /// - Returns: The mean.
  public static func mean(
    _ center: Double, standardError: Double, draws: Int, sample: [Sample]
  ) -> Measurement {
    mean(
      center, seedStandardError: standardError, seeds: draws, imageStandardError: 0,
      sample: sample)
  }

  /// The geometric mean of independent positive numbers, ratios say, with Student's interval of their
  /// logarithms.
  ///
  /// - Parameters:
  ///   - values: One a draw.
  ///   - unit: What the draws are, in the plural.
  /// - Returns: The geometric mean; nothing for no values or where one is not positive.
  public static func geometricMean(_ values: [Double], of unit: String) -> Measurement {
    guard values.allSatisfy({ $0 > 0 }) else { return .none }
    let logarithms = mean(values.map { Double.log($0) }, of: unit)
    return Measurement(
      value: logarithms.value.map { Double.exp($0) }, sample: logarithms.sample,
      isSampled: logarithms.isSampled
    ) { confidence in
      let bounds = logarithms.interval(confidence)
      return bounds.lower.isFinite
        ? (Double.exp(bounds.lower), Double.exp(bounds.upper)) : bounds
    }
  }

  /// The number with its 95 % interval, as tables show it; nil where nothing was measured.
  public var estimate: Estimate? {
    let bounds = interval(Claim.confidence)
    return value.map { Estimate(value: $0, lower: bounds.lower, upper: bounds.upper) }
  }

  /// A share of successes in percent, with Wilson's interval.
  public static func percent(_ successes: Int, of count: Int, _ unit: String) -> Measurement {
    guard count > 0 else { return .none }
    return Measurement(
      value: 100 * Double(successes) / Double(count), sample: [Sample(count, unit)]
    ) { confidence in
      let share = Statistics.share(successes, of: count, confidence: confidence)
      return (100 * share.lower, 100 * share.upper)
    }
  }

  /// A statistic of draws with a percentile bootstrap interval: for slopes, ratios and medians.
  ///
  /// - Parameters:
  ///   - count: The number of draws, at least two for an interval.
  ///   - unit: What the draws are.
  ///   - statistic: The statistic of the draws with the given numbers.
  /// - Returns: The statistic of all draws.
  /// - Complexity: 4,000 evaluations of the statistic.
  public static func bootstrap(
    _ count: Int, of unit: String, statistic: ([Int]) -> Double
  ) -> Measurement {
    guard count > 0 else { return .none }
    let value = statistic(Array(0..<count))
    guard value.isFinite else { return .none }
    let resampled =
      count > 1
      ? Statistics.resampled(count, resamples: 4_000, statistic: statistic).filter(\.isFinite) : []
    return Measurement(value: value, sample: [Sample(count, unit)]) { confidence in
      guard resampled.count > 1 else { return (-.infinity, .infinity) }
      let tail = (1 - confidence) / 2
      return (
        Statistics.quantile(tail, ofSorted: resampled),
        Statistics.quantile(1 - tail, ofSorted: resampled)
      )
    }
  }

  /// How many of some tests violate a statement: one violation refutes it, none among many supports
  /// it.
  public static func violations(_ found: Int, of tests: Int, _ unit: String) -> Measurement {
    guard tests > 0 else { return .none }
    return .exact(Double(found), Sample(tests, unit))
  }

  /// The smallest α at which the two-sided interval of confidence 1 − α excludes what a condition
  /// describes; 1 where none does.
  ///
  /// - Parameter excludes: Whether an interval excludes it; if one does, all narrower ones do.
  /// - Returns: α, at least 10⁻¹² where another draw could have given another number.
  func significance(_ excludes: ((lower: Double, upper: Double)) -> Bool) -> Double {
    guard let value, excludes((value, value)) else { return 1 }
    guard isSampled else { return 0 }
    // α on a logarithmic scale, from 1 down to where no interval of ours means anything.
    var (low, high) = (-12.0, 0.0)
    if excludes(interval(1 - Double.pow(10, low))) { return Double.pow(10, low) }
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if excludes(interval(1 - Double.pow(10, middle))) { high = middle } else { low = middle }
    }
    return Double.pow(10, high)
  }
}
