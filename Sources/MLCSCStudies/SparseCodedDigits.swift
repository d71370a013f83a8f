import MLCSCKit

/// Two classes of digits, coded with few atoms of the learned model, and a linear classifier.
public struct SparseCodedDigits {
  /// A digit's code and the classifier's weights, turned so that its score is positive.
  public struct Draw: Sendable {
    /// γ, one entry an atom.
    public let code: [Double]
    /// w or −w, one entry an atom.
    public let weights: [Double]
  }

  /// Paths with the atoms in coordinates of their span, in which norms are those of the pixels, or,
  /// where there are more atoms than pixels, with the atoms themselves.
  public let path: BasisPursuitPath
  /// µ of those atoms.
  public let coherence: Double
  /// Codes of test digits whose margin is positive.
  public let draws: [Draw]
  /// The share of all test digits of the two classes that the classifier gets right from γ.
  public let accuracy: Double

  private let atoms: DenseDictionary<Double>
  /// L of D = Q Lᵀ; none where the path's coordinates are pixels.
  private let factor: Matrix<Double>?

  /// Learns the classifier and codes the test digits.
  ///
  /// - Parameters:
  ///   - classes: The two digits; the first has label +1.
  ///   - digits: The digits, and the model whose atoms, scaled to unit norm, code them.
  ///   - largestCoherence: Atoms are taken in order, passing over those that are more coherent
  ///     than this with one already taken.
  ///   - cardinality: k, for orthogonal matching pursuit.
  ///   - ridge: The penalty of the least-squares fit, relative to the codes' mean square.
  ///   - count: The number of test digits to keep, as many of either class.
  /// - Throws: `LinearAlgebraError.notPositiveDefinite` where no more atoms than pixels
  ///   depend on each other.
  public init(
    classes: [Int], of digits: DigitModel, largestCoherence: Double, cardinality: Int,
    ridge: Double, count: Int
  ) throws {
    let dictionary = digits.effective.normalized()
    let gram = dictionary.atomRows.gramOfRows
    var chosen = [Int]()
    for j in 0..<dictionary.atomCount
    where chosen.allSatisfy({ abs(gram[j, $0]) <= largestCoherence }) {
      chosen.append(j)
    }
    atoms = DenseDictionary(atomRows: dictionary.atoms(chosen))
    coherence = atoms.mutualCoherence()
    // D = Q Lᵀ with orthonormal Q and the Cholesky factor L of DᵀD: Lᵀ is D, turned.
    factor =
      atoms.atomCount <= atoms.signalDimension
      ? try atoms.atomRows.gramOfRows.choleskyFactor() : nil
    path = BasisPursuitPath(factor.map { DenseDictionary(atomRows: $0) } ?? atoms)
    let pursuit = try OrthogonalMatchingPursuit<Double>(atoms, sparsity: cardinality)
    func codes(_ set: LabelledImages) throws -> (codes: Matrix<Double>, labels: [Double]) {
      let members = set.labels.indices.filter { classes.contains(Int(set.labels[$0])) }
      return (
        try pursuit.codes(set.batch(members)).densified(chosen.count),
        members.map { Int(set.labels[$0]) == classes[0] ? 1 : -1 }
      )
    }
    let training = try codes(digits.training)
    var system = training.codes.multiplied(by: training.codes, transposingSelf: true)
    let mean = (0..<chosen.count).reduce(0) { $0 + system[$1, $1] } / Double(chosen.count)
    for j in 0..<chosen.count { system[j, j] += ridge * mean }
    let labels = Matrix(shape: [1, training.labels.count], elements: training.labels)
    let weights = try system.solve(labels.multiplied(by: training.codes).transposed).elements
    let test = try codes(digits.test)
    var kept = [Double: [Draw]]()
    var right = 0
    for (i, label) in test.labels.enumerated() {
      let code = test.codes.row(i)
      guard label * zip(code, weights).reduce(0, { $0 + $1.0 * $1.1 }) > 0 else { continue }
      right += 1
      guard kept[label, default: []].count < (count + 1) / 2 else { continue }
      kept[label, default: []].append(
        Draw(code: code, weights: weights.map { label * $0 }))
    }
    draws = Array((kept[1, default: []] + kept[-1, default: []]).prefix(count))
    accuracy = Double(right) / Double(test.labels.count)
  }

  /// A vector of the turned coordinates as pixels, v = Q v' = D L⁻ᵀ v'.
  ///
  /// - Throws: `LinearAlgebraError`, never where `init` did not.
  public func pixels(_ turned: [Double]) throws -> [Double] {
    guard let factor else { return turned }
    let right = Matrix(shape: [turned.count, 1], elements: turned)
    let code = try factor.transposed.solve(right)
    return atoms.synthesize(code.transposed).elements
  }

  /// The pixels of a code.
  public func pixels(code: [Double]) -> [Double] {
    atoms.synthesize(Matrix(shape: [1, code.count], elements: code)).elements
  }
}
