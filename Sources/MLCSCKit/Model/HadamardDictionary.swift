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

extension ConvolutionalDictionary<Double> {
  /// Two layers without a grid: D₁ = [I H/√n] and orthonormal D₂ whose atoms join one spike and one
  /// Hadamard function each.
  ///
  /// One filter covers the signal at a single position, so stripes and patches are whole vectors.
  /// - Parameters:
  ///   - dimension: n, a power of two.
  ///   - stream: What joins spikes and functions.
  /// - Returns: D₁ of n rows and 2n columns, D₂ of n columns.
  /// - Throws: `ModelError.parameterOutOfRange` where n is no power of two.
  public static func spikesAndHadamardLayers(
    _ dimension: Int, from stream: inout RandomStream
  ) throws -> [ConvolutionalDictionary] {
    let n = dimension
    let first = try DenseDictionary<Double>.spikesAndHadamard(n)
    var second = Matrix<Double>(zeros: n, 2 * n)
    for (i, j) in stream.permutation(of: n).enumerated() {
      second[i, i] = Double(0.5).squareRoot()
      second[i, n + j] = second[i, i]
    }
    func layer(
      _ atoms: Matrix<Double>, channels: Int, width: Int
    ) throws -> ConvolutionalDictionary {
      try ConvolutionalDictionary(
        filters: atoms.reshaped(atoms.rows, channels, 1, width),
        geometry: ConvolutionGeometry(
          channels: channels, signalSize: .line(width), kernelSize: .line(width)))
    }
    return [
      try layer(first.atomRows, channels: 1, width: n),
      try layer(second, channels: 2 * n, width: 1),
    ]
  }
}
