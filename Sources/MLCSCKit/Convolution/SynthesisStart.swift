/// What a synthesis is added to: a sum of activations, or of some of their channels, each with a
/// factor.
///
/// An engine that accumulates its result begins with these numbers instead of zeros.
public struct SynthesisStart<Scalar: NumericScalar> {
  struct Term {
    let factor: Scalar
    let activation: Activation<Scalar>
    /// Which channels; all if absent.
    let range: ChannelRange?

    init(_ factor: Scalar, _ activation: Activation<Scalar>, _ range: ChannelRange?) {
      (self.factor, self.activation, self.range) = (factor, activation, range)
    }
  }

  let terms: [Term]

  /// The terms' numbers in a layout of the signal, ready to be read by several threads.
  func prepared(_ layout: ChannelLayout) -> Prepared {
    Prepared(
      count: layout.sampleCount,
      terms: terms.map { term in
        guard let range = term.range else {
          return (term.factor, term.activation.values(in: layout), layout.sampleCount, nil)
        }
        if range.layout == layout {
          let all = term.activation.values(in: range.allLayout)
          return (term.factor, all + range.offset, range.whole, nil)
        }
        // Another layout than the signal's: a copy of the part has the right one.
        let part = Activation<Scalar>(
          shape: range.shape, layout: range.layout, pool: term.activation.pool)
        range.copyPart(of: term.activation.values(in: range.allLayout), into: part.memory)
        return (term.factor, part.values(in: layout), layout.sampleCount, part)
      })
  }

  /// Adds the terms to an activation that nobody else has yet.
  func add(to result: Activation<Scalar>) {
    if terms.isEmpty { return }
    let layout = result.layout
    let (prepared, x) = (prepared(layout), result.memory)
    Parallelism.forEach(layout.batch) { n in
      prepared.add(sample: n, to: x + n * layout.sampleCount)
    }
  }

  /// Terms in one layout.
  struct Prepared {
    let count: Int
    /// Factor, first number, distance between samples, and what keeps a copy alive.
    let terms: [(Scalar, UnsafeMutablePointer<Scalar>, Int, Activation<Scalar>?)]

    /// Puts the sum of a sample's terms at a place.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func write(sample: Int, into x: UnsafeMutablePointer<Scalar>) {
      guard let first = terms.first else {
        Scalar.clear(count, x)
        return
      }
      let (α, p) = (first.0, first.1 + sample * first.2)
      if terms.count == 2 {
        let (β, q) = (terms[1].0, terms[1].1 + sample * terms[1].2)
        for i in 0..<count { x[i] = α * p[i] + β * q[i] }
      } else {
        for i in 0..<count { x[i] = α * p[i] }
        for term in terms.dropFirst() { Scalar.axpy(count, term.0, term.1 + sample * term.2, x) }
      }
    }

    /// Adds the sum of a sample's terms to what is at a place.
    func add(sample: Int, to x: UnsafeMutablePointer<Scalar>) {
      for term in terms { Scalar.axpy(count, term.0, term.1 + sample * term.2, x) }
    }
  }
}

extension ConvolutionEngine {
  public func synthesize(
    _ codes: Activation<Scalar>, filters: Activation<Scalar>, _ geometry: ConvolutionGeometry,
    from start: SynthesisStart<Scalar>
  ) -> Activation<Scalar> {
    let result = synthesize(codes, filters: filters, geometry)
    start.add(to: result)
    return result
  }
}
