import RealModule

/// A number with an interval around it.
public struct Estimate: Sendable, Codable, Equatable {
  /// The estimate.
  public let value: Double
  /// The lower end of the interval.
  public let lower: Double
  /// The upper end of the interval.
  public let upper: Double

  /// An estimate from its parts.
  public init(value: Double, lower: Double, upper: Double) {
    self.value = value
    self.lower = lower
    self.upper = upper
  }

  /// The estimate of the opposite number.
  public var negated: Estimate { Estimate(value: -value, lower: -upper, upper: -lower) }

  /// Whether a number lies within the interval.
  public func contains(_ x: Double) -> Bool { lower <= x && x <= upper }
}

/// Means, medians and intervals of samples.
public enum Statistics {
  /// The arithmetic mean; zero for no values.
  public static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  /// The standard error of the mean; zero for fewer than two values.
  public static func standardError(_ values: [Double]) -> Double {
    guard values.count > 1 else { return 0 }
    let center = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    return (squares / Double(values.count - 1) / Double(values.count)).squareRoot()
  }

  /// The ratio of the means of two paired samples, with its standard error to first order.
  ///
  /// - Parameters:
  ///   - values: The numerator, one a draw.
  ///   - others: The denominator, one a draw, in the same order.
  /// - Returns: mean(values)/mean(others), and the standard error of the mean of
  ///   (values − ratio · others)/mean(others).
  public static func ratio(
    of values: [Double], to others: [Double]
  ) -> (value: Double, standardError: Double) {
    let center = mean(others)
    let value = mean(values) / center
    return (value, standardError(zip(values, others).map { $0 - value * $1 }) / center)
  }

  /// The mean with Student's interval: for few values that are roughly normal, seeds of a training
  /// say, where a bootstrap would be too narrow.
  ///
  /// Pass paired differences to compare two methods on the same seeds.
  public static func studentMean(_ values: [Double], confidence: Double = 0.95) -> Estimate {
    let center = mean(values)
    guard values.count > 1 else {
      return Estimate(value: center, lower: -.infinity, upper: .infinity)
    }
    let half =
      studentQuantile(confidence, degreesOfFreedom: values.count - 1) * standardError(values)
    return Estimate(value: center, lower: center - half, upper: center + half)
  }

