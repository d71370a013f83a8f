/// Passes over numbers with one parameter a channel, sixteen numbers at a time.
///
/// In the blocked layout a vector is one position of a block and has the block's parameters; in the
/// row-major one it is sixteen positions of a channel, whose parameter fills a vector; where there is
/// one position only, it is sixteen channels. Loops are inlined into kernels that are compiled for
/// `Float` and `Double` themselves; samples run on several threads, sums are taken in a fixed order.
enum ChannelVectors {
  /// Up to sixteen numbers, then zeros.
  @inline(__always)
  static func load<Scalar: NumericScalar>(
    _ source: UnsafeMutablePointer<Scalar>, _ count: Int
  ) -> SIMD16<Scalar> {
    if count == 16 {
      return UnsafeRawPointer(source).loadUnaligned(as: SIMD16<Scalar>.self)
    }
    var result = SIMD16<Scalar>(repeating: 0)
    for l in 0..<count { result[l] = source[l] }
    return result
  }

  /// The first `count` numbers of a vector.
  @inline(__always)
  static func store<Scalar: NumericScalar>(
    _ vector: SIMD16<Scalar>, _ target: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    if count == 16 {
      UnsafeMutableRawPointer(target).storeBytes(of: vector, as: SIMD16<Scalar>.self)
    } else {
      for l in 0..<count { target[l] = vector[l] }
    }
  }

  /// Runs `body` with the place, the count and three parameters of every vector of a sample.
  @inline(__always)
  static func forEach<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ sample: Int, _ a: UnsafeMutablePointer<Scalar>,
    _ b: UnsafeMutablePointer<Scalar>, _ d: UnsafeMutablePointer<Scalar>,
    _ body: (Int, Int, SIMD16<Scalar>, SIMD16<Scalar>, SIMD16<Scalar>) -> Void
  ) {
    sum(layout, sample, a, b, d, nil) { i, count, a, b, d in
      body(i, count, a, b, d)
      return (SIMD16(repeating: 0), SIMD16(repeating: 0))
    }
  }

  /// As `forEach`, where `body` returns two terms, whose sums over the sample's positions go to
  /// `sums`: first one of every lane, then the other.
  @inline(__always)
  static func sum<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ sample: Int, _ a: UnsafeMutablePointer<Scalar>,
    _ b: UnsafeMutablePointer<Scalar>, _ d: UnsafeMutablePointer<Scalar>,
    _ sums: UnsafeMutablePointer<Scalar>?,
    _ body: (Int, Int, SIMD16<Scalar>, SIMD16<Scalar>, SIMD16<Scalar>) -> (
      SIMD16<Scalar>, SIMD16<Scalar>
    )
  ) {
    let (positions, lanes, groups) = (layout.positions, layout.lanes, layout.groups)
    var index = sample &* layout.sampleCount
    if lanes == 16 {
      for group in 0..<groups {
        let p = group &* 16
        let (a, b, d) = (load(a + p, 16), load(b + p, 16), load(d + p, 16))
        var (first, second) = (SIMD16<Scalar>(repeating: 0), SIMD16<Scalar>(repeating: 0))
        for _ in 0..<positions {
          let terms = body(index, 16, a, b, d)
          first += terms.0
          second += terms.1
          index &+= 16
        }
        if let sums {
          store(first, sums + p, 16)
          store(second, sums + (groups &* 16 &+ p), 16)
        }
      }
    } else if lanes == 1 {
      for group in 0..<groups {
        let a = SIMD16<Scalar>(repeating: a[group])
        let b = SIMD16<Scalar>(repeating: b[group])
        let d = SIMD16<Scalar>(repeating: d[group])
        var (first, second) = (SIMD16<Scalar>(repeating: 0), SIMD16<Scalar>(repeating: 0))
        let end = index &+ positions
        while index < end {
          let count = min(16, end &- index)
          let terms = body(index, count, a, b, d)
          first += terms.0
          second += terms.1
          index &+= count
        }
        if let sums {
          sums[group] = first.sum()
          sums[groups &+ group] = second.sum()
        }
      }
    } else {
      precondition(positions == 1 && groups == 1, "\(lanes) lanes of \(positions) positions")
      var lane = 0
      while lane < lanes {
        let count = min(16, lanes &- lane)
        let (a, b, d) = (load(a + lane, count), load(b + lane, count), load(d + lane, count))
        let terms = body(index &+ lane, count, a, b, d)
        if let sums {
          store(terms.0, sums + lane, count)
          store(terms.1, sums + (lanes &+ lane), count)
        }
        lane &+= count
      }
    }
  }

  /// Two sums a lane over a whole batch, of what every sample gives by `sum`.
  ///
  /// - Parameters:
  ///   - layout: Of the numbers.
  ///   - type: `Float` or `Double`.
  ///   - sample: Fills a sample's sums: one of every lane, then the other.
  /// - Returns: The sums of every channel.
  @inline(__always)
  static func totals<Scalar: NumericScalar>(
    _ layout: ChannelLayout, of type: Scalar.Type,
    _ sample: (Int, UnsafeMutablePointer<Scalar>) -> Void
  ) -> (first: [Double], second: [Double]) {
    let lanes = layout.groups * layout.lanes
    var (first, second) = (
      [Double](repeating: 0, count: lanes), [Double](repeating: 0, count: lanes)
    )
    let partial = UnsafeMutablePointer<Scalar>.allocate(capacity: max(1, layout.batch * 2 * lanes))
    defer { partial.deallocate() }
    Parallelism.forEach(layout.batch) { sample($0, partial + $0 * 2 * lanes) }
    for n in 0..<layout.batch {
      let row = partial + n * 2 * lanes
      for l in 0..<lanes {
        first[l] += Double(row[l])
        second[l] += Double(row[lanes + l])
      }
    }
    return (LayoutKernels.gather(first, layout), LayoutKernels.gather(second, layout))
  }
}
