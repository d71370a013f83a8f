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
enum PoolingKernels {
  /// The largest number of every window, and which tap it was (row · width + column).
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func maxPool<Scalar: NumericScalar>(
    _ grid: PoolingGrid, _ planes: Int, _ x: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>, _ taps: UnsafeMutablePointer<UInt8>
  ) {
    Parallelism.forEach(planes) { plane in
      let source = x + plane * grid.input.area
      var index = plane * grid.output.area
      for row in 0..<grid.output.height {
        for column in 0..<grid.output.width {
          let corner =
            source + row * grid.stride.height * grid.input.width + column * grid.stride.width
          var best = corner[0]
          var tap = 0
          for a in 0..<grid.window.height {
            for b in 0..<grid.window.width where corner[a * grid.input.width + b] > best {
              best = corner[a * grid.input.width + b]
              tap = a * grid.window.width + b
            }
          }
          out[index] = best
          taps[index] = UInt8(truncatingIfNeeded: tap)
          index += 1
        }
      }
    }
  }

  /// Adds every window's gradient to the position its largest number came from.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func scatterMax<Scalar: NumericScalar>(
    _ grid: PoolingGrid, _ planes: Int, _ gradient: UnsafeMutablePointer<Scalar>,
    _ taps: UnsafePointer<UInt8>, into sum: UnsafeMutablePointer<Scalar>
  ) {
    Parallelism.forEach(planes) { plane in
      let target = sum + plane * grid.input.area
      var index = plane * grid.output.area
      for row in 0..<grid.output.height {
        for column in 0..<grid.output.width {
          let tap = Int(taps[index])
          let y = row * grid.stride.height + tap / grid.window.width
          let x = column * grid.stride.width + tap % grid.window.width
          target[y * grid.input.width + x] += gradient[index]
          index += 1
        }
      }
    }
  }

  /// out ← the mean of every plane.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func means<Scalar: NumericScalar>(
    _ planes: Int, _ positions: Int, _ x: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    for plane in 0..<planes {
      let source = x + plane * positions
      out[plane] = ElementwiseKernels.sum(positions) { source[$0] } / Scalar(positions)
    }
  }

  /// out ← every number divided evenly among the positions of its plane.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func spread<Scalar: NumericScalar>(
    _ planes: Int, _ positions: Int, _ gradient: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    for plane in 0..<planes {
      (out + plane * positions).update(
        repeating: gradient[plane] / Scalar(positions), count: positions)
    }
  }

  /// out ← every stride-th position of some planes.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func subsample<Scalar: NumericScalar>(
    _ grid: PoolingGrid, _ planes: Int, _ x: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    forEachLine(grid, planes) { source, target in
      Scalar.copyStrided(grid.output.width, x + source, grid.stride.width, out + target)
    }
  }

  /// The adjoint of `subsample`, added to `sum`.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func scatterSubsample<Scalar: NumericScalar>(
    _ grid: PoolingGrid, _ planes: Int, _ gradient: UnsafeMutablePointer<Scalar>,
    into sum: UnsafeMutablePointer<Scalar>
  ) {
    forEachLine(grid, planes) { source, target in
      Scalar.addStrided(grid.output.width, gradient + target, sum + source, grid.stride.width)
    }
  }

  @inline(__always)
  private static func forEachLine(
    _ grid: PoolingGrid, _ planes: Int, _ body: (_ source: Int, _ target: Int) -> Void
  ) {
    for plane in 0..<planes {
      for row in 0..<grid.output.height {
        body(
          plane * grid.input.area + row * grid.stride.height * grid.input.width,
          plane * grid.output.area + row * grid.output.width)
      }
    }
  }
}
