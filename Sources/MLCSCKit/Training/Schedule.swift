import RealModule

/// How the learning rate changes over the epochs of a training.
public enum LearningRateSchedule: Codable, Sendable, Equatable {
  /// The same throughout.
  case constant
  /// Times `factor` at the beginning of each of these epochs, counted from 0.
  case steps(at: [Int], factor: Double)
  /// Times `factor` every so many epochs.
  case every(epochs: Int, factor: Double)
  /// Linearly from `start` to 1 over the share `rise` of all epochs, then by a cosine to `end`.
  ///
  /// After L. Smith, N. Topin, "Super-convergence", 2018.
  case oneCycle(start: Double, rise: Double, end: Double)

  /// The factor on the learning rate.
  ///
  /// - Parameters:
  ///   - progress: Epochs done, with the share of the present one: batch b of B in epoch e gives
  ///     e + b/B.
  ///   - epochs: All epochs of the training.
  /// - Returns: The factor; only `oneCycle` changes within an epoch.
  public func factor(progress: Double, epochs: Int) -> Double {
    let epoch = Int(progress)
    switch self {
    case .constant: return 1
    case .steps(let places, let factor): return .pow(factor, places.count { $0 <= epoch })
    case .every(let period, let factor): return .pow(factor, epoch / max(period, 1))
    case .oneCycle(let start, let rise, let end):
      let share = progress / Double(max(epochs, 1))
      if share < rise { return start + (1 - start) * share / rise }
      let fall = min((share - rise) / max(1 - rise, .leastNormalMagnitude), 1)
      return end + (1 - end) * 0.5 * (1 + .cos(.pi * fall))
    }
  }
}

/// B's schedule for the share ρ of the deepest code in the codes of the other layers.
///
///     ρ(e) = limit / (1 + exp(−steepness (e − middle · epochs))),  e = 1 … epochs
///
/// (B, Section 4; middle = ⅔, steepness = 0.2, and a limit of 0.5 for SVHN.) Training mixes
/// (1 − ρ)γᵢ + ρ D_{(i,L)}γ_L, so that all codes come to agree with the deepest one.
public struct ConsistencySchedule: Codable, Sendable, Equatable {
  /// What ρ tends to.
  public var limit: Double
  /// How steeply it rises, in 1/epochs.
  public var steepness: Double
  /// Where it reaches half of its limit, as a share of all epochs.
  public var middle: Double

  /// A schedule.
  public init(limit: Double = 1, steepness: Double = 0.2, middle: Double = 2.0 / 3) {
    (self.limit, self.steepness, self.middle) = (limit, steepness, middle)
  }

  /// ρ of an epoch.
  ///
  /// - Parameters:
  ///   - epoch: From 1.
  ///   - epochs: All epochs of the training.
  /// - Returns: A share from 0 to `limit`.
  public func share(epoch: Int, of epochs: Int) -> Double {
    limit / (1 + .exp(-steepness * (Double(epoch) - middle * Double(epochs))))
  }
}
