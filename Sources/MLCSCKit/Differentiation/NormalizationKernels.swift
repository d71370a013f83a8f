/// The passes of batch norm, each over memory once.
enum NormalizationKernels {
  /// The mean of every channel, and the sum of squared distances from it.
  ///
  /// Every sample's own mean and squares are taken while it is in the cache; they are put together
  /// in Double (Chan, Golub, LeVeque, 1983).
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func moments<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ x: UnsafeMutablePointer<Scalar>
  ) -> (mean: [Double], squares: [Double]) {
    let lanes = layout.groups * layout.lanes
    let all = UnsafeMutablePointer<Scalar>.allocate(capacity: max(1, layout.batch * 4 * lanes))
    defer { all.deallocate() }
    let positions = Scalar(layout.positions)
    Parallelism.forEach(layout.batch) { sample in
      let (sums, squares) = (all + sample &* 4 &* lanes, all + (sample &* 4 &+ 2) &* lanes)
      ChannelVectors.sum(layout, sample, x, x, x, sums) { i, count, _, _, _ in
        (ChannelVectors.load(x + i, count), SIMD16(repeating: 0))
      }
      for l in 0..<lanes { sums[l] /= positions }
      ChannelVectors.sum(layout, sample, sums, sums, sums, squares) { i, count, mean, _, _ in
        let distance = ChannelVectors.load(x + i, count) - mean
        // Lanes beyond the count are zero minus the mean.
        return (
          count == 16 ? distance * distance : kept(distance * distance, count), SIMD16(repeating: 0)
        )
      }
    }
    var mean = [Double](repeating: 0, count: lanes)
    for n in 0..<layout.batch {
      for l in 0..<lanes { mean[l] += Double(all[n * 4 * lanes + l]) }
    }
    for l in 0..<lanes { mean[l] /= Double(layout.batch) }
    var squares = [Double](repeating: 0, count: lanes)
    for n in 0..<layout.batch {
      let row = all + n * 4 * lanes
      for l in 0..<lanes {
        let distance = Double(row[l]) - mean[l]
        squares[l] += Double(row[2 * lanes + l]) + Double(layout.positions) * distance * distance
      }
    }
    return (mean, squares)
  }

  /// out ← a_c x + d_c + s, or its positive part; without s where it is absent.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func normalize<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ x: UnsafeMutablePointer<Scalar>, _ a: UnsafeMutablePointer<Scalar>,
    _ d: UnsafeMutablePointer<Scalar>, adding s: UnsafeMutablePointer<Scalar>?, rectified: Bool,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    // Without a rectifier the floor is below every number.
    let floor = SIMD16<Scalar>(repeating: rectified ? 0 : -Scalar.infinity)
    Parallelism.forEach(layout.batch) { sample in
      if let s {
        ChannelVectors.forEach(layout, sample, a, d, d) { i, count, a, d, _ in
          let y = a * ChannelVectors.load(x + i, count) + d + ChannelVectors.load(s + i, count)
          ChannelVectors.store(Scalar.raised(y, to: floor), out + i, count)
        }
      } else {
        ChannelVectors.forEach(layout, sample, a, d, d) { i, count, a, d, _ in
          let y = a * ChannelVectors.load(x + i, count) + d
          ChannelVectors.store(Scalar.raised(y, to: floor), out + i, count)
        }
      }
    }
  }

  /// Σ m and Σ m (x − centre_c) of every channel, with m the gradient where the rectifier is open.
  ///
  /// - Parameters:
  ///   - layout: Of all numbers.
  ///   - gradient: That of the result.
  ///   - y: The result, where it is rectified.
  ///   - x: What was normalised.
  ///   - centre: One number a channel.
  ///   - masked: Where m goes, if somebody needs it; may be `gradient`.
  /// - Returns: The sums.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func gradientSums<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ gradient: UnsafeMutablePointer<Scalar>,
    _ y: UnsafeMutablePointer<Scalar>?, _ x: UnsafeMutablePointer<Scalar>,
    _ centre: UnsafeMutablePointer<Scalar>, masked: UnsafeMutablePointer<Scalar>?
  ) -> (sums: [Double], products: [Double]) {
    let totals = ChannelVectors.totals(layout, of: Scalar.self) { sample, sums in
      if let y {
        ChannelVectors.sum(layout, sample, centre, centre, centre, sums) { i, count, c, _, _ in
          let m = open(ChannelVectors.load(gradient + i, count), ChannelVectors.load(y + i, count))
          if let masked { ChannelVectors.store(m, masked + i, count) }
          return (m, m * (ChannelVectors.load(x + i, count) - c))
        }
      } else {
        ChannelVectors.sum(layout, sample, centre, centre, centre, sums) { i, count, c, _, _ in
          let m = ChannelVectors.load(gradient + i, count)
          return (m, m * (ChannelVectors.load(x + i, count) - c))
        }
      }
    }
    return (totals.first, totals.second)
  }

  /// out ← a_c m + b_c x + d_c with m as in `gradientSums`.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func inputGradient<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ gradient: UnsafeMutablePointer<Scalar>,
    _ y: UnsafeMutablePointer<Scalar>?, _ x: UnsafeMutablePointer<Scalar>,
    _ a: UnsafeMutablePointer<Scalar>, _ b: UnsafeMutablePointer<Scalar>,
    _ d: UnsafeMutablePointer<Scalar>, into out: UnsafeMutablePointer<Scalar>
  ) {
    Parallelism.forEach(layout.batch) { sample in
      if let y {
        ChannelVectors.forEach(layout, sample, a, b, d) { i, count, a, b, d in
          let m = open(ChannelVectors.load(gradient + i, count), ChannelVectors.load(y + i, count))
          ChannelVectors.store(
            a * m + (b * ChannelVectors.load(x + i, count) + d), out + i, count)
        }
      } else {
        ChannelVectors.forEach(layout, sample, a, b, d) { i, count, a, b, d in
          let m = ChannelVectors.load(gradient + i, count)
          ChannelVectors.store(
            a * m + (b * ChannelVectors.load(x + i, count) + d), out + i, count)
        }
      }
    }
  }

  /// The gradient where the result is not zero, else 0.
  @inline(__always)
  private static func open<Scalar: NumericScalar>(
    _ gradient: SIMD16<Scalar>, _ y: SIMD16<Scalar>
  ) -> SIMD16<Scalar> {
    Scalar.chosen(gradient, whereNonzero: y)
  }

  /// The first `count` numbers, then zeros.
  @inline(__always)
  private static func kept<Scalar: NumericScalar>(
    _ vector: SIMD16<Scalar>, _ count: Int
  ) -> SIMD16<Scalar> {
    var result = SIMD16<Scalar>(repeating: 0)
    for l in 0..<count { result[l] = vector[l] }
    return result
  }
}
