/// Copies between the layouts of an activation, compiled for `Float` and `Double` themselves.
enum LayoutKernels {
  /// Copies numbers from one layout to another of the same batch, channels and positions, where one
  /// of the two has a single lane.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func convert<Scalar: NumericScalar>(
    _ source: UnsafeMutablePointer<Scalar>, _ from: ChannelLayout,
    into target: UnsafeMutablePointer<Scalar>, _ to: ChannelLayout
  ) {
    precondition(
      from.channels == to.channels && from.positions == to.positions
        && min(from.lanes, to.lanes) == 1, "no copy from \(from) to \(to)")
    let toLanes = to.lanes > 1
    let blocked = toLanes ? to : from
    let (positions, lanes, leading) = (blocked.positions, blocked.lanes, blocked.leading)
    let plainCount = blocked.channels &* positions
    Parallelism.forEach(blocked.batch) { sample in
      for group in 0..<blocked.groups {
        let offset = sample &* blocked.sampleCount &+ group &* positions &* lanes
        let first = group == 0 ? 0 : leading &+ (group &- 1) &* lanes
        let plain = sample &* plainCount &+ first &* positions
        let used = group == 0 ? leading : lanes
        if toLanes {
          let (source, target) = (source + plain, target + offset)
          if used < lanes { target.update(repeating: 0, count: positions &* lanes) }
          for p in 0..<positions {
            for l in 0..<used { target[p &* lanes &+ l] = source[l &* positions &+ p] }
          }
        } else {
          let (source, target) = (source + offset, target + plain)
          for l in 0..<used {
            for p in 0..<positions { target[l &* positions &+ p] = source[p &* lanes &+ l] }
          }
        }
      }
    }
  }

  /// One number a lane from one a channel, zero where a lane is empty.
  static func spread<Scalar: NumericScalar>(
    _ parameters: Activation<Scalar>, _ layout: ChannelLayout
  ) -> Activation<Scalar> {
    if layout.isFull { return parameters }
    let result = Activation<Scalar>(
      shape: [layout.groups * layout.lanes], pool: parameters.pool)
    Scalar.clear(result.count, result.memory)
    for c in 0..<layout.channels { result.memory[layout.lane(of: c)] = parameters.memory[c] }
    return result
  }

  /// One number a channel from one a lane.
  static func gather(_ lanes: [Double], _ layout: ChannelLayout) -> [Double] {
    layout.isFull ? lanes : (0..<layout.channels).map { lanes[layout.lane(of: $0)] }
  }
}
