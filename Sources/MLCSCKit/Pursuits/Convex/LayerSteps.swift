extension MultiLayerModel {
  /// Checks steps and thresholds that are given layer by layer.
  func check(steps: [Scalar], thresholds: [[Scalar]]) throws {
    for (name, count) in [("steps", steps.count), ("thresholds", thresholds.count)]
    where count != depth {
      throw ModelError.parameterCount(name: name, expected: depth, found: count)
    }
    for (i, step) in steps.enumerated() where !step.isFinite || step == 0 {
      throw ModelError.parameterOutOfRange(
        name: "step of layer \(i + 1)", value: "\(step)", range: "finite and not 0")
    }
    for (i, values) in thresholds.enumerated() {
      let atoms = layers[i].atomCount
      guard !values.isEmpty, atoms % values.count == 0 else {
        throw ModelError.parameterCount(
          name: "thresholds of layer \(i + 1)", expected: atoms, found: values.count)
      }
      for value in values where !value.isFinite {
        throw ModelError.parameterOutOfRange(
          name: "threshold of layer \(i + 1)", value: "\(value)", range: "finite")
      }
    }
  }

  /// An upper bound of ‖Dᵢ‖₂² for every layer, tight where it was computed directly.
  func squaredNorms() throws -> [Scalar] {
    func norm(_ dictionary: some SparseDictionary<Scalar>) throws -> Scalar {
      let bound = try dictionary.squaredSpectralNorm()
      return bound.failureProbability == 0 ? bound.estimate : bound.upperBound
    }
    return try layers.map { Swift.max(try norm($0), Scalar.leastNormalMagnitude) }
  }
}
