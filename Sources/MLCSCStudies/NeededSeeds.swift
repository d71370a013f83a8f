import ExperimentSuite
import MLCSCKit

/// What would decide a comparison of networks that its seeds leave open.
struct NeededSeeds {
  /// As many seeds as would do if difference and spread stay what they are; three at least.
  let seeds: Int
  /// What the further ones take, in hours of the processor that trained the others.
  let hours: Double

  /// Past so many it is no plan any more.
  private static let most = 1_000

  /// An estimate of what a comparison lacks; nil where its interval excludes the limit already, where no
  /// number of seeds up to a thousand does (the test images may be too few), and where a seed takes less
  /// than a minute, so that there is nothing to plan.
  ///
  /// The interval is the claim's own: Student's, of this comparison's seeds and images, before any
  /// correction for other claims. The spread of one difference is no estimate; three seeds are planned.
  /// - Parameters:
  ///   - differences: One a seed.
  ///   - imageError: The standard error that the choice of the test images adds.
  ///   - limit: What the mean difference is to be told from.
  ///   - seconds: What one seed of all its networks takes.
  init?(
    _ differences: [Double], imageError: Double, from limit: Double, secondsPerSeed seconds: Double
  ) {
    guard seconds >= 60 else { return nil }
    let count = differences.count
    let mean = Statistics.mean(differences)
    let spread = Statistics.standardError(differences) * Double(count).squareRoot()
    func excludes(_ seeds: Int) -> Bool {
      let interval = Measurement.mean(
        mean, seedStandardError: spread / Double(seeds).squareRoot(), seeds: seeds,
        imageStandardError: imageError, sample: []
      ).interval(Claim.confidence)
      return interval.lower > limit || interval.upper < limit
    }
    if count < 2 {
      seeds = 3
    } else {
      guard !excludes(count), let enough = (count + 1..<Self.most).first(where: excludes) else {
        return nil
      }
      seeds = max(3, enough)
    }
    hours = Double(seeds - count) * seconds / 3600
  }

  /// In a claim's words.
  var details: [Detail] {
    [
      Detail("seeds that would decide a difference of this size", Double(seeds)),
      Detail("core-hours for the further ones", hours),
    ]
  }
}
