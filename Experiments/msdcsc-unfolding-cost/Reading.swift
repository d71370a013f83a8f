import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// What is changed of the network or of its training, one thing at a time.
enum Reading: String, Codable, CaseIterable {
  /// Nothing: R's text as `msdcsc-fig8-curves` reads it.
  case text
  /// A learned threshold for every atom, the identity's too.
  case allThresholds = "thresholds-on-all-atoms"
  /// c = κ/‖[I Fᵀ]‖² with a learned 0 < κ < 2.
  case boundedStep = "bounded-step"
  /// Batch norm before every ReLU, with its own statistics for each iteration.
  case batchNorm = "batch-norm"
  /// No weight decay on c and b.
  case noDecay = "no-decay-of-steps-and-thresholds"
  /// A lower rate.
  case lowerRate = "a-fifth-of-the-rate"
  /// The start of the authors' public code: c = 1, filters of deviation 0.1/√fan-in; with its rate of
  /// 0.01 and no decay.
  case publicStart = "public-code-start"

  /// In sentences and in the figure.
  var words: String {
    switch self {
    case .text: "the text"
    case .allThresholds: "thresholds on all atoms"
    case .boundedStep: "bounded step"
    case .batchNorm: "batch norm"
    case .noDecay: "no decay of c and b"
    case .lowerRate: "a fifth of the rate"
    case .publicStart: "public code’s start"
    }
  }

  /// The layers.
  var layers: MixedScaleReading? {
    switch self {
    case .text, .noDecay, .lowerRate: nil
    case .allThresholds: MixedScaleReading(thresholds: .ofAllAtoms)
    case .boundedStep: MixedScaleReading(step: .bounded)
    case .batchNorm: MixedScaleReading(normalization: .everyIteration)
    case .publicStart: MixedScaleReading(filterScale: 0.1)
    }
  }
}

/// What names a network in the tables: a reading and its unfoldings.
struct ReadingKey: NetworkKey {
  @Field("reading", .key) var reading = ""
  /// Iterations after the first.
  @Field("unfoldings", .key) var unfoldings = 0

  init() {}

  init(_ reading: Reading, unfoldings: Int) {
    (self.reading, self.unfoldings) = (reading.words, unfoldings)
  }

  var name: String {
    "\(reading), \(unfoldings == 0 ? "no" : "\(unfoldings)") \(unfoldings == 1 ? "unfolding" : "unfoldings")"
  }
}
