/// The gradients of a Winograd convolution: that of the filters alone, or with it that of the
/// signals or of the codes, which share a transform.
extension WinogradConvolution {
  /// What is wanted beside the filters' gradient.
  enum Companion {
    /// x₀ + D c, as the backward pass of an analysis needs it.
    case signals(SynthesisStart<Float>)
    /// Dᵀ x, as the backward pass of a synthesis needs it.
    case codes
  }

  /// As `ConvolutionEngine.filterGradient`.
  func filterGradient(
    signals: Activation<Float>, codes: Activation<Float>
  ) -> Activation<Float> {
    if let few = WinogradFewTiles(self, batch: signals.batch, signals.pool) {
      return few.filterGradient(
        signals: few.transforms(ofSignals: signals), codes: few.transforms(ofCodes: codes))
    }
    return filterGradient(signals: signals, codes: codes, GradientCuts(signals.batch, shape), nil)
  }

  /// The filters' gradient and its companion.
  ///
  /// - Parameters:
  ///   - companion: Which.
  ///   - signals: x.
  ///   - codes: c.
  ///   - filters: Those of D.
  /// - Returns: The companion, then the filters' gradient; nothing where the filters' sums are too
  ///   large for all channels to be summed at once, unless there are few tiles.
  func gradients(
    _ companion: Companion, signals: Activation<Float>, codes: Activation<Float>,
    filters: Activation<Float>
  ) -> (Activation<Float>, Activation<Float>)? {
    if let few = WinogradFewTiles(self, batch: signals.batch, signals.pool) {
      let (v, q) = (few.transforms(ofSignals: signals), few.transforms(ofCodes: codes))
      let gradient = few.filterGradient(signals: v, codes: q)
      switch companion {
      case .signals(let start):
        return (few.synthesize(q, filters: filters, from: start), gradient)
      case .codes: return (few.analyze(v, filters: filters), gradient)
      }
    }
    let cuts = GradientCuts(signals.batch, shape)
    guard cuts.sourceParts == 1 else { return nil }
    let (batch, image) = (signals.batch, signalLayout(1).sampleCount)
    switch companion {
    case .signals(let start):
      let matrices = WinogradFilters.matrices(of: filters, shape, isTransposed: true)
      let layout = signalLayout(batch)
      let result = Activation<Float>(
        shape: geometry.signalShape(batch: batch), layout: layout, pool: signals.pool)
      let (prepared, numbers, target) = (
        start.prepared(layout), result.memory, lanes(result, layout)
      )
      let gradient = filterGradient(
        signals: signals, codes: codes, cuts,
        BlockWork(
          before: { images in
            for n in images { prepared.write(sample: n, into: numbers + n * image) }
          },
          after: { [tiles] block, signals, codes, work in
            TileProducts.multiply(codes, matrices, rows: block.count, into: signals)
            tiles.addSignals(signals.first, plane: signals.plane, block, to: target, work)
          }))
      return (result, gradient)
    case .codes:
      let matrices = WinogradFilters.matrices(of: filters, shape, isTransposed: false)
      let layout = codeLayout(batch)
      let result = Activation<Float>(
        shape: geometry.codeShape(batch: batch, filters: filterCount), layout: layout,
        pool: signals.pool)
      let target = lanes(result, layout)
      let gradient = filterGradient(
        signals: signals, codes: codes, cuts,
        BlockWork(
          before: { _ in },
          after: { [tiles] block, signals, codes, work in
            TileProducts.multiply(signals, matrices, rows: block.count, into: codes)
            tiles.writeCodes(codes.first, plane: codes.plane, block, work) { index, _, value in
              target[index] = value
            }
          }))
      return (result, gradient)
    }
  }

  /// What else is done with the images of a part, and with the transforms of a block of its tiles,
  /// which it may overwrite.
  private struct BlockWork {
    let before: (Range<Int>) -> Void
    let after:
      (
        Range<Int>, TileProducts.Planes, TileProducts.Planes, UnsafeMutablePointer<ChannelLanes>
      ) -> Void
  }

