/// A linear map from sparse codes to signals, x = D γ, of n rows and m columns (atoms).
///
/// A dictionary is an operator: it need not exist as a matrix. A batch has one signal, or one code,
/// a row (shapes [B, n] and [B, m]); rows are independent, so a batch may be cut anywhere.
/// Synthesis and analysis are exact adjoints: ⟨Dγ, x⟩ = ⟨γ, Dᵀx⟩ up to rounding.
public protocol SparseDictionary<Scalar>: Sendable {
  /// The type of all numbers.
  associatedtype Scalar: NumericScalar

  /// n, the dimension of the signals.
  var signalDimension: Int { get }

  /// m, the number of atoms: the dimension of the codes.
  var atomCount: Int { get }

  /// How many signals to treat at a time so that what belongs to them stays in the cache.
  var preferredBatch: Int { get }

  /// x ← D γ for every row of a batch.
  ///
  /// - Parameters:
  ///   - codes: `batch` × m numbers, row-major.
  ///   - batch: The number of rows.
  ///   - signals: `batch` × n numbers, overwritten.
  func synthesize(
    _ codes: UnsafePointer<Scalar>, batch: Int, into signals: UnsafeMutablePointer<Scalar>)

  /// γ ← Dᵀ x for every row of a batch.
  ///
  /// - Parameters:
  ///   - signals: `batch` × n numbers, row-major.
  ///   - batch: The number of rows.
  ///   - codes: `batch` × m numbers, overwritten.
  func analyze(
    _ signals: UnsafePointer<Scalar>, batch: Int, into codes: UnsafeMutablePointer<Scalar>)

  /// The atoms of a support as the rows of a matrix, shape [|S|, n]: (D_S)ᵀ.
  func atoms(_ support: [Int]) -> Matrix<Scalar>

  /// ‖dⱼ‖₂ of every atom.
  var atomNorms: [Scalar] { get }

  /// Atoms that stand for all others where the dictionary is invariant to shifts: the inner
  /// products of these with every atom contain all values that occur.
  var representativeAtoms: [Int] { get }
}

extension SparseDictionary {
  /// The name and shape of an operator, for messages.
  public var shapeDescription: String { "\(signalDimension)×\(atomCount)" }

  public var preferredBatch: Int { 64 }

  public var representativeAtoms: [Int] { Array(0..<atomCount) }

  public func atoms(_ support: [Int]) -> Matrix<Scalar> {
    var codes = Matrix<Scalar>(zeros: support.count, atomCount)
    for (row, j) in support.enumerated() { codes[row, j] = 1 }
    return synthesize(codes)
  }

  public var atomNorms: [Scalar] {
    var norms = [Scalar]()
    norms.reserveCapacity(atomCount)
    for start in stride(from: 0, to: atomCount, by: 256) {
      let block = atoms(Array(start..<min(start + 256, atomCount)))
      block.withElements { p in
        for i in 0..<block.rows {
          norms.append(Scalar.norm2(signalDimension, p + i * signalDimension))
        }
      }
    }
    return norms
  }

  /// The signals X = Γ Dᵀ of a batch of codes, shape [B, n].
  ///
  /// - Parameter codes: Shape [B, m].
  /// - Returns: Shape [B, n].
  public func synthesize(_ codes: Tensor<Scalar>) -> Tensor<Scalar> {
    precondition(codes.columns == atomCount, "codes of \(codes.columns), not \(atomCount) entries")
    var signals = Tensor<Scalar>(zeros: codes.rows, signalDimension)
    let batch = codes.rows
    codes.withElements { γ in
      signals.withMutableElements { x in
        forEachBlock(of: batch) { first, count in
          synthesize(γ + first * atomCount, batch: count, into: x + first * signalDimension)
        }
      }
    }
    return signals
  }

  /// The inner products Γ = X D of a batch of signals with all atoms, shape [B, m].
  ///
  /// - Parameter signals: Shape [B, n].
  /// - Returns: Shape [B, m].
  public func analyze(_ signals: Tensor<Scalar>) -> Tensor<Scalar> {
    precondition(
      signals.columns == signalDimension,
      "signals of \(signals.columns), not \(signalDimension) entries")
    var codes = Tensor<Scalar>(zeros: signals.rows, atomCount)
    let batch = signals.rows
    signals.withElements { x in
      codes.withMutableElements { γ in
        forEachBlock(of: batch) { first, count in
          analyze(x + first * signalDimension, batch: count, into: γ + first * atomCount)
        }
      }
    }
    return codes
  }

  /// Cuts a batch into blocks of `preferredBatch` rows and runs `body` on each, in parallel where
  /// the width allows.
  public func forEachBlock(of batch: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    let size = max(1, preferredBatch)
    Parallelism.forEach((batch + size - 1) / size) { block in
      let first = block * size
      body(first, min(size, batch - first))
    }
  }

  /// The whole dictionary as an explicit matrix, shape [n, m].
  ///
  /// - Complexity: O(n m) memory; meant for tests and small problems.
  public func matrix() -> Matrix<Scalar> {
    atoms(Array(0..<atomCount)).transposed
  }
}