  /// The t with P(|T| ≤ t) = confidence for Student's distribution.
  ///
  /// The probability is a finite trigonometric sum in θ = arctan(t/√ν) (Abramowitz, Stegun, 26.7.3
  /// and 26.7.4), which rises with θ, so that θ is found by halving.
  package static func studentQuantile(_ confidence: Double, degreesOfFreedom ν: Int) -> Double {
    func probability(_ θ: Double) -> Double {
      let (s, c) = (Double.sin(θ), Double.cos(θ))
      var (term, sum) = (ν % 2 == 1 ? c : 1, 0.0)
      for k in stride(from: ν % 2 == 1 ? 2 : 1, to: ν, by: 2) {
        sum += term
        term *= c * c * Double(k) / Double(k + 1)
      }
      return ν % 2 == 1 ? (θ + s * sum) * 2 / .pi : s * sum
    }
    var (low, high) = (0.0, Double.pi / 2)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if probability(middle) < confidence { low = middle } else { high = middle }
    }
    return Double.tan(low) * Double(ν).squareRoot()
  }

  /// The median; zero for no values.
  public static func median(_ values: [Double]) -> Double {
    quantile(0.5, ofSorted: values.sorted())
  }

  /// A quantile by linear interpolation between order statistics.
  public static func quantile(_ level: Double, ofSorted values: [Double]) -> Double {
    guard let last = values.last else { return 0 }
    let position = level * Double(values.count - 1)
    let below = Int(position)
    guard below + 1 < values.count else { return last }
    return values[below] + (position - Double(below)) * (values[below + 1] - values[below])
  }

  /// The mean with a percentile bootstrap interval (Efron, 1979), which assumes no distribution.
  ///
  /// Pass paired differences to compare two methods on the same draws.
  /// - Complexity: O(resamples · n).
  public static func bootstrapMean(
    _ values: [Double], confidence: Double = 0.95, resamples: Int = 2_000,
    stream: RandomStream = RandomStream("bootstrap")
  ) -> Estimate {
    guard values.count > 1 else {
      return Estimate(value: mean(values), lower: -.infinity, upper: .infinity)
    }
    var stream = stream
    let means = (0..<resamples).map { _ in
      var sum = 0.0
      for _ in 0..<values.count { sum += values[stream.index(below: values.count)] }
      return sum / Double(values.count)
    }.sorted()
    let tail = (1 - confidence) / 2
    return Estimate(
      value: mean(values), lower: quantile(tail, ofSorted: means),
      upper: quantile(1 - tail, ofSorted: means))
  }

  /// A statistic of draws with a percentile bootstrap interval.
  ///
  /// - Parameters:
  ///   - count: The number of independent draws, at least two for an interval.
  ///   - confidence: The interval's coverage.
  ///   - resamples: How often the draws are drawn anew with replacement.
  ///   - stream: Where they are drawn from.
  ///   - statistic: The statistic of the draws with the given numbers.
  /// - Returns: The statistic of all draws, with its interval.
  /// - Complexity: `resamples` evaluations of the statistic.
  public static func bootstrap(
    _ count: Int, confidence: Double = 0.95, resamples: Int = 2_000,
    stream: RandomStream = RandomStream("bootstrap"), statistic: ([Int]) -> Double
  ) -> Estimate {
    let value = statistic(Array(0..<count))
    guard count > 1 else { return Estimate(value: value, lower: -.infinity, upper: .infinity) }
    let values = resampled(count, resamples: resamples, stream: stream, statistic: statistic)
    let tail = (1 - confidence) / 2
    return Estimate(
      value: value, lower: quantile(tail, ofSorted: values),
      upper: quantile(1 - tail, ofSorted: values))
  }

  /// A statistic of draws that are drawn anew with replacement, sorted: the bootstrap's distribution.
  ///
  /// - Parameters:
  ///   - count: The number of draws.
  ///   - resamples: How often they are drawn anew.
  ///   - stream: Where they are drawn from.
  ///   - statistic: The statistic of the draws with the given numbers.
  /// - Returns: `resamples` values in rising order.
  /// - Complexity: `resamples` evaluations of the statistic.
  public static func resampled(
    _ count: Int, resamples: Int, stream: RandomStream = RandomStream("bootstrap"),
    statistic: ([Int]) -> Double
  ) -> [Double] {
    var stream = stream
    return (0..<resamples).map { _ in
      statistic((0..<count).map { _ in stream.index(below: count) })
    }.sorted()
  }

  /// The least-squares line y = a + b x: its slope b and intercept a.
  public static func line(_ x: [Double], _ y: [Double]) -> (slope: Double, intercept: Double) {
    let (mx, my) = (mean(x), mean(y))
    let sxx = x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
    let sxy = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
    let slope = sxx > 0 ? sxy / sxx : 0
    return (slope, my - slope * mx)
  }

  /// The z with P(|Z| ≤ z) = confidence for the normal distribution: the inverse of erf, by halving.
  package static func normalQuantile(_ confidence: Double) -> Double {
    var (low, high) = (0.0, 9.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if Double.erf(middle / Double.sqrt(2)) < confidence { low = middle } else { high = middle }
    }
    return low
  }

  /// Wilson's interval of a share of successes (JASA 22, 1927).
  public static func share(
    _ successes: Int, of count: Int, confidence: Double = 0.95
  ) -> Estimate {
    guard count > 0 else { return Estimate(value: 0, lower: 0, upper: 1) }
    let (n, z) = (Double(count), normalQuantile(confidence))
    let p = Double(successes) / n
    let center = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    // Rounding must not lead out of [0, 1].
    return Estimate(value: p, lower: max(0, center - half), upper: min(1, center + half))
  }
}
