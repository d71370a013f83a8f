/// Pooling, and the identity shortcut where a residual network changes its shape.
extension Tape {
  /// The largest number of every window; its gradient goes to the first of equal ones.
  ///
  /// - Parameters:
  ///   - x: Shape [N, C, H, W].
  ///   - window: Height and width of a window, both at most 16.
  ///   - stride: The distance between windows; that of the window itself if absent.
  /// - Returns: Shape [N, C, ⌊(H − h)/s⌋ + 1, ⌊(W − w)/s⌋ + 1].
  public func maxPool(
    _ x: Variable<Scalar>, window: Extent, stride: Extent? = nil
  ) -> Variable<Scalar> {
    let grid = PoolingGrid(shape: x.shape, window: window, stride: stride ?? window)
    let result = allocate([x.value.batch, x.value.channels, grid.output.height, grid.output.width])
    let planes = x.value.batch * x.value.channels
    let taps = [UInt8](unsafeUninitializedCapacity: result.count) { taps, count in
      PoolingKernels.maxPool(grid, planes, x.value.values, into: result.values, taps.start)
      count = result.count
    }
    return record(result, from: [x]) { [pool, slot = x.slot, shape = x.shape] gradient in
      let sum = Activation<Scalar>(shape: shape, pool: pool)
      Scalar.clear(sum.count, sum.values)
      taps.withUnsafeBufferPointer {
        PoolingKernels.scatterMax(grid, planes, gradient.values, $0.start, into: sum.values)
      }
      slot?.add(sum)
    }
  }

  /// The mean of every channel.
  ///
  /// - Parameter x: Shape [N, C, H, W].
  /// - Returns: Shape [N, C].
  public func globalAveragePool(_ x: Variable<Scalar>) -> Variable<Scalar> {
    let result = allocate([x.value.batch, x.value.channels])
    let positions = x.value.positions
    PoolingKernels.means(result.count, positions, x.value.values, into: result.values)
    return record(result, from: [x]) { [pool, slot = x.slot, shape = x.shape] gradient in
      let spread = Activation<Scalar>(shape: shape, pool: pool)
      PoolingKernels.spread(gradient.count, positions, gradient.values, into: spread.values)
      slot?.add(spread)
    }
  }

  /// Every `stride`-th position, with channels of zeros before and behind.
  ///
  ///     y[n, before + c, i, j] = x[n, c, stride · i, stride · j]
  ///
  /// The parameter-free shortcut between the stages of a residual network for CIFAR (He, Zhang,
  /// Ren, Sun, CVPR 2016, option A).
  /// - Parameters:
  ///   - x: Shape [N, C, H, W].
  ///   - stride: Along both axes.
  ///   - channels: The channels of the result, at least C.
  ///   - before: How many of the added channels come first; half of them if absent.
  /// - Returns: Shape [N, channels, ⌈H/stride⌉, ⌈W/stride⌉].
  public func subsample(
    _ x: Variable<Scalar>, stride: Int, channels: Int, before: Int? = nil
  ) -> Variable<Scalar> {
    let (n, c) = (x.value.batch, x.value.channels)
    let before = before ?? (channels - c) / 2
    precondition(before >= 0 && before + c <= channels, "\(c) channels do not fit in \(channels)")
    let grid = PoolingGrid(shape: x.shape, window: .square(1), stride: .square(stride))
    let result = allocate([n, channels, grid.output.height, grid.output.width])
    let (area, input) = (grid.output.area, grid.input.area)
    Scalar.clear(result.count, result.values)
    for sample in 0..<n {
      PoolingKernels.subsample(
        grid, c, x.value.values + sample * c * input,
        into: result.values + (sample * channels + before) * area)
    }
    return record(result, from: [x]) { [pool, slot = x.slot, shape = x.shape] gradient in
      let sum = Activation<Scalar>(shape: shape, pool: pool)
      Scalar.clear(sum.count, sum.values)
      for sample in 0..<n {
        PoolingKernels.scatterSubsample(
          grid, c, gradient.values + (sample * channels + before) * area,
          into: sum.values + sample * c * input)
      }
      slot?.add(sum)
    }
  }
}
