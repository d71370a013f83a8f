import MLCSCKit

/// A signal of the model with a linear classifier of its code.
struct AdversarialDraw {
  /// How coefficients and weights are chosen.
  enum Family: String, CaseIterable {
    /// Gaussian coefficients on a random support, Gaussian weights on all atoms.
    case random
    /// Equal coefficients (up to a tenth) on a random support and w = γ.
    case matched
    /// Part of a comb of √n spikes, which is also the sum of √n Hadamard atoms, with weights for
    /// the spikes and against those atoms: the support most easily mistaken in [I H/√n].
    case comb
  }

  /// γ, one entry an atom.
  let code: [Double]
  /// w.
  let weights: [Double]

  /// A draw for D = [I H/√n].
  init(
    _ family: Family, dimension n: Int, cardinality k: Int, from stream: inout RandomStream
  ) {
    var code = [Double](repeating: 0, count: 2 * n)
    switch family {
    case .random:
      for j in stream.indices(k, below: 2 * n) { code[j] = stream.normal() }
      weights = code.map { _ in stream.normal() }
    case .matched:
      for j in stream.indices(k, below: 2 * n) {
        code[j] = stream.sign() * (1 + 0.1 * stream.uniform())
      }
      weights = code
    case .comb:
      let tooth = Int(Double(n).squareRoot())
      for i in stream.indices(k, below: n / tooth) {
        code[i * tooth] = 1 + 0.1 * stream.uniform()
      }
      var votes = code
      for j in 0..<tooth { votes[n + j] = -1 }
      weights = votes
    }
    self.code = code
  }
}
