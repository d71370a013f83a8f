/// The numbers of a variable or a gradient, in memory of a pool.
///
/// Shape [N, C, H, W], row-major; two axes [N, C] stand for one position. A reference type: a step
/// of the tape that needs the numbers for its backward pass holds a reference, and the memory goes
/// back to the pool with the last one. Once its operation has filled it an activation never
/// changes, so references may be shared freely.
///
/// Operations see the memory through `values` and `layout`, never through an index formula of
/// their own; an engine's blocked layout (N × C/16 × H × W × 16) is thus one more `ChannelLayout`.
public final class Activation<Scalar: NumericScalar> {
  /// The extent of every axis.
  public let shape: [Int]
  /// The number of elements.
  public let count: Int

  let values: UnsafeMutablePointer<Scalar>
  let pool: MemoryPool
  /// The tensor this was copied from, so that a convolution's filters are not copied at every use.
  private let source: Tensor<Scalar>?

  /// Memory whose contents are undefined until an operation has filled it.
  init(shape: [Int], pool: MemoryPool, source: Tensor<Scalar>? = nil) {
    self.shape = shape
    self.pool = pool
    self.source = source
    count = shape.reduce(1, *)
    values = pool.take(count * MemoryLayout<Scalar>.stride)
      .bindMemory(to: Scalar.self, capacity: max(count, 1))
  }

  /// A copy of a tensor.
  convenience init(_ tensor: Tensor<Scalar>, pool: MemoryPool) {
    self.init(shape: tensor.shape, pool: pool, source: tensor)
    tensor.withElements { values.update(from: $0, count: count) }
  }

  deinit { pool.give(values, count * MemoryLayout<Scalar>.stride) }

  /// The size of the batch.
  var batch: Int { shape.first ?? 1 }
  /// The number of channels.
  var channels: Int { shape.count > 1 ? shape[1] : 1 }
  /// The number of positions of a channel.
  var positions: Int { shape.dropFirst(2).reduce(1, *) }

  /// How channels and positions lie in the memory.
  var layout: ChannelLayout {
    positions == 1
      ? ChannelLayout(batch: batch, groups: 1, positions: 1, lanes: channels)
      : ChannelLayout(batch: batch, groups: channels, positions: positions, lanes: 1)
  }

  /// The numbers as a tensor.
  public var tensor: Tensor<Scalar> {
    source
      ?? Tensor(
        shape: shape, elements: Array(UnsafeBufferPointer(start: values, count: count)))
  }

  /// Runs `body` on the numbers, row-major.
  public func withElements<R>(_ body: (UnsafePointer<Scalar>) throws -> R) rethrows -> R {
    try withExtendedLifetime(self) { try body(UnsafePointer(values)) }
  }
}

/// How the channels of a batch lie in memory: samples × groups × positions × lanes.
///
/// Channel c is lane c mod lanes of group c / lanes. One lane is the row-major layout; one position
/// makes all channels lanes of a single group; sixteen lanes are oneDNN's blocked layout.
struct ChannelLayout: Equatable {
  let batch: Int
  let groups: Int
  let positions: Int
  let lanes: Int

  /// The numbers of one sample.
  var sampleCount: Int { groups * positions * lanes }
  /// The channels of one sample.
  var channels: Int { groups * lanes }
  /// The numbers that a channel has in the whole batch.
  var numbersPerChannel: Int { batch * positions }
}
