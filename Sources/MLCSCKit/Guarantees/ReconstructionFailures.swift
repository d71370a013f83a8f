/// The dimensions of a signal that a code does not reconstruct: R's Definition 1.
///
///     dimension j fails  ⟺  |ξⱼ − xⱼ| > 2β,  ξ = Dγ                       [R, Definition 1]
///
/// For the optimum of ½‖x − Dγ‖² + β‖γ‖₁ every atom has |dₖᵀ(x − ξ)| ≤ β. Where the unit vectors are
/// atoms, as in MSD-CSC's D = [I Fᵀ], that says |xⱼ − ξⱼ| ≤ β: no dimension fails, whatever F is,
/// learned or not. Of a non-negative optimum it only says xⱼ − ξⱼ ≤ β, and of a single thresholding,
/// which is what a network computes, nothing.
public enum ReconstructionFailures {
  /// How many dimensions of every signal fail.
  ///
  /// - Parameters:
  ///   - reconstructions: ξ, shape [B, n].
  ///   - signals: x, shape [B, n].
  ///   - bound: What |ξⱼ − xⱼ| may reach: 2β in Definition 1.
  /// - Returns: One number a signal, from 0 to n.
  public static func counts(
    _ reconstructions: Tensor<Double>, of signals: Tensor<Double>, bound: Double
  ) -> [Int] {
    precondition(
      reconstructions.shape == signals.shape,
      "reconstructions of shape \(reconstructions.shape) of signals of shape \(signals.shape)")
    let (count, n) = (signals.rows, signals.columns)
    return reconstructions.withElements { ξ in
      signals.withElements { x in
        (0..<count).map { b in
          (b * n..<(b + 1) * n).reduce(0) { $0 + (abs(ξ[$1] - x[$1]) > bound ? 1 : 0) }
        }
      }
    }
  }
}
