/// Where the pursuit in the second of two layers begins, and what of its first iteration is kept.
///
///     Γ = S⁺(DᵀX + X₋₁ + c·DᵀD X₋₁)                                       [R, eq. 5]
///
/// is one iteration of ISTA for the signal X from the code X₋₁. From a code of zero the same
/// iteration is Γ = S⁺(DᵀX) (R, eq. 3), layered thresholding. R's four networks differ only in which
/// of the two terms of X₋₁ they have.
public enum ResidualModel: String, Codable, Sendable, CaseIterable {
  /// Neither term: the iteration begins at zero, a plain network.
  case plain
  /// c·DᵀD X₋₁ alone.
  case simplified
  /// X₋₁ alone: the shortcut of a residual network (He, Zhang, Ren, Sun, CVPR 2016).
  case resNet
  /// Both.
  case resCSC

  /// R's name.
  public var title: String {
    switch self {
    case .plain: "Plain"
    case .simplified: "Res-CSC-Simplified"
    case .resNet: "ResNet"
    case .resCSC: "Res-CSC"
    }
  }

  /// Whether X₋₁ is there.
  public var hasShortcut: Bool { self == .resNet || self == .resCSC }
  /// Whether c·DᵀD X₋₁ is there.
  public var hasRefinement: Bool { self == .simplified || self == .resCSC }
}
