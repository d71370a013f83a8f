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
    let shape = [x.value.batch, x.value.channels, grid.output.height, grid.output.width]
    let (layout, resultLayout) = pooledLayouts(x, shape)
    let result = Activation<Scalar>(shape: shape, layout: resultLayout, pool: pool)
    let planeLayout = layout.withoutLanes
    let (planes, lanes) = (planeLayout.batch * planeLayout.groups, planeLayout.lanes)
    let values = x.value.values(in: layout)
    let taps = [UInt8](unsafeUninitializedCapacity: result.memoryCount) { taps, count in
      PoolingKernels.maxPool(grid, planes, lanes, values, into: result.memory, taps.start)
      count = result.memoryCount
    }
    return record(result, from: [x]) { [pool, slot = x.slot, shape = x.shape] gradient in
      let sum = Activation<Scalar>(shape: shape, layout: layout, pool: pool)
      let outer = gradient.values(in: resultLayout)
      taps.withUnsafeBufferPointer {
        PoolingKernels.scatterMax(grid, planes, lanes, outer, $0.start, into: sum.memory)
      }
      slot?.add(sum, isFresh: true)
    }
  }

  /// The mean of every channel.
  ///
  /// - Parameter x: Shape [N, C, H, W].
  /// - Returns: Shape [N, C].
  public func globalAveragePool(_ x: Variable<Scalar>) -> Variable<Scalar> {
    let result = allocate([x.value.batch, x.value.channels])
    let layout = x.value.layout
    PoolingKernels.means(layout, x.value.memory, into: result.memory)
    return record(result, from: [x]) { [pool, slot = x.slot, shape = x.shape] gradient in
      let spread = Activation<Scalar>(shape: shape, layout: layout, pool: pool)
      PoolingKernels.spread(layout, gradient.values, into: spread.memory)
      slot?.add(spread, isFresh: true)
    }
  }

  /// The layout in which `x` is pooled, and that of the result: blocks where `x` has them.
  private func pooledLayouts(
    _ x: Variable<Scalar>, _ shape: [Int]
  ) -> (ChannelLayout, ChannelLayout) {
    let isBlocked =
      x.value.layout != .rowMajor(x.shape) && shape.dropFirst(2).reduce(1, *) > 1
    return isBlocked
      ? (
        .blocked(x.shape, lanes: x.value.layout.lanes),
        .blocked(shape, lanes: x.value.layout.lanes)
      )
      : (.rowMajor(x.shape), .rowMajor(shape))
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
    let c = x.value.channels
    let before = before ?? (channels - c) / 2
    precondition(before >= 0 && before + c <= channels, "\(c) channels do not fit in \(channels)")
    let grid = PoolingGrid(shape: x.shape, window: .square(1), stride: .square(stride))
    let shape = [x.value.batch, channels, grid.output.height, grid.output.width]
    let isBlocked = c % 16 == 0 && channels % 16 == 0
    let (layout, resultLayout) =
      isBlocked ? pooledLayouts(x, shape) : (.rowMajor(x.shape), .rowMajor(shape))
    let result = Activation<Scalar>(shape: shape, layout: resultLayout, pool: pool)
    Scalar.clear(result.memoryCount, result.memory)
    PoolingKernels.subsample(
      grid, layout.withoutLanes, resultLayout.withoutLanes, before, x.value.values(in: layout),
      into: result.memory)
    return record(result, from: [x]) { [pool, slot = x.slot, shape = x.shape] gradient in
      let sum = Activation<Scalar>(shape: shape, layout: layout, pool: pool)
      Scalar.clear(sum.memoryCount, sum.memory)
      PoolingKernels.scatterSubsample(
        grid, layout.withoutLanes, resultLayout.withoutLanes, before,
        gradient.values(in: resultLayout), into: sum.memory)
      slot?.add(sum, isFresh: true)
    }
  }
}
