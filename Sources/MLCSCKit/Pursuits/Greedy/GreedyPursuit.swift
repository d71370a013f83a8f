/// A pursuit that chooses atoms, for every signal on its own.
protocol GreedyPursuit<Scalar>: Sendable {
  /// The type of all numbers.
  associatedtype Scalar: NumericScalar

  /// The method's name, for messages.
  static var name: String { get }

  /// The dictionary.
  var dictionary: any SparseDictionary<Scalar> { get }
}

extension GreedyPursuit {
  /// Checks that a dictionary has as many atoms as are asked for.
  ///
  /// - Throws: `PursuitError.sparsity`.
  static func check(sparsity: Int, of dictionary: any SparseDictionary<Scalar>) throws {
    guard (1...max(1, dictionary.atomCount)).contains(sparsity) else {
      throw PursuitError.sparsity(asked: sparsity, atoms: dictionary.atomCount, layer: 1)
    }
  }

  /// The codes of a batch, found block by block, in parallel where the width allows it.
  ///
  /// - Parameters:
  ///   - signals: Shape [B, n].
  ///   - blockSize: The number of signals that are solved together.
  ///   - solve: Gets the first signal of a block, the numbers of the block's signals, and the place
  ///     of the block's first code, which is empty; it writes all codes of the block.
  /// - Returns: One code a signal.
  /// - Throws: `ModelError.signalDimension`, `PursuitError.notFinite`.
  func codes(
    of signals: Tensor<Scalar>, blockSize: Int,
    _ solve: (
      _ signals: UnsafePointer<Scalar>, _ block: Range<Int>,
      _ codes: UnsafeMutablePointer<SparseCode<Scalar>>
    ) -> Void
  ) throws -> [SparseCode<Scalar>] {
    let (batch, n) = (signals.rows, signals.columns)
    guard n == dictionary.signalDimension else {
      throw ModelError.signalDimension(expected: dictionary.signalDimension, found: n)
    }
    guard signals.withElements({ Scalar.allFinite(signals.count, $0) }) else {
      throw PursuitError.notFinite(pursuit: Self.name, iteration: 0, stepSize: 0)
    }
    let empty = SparseCode<Scalar>(support: [], coefficients: [], residualNorm: 0, iterations: 0)
    var all = [SparseCode<Scalar>](repeating: empty, count: batch)
    all.withUnsafeMutableBufferPointer { codes in
      let target = codes.start
      signals.withElements { y in
        Parallelism.forEach((batch + blockSize - 1) / blockSize) { block in
          let first = block * blockSize
          solve(y + first * n, first..<min(first + blockSize, batch), target + first)
        }
      }
    }
    return all
  }
}