  /// How the sums over a batch are cut, whatever the number of threads.
  private struct GradientCuts {
    /// The sources of a part: all, or four where the sums would not stay in the cache.
    let step: Int
    let sourceParts: Int
    /// Parts of the batch, so that threads have work.
    let imageParts: Int
    /// The most tiles of a block.
    let limit: Int

    init(_ batch: Int, _ shape: WinogradShape) {
      step = shape.hasLargeFilters ? min(4, shape.sources) : shape.sources
      sourceParts = (shape.sources + step - 1) / step
      imageParts = min(batch, max(1, 8 / sourceParts))
      let bytes = 36 * MemoryLayout<ChannelLanes>.stride * (step + shape.codeGroups)
      limit = min(max(640_000 / bytes, 64), 128)
    }
  }

  private func filterGradient(
    signals: Activation<Float>, codes: Activation<Float>, _ cuts: GradientCuts,
    _ companion: BlockWork?
  ) -> Activation<Float> {
    let (batch, pool) = (signals.batch, signals.pool)
    let result = Activation<Float>(
      shape: [filterCount, geometry.channels, shape.side, shape.side], pool: pool)
    if batch == 0 {
      Float.clear(result.count, result.memory)
      return result
    }
    let (x, c) = (lanes(signals, signalLayout(batch)), lanes(codes, codeLayout(batch)))
    let (step, sourceParts, imageParts) = (cuts.step, cuts.sourceParts, cuts.imageParts)
    let groups = shape.codeGroups
    let sumLanes = 36 * TileProducts.plane(lanes: step * 16 * groups)
    let stride = MemoryLayout<ChannelLanes>.stride
    let sumBytes = sourceParts * imageParts * sumLanes * stride
    let sums = pool.take(sumBytes)
    defer { pool.give(sums, sumBytes) }
    let sum = sums.assumingMemoryBound(to: ChannelLanes.self)
    func images(_ part: Int) -> Range<Int> {
      part * batch / imageParts..<(part + 1) * batch / imageParts
    }
    /// The blocks of tiles of a part: about equal, at most the limit.
    func blocks(_ part: Int) -> [Range<Int>] {
      Cuts.blocks(images(part), grid.tileCount, cuts.limit)
    }
    Parallelism.forEach(sourceParts * imageParts) { task in
      let (sourcePart, imagePart) = task.quotientAndRemainder(dividingBy: imageParts)
      let sources = sourcePart * step..<min((sourcePart + 1) * step, shape.sources)
      let sum =
        sum + (sourcePart * imageParts * sumLanes)
        + imagePart * 36 * TileProducts.plane(lanes: sources.count * 16 * groups)
      companion?.before(images(imagePart))
      let all = blocks(imagePart)
      let tileLimit = all.map(\.count).max() ?? 0
      let memory = Workspace(
        tiles: tileLimit, signalLanes: sources.count, codeLanes: groups, pool)
      for (i, block) in all.enumerated() {
        let signals = TileProducts.Planes(
          memory.signals, lanes: sources.count,
          plane: TileProducts.plane(lanes: block.count * sources.count))
        let codes = TileProducts.Planes(
          memory.codes, lanes: groups, plane: TileProducts.plane(lanes: block.count * groups))
        tiles.readSignals(
          x, block, sources, into: signals.first, plane: signals.plane, memory.work)
        tiles.readCodes(c, block, into: codes.first, plane: codes.plane, memory.work)
        TileProducts.addTransposed(
          signals, codes, rows: block.count, height: 16 * sources.count,
          to: .init(
            sum, lanes: groups, plane: TileProducts.plane(lanes: sources.count * 16 * groups)),
          isFirst: i == 0)
        companion?.after(block, signals, codes, memory.work)
      }
    }
    let filters = result.memory
    Parallelism.forEach(sourceParts) { part in
      WinogradFilters.gradient(
        sum + part * imageParts * sumLanes, parts: imageParts, first: part * step,
        count: min(step, shape.sources - part * step), shape, into: filters)
    }
    return result
  }
}
