/// The noise that hurts most: y in the middle between two members of the model.
///
/// With γ and γ̂ of k non-zeros each and v = D(γ̂ − γ)/2, both members are ‖v‖ = E₀ away from y, and
/// the error is ‖γ̂ − γ‖² = 4E₀²/λ for an eigenvector of D_SᵀD_S, |S| = 2k, of eigenvalue λ.
public enum WorstNoise {
  /// The smallest eigenvalues of D_SᵀD_S for |S| = 2, 4, … 2·`largest`, by a greedy choice of S.
  ///
  /// Starts with the two most coherent atoms and adds the atom with the largest normalised product
  /// with D_Sδ, δ the eigenvector so far. A lower bound of the worst error, not the worst itself.
  /// - Parameters:
  ///   - dictionary: D.
  ///   - largest: The largest k.
  ///   - representatives: Atoms of which one stands for each that looks alike, the first atom of every
  ///     filter on a circle say; the coherent pair has one of them.
  /// - Returns: The smallest eigenvalue for k = 1 … `largest`.
  /// - Throws: `LinearAlgebraError` where LAPACK fails.
  /// - Complexity: one analysis and O(k³) operations an atom that is added.
  public static func smallestEigenvalues(
    _ dictionary: any SparseDictionary<Double>, upTo largest: Int, representatives: [Int]
  ) throws -> [Double] {
    func analyze(_ d: some SparseDictionary<Double>, _ x: Tensor<Double>) -> Tensor<Double> {
      d.analyze(x)
    }
    let norms = dictionary.atomNorms
    var best = (product: -1.0, pair: [0, 1])
    for i in representatives {
      let products = analyze(dictionary, dictionary.atoms([i])).elements
      for j in products.indices where j != i {
        let value = abs(products[j]) / (norms[i] * norms[j])
        if value > best.product { best = (value, [i, j]) }
      }
    }
    var support = best.pair
    var values = [Double]()
    while support.count <= 2 * largest {
      let atoms = dictionary.atoms(support)
      let (eigenvalues, vectors) = try atoms.gramOfRows.symmetricEigen()
      if support.count % 2 == 0 { values.append(eigenvalues[0]) }
      let δ = Matrix(
        shape: [1, support.count], elements: support.indices.map { vectors[$0, 0] })
      let products = analyze(dictionary, δ.multiplied(by: atoms)).elements
      var (largestProduct, next) = (-1.0, 0)
      for j in products.indices where !support.contains(j) {
        let value = abs(products[j]) / norms[j]
        if value > largestProduct { (largestProduct, next) = (value, j) }
      }
      support.append(next)
    }
    return values
  }
}
