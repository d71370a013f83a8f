/// Winograd's convolution of a batch of few tiles by many filters, such as 32 images of 4×4 pixels in
/// 256 channels by 512 filters.
///
/// There the 36 matrices of the filters are larger than all else (19 MB) and each of their numbers
/// enters only as many products as there are tiles, so that making and reading them takes as long as
/// the products. Here filters are transformed block by block, used for all tiles and forgotten, and
/// gradients go back as soon as they are summed; analysis and synthesis give the same bits as
/// `WinogradConvolution`. Work is cut among threads by filters or sources; the cuts do not depend on
/// the number of threads.
struct WinogradFewTiles {
  private let convolution: WinogradConvolution
  private let batch: Int
  private let pool: MemoryPool

  private var shape: WinogradShape { convolution.shape }
  private var tiles: WinogradTiles { convolution.tiles }
  private var tileCount: Int { batch * convolution.grid.tileCount }

  /// Nothing where there are more than 64 tiles, or the filters' matrices are small enough to keep.
  init?(_ convolution: WinogradConvolution, batch: Int, _ pool: MemoryPool) {
    guard convolution.shape.hasLargeFilters, batch * convolution.grid.tileCount <= 64
    else { return nil }
    (self.convolution, self.batch, self.pool) = (convolution, batch, pool)
  }

  /// The 36 matrices of all tiles: a row for every tile.
  final class Matrices {
    let planes: TileProducts.Planes
    private let byteCount: Int
    private let pool: MemoryPool

    fileprivate init(rows: Int, lanes: Int, _ pool: MemoryPool) {
      let plane = TileProducts.plane(lanes: rows * lanes)
      byteCount = 36 * plane * MemoryLayout<ChannelLanes>.stride
      self.pool = pool
      planes = TileProducts.Planes(
        pool.take(byteCount).assumingMemoryBound(to: ChannelLanes.self), lanes: lanes, plane: plane)
    }

    deinit { pool.give(planes.first, byteCount) }
  }

  /// The signals' tiles, transformed.
  func transforms(ofSignals signals: Activation<Float>) -> Matrices {
    let result = Matrices(rows: tileCount, lanes: shape.sources, pool)
    let x = convolution.lanes(signals, convolution.signalLayout(batch))
    forEachImage { block, work in
      tiles.readSignals(
        x, block, 0..<shape.sources,
        into: result.planes.first + block.lowerBound * shape.sources, plane: result.planes.plane,
        work)
    }
    return result
  }

  /// The codes' tiles, transformed.
  func transforms(ofCodes codes: Activation<Float>) -> Matrices {
    let result = Matrices(rows: tileCount, lanes: shape.codeGroups, pool)
    let c = convolution.lanes(codes, convolution.codeLayout(batch))
    forEachImage { block, work in
      tiles.readCodes(
        c, block, into: result.planes.first + block.lowerBound * shape.codeGroups,
        plane: result.planes.plane, work)
    }
    return result
  }

  /// Dᵀ x, from the signals' transforms.
  func analyze(_ signals: Matrices, filters: Activation<Float>) -> Activation<Float> {
    let products = products(
      signals.planes, inner: shape.sources, outer: shape.codeGroups, filters,
      lanesAreChannels: false)
    let result = Activation<Float>(
      shape: convolution.geometry.codeShape(batch: batch, filters: convolution.filterCount),
      layout: convolution.codeLayout(batch), pool: pool)
    let c = convolution.lanes(result, result.layout)
    forEachImage { block, work in
      tiles.writeCodes(
        products.planes.first + block.lowerBound * shape.codeGroups, plane: products.planes.plane,
        block, work
      ) { index, _, value in c[index] = value }
    }
    return result
  }

  /// x₀ + D c, from the codes' transforms.
  func synthesize(
    _ codes: Matrices, filters: Activation<Float>, from start: SynthesisStart<Float>
  ) -> Activation<Float> {
    let products = products(
      codes.planes, inner: shape.codeGroups, outer: shape.sources, filters, lanesAreChannels: true)
    let layout = convolution.signalLayout(batch)
    let result = Activation<Float>(
      shape: convolution.geometry.signalShape(batch: batch), layout: layout, pool: pool)
    let prepared = start.prepared(layout)
    let (x, numbers) = (convolution.lanes(result, layout), result.memory)
    let (image, tilesPerImage) = (layout.sampleCount, convolution.grid.tileCount)
    forEachImage { block, work in
      let n = block.lowerBound / tilesPerImage
      prepared.write(sample: n, into: numbers + n * image)
      tiles.addSignals(
        products.planes.first + block.lowerBound * shape.sources, plane: products.planes.plane,
        block, to: x, work)
    }
    return result
  }

