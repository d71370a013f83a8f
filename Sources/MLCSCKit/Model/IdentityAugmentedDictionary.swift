/// A dictionary beside the identity, [I D]: the layer of a densely connected network.
///
/// R writes D = Fᵀ with F the (dilated) convolution of the layer. Analysis then is [x; Fx], the
/// concatenation of a layer's input with its convolution, and one-sided thresholding of it is a layer
/// of MSDNet (R, Proposition 1). The spectrum is that of R's Lemma 3: ‖[I D]‖² = ‖D‖² + 1.
///
/// Atoms 0 ..< n are the unit vectors, then come those of D. With images as signals (channels × height
/// × width) and codes of D of the same height and width, a code is again an image whose channels are
/// the input's followed by the new ones.
public struct IdentityAugmentedDictionary<Scalar: NumericScalar>: SparseDictionary {
  /// D.
  public let base: any SparseDictionary<Scalar>

  public let signalDimension: Int
  public let atomCount: Int

  /// [I D].
  public init(_ base: any SparseDictionary<Scalar>) {
    self.base = base
    signalDimension = base.signalDimension
    atomCount = base.signalDimension + base.atomCount
  }

  public var preferredBatch: Int { base.preferredBatch }

  public var atomNorms: [Scalar] {
    [Scalar](repeating: 1, count: signalDimension) + base.atomNorms
  }

  /// One unit vector a shift does not stand for all: it meets different entries of an atom.
  public var representativeAtoms: [Int] {
    base.representativeAtoms.map { signalDimension + $0 }
  }

  public func synthesize(
    _ codes: UnsafePointer<Scalar>, batch: Int, into signals: UnsafeMutablePointer<Scalar>
  ) {
    let (n, m) = (signalDimension, base.atomCount)
    Scratch.withMemory(batch * m, of: Scalar.self) { own in
      for b in 0..<batch { (own + b * m).update(from: codes + b * (n + m) + n, count: m) }
      base.synthesize(own, batch: batch, into: signals)
    }
    for b in 0..<batch { Scalar.axpy(n, 1, codes + b * (n + m), signals + b * n) }
  }

  public func analyze(
    _ signals: UnsafePointer<Scalar>, batch: Int, into codes: UnsafeMutablePointer<Scalar>
  ) {
    let (n, m) = (signalDimension, base.atomCount)
    Scratch.withMemory(batch * m, of: Scalar.self) { own in
      base.analyze(signals, batch: batch, into: own)
      for b in 0..<batch {
        (codes + b * (n + m)).update(from: signals + b * n, count: n)
        (codes + b * (n + m) + n).update(from: own + b * m, count: m)
      }
    }
  }

  public func atoms(_ support: [Int]) -> Matrix<Scalar> {
    let own = base.atoms(support.filter { $0 >= signalDimension }.map { $0 - signalDimension })
    var result = Matrix<Scalar>(zeros: support.count, signalDimension)
    result.withMutableElements { target in
      own.withElements { source in
        var next = 0
        for (row, j) in support.enumerated() {
          let place = target + row * signalDimension
          if j < signalDimension {
            place[j] = 1
          } else {
            place.update(from: source + next * signalDimension, count: signalDimension)
            next += 1
          }
        }
      }
    }
    return result
  }
}
