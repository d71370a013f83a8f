extension DenseDictionary {
  /// Spikes and Walsh–Hadamard functions, D = [I H/√n], of n rows and 2n columns.
  ///
  /// H is Sylvester's: H_{ij} = (−1)^{number of common bits of i and j}. Atoms have unit norm and the
  /// mutual coherence is 1/√n, close to the smallest that 2n atoms can have.
  /// - Parameter dimension: n, a power of two.
  /// - Returns: The dictionary, spikes first.
  /// - Throws: `ModelError.parameterOutOfRange` where n is no power of two.
  public static func spikesAndHadamard(_ dimension: Int) throws -> DenseDictionary {
    guard dimension > 0, dimension & (dimension - 1) == 0 else {
      throw ModelError.parameterOutOfRange(
        name: "dimension", value: "\(dimension)", range: "a power of two")
    }
    var atoms = Matrix<Scalar>(zeros: 2 * dimension, dimension)
    let scale = 1 / Scalar(dimension).squareRoot()
    for i in 0..<dimension {
      atoms[i, i] = 1
      for j in 0..<dimension {
        atoms[dimension + i, j] = (i & j).nonzeroBitCount % 2 == 0 ? scale : -scale
      }
    }
    return DenseDictionary(atomRows: atoms)
  }
}