  /// The filters' gradient from both transforms.
  func filterGradient(signals: Matrices, codes: Matrices) -> Activation<Float> {
    let result = Activation<Float>(
      shape: [convolution.filterCount, shape.channels, shape.side, shape.side], pool: pool)
    // Sums of 147 kB, which stay in the cache until they are transformed back.
    let (filters, groups, step) = (result.memory, shape.codeGroups, 4)
    let (v, q) = (signals.planes, codes.planes)
    Parallelism.forEach(shape.sources) { source in
      let block = FilterBlock(shape, source)
      let sums = Matrices(rows: 16, lanes: step, pool)
      withUnsafeTemporaryAllocation(of: ChannelLanes.self, capacity: FilterBlock.workCount) {
        work in
        for first in stride(from: 0, to: groups, by: step) {
          let count = min(step, groups - first)
          let sum = TileProducts.Planes(
            sums.planes.first, lanes: count, plane: sums.planes.plane)
          TileProducts.addTransposed(
            v.columns(from: source), q.columns(from: first), rows: tileCount, height: 16, to: sum,
            isFirst: true)
          for group in 0..<count {
            block.gradient(
              sum.first + group, parts: 1, pitch: count, plane: sum.plane, first + group,
              into: filters, work.start)
          }
        }
      }
    }
    return result
  }

  /// The products of tiles with filters' transforms, or with these transposed.
  ///
  /// - Parameters:
  ///   - tiles: With `inner` blocks of sixteen columns.
  ///   - inner: Sources, or groups of filters.
  ///   - outer: The other of the two.
  ///   - filters: Shape [M, C, 3s, 3s].
  ///   - lanesAreChannels: Whether the filters' matrices are transposed.
  /// - Returns: A row for every tile, `outer` blocks of sixteen columns.
  private func products(
    _ tiles: TileProducts.Planes, inner: Int, outer: Int, _ filters: Activation<Float>,
    lanesAreChannels: Bool
  ) -> Matrices {
    let result = Matrices(rows: tileCount, lanes: outer, pool)
    let numbers = filters.values
    // Two by two blocks: 147 kB, which stay in the cache from their making to the product.
    let step = 2
    let plane = TileProducts.plane(lanes: step * 16 * step)
    let byteCount = 36 * plane * MemoryLayout<ChannelLanes>.stride
    Parallelism.forEach((outer + step - 1) / step) { part in
      let columns = part * step..<min((part + 1) * step, outer)
      let memory = pool.take(byteCount).assumingMemoryBound(to: ChannelLanes.self)
      defer { pool.give(memory, byteCount) }
      withUnsafeTemporaryAllocation(of: ChannelLanes.self, capacity: FilterBlock.workCount) {
        work in
        for first in stride(from: 0, to: inner, by: step) {
          let rows = first..<min(first + step, inner)
          let matrices = TileProducts.Strips(
            memory, count: columns.count, rows: 16 * rows.count, plane: plane)
          for row in rows {
            for column in columns {
              let (source, group) = lanesAreChannels ? (column, row) : (row, column)
              FilterBlock(shape, source).transform(
                numbers, group, lanesAreChannels: lanesAreChannels,
                into: matrices.row(column - columns.lowerBound, 16 * (row - first)), plane: plane,
                work.start)
            }
          }
          TileProducts.multiply(
            tiles.columns(from: first), matrices, rows: tileCount, inner: 16 * rows.count,
            into: result.planes.columns(from: columns.lowerBound), isFirst: first == 0)
        }
      }
    }
    return result
  }

  /// Runs `body` for the tiles of every image, with memory for 36 lanes, on several threads where
  /// `Parallelism` allows.
  private func forEachImage(
    _ body: (Range<Int>, UnsafeMutablePointer<ChannelLanes>) -> Void
  ) {
    let count = convolution.grid.tileCount
    Parallelism.forEach(batch) { image in
      withUnsafeTemporaryAllocation(of: ChannelLanes.self, capacity: 36) { work in
        body(image * count..<(image + 1) * count, work.start)
      }
    }
  }
}
