/// Element-wise passes with one parameter a channel, and sums over everything but the channel.
///
/// Every function is compiled for `Float` and `Double` itself. Samples run on several threads where
/// `Parallelism` allows; sums are taken in a fixed order, the partial ones of a sample in `Scalar`
/// and their total in Double.
enum ChannelKernels {
  /// out ← α x + β y; `out` may be `x` or `y`.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func combine<Scalar: NumericScalar>(
    _ count: Int, _ α: Scalar, _ x: UnsafeMutablePointer<Scalar>, _ β: Scalar,
    _ y: UnsafeMutablePointer<Scalar>, into out: UnsafeMutablePointer<Scalar>
  ) {
    forEachPiece(count) { range in
      if α == 1, β == 1 {
        for i in range { out[i] = x[i] + y[i] }
      } else {
        for i in range { out[i] = α * x[i] + β * y[i] }
      }
    }
  }

  /// out ← α x; `out` may be `x`.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func scale<Scalar: NumericScalar>(
    _ count: Int, _ α: Scalar, _ x: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    forEachPiece(count) { range in for i in range { out[i] = α * x[i] } }
  }

  /// ⟨x, y⟩, summed in Double over pieces of fixed size.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func dot<Scalar: NumericScalar>(
    _ count: Int, _ x: UnsafeMutablePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>
  ) -> Double {
    let size = 4096
    var total = 0.0
    for first in stride(from: 0, to: count, by: size) {
      total += Double(
        ElementwiseKernels.sum(min(size, count - first)) { x[first + $0] * y[first + $0] })
    }
    return total
  }

  /// out ← x + b_c.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func addBias<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ x: UnsafeMutablePointer<Scalar>, _ b: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    forEachElement(layout, b) { i, b in out[i] = x[i] + b }
  }

  /// out ← a_c x + b_c.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func affine<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ x: UnsafeMutablePointer<Scalar>, _ a: UnsafeMutablePointer<Scalar>,
    _ b: UnsafeMutablePointer<Scalar>, into out: UnsafeMutablePointer<Scalar>
  ) {
    forEachElement(layout, a, b) { i, a, b in out[i] = a * x[i] + b }
  }

  /// out ← a_c x + b_c y + d_c.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func affine<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ x: UnsafeMutablePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    _ a: UnsafeMutablePointer<Scalar>, _ b: UnsafeMutablePointer<Scalar>,
    _ d: UnsafeMutablePointer<Scalar>, into out: UnsafeMutablePointer<Scalar>
  ) {
    forEachElement(layout, a, b, d) { i, a, b, d in out[i] = a * x[i] + (b * y[i] + d) }
  }

  /// out_c ← Σ x over samples and positions.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func sums<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ x: UnsafeMutablePointer<Scalar>
  ) -> [Double] {
    channelSums(layout, x) { i, _ in x[i] }
  }

  /// out_c ← Σ (x − centre_c) y over samples and positions.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func centredProducts<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ x: UnsafeMutablePointer<Scalar>,
    _ centre: UnsafeMutablePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>
  ) -> [Double] {
    channelSums(layout, centre) { i, centre in (x[i] - centre) * y[i] }
  }

  /// out_c ← Σ (x − centre_c)² over samples and positions.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func centredSquares<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ x: UnsafeMutablePointer<Scalar>,
    _ centre: UnsafeMutablePointer<Scalar>
  ) -> [Double] {
    channelSums(layout, centre) { i, centre in (x[i] - centre) * (x[i] - centre) }
  }

  /// Runs `body` on pieces of a range of numbers, cut at fixed places.
  @inline(__always)
  static func forEachPiece(_ count: Int, _ body: (Range<Int>) -> Void) {
    let size = 1 << 16
    Parallelism.forEach((count + size - 1) / size) { piece in
      body(piece * size..<min(count, (piece + 1) * size))
    }
  }

  /// Runs `body` with every index and its channel's parameter.
  @inline(__always)
  static func forEachElement<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ a: UnsafeMutablePointer<Scalar>, _ body: (Int, Scalar) -> Void
  ) {
    forEachElement(layout, a, a, a) { i, a, _, _ in body(i, a) }
  }

  /// Runs `body` with every index and its channel's two parameters.
  @inline(__always)
  static func forEachElement<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ a: UnsafeMutablePointer<Scalar>, _ b: UnsafeMutablePointer<Scalar>,
    _ body: (Int, Scalar, Scalar) -> Void
  ) {
    forEachElement(layout, a, b, b) { i, a, b, _ in body(i, a, b) }
  }

  /// Runs `body` with every index and its channel's three parameters.
  @inline(__always)
  static func forEachElement<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ a: UnsafeMutablePointer<Scalar>, _ b: UnsafeMutablePointer<Scalar>,
    _ d: UnsafeMutablePointer<Scalar>, _ body: (Int, Scalar, Scalar, Scalar) -> Void
  ) {
    let (groups, positions, lanes) = (layout.groups, layout.positions, layout.lanes)
    Parallelism.forEach(layout.batch) { sample in
      var index = sample * layout.sampleCount
      for group in 0..<groups {
        if lanes == 1 {
          // The parameters are read once a row: the stores might otherwise change them.
          let (a, b, d) = (a[group], b[group], d[group])
          for i in index..<index + positions { body(i, a, b, d) }
          index += positions
        } else {
          let (a, b, d) = (a + group * lanes, b + group * lanes, d + group * lanes)
          for _ in 0..<positions {
            for l in 0..<lanes { body(index + l, a[l], b[l], d[l]) }
            index += lanes
          }
        }
      }
    }
  }

  /// Σ over samples and positions of `term(index, parameter of the channel)`, one sum a channel.
  @inline(__always)
  static func channelSums<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ a: UnsafeMutablePointer<Scalar>,
    _ term: (Int, Scalar) -> Scalar
  ) -> [Double] {
    let (positions, lanes) = (layout.positions, layout.lanes)
    var totals = [Double](repeating: 0, count: layout.channels)
    totals.withUnsafeMutableBufferPointer { buffer in
      let totals = buffer.start
      Parallelism.forEach(layout.groups) { group in
        if lanes == 1 {
          let a = a[group]
          for sample in 0..<layout.batch {
            let first = sample * layout.sampleCount + group * positions
            totals[group] += Double(ElementwiseKernels.sum(positions) { term(first + $0, a) })
          }
        } else {
          let a = a + group * lanes
          withUnsafeTemporaryAllocation(of: Scalar.self, capacity: lanes) { partial in
            let partial = partial.start
            for sample in 0..<layout.batch {
              Scalar.clear(lanes, partial)
              var index = sample * layout.sampleCount + group * positions * lanes
              for _ in 0..<positions {
                for l in 0..<lanes { partial[l] += term(index + l, a[l]) }
                index += lanes
              }
              for l in 0..<lanes { totals[group * lanes + l] += Double(partial[l]) }
            }
          }
        }
      }
    }
    return totals
  }
}
