/// What the layer-wise guarantees of S ask of one layer's true code and dictionary.
public struct LayerProfile: Sendable, Codable, Equatable {
  /// ‖Γᵢ‖ˢ_{0,∞} for the filters of Dᵢ.
  public let stripe: Int
  /// ‖Γᵢ‖ᵖ_{0,∞} for the patches that D_{i+1} sees (of the deepest layer: any patches).
  public let patch: Int
  /// |Γᵢ^min|, the smallest magnitude that is not zero.
  public let smallest: Double
  /// |Γᵢ^max|, the largest magnitude.
  public let largest: Double
  /// µ(Dᵢ), unit atoms.
  public let coherence: Double

  /// A profile from its numbers.
  public init(stripe: Int, patch: Int, smallest: Double, largest: Double, coherence: Double) {
    self.stripe = stripe
    self.patch = patch
    self.smallest = smallest
    self.largest = largest
    self.coherence = coherence
  }

  /// The profile of a code.
  ///
  /// - Parameters:
  ///   - code: Γᵢ.
  ///   - stripes: The grid of Γᵢ with the filter size of Dᵢ.
  ///   - patches: The same grid with the filter size of D_{i+1}.
  ///   - coherence: µ(Dᵢ).
  ///   - threshold: Entries up to this size count as zeros.
  public init(
    code: [Double], stripes: CodeGrid, patches: CodeGrid, coherence: Double,
    threshold: Double = 1e-12
  ) {
    let magnitudes = code.map(abs).filter { $0 > threshold }
    self.init(
      stripe: SparsityMeasures.stripeNorm(code, on: stripes, threshold: threshold),
      patch: SparsityMeasures.patchNorm(code, on: patches, threshold: threshold),
      smallest: magnitudes.min() ?? 0, largest: magnitudes.max() ?? 0, coherence: coherence)
  }
}
