/// The gradient of one sparse code's residual from columns of DᵀD, kept as they are needed.
///
///     Dᵀ(Dγ − y) = Σ_{γⱼ ≠ 0} γⱼ DᵀD eⱼ − Dᵀy
///
/// Iterations on a large dense dictionary are bound by the memory that D passes through; as soon as
/// the codes are sparse, a few columns of DᵀD are a small part of it. The gradient is the same up to
/// rounding.
/// - Complexity: O(m |S|) where a product with D takes O(m n); one analysis for every new atom.
final class GramColumns<Scalar: NumericScalar> {
  private let dictionary: DenseDictionary<Scalar>
  /// Dᵀy, once it is needed.
  private var products: [Scalar]?
  /// Where an atom's column is; −1 where there is none.
  private var places: [Int]
  /// The columns, m numbers each.
  private var columns: [Scalar] = []
  /// The code by the columns' places.
  private var weights: [Scalar] = []

  /// Nothing where the problem is not one signal on one large dense dictionary.
  init?(_ problem: MultiLayerProblem<Scalar>) {
    guard problem.model.depth == 1, problem.batch == 1,
      let dictionary = problem.model.layers[0] as? DenseDictionary<Scalar>,
      dictionary.signalDimension * dictionary.atomCount >= DenseProduct.leastCount
    else { return nil }
    self.dictionary = dictionary
    places = Array(repeating: -1, count: dictionary.atomCount)
  }

  /// Forgets Dᵀy.
  func replaceSignal() { products = nil }

  /// g ← Dᵀ(Dγ − y), where that is quicker than with D itself.
  ///
  /// - Parameters:
  ///   - code: γ, m numbers.
  ///   - signal: y, n numbers, the same until `replaceSignal()`.
  ///   - out: m numbers, overwritten.
  /// - Returns: False, and nothing done, where D itself is quicker.
  func gradient(
    of code: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) -> Bool {
    let (n, m) = (dictionary.signalDimension, dictionary.atomCount)
    let support = Scalar.nonzeroIndices(m, code)
    guard 4 * support.count <= n else { return false }
    let missing = support.filter { places[$0] < 0 }
    // Columns of half the dictionary's size at most.
    guard 2 * (weights.count + missing.count) <= n else { return false }
    if !missing.isEmpty {
      for (i, j) in missing.enumerated() { places[j] = weights.count + i }
      columns += dictionary.analyze(dictionary.atoms(missing)).elements
      weights += [Scalar](repeating: 0, count: missing.count)
    }
    let known = products ?? firstProducts(signal)
    let list = support.map { places[$0] }
    for j in support { weights[places[j]] = code[j] }
    let size = 512
    columns.withUnsafeBufferPointer { columns in
      weights.withUnsafeBufferPointer { weights in
        known.withUnsafeBufferPointer { known in
          Parallelism.forEach((m + size - 1) / size) { piece in
            let first = piece * size
            let count = Swift.min(size, m - first)
            Scalar.sumRows(
              columns.start + first, m, list, weights.start, count, into: out + first)
            Scalar.subtract(count, out + first, known.start + first, into: out + first)
          }
        }
      }
    }
    return true
  }

  private func firstProducts(_ signal: UnsafePointer<Scalar>) -> [Scalar] {
    var result = [Scalar](repeating: 0, count: dictionary.atomCount)
    dictionary.analyze(signal, batch: 1, into: &result)
    products = result
    return result
  }
}
