/// Dictionaries on top of each other, each scaled: D = [s₁D₁; s₂D₂; …], all with the same codes.
///
/// A least-squares problem with several quadratic terms is one with a stacked dictionary.
public struct StackedDictionary<Scalar: NumericScalar>: SparseDictionary {
  private let blocks: [any SparseDictionary<Scalar>]
  private let scales: [Scalar]
  private let offsets: [Int]

  public let signalDimension: Int
  public let atomCount: Int

  /// A stack of dictionaries with equal numbers of atoms and their scales.
  public init(_ blocks: [any SparseDictionary<Scalar>], scales: [Scalar]) {
    precondition(!blocks.isEmpty && blocks.count == scales.count, "one scale a block")
    precondition(Set(blocks.map(\.atomCount)).count == 1, "blocks with different atoms")
    self.blocks = blocks
    self.scales = scales
    offsets = blocks.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.signalDimension) }
    signalDimension = blocks.reduce(0) { $0 + $1.signalDimension }
    atomCount = blocks[0].atomCount
  }

  public var preferredBatch: Int { blocks.map(\.preferredBatch).min() ?? 64 }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func synthesize(
    _ codes: UnsafePointer<Scalar>, batch: Int, into signals: UnsafeMutablePointer<Scalar>
  ) {
    for i in blocks.indices {
      let block = blocks[i]
      let width = block.signalDimension
      Scratch.withMemory(batch * width, of: Scalar.self) { part in
        block.synthesize(codes, batch: batch, into: part)
        Scalar.scale(batch * width, scales[i], part)
        for b in 0..<batch {
          (signals + b * signalDimension + offsets[i]).update(from: part + b * width, count: width)
        }
      }
    }
  }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func analyze(
    _ signals: UnsafePointer<Scalar>, batch: Int, into codes: UnsafeMutablePointer<Scalar>
  ) {
    Scalar.clear(batch * atomCount, codes)
    for i in blocks.indices {
      let block = blocks[i]
      let width = block.signalDimension
      Scratch.withMemory(batch * (width + atomCount), of: Scalar.self) { part in
        for b in 0..<batch {
          (part + b * width).update(from: signals + b * signalDimension + offsets[i], count: width)
        }
        let sum = part + batch * width
        block.analyze(part, batch: batch, into: sum)
        Scalar.axpy(batch * atomCount, scales[i], sum, codes)
      }
    }
  }
}
