import ExperimentSuite
import MLCSCKit

/// The learned model of MNIST digits with test digits, as the projection experiments need them.
public struct DigitModel: FingerprintedInputs {
  /// D₁ … D_L.
  public let layers: [ConvolutionalDictionary<Double>]
  /// The same as a model.
  public let model: MultiLayerModel<Double>
  /// D⁽ᴸ⁾ as an explicit matrix.
  public let effective: DenseDictionary<Double>
  /// The digits that the model was learned from.
  public let training: LabelledImages
  /// Digits that the model was not learned from.
  public let test: LabelledImages
  /// Checksums of model and digits.
  public let fingerprint: String

  /// The embedded model and digits, or, at full scale, the model that `dictionary-learning-filters`
  /// learned in the same checkout (at the profile `standard` for that profile, else at `paper`) and
  /// the full test set.
  ///
  /// - Throws: `DataMissing` where the full-scale model or data are absent, `FileError` where
  ///   something is damaged.
  public init(fullScale: Bool, _ resources: RunResources) throws {
    let learned: LearnedModel
    if fullScale {
      let profile: Profile = resources.profile == .standard ? .standard : .paper
      let url = resources.results.appendingPathComponent(
        "\(profile.rawValue)/dictionary-learning-filters/model-sparse.safetensors")
      guard (try? url.checkResourceIsReachable()) == true else {
        throw DataMissing(
          "the model learned at full scale",
          remedy: "./run_all.sh --profile \(profile.rawValue) dictionary-learning-filters")
      }
      try KeptFiles.verify(url)
      learned = try LearnedModel(url)
    } else {
      learned = try LearnedModel.embedded()
    }
    let digits = try MNIST.digits(full: fullScale, resources)
    layers = learned.layers
    model = try MultiLayerModel<Double>(learned.layers)
    effective = DenseDictionary(try model.effectiveConvolution(model.depth))
    training = digits.training
    test = digits.test
    fingerprint = learned.fingerprint + " " + digits.fingerprint
    resources.note(
      "learned model, SHA-256 \(learned.fingerprint): \(learned.metadata["made_by"] ?? "unknown")")
  }

  /// λ₁ … λ_L of Algorithm 1 for a deepest cardinality: λ_{i−1} = ‖Dᵢ‖₀ λᵢ  [P, footnote 3].
  public func limits(deepest: Int) -> [Int] {
    var limits = [deepest]
    for layer in layers.dropFirst().reversed() {
      limits.insert(SparsityMeasures.largestFilterCardinality(layer) * limits[0], at: 0)
    }
    return zip(limits, layers).map { min($0, $1.atomCount) }
  }

  /// γ₁ … γ_L of the projections of signals on the model, by P's Algorithm 1.
  ///
  /// Strides are two, for which stripes are not defined: λᵢ bound the plain cardinalities.
  /// - Parameters:
  ///   - signals: Shape [B, n].
  ///   - sparsity: k, the largest cardinality of γ_L.
  ///   - method: The pursuit on D⁽ᴸ⁾.
  /// - Returns: The codes of every layer, shape [B, mᵢ] each.
  /// - Throws: What `Projection` throws.
  public func projectedCodes(
    of signals: Tensor<Double>, sparsity: Int,
    _ method: Projection.Method = .orthogonalMatchingPursuit
  ) throws -> [Tensor<Double>] {
    let projection = try Projection(
      model, limits: limits(deepest: sparsity),
      measures: [LayerSparsity](repeating: .cardinality, count: model.depth - 1), method: method,
      effective: effective, threshold: 0)
    let found = try projection.project(signals)
    return model.propagate(found.map(\.deepest).densified(effective.atomCount))
  }
}
