import ExperimentSuite
import MLCSCKit

/// Settings of an experiment on B's synthetic two-layer instances (B, Section 2.3).
///
/// γ₂ has `sparsity` non-zeros, and `cosparsity` entries of γ₁ = D₂γ₂ are zero.
public protocol CosparseSettings {
  /// n, m₁, m₂ (B: 50, 70, 60).
  var dimensions: [Int] { get }
  /// Non-zeros of γ₂ (B: 30).
  var sparsity: Int { get }
  /// Zeros of γ₁.
  var cosparsity: Int { get }
}

extension CosparseSettings {
  /// What an instance needs of its settings.
  public var instanceRules: [SettingRule] {
    [
      .entries("dimensions", dimensions, 3, "n, m1, m2"),
      SettingRule(
        "sparsity", "be at most m2, the third of dimensions", sparsity <= dimensions.last ?? 0),
      SettingRule(
        "cosparsity", "be below sparsity and at most m1, the second of dimensions",
        cosparsity < sparsity && cosparsity <= dimensions.dropFirst().first ?? 0),
    ]
  }

  /// Draws an instance.
  ///
  /// - Throws: What `CosparseInstance` throws.
  public func instance(from stream: inout RandomStream) throws -> CosparseInstance {
    try CosparseInstance(
      dimensions: dimensions, sparsity: sparsity, cosparsity: cosparsity, from: &stream)
  }
}
