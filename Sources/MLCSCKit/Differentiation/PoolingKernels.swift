/// The windows of a pooling operation.
struct PoolingGrid: Sendable {
  let input: Extent
  let window: Extent
  let stride: Extent
  let output: Extent

  init(shape: [Int], window: Extent, stride: Extent) {
    precondition(shape.count == 4, "images of shape \(shape), not [N, C, H, W]")
    input = Extent(shape[2], shape[3])
    precondition(
      (1...min(16, input.height)).contains(window.height)
        && (1...min(16, input.width)).contains(window.width)
        && stride.height >= 1 && stride.width >= 1,
      "a window of \(window) with stride \(stride) on \(input)")
    self.window = window
    self.stride = stride
    output = Extent(
      (input.height - window.height) / stride.height + 1,
      (input.width - window.width) / stride.width + 1)
  }
}

/// The loops of pooling, compiled for `Float` and `Double` themselves.
///
/// A plane is one channel of one image, or a block of channels that are its lanes.
enum PoolingKernels {
  /// The largest number of every window, and which tap it was (row · width + column).
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func maxPool<Scalar: NumericScalar>(
    _ grid: PoolingGrid, _ planes: Int, _ lanes: Int, _ x: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>, _ taps: UnsafeMutablePointer<UInt8>
  ) {
    Parallelism.forEach(planes) { plane in
      let source = x + plane &* grid.input.area &* lanes
      var index = plane &* grid.output.area &* lanes
      for row in 0..<grid.output.height {
        for column in 0..<grid.output.width {
          let corner =
            source
            + (row &* grid.stride.height &* grid.input.width &+ column &* grid.stride.width)
            &* lanes
          let (best, tap) = (out + index, taps + index)
          for l in 0..<lanes {
            best[l] = corner[l]
            tap[l] = 0
          }
          for a in 0..<grid.window.height {
            for b in 0..<grid.window.width where a &+ b > 0 {
              let number = UInt8(truncatingIfNeeded: a &* grid.window.width &+ b)
              let candidate = corner + (a &* grid.input.width &+ b) &* lanes
              for l in 0..<lanes {
                let isLarger = candidate[l] > best[l]
                best[l] = isLarger ? candidate[l] : best[l]
                tap[l] = isLarger ? number : tap[l]
              }
            }
          }
          index &+= lanes
        }
      }
    }
  }

