/// A learned multi-layer dictionary on signals that it was not learned from.
public struct LearningEvaluation: Codable, Sendable {
  /// Σ‖y − D⁽ᴸ⁾γ_L‖² / Σ‖y‖².
  public let relativeSquaredError: Double
  /// The share of non-zeros of γ₁ … γ_L.
  public let codeDensity: [Double]
  /// The share of zeros of every layer's filters.
  public let filterSparsity: [Double]
  /// Non-zeros of every filter, by layer.
  public let filterNonzeros: [[Int]]
  /// Non-zeros that every filter has in all codes, by layer.
  public let filterUses: [[Int]]
  /// What the deepest atoms look like.
  public let shapes: [AtomShape]
}

extension DictionaryLearning {
  /// Codes images as learning does, by orthogonal matching pursuit, and looks at codes and atoms.
  ///
  /// - Parameters:
  ///   - images: Shape [B, n], as large as the deepest atoms.
  ///   - side: The width of an image.
  ///   - deviation: The standard deviation, in pixels, of the dots beside which atoms are judged.
  ///   - likenessBefore: `likeness(to:)` of the effective atoms before learning.
  /// - Returns: What was found.
  /// - Throws: What coding throws.
  public func evaluation(
    on images: Tensor<Double>, side: Int, dotDeviation deviation: Double, likenessBefore: [Double]
  ) throws -> LearningEvaluation {
    let effective = try effectiveDictionary()
    let sparse = try OrthogonalMatchingPursuit<Double>(effective, sparsity: settings.sparsity)
      .codes(images)
    let codes = try model().propagate(sparse.densified(effective.atomCount))
    return LearningEvaluation(
      relativeSquaredError: sparse.reduce(0) { $0 + $1.residualNorm * $1.residualNorm }
        / Double.squaredNorm(images.count, images.elements),
      codeDensity: codes.map { code in
        Double(code.elements.count { $0 != 0 }) / Double(code.count)
      },
      filterSparsity: layers.map(\.filterSparsity),
      filterNonzeros: layers.map { layer in
        (0..<layer.filterCount).map { layer.filters.row($0).count { $0 != 0 } }
      },
      filterUses: zip(layers, codes).map { layer, code in layer.filterUses(code) },
      shapes: AtomShape.all(
        of: effective, among: images, side: side, dotDeviation: deviation,
        likenessBefore: likenessBefore))
  }
}

extension ConvolutionalDictionary {
  /// The non-zeros that every filter has in a batch of codes, shape [B, atoms].
  public func filterUses(_ codes: Tensor<Scalar>) -> [Int] {
    let positions = geometry.codeSize.area
    var uses = [Int](repeating: 0, count: filterCount)
    for (i, value) in codes.elements.enumerated() where value != 0 {
      uses[i % atomCount / positions] += 1
    }
    return uses
  }
}
