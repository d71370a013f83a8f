/// A dictionary that is an explicit matrix.
public struct DenseDictionary<Scalar: NumericScalar>: SparseDictionary {
  /// The atoms, one a row: Dᵀ, shape [m, n].
  public let atomRows: Matrix<Scalar>

  public let atomNorms: [Scalar]

  /// The atoms, and the rows of the matrix, once more where the dictionary is small.
  private let packedAtoms: PackedRows<Scalar>?
  private let packedRows: PackedRows<Scalar>?

  /// A dictionary from its matrix D of n rows and m columns.
  public init(matrix: Matrix<Scalar>) {
    self.init(atomRows: matrix.transposed)
  }

  /// A dictionary from its atoms, one a row, shape [m, n].
  public init(atomRows: Matrix<Scalar>) {
    self.atomRows = atomRows.reshaped(atomRows.rows, atomRows.columns)
    packedAtoms = PackedRows(self.atomRows)
    packedRows = PackedRows(self.atomRows, transposed: true)
    let n = atomRows.columns
    atomNorms = atomRows.withElements { p in
      (0..<atomRows.rows).map { Scalar.norm2(n, p + $0 * n) }
    }
  }

  /// The explicit matrix of another dictionary.
  ///
  /// - Complexity: O(n m) memory.
  public init(_ other: some SparseDictionary<Scalar>) {
    self.init(atomRows: other.atoms(Array(0..<other.atomCount)))
  }

  /// A dictionary with independent standard normal entries, D of n rows and m columns.
  ///
  /// - Parameters:
  ///   - signalDimension: n.
  ///   - atomCount: m.
  ///   - normalized: Whether every atom is scaled to unit norm.
  ///   - stream: Where the entries are drawn from, atom by atom.
  /// - Returns: The dictionary.
  public static func gaussian(
    _ signalDimension: Int, _ atomCount: Int, normalized: Bool, from stream: inout RandomStream
  ) -> DenseDictionary {
    let dictionary = DenseDictionary(
      atomRows: .normal(atomCount, signalDimension, from: &stream))
    return normalized ? dictionary.normalized() : dictionary
  }

  public var signalDimension: Int { atomRows.columns }
  public var atomCount: Int { atomRows.rows }

  public func synthesize(
    _ codes: UnsafePointer<Scalar>, batch: Int, into signals: UnsafeMutablePointer<Scalar>
  ) {
    if let packedAtoms { return packedAtoms.weightedSums(codes, batch: batch, into: signals) }
    let (n, m) = (signalDimension, atomCount)
    atomRows.withElements { d in
      if batch == 1, n * m >= DenseProduct.leastCount {
        DenseProduct.synthesize(d, n, m, codes, into: signals)
      } else if batch == 1 {
        Scalar.gemv(true, m, n, 1, d, n, codes, 0, signals)
      } else {
        Scalar.gemm(false, false, batch, n, m, 1, codes, m, d, n, 0, signals, n)
      }
    }
  }

  public func analyze(
    _ signals: UnsafePointer<Scalar>, batch: Int, into codes: UnsafeMutablePointer<Scalar>
  ) {
    if batch < 4, let packedAtoms {
      for b in 0..<batch {
        packedAtoms.products(signals + b * signalDimension, into: codes + b * atomCount)
      }
      return
    }
    if let packedRows { return packedRows.weightedSums(signals, batch: batch, into: codes) }
    let (n, m) = (signalDimension, atomCount)
    atomRows.withElements { d in
      if batch == 1, n * m >= DenseProduct.leastCount {
        DenseProduct.analyze(d, n, m, signals, into: codes)
      } else if batch == 1 {
        Scalar.gemv(false, m, n, 1, d, n, signals, 0, codes)
      } else {
        Scalar.gemm(false, true, batch, m, n, 1, signals, n, d, n, 0, codes, m)
      }
    }
  }

  public func atoms(_ support: [Int]) -> Matrix<Scalar> {
    atomRows.gathering(rows: support)
  }

  /// The same atoms scaled to unit norm; zero atoms stay zero.
  public func normalized() -> DenseDictionary {
    var scaled = atomRows
    let n = signalDimension
    let norms = atomNorms
    scaled.withMutableElements { p in
      for (j, norm) in norms.enumerated() where norm > 0 { Scalar.scale(n, 1 / norm, p + j * n) }
    }
    return DenseDictionary(atomRows: scaled)
  }
}
