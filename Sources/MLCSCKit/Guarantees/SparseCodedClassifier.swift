/// A linear classifier on basis pursuit codes.
///
///     γ̂ = argmin ½‖x − Dγ‖² + λ‖γ‖₁,   label = sign(wᵀγ̂)   [S, Adversarial Robustness Analysis]
///
/// There is no offset, as in S. The score wᵀγ̂ is continuous and piecewise linear in x; on a piece
/// with active atoms S its gradient is D_S (D_SᵀD_S)⁻¹ w_S.
public struct SparseCodedClassifier: Sendable {
  /// Paths with D.
  public let path: BasisPursuitPath
  /// λ, positive.
  public let penalty: Double
  /// w, one entry an atom.
  public let weights: [Double]

  /// A classifier, checked.
  ///
  /// - Throws: `ModelError` where the weights are not one an atom or λ is not positive.
  public init(path: BasisPursuitPath, penalty: Double, weights: [Double]) throws {
    guard weights.count == path.dictionary.atomCount else {
      throw ModelError.parameterCount(
        name: "weights", expected: path.dictionary.atomCount, found: weights.count)
    }
    guard penalty > 0, penalty.isFinite else {
      throw ModelError.parameterOutOfRange(
        name: "lambda", value: "\(penalty)", range: "finite and above 0")
    }
    self.path = path
    self.penalty = penalty
    self.weights = weights
  }

  /// The score of a piece's coefficients.
  func score(_ piece: BasisPursuitPiece, _ coefficients: [Double]) -> Double {
    zip(piece.support, coefficients).reduce(0) { $0 + weights[$1.0] * $1.1 }
  }

  /// wᵀγ̂ of a signal.
  ///
  /// - Throws: What `BasisPursuitPath.solve` throws.
  public func score(_ signal: [Double]) throws -> Double {
    let found = try path.solve(products: path.products(signal), penalty: penalty)
    return score(found.piece, found.coefficients)
  }

  /// The score and its gradient with respect to the signal.
  ///
  /// - Throws: What `BasisPursuitPath.solve` throws.
  public func scoreWithGradient(
    _ signal: [Double]
  ) throws -> (score: Double, gradient: [Double]) {
    let found = try path.solve(products: path.products(signal), penalty: penalty)
    return (score(found.piece, found.coefficients), try gradient(on: found.piece))
  }

  /// D_S (D_SᵀD_S)⁻¹ w_S.
  func gradient(on piece: BasisPursuitPiece) throws -> [Double] {
    let n = path.dictionary.signalDimension
    var result = [Double](repeating: 0, count: n)
    let solved = try path.solveGram(piece.support, [piece.support.map { weights[$0] }])[0]
    path.dictionary.atomRows.withElements { d in
      for (i, atom) in piece.support.enumerated() {
        Double.axpy(n, solved[i], d + atom * n, &result)
      }
    }
    return result
  }
}
