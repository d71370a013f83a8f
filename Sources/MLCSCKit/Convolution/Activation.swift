/// The numbers of a variable or a gradient, in memory of a pool.
///
/// Shape [N, C, H, W], row-major; two axes [N, C] stand for one position. A reference type: a step
/// of the tape that needs the numbers for its backward pass holds a reference, and the memory goes
/// back to the pool with the last one. Once its operation has filled it an activation never
/// changes, so references may be shared freely.
///
/// An activation lies in the layout of the operation that computed it (`layout`), row-major or an
/// engine's blocks of channels; element-wise operations work in that layout and pass it on, so that
/// a chain of convolutions never reorders. An operation that needs another layout asks for it, and
/// the copy is made once and kept. Layouts only one engine knows are kept with the activation too:
/// a parameter's filters are thus reordered once a step, not at every use.
public final class Activation<Scalar: NumericScalar> {
  /// The extent of every axis.
  public let shape: [Int]
  /// The number of elements.
  public let count: Int
  /// The numbers in `memory`, with the zeros of empty lanes.
  var memoryCount: Int { layout.memoryCount }

  /// How the numbers lie in `memory`.
  let layout: ChannelLayout
  /// The numbers in `layout`.
  let memory: UnsafeMutablePointer<Scalar>
  let pool: MemoryPool
  /// Copies in the layouts of an engine, for that engine.
  var engineForms = [any EngineForm]()
  /// The tensor this was copied from, so that a convolution's filters are not copied at every use.
  private var source: Tensor<Scalar>?
  /// The numbers in the other of the two layouts, row-major or blocked, once somebody asked.
  private var other: (memory: UnsafeMutablePointer<Scalar>, count: Int)?

  /// Memory whose contents are undefined until an operation has filled it; row-major if no layout
  /// is given.
  init(
    shape: [Int], layout: ChannelLayout? = nil, pool: MemoryPool, source: Tensor<Scalar>? = nil
  ) {
    self.shape = shape
    self.layout = layout ?? .rowMajor(shape)
    self.pool = pool
    self.source = source
    count = shape.reduce(1, *)
    memory = Self.take(self.layout.memoryCount, from: pool)
  }

  /// A copy of a tensor.
  convenience init(_ tensor: Tensor<Scalar>, pool: MemoryPool) {
    self.init(shape: tensor.shape, pool: pool, source: tensor)
    tensor.withElements { memory.update(from: $0, count: count) }
  }

  /// Memory for numbers of the same shape in the same layout.
  convenience init(like other: Activation) {
    self.init(shape: other.shape, layout: other.layout, pool: other.pool)
  }

  deinit {
    pool.give(memory, memoryCount * MemoryLayout<Scalar>.stride)
    if let other { pool.give(other.memory, other.count * MemoryLayout<Scalar>.stride) }
  }

  /// The size of the batch.
  var batch: Int { shape.first ?? 1 }
  /// The number of channels.
  var channels: Int { shape.count > 1 ? shape[1] : 1 }
  /// The number of positions of a channel.
  var positions: Int { shape.dropFirst(2).reduce(1, *) }

  /// The numbers, row-major.
  var values: UnsafeMutablePointer<Scalar> { values(in: .rowMajor(shape)) }

  /// The numbers in a layout: row-major, or blocked.
  ///
  /// May make the copy, so it is never called from several threads at once: take the pointer first,
  /// then cut the work.
  func values(in wanted: ChannelLayout) -> UnsafeMutablePointer<Scalar> {
    if wanted == layout { return memory }
    if let other { return other.memory }
    let copy = Self.take(wanted.memoryCount, from: pool)
    LayoutKernels.convert(memory, layout, into: copy, wanted)
    other = (copy, wanted.memoryCount)
    return copy
  }

  /// The numbers as a tensor.
  public var tensor: Tensor<Scalar> {
    source
      ?? Tensor(
        shape: shape, elements: Array(UnsafeBufferPointer(start: values, count: count)))
  }

  /// Lets go of the tensor this was copied from.
  func forgetSource() { source = nil }

  /// Runs `body` on the numbers, row-major.
  public func withElements<R>(_ body: (UnsafePointer<Scalar>) throws -> R) rethrows -> R {
    try withExtendedLifetime(self) { try body(UnsafePointer(values)) }
  }

  private static func take(_ count: Int, from pool: MemoryPool) -> UnsafeMutablePointer<Scalar> {
    pool.take(count * MemoryLayout<Scalar>.stride)
      .bindMemory(to: Scalar.self, capacity: max(count, 1))
  }
}

/// A copy of an activation in a layout that one engine knows.
protocol EngineForm: AnyObject {}

/// How the channels of a batch lie in memory: samples × groups × positions × lanes.
///
/// One lane is the row-major layout; one position makes all channels lanes of a single group;
/// sixteen lanes are blocks of channels, as oneDNN has them. Where the channels do not fill their
/// blocks the first block has only as many as are left over, so that images of three channels
/// joined with any number of full blocks need no reordering; its other lanes hold zeros.
struct ChannelLayout: Equatable {
  let batch: Int
  let groups: Int
  let positions: Int
  let lanes: Int
  /// The channels of the first group.
  let leading: Int

  /// A layout whose blocks are full unless `leading` says otherwise.
  init(batch: Int, groups: Int, positions: Int, lanes: Int, leading: Int? = nil) {
    (self.batch, self.groups, self.positions, self.lanes) = (batch, groups, positions, lanes)
    self.leading = leading ?? lanes
  }

  /// One position makes all channels lanes; otherwise every channel is a group.
  static func rowMajor(_ shape: [Int]) -> ChannelLayout {
    let channels = shape.count > 1 ? shape[1] : 1
    let positions = shape.dropFirst(2).reduce(1, *)
    return positions == 1
      ? ChannelLayout(batch: shape.first ?? 1, groups: 1, positions: 1, lanes: channels)
      : ChannelLayout(batch: shape.first ?? 1, groups: channels, positions: positions, lanes: 1)
  }

  /// Blocks of so many channels; the row-major layout where there is one position.
  static func blocked(_ shape: [Int], lanes: Int) -> ChannelLayout {
    let plain = rowMajor(shape)
    let rest = plain.channels % lanes
    precondition(
      plain.positions > 1 || rest == 0, "\(plain.channels) channels in blocks of \(lanes)")
    return plain.positions == 1
      ? plain
      : ChannelLayout(
        batch: plain.batch, groups: (plain.channels + lanes - 1) / lanes,
        positions: plain.positions, lanes: lanes, leading: rest == 0 ? lanes : rest)
  }

  /// The row-major layout with every channel a group, whatever the positions.
  var withoutLanes: ChannelLayout {
    positions == 1 || lanes == 1
      ? ChannelLayout(batch: batch, groups: channels, positions: positions, lanes: 1) : self
  }

  /// The numbers in memory of one sample.
  var sampleCount: Int { groups * positions * lanes }
  /// All numbers in memory.
  var memoryCount: Int { batch * sampleCount }
  /// The channels of one sample.
  var channels: Int { (groups - 1) * lanes + leading }
  /// Whether no lane is left empty.
  var isFull: Bool { leading == lanes }
  /// The numbers that a channel has in the whole batch.
  var numbersPerChannel: Int { batch * positions }

  /// The place of a channel among all lanes.
  func lane(of channel: Int) -> Int { channel < leading ? channel : channel + lanes - leading }
}
