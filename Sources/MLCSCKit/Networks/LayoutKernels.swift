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
    let (positions, lanes) = (blocked.positions, blocked.lanes)
    Parallelism.forEach(blocked.batch) { sample in
      for group in 0..<blocked.groups {
        let offset = sample * blocked.sampleCount + group * positions * lanes
        let (source, target) = (source + offset, target + offset)
        if toLanes {
          for p in 0..<positions {
            for l in 0..<lanes { target[p &* lanes &+ l] = source[l &* positions &+ p] }
          }
        } else {
          for l in 0..<lanes {
            for p in 0..<positions { target[l &* positions &+ p] = source[p &* lanes &+ l] }
          }
        }
      }
    }
  }
}