  /// Every window's gradient at the position its largest number came from, zeros elsewhere.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func scatterMax<Scalar: NumericScalar>(
    _ grid: PoolingGrid, _ planes: Int, _ lanes: Int, _ gradient: UnsafeMutablePointer<Scalar>,
    _ taps: UnsafePointer<UInt8>, into sum: UnsafeMutablePointer<Scalar>
  ) {
    Parallelism.forEach(planes) { plane in
      let target = sum + plane &* grid.input.area &* lanes
      target.update(repeating: 0, count: grid.input.area &* lanes)
      var index = plane &* grid.output.area &* lanes
      for row in 0..<grid.output.height {
        for column in 0..<grid.output.width {
          let corner =
            target
            + (row &* grid.stride.height &* grid.input.width &+ column &* grid.stride.width)
            &* lanes
          for a in 0..<grid.window.height {
            for b in 0..<grid.window.width {
              let number = UInt8(truncatingIfNeeded: a &* grid.window.width &+ b)
              let place = corner + (a &* grid.input.width &+ b) &* lanes
              let (tap, outer) = (taps + index, gradient + index)
              for l in 0..<lanes { place[l] += tap[l] == number ? outer[l] : 0 }
            }
          }
          index &+= lanes
        }
      }
    }
  }

  /// out ← the mean of every channel.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func means<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ x: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    let (positions, lanes, channels) = (layout.positions, layout.lanes, layout.channels)
    Parallelism.forEach(layout.batch) { sample in
      let (x, out) = (x + sample &* layout.sampleCount, out + sample &* channels)
      if lanes == 1 {
        for c in 0..<channels {
          let source = x + c &* positions
          out[c] = ElementwiseKernels.sum(positions) { source[$0] } / Scalar(positions)
        }
      } else {
        withUnsafeTemporaryAllocation(of: Scalar.self, capacity: lanes) { sums in
          let sums = sums.start
          for group in 0..<layout.groups {
            for l in 0..<lanes { sums[l] = 0 }
            var source = x + group &* positions &* lanes
            for _ in 0..<positions {
              for l in 0..<lanes { sums[l] += source[l] }
              source += lanes
            }
            let first = group == 0 ? 0 : layout.leading &+ (group &- 1) &* lanes
            for l in 0..<(group == 0 ? layout.leading : lanes) {
              out[first &+ l] = sums[l] / Scalar(positions)
            }
          }
        }
      }
    }
  }

  /// out ← every number divided evenly among the positions of its channel.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func spread<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ gradient: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    let (positions, lanes, channels) = (layout.positions, layout.lanes, layout.channels)
    Parallelism.forEach(layout.batch) { sample in
      let gradient = gradient + sample &* channels
      for group in 0..<layout.groups {
        var target = out + (sample &* layout.groups &+ group) &* positions &* lanes
        let first = group == 0 ? 0 : layout.leading &+ (group &- 1) &* lanes
        let used = group == 0 ? layout.leading : lanes
        if lanes == 1 {
          target.update(repeating: gradient[group] / Scalar(positions), count: positions)
          continue
        }
        for l in 0..<lanes { target[l] = l < used ? gradient[first &+ l] / Scalar(positions) : 0 }
        for _ in 1..<max(positions, 1) {
          (target + lanes).update(from: target, count: lanes)
          target += lanes
        }
      }
    }
  }

  /// out ← every stride-th position, with channels moved behind `before` others.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func subsample<Scalar: NumericScalar>(
    _ grid: PoolingGrid, _ layout: ChannelLayout, _ outLayout: ChannelLayout, _ before: Int,
    _ x: UnsafeMutablePointer<Scalar>, into out: UnsafeMutablePointer<Scalar>
  ) {
    forEachRun(grid, layout, outLayout, before) { source, target, count in
      let (source, target) = (x + source, out + target)
      for l in 0..<count { target[l] = source[l] }
    }
  }

  /// The adjoint of `subsample`, where `sum` is zero.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func scatterSubsample<Scalar: NumericScalar>(
    _ grid: PoolingGrid, _ layout: ChannelLayout, _ outLayout: ChannelLayout, _ before: Int,
    _ gradient: UnsafeMutablePointer<Scalar>, into sum: UnsafeMutablePointer<Scalar>
  ) {
    forEachRun(grid, layout, outLayout, before) { source, target, count in
      let (source, target) = (sum + source, gradient + target)
      for l in 0..<count { source[l] = target[l] }
    }
  }

  /// Runs `body` with the places of every run of lanes that stays together.
  @inline(__always)
  private static func forEachRun(
    _ grid: PoolingGrid, _ layout: ChannelLayout, _ outLayout: ChannelLayout, _ before: Int,
    _ body: (_ source: Int, _ target: Int, _ count: Int) -> Void
  ) {
    let lanes = layout.lanes
    let shift = before % lanes
    Parallelism.forEach(layout.batch) { sample in
      for group in 0..<layout.groups {
        let plane = (sample &* layout.groups &+ group) &* grid.input.area
        let outGroup = (group &* lanes &+ before) / lanes
        let outPlane = (sample &* outLayout.groups &+ outGroup) &* grid.output.area
        for row in 0..<grid.output.height {
          for column in 0..<grid.output.width {
            let source =
              (plane &+ row &* grid.stride.height &* grid.input.width
                &+ column &* grid.stride.width) &* lanes
            let target = (outPlane &+ row &* grid.output.width &+ column) &* lanes
            body(source, target &+ shift, lanes &- shift)
            // The rest of the lanes begins the next block.
            if shift > 0 {
              body(
                source &+ lanes &- shift, target &+ grid.output.area &* lanes, shift)
            }
          }
        }
      }
    }
  }
}
