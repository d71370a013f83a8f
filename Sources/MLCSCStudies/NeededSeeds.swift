import ExperimentSuite
import MLCSCKit

/// What would decide a comparison of networks that its seeds leave open.
struct NeededSeeds {
  /// As many seeds as would do if difference and spread stay what they are; three at least.
  let seeds: Int
  /// What the further ones take, in hours of the processor that trained the others.
  let hours: Double

  /// An estimate of what a comparison lacks; nil where the seeds that there are suffice, where the
  /// test images are too few for any number of seeds, and where a seed takes less than a minute, so
  /// that there is nothing to plan.
  ///
  /// A standard error σ/√n of the seeds beside the images' own σ₀ excludes the limit where the
  /// distance from it is about twice √(σ²/n + σ₀²).
  /// - Parameters:
  ///   - row: The comparison.
  ///   - limit: What its difference is to be told from.
  ///   - seconds: What one seed of all its networks takes.
  init?(_ row: ContrastRow, from limit: Double, secondsPerSeed seconds: Double) {
    guard seconds >= 60 else { return nil }
    let tolerated = abs(row.difference - limit) / 2
    if let error = row.standardError {
      guard error > tolerated, row.imageError < tolerated else { return nil }
      let ofSeeds = error * error - row.imageError * row.imageError
      let allowed = tolerated * tolerated - row.imageError * row.imageError
      // Past a thousand it is no plan any more.
      seeds = Int(min(1_000, max(3, (Double(row.seeds) * ofSeeds / allowed).rounded(.up))))
    } else {
      seeds = 3
    }
    guard seeds > row.seeds else { return nil }
    hours = Double(seeds - row.seeds) * seconds / 3600
  }

  /// In a claim's words.
  var details: [Detail] {
    [
      Detail("seeds that would decide a difference of this size", Double(seeds)),
      Detail("core-hours for the further ones", hours),
    ]
  }
}
