/// The non-zeros of a batch of samples, sample by sample, for products with the weights of few classes.
///
/// Sparse codes as features are mostly zeros: a pass over their non-zeros costs a fraction of a matrix
/// product that reads them all. Weights and gradients are [d, K] here, so that what belongs to one
/// feature lies side by side.
struct SparseFeatures: Sendable {
  private let starts: [Int]
  private let indices: [Int32]
  private let values: [Double]
  /// d.
  let width: Int

  /// The samples' non-zeros; nil where more than a quarter of all entries are some, or there are too
  /// many features for their numbers.
  init?(_ features: Tensor<Double>) {
    let (count, width) = (features.rows, features.columns)
    let nonzeros = features.elements.count { $0 != 0 }
    guard nonzeros <= features.count / 4, width <= Int(Int32.max) else { return nil }
    var (starts, indices, values) = ([0], [Int32](), [Double]())
    starts.reserveCapacity(count + 1)
    indices.reserveCapacity(nonzeros)
    values.reserveCapacity(nonzeros)
    features.withElements { x in
      for b in 0..<count {
        for j in 0..<width where x[b * width + j] != 0 {
          indices.append(Int32(j))
          values.append(x[b * width + j])
        }
        starts.append(indices.count)
      }
    }
    (self.starts, self.indices, self.values, self.width) = (starts, indices, values, width)
  }

  /// s ← Wᵀx of a sample, for weights [d, K].
  func scores(
    _ sample: Int, _ weights: UnsafePointer<Double>, _ classes: Int,
    into scores: UnsafeMutablePointer<Double>
  ) {
    if classes == 10 {  // ten digits: in registers
      var (eight, two) = (SIMD8<Double>(), SIMD2<Double>())
      forEach(sample) { j, value in
        let row = UnsafeRawPointer(weights + j &* 10)
        eight += value * row.loadUnaligned(as: SIMD8<Double>.self)
        two += value * row.loadUnaligned(fromByteOffset: 64, as: SIMD2<Double>.self)
      }
      let target = UnsafeMutableRawPointer(scores)
      target.storeBytes(of: eight, as: SIMD8<Double>.self)
      target.storeBytes(of: two, toByteOffset: 64, as: SIMD2<Double>.self)
      return
    }
    scores.update(repeating: 0, count: classes)
    forEach(sample) { j, value in
      let row = weights + j &* classes
      for k in 0..<classes { scores[k] += value * row[k] }
    }
  }

  /// G ← G + x rᵀ for a sample and its residuals, G of shape [d, K].
  func addOuter(
    _ sample: Int, _ residuals: UnsafePointer<Double>, _ classes: Int,
    to gradient: UnsafeMutablePointer<Double>
  ) {
    if classes == 10 {
      let source = UnsafeRawPointer(residuals)
      let eight = source.loadUnaligned(as: SIMD8<Double>.self)
      let two = source.loadUnaligned(fromByteOffset: 64, as: SIMD2<Double>.self)
      forEach(sample) { j, value in
        let row = UnsafeMutableRawPointer(gradient + j &* 10)
        row.storeBytes(
          of: row.loadUnaligned(as: SIMD8<Double>.self) + value * eight, as: SIMD8<Double>.self)
        row.storeBytes(
          of: row.loadUnaligned(fromByteOffset: 64, as: SIMD2<Double>.self) + value * two,
          toByteOffset: 64, as: SIMD2<Double>.self)
      }
      return
    }
    forEach(sample) { j, value in
      let row = gradient + j &* classes
      for k in 0..<classes { row[k] += value * residuals[k] }
    }
  }

  @inline(__always)
  private func forEach(_ sample: Int, _ body: (_ feature: Int, _ value: Double) -> Void) {
    indices.withUnsafeBufferPointer { indices in
      values.withUnsafeBufferPointer { values in
        for place in starts[sample]..<starts[sample + 1] {
          body(Int(indices[place]), values[place])
        }
      }
    }
  }
}
