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
        sum(min(size, count - first)) { x[first + $0] * y[first + $0] })
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
    forEachSample(layout) { sample in
      forEachElement(layout, sample, b) { i, b in out[i] = x[i] + b }
    }
  }

  /// out_c ← Σ x over samples and positions.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func sums<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ x: UnsafeMutablePointer<Scalar>
  ) -> [Double] {
    channelSums(layout) { group, totals in
      groupSums(layout, group, x, totals) { i, _ in x[i] }
    }
  }

  /// Runs `body` on pieces of a range of numbers, cut at fixed places.
  @inline(__always)
  static func forEachPiece(_ count: Int, _ body: (Range<Int>) -> Void) {
    let size = 1 << 16
    Parallelism.forEach((count + size - 1) / size) { piece in
      body(piece * size..<min(count, (piece + 1) * size))
    }
  }

  /// Runs `body` for every sample, on several threads where `Parallelism` allows.
  ///
  /// Loops over numbers belong inside `body`, where they are inlined: a closure that is called for
  /// every number from another thread would be called through a pointer.
  @inline(__always)
  static func forEachSample(_ layout: ChannelLayout, _ body: (Int) -> Void) {
    Parallelism.forEach(layout.batch, body)
  }

  /// Runs `body` with every index of a sample and its channel's parameter.
  @inline(__always)
  static func forEachElement<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ sample: Int, _ a: UnsafeMutablePointer<Scalar>,
    _ body: (Int, Scalar) -> Void
  ) {
    forEachElement(layout, sample, a, a, a) { i, a, _, _ in body(i, a) }
  }

  /// Runs `body` with every index of a sample and its channel's three parameters.
  @inline(__always)
  static func forEachElement<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ sample: Int, _ a: UnsafeMutablePointer<Scalar>,
    _ b: UnsafeMutablePointer<Scalar>, _ d: UnsafeMutablePointer<Scalar>,
    _ body: (Int, Scalar, Scalar, Scalar) -> Void
  ) {
    let (groups, positions, lanes) = (layout.groups, layout.positions, layout.lanes)
    var index = sample &* layout.sampleCount
    for group in 0..<groups {
      if lanes == 1 {
        // The parameters are read once a row: the stores might otherwise change them.
        let (a, b, d) = (a[group], b[group], d[group])
        for i in index..<index &+ positions { body(i, a, b, d) }
        index &+= positions
      } else {
        let (a, b, d) = (a + group &* lanes, b + group &* lanes, d + group &* lanes)
        for _ in 0..<positions {
          for l in 0..<lanes { body(index &+ l, a[l], b[l], d[l]) }
          index &+= lanes
        }
      }
    }
  }

  /// Sums over samples and positions, one a channel: the groups of channels on several threads.
  ///
  /// - Parameters:
  ///   - layout: Of the numbers.
  ///   - group: Sums one group by `groupSums`.
  /// - Returns: C sums.
  @inline(__always)
  static func channelSums(
    _ layout: ChannelLayout,
    _ group: (_ group: Int, _ totals: UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    var totals = [Double](repeating: 0, count: layout.groups * layout.lanes)
    totals.withUnsafeMutableBufferPointer { buffer in
      let totals = buffer.start
      Parallelism.forEach(layout.groups) { group($0, totals) }
    }
    return LayoutKernels.gather(totals, layout)
  }

  /// Adds Σ over samples and positions of `term(index, parameter of the channel)` to the totals of
  /// one group's channels.
  @inline(__always)
  static func groupSums<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ group: Int, _ a: UnsafeMutablePointer<Scalar>,
    _ totals: UnsafeMutablePointer<Double>, _ term: (Int, Scalar) -> Scalar
  ) {
    let (positions, lanes) = (layout.positions, layout.lanes)
    if lanes == 1 {
      let a = a[group]
      for sample in 0..<layout.batch {
        let first = sample &* layout.sampleCount &+ group &* positions
        totals[group] += Double(sum(positions) { term(first &+ $0, a) })
      }
    } else {
      let (a, totals) = (a + group &* lanes, totals + group &* lanes)
      withUnsafeTemporaryAllocation(of: Scalar.self, capacity: lanes) { partial in
        let partial = partial.start
        for sample in 0..<layout.batch {
          for l in 0..<lanes { partial[l] = 0 }
          var index = sample &* layout.sampleCount &+ group &* positions &* lanes
          for _ in 0..<positions {
            for l in 0..<lanes { partial[l] += term(index &+ l, a[l]) }
            index &+= lanes
          }
          for l in 0..<lanes { totals[l] += Double(partial[l]) }
        }
      }
    }
  }

  /// Sums `term(i)` in 32 interleaved partial sums: a fixed order, and vectors of any width.
  @inline(__always)
  static func sum<Scalar: NumericScalar>(_ n: Int, _ term: (Int) -> Scalar) -> Scalar {
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 32) { buffer in
      let partial = buffer.start
      for l in 0..<32 { partial[l] = 0 }
      var first = 0
      while first + 32 <= n {
        for l in 0..<32 { partial[l] += term(first &+ l) }
        first += 32
      }
      for l in 0..<n - first { partial[l] += term(first &+ l) }
      var width = 16
      while width > 0 {
        for l in 0..<width { partial[l] += partial[l &+ width] }
        width /= 2
      }
      return partial[0]
    }
  }
}
