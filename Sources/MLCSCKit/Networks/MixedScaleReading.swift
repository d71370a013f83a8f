/// How R's Algorithm 2 is read where its text leaves open what a layer of MSD-CSC is.
public struct MixedScaleReading: Codable, Sendable, Hashable {
  /// Which atoms of [I Fᵀ] have a learned threshold.
  public enum Thresholds: String, Codable, Sendable {
    /// The filters' alone; the identity's are zero, as in the proof of Proposition 1.
    case ofFilters = "filters"
    /// All, as +b in Algorithm 2 and β in Theorem 1 read.
    case ofAllAtoms = "all-atoms"
  }

  /// What c is.
  public enum Step: String, Codable, Sendable {
    /// A learned number.
    case free
    /// κ/‖[I Fᵀ]‖² with a learned 0 < κ < 2: as far as the norm is exact, every iteration is a descent.
    case bounded
  }

  /// What stands before the ReLU.
  public enum Normalization: String, Codable, Sendable {
    /// Nothing.
    case none
    /// A batch norm of all channels, in the first step and after every iteration. Its scale and shift
    /// are those of the layer (−shift is the threshold); every iteration has its own statistics, since
    /// the codes of one are not distributed as those of another.
    case everyIteration = "every-iteration"
  }

  /// Which atoms have a threshold.
  public var thresholds: Thresholds
  /// What c is.
  public var step: Step
  /// What stands before the ReLU.
  public var normalization: Normalization
  /// The deviation of the first filters times √(fan-in); absent: what makes ‖F‖ as large as asked.
  public var filterScale: Double?

  /// A reading; by default that of the text.
  public init(
    thresholds: Thresholds = .ofFilters, step: Step = .free, normalization: Normalization = .none,
    filterScale: Double? = nil
  ) {
    (self.thresholds, self.step, self.normalization) = (thresholds, step, normalization)
    self.filterScale = filterScale
  }
}
