/// A convolution by Winograd's F(4×4, 3×3): four times fewer products than its definition has.
///
/// Signals and codes are cut into tiles; a tile of a channel is transformed to 36 numbers, and each
/// of these is a matrix product of its own, tiles × channels with channels × filters
/// (`TileProducts`). Analysis, synthesis and the filters' gradient are the exact adjoints of each
/// other, with the same transforms of the filters. Work is cut into blocks of tiles whose transforms
/// stay in the cache, and among threads by images; the cuts do not depend on the number of threads. A
/// batch of few tiles goes through `WinogradFewTiles`.
///
/// Largest error of a number: about 2·10⁻⁶ of the largest (see `WinogradTransform`).
final class WinogradConvolution {
  let geometry: ConvolutionGeometry
  let filterCount: Int
  let shape: WinogradShape
  let grid: WinogradGrid
  let tiles: WinogradTiles

  /// A convolution; nothing where it is not one of 3×3 taps (see `WinogradGrid`), where filters do
  /// not come in blocks of sixteen or where most of the tiles is empty.
  init?(_ geometry: ConvolutionGeometry, filterCount: Int) {
    guard let grid = WinogradGrid(geometry), filterCount % 16 == 0,
      // Fewer products than the definition has, and phases of whole blocks.
      36 * grid.tileCount < 9 * geometry.codeSize.area,
      grid.phases == 1 || geometry.channels % 16 == 0, geometry.signalSize.area > 1
    else { return nil }
    (self.geometry, self.filterCount, self.grid) = (geometry, filterCount, grid)
    shape = WinogradShape(
      channels: geometry.channels,
      leading: ChannelLayout.blocked(geometry.signalShape(batch: 1), lanes: 16).leading,
      phases: grid.phases,
      codeGroups: filterCount / 16)
    tiles = WinogradTiles(
      grid: grid, shape: shape, signalArea: geometry.signalSize.area,
      codeArea: geometry.codeSize.area)
  }

  /// Dᵀ x, as `ConvolutionEngine.analyze`.
  func analyze(_ signals: Activation<Float>, filters: Activation<Float>) -> Activation<Float> {
    if let few = WinogradFewTiles(self, batch: signals.batch, signals.pool) {
      return few.analyze(few.transforms(ofSignals: signals), filters: filters)
    }
    let result = Activation<Float>(
      shape: geometry.codeShape(batch: signals.batch, filters: filterCount),
      layout: codeLayout(signals.batch), pool: signals.pool)
    let x = lanes(signals, signalLayout(signals.batch))
    let c = lanes(result, result.layout)
    let cuts = Cuts(batch: signals.batch, grid, shape)
    forEachBlock(cuts, filters: filters, synthesis: false, pool: signals.pool) {
      tiles, signals, codes, work, multiply in
      self.tiles.readSignals(
        x, tiles, 0..<shape.sources, into: signals.first, plane: signals.plane, work)
      multiply()
      self.tiles.writeCodes(codes.first, plane: codes.plane, tiles, work) { index, _, value in
        c[index] = value
      }
    }
    return result
  }

  /// D c, as `ConvolutionEngine.synthesize`.
  ///
  /// - Parameters:
  ///   - codes: c.
  ///   - filters: Those of D.
  ///   - start: What the result is added to.
  /// - Returns: The signals.
  func synthesize(
    _ codes: Activation<Float>, filters: Activation<Float>,
    from start: SynthesisStart<Float> = SynthesisStart(terms: [])
  ) -> Activation<Float> {
    let batch = codes.batch
    if let few = WinogradFewTiles(self, batch: batch, codes.pool) {
      return few.synthesize(few.transforms(ofCodes: codes), filters: filters, from: start)
    }
    let result = Activation<Float>(
      shape: geometry.signalShape(batch: batch), layout: signalLayout(batch), pool: codes.pool)
    let (x, c) = (lanes(result, result.layout), lanes(codes, codeLayout(batch)))
    let cuts = Cuts(batch: batch, grid, shape)
    let prepared = start.prepared(result.layout)
    let (numbers, image) = (result.memory, result.layout.sampleCount)
    forEachBlock(
      cuts, filters: filters, synthesis: true, pool: codes.pool,
      before: { images in
        for n in images { prepared.write(sample: n, into: numbers + n * image) }
      },
      { tiles, signals, codes, work, multiply in
        self.tiles.readCodes(c, tiles, into: codes.first, plane: codes.plane, work)
        multiply()
        self.tiles.addSignals(signals.first, plane: signals.plane, tiles, to: x, work)
      })
    return result
  }

  /// Runs `body` for every block of tiles, on several threads where `Parallelism` allows.
  private func forEachBlock(
    _ cuts: Cuts, filters: Activation<Float>, synthesis: Bool, pool: MemoryPool,
    before: (Range<Int>) -> Void = { _ in },
    _ body: (
      Range<Int>, TileProducts.Planes, TileProducts.Planes, UnsafeMutablePointer<ChannelLanes>,
      () -> Void
    ) -> Void
  ) {
    let matrices = WinogradFilters.matrices(of: filters, shape, isTransposed: synthesis)
    Parallelism.forEach(cuts.count) { task in
      let images = cuts.images(task)
      before(images)
      let memory = Workspace(
        tiles: cuts.largest, signalLanes: shape.sources, codeLanes: shape.codeGroups, pool)
      for block in Cuts.blocks(images, grid.tileCount, cuts.limit) {
        let signals = TileProducts.Planes(
          memory.signals, lanes: shape.sources,
          plane: TileProducts.plane(lanes: block.count * shape.sources))
        let codes = TileProducts.Planes(
          memory.codes, lanes: shape.codeGroups,
          plane: TileProducts.plane(lanes: block.count * shape.codeGroups))
        body(block, signals, codes, memory.work) {
          synthesis
            ? TileProducts.multiply(codes, matrices, rows: block.count, into: signals)
            : TileProducts.multiply(signals, matrices, rows: block.count, into: codes)
        }
      }
    }
  }

  func lanes(
    _ activation: Activation<Float>, _ layout: ChannelLayout
  ) -> UnsafeMutablePointer<ChannelLanes> {
    UnsafeMutableRawPointer(activation.values(in: layout)).assumingMemoryBound(
      to: ChannelLanes.self)
  }

  func signalLayout(_ batch: Int) -> ChannelLayout {
    .blocked(geometry.signalShape(batch: batch), lanes: 16)
  }

  func codeLayout(_ batch: Int) -> ChannelLayout {
    .blocked(geometry.codeShape(batch: batch, filters: filterCount), lanes: 16)
  }
}

extension WinogradConvolution {
  /// How a batch is cut: into tasks of some images, whose tiles are cut into blocks.
  struct Cuts {
    let batch: Int
    let tileCount: Int
    /// The most tiles of a block.
    let limit: Int
    /// Images a task.
    private let step: Int

    init(batch: Int, _ grid: WinogradGrid, _ shape: WinogradShape) {
      (self.batch, tileCount) = (batch, grid.tileCount)
      // Transforms of about 640 kB, yet enough tiles for the filters' transforms to be worth reading.
      let bytes = 36 * MemoryLayout<ChannelLanes>.stride * (shape.sources + shape.codeGroups)
      let least = shape.hasLargeFilters ? 64 : 32
      limit = min(max(640_000 / bytes, least), 128)
      step = max(1, min(batch, (limit + tileCount - 1) / tileCount))
    }

    /// The number of tasks.
    var count: Int { (batch + step - 1) / step }

    func images(_ task: Int) -> Range<Int> { task * step..<min((task + 1) * step, batch) }

    /// The tiles of the largest block; that of the last, smaller task may be it.
    var largest: Int {
      [0, count - 1].flatMap { Self.blocks(images($0), tileCount, limit) }.map(\.count).max() ?? 0
    }

    /// The tiles of some images in blocks of about equal size.
    static func blocks(_ images: Range<Int>, _ tileCount: Int, _ limit: Int) -> [Range<Int>] {
      let (first, total) = (images.lowerBound * tileCount, images.count * tileCount)
      let count = (total + limit - 1) / limit
      return (0..<count).map {
        first + $0 * total / count..<first + ($0 + 1) * total / count
      }
    }
  }

  /// Memory of one task for the transforms of a block of tiles.
  final class Workspace {
    let signals: UnsafeMutablePointer<ChannelLanes>
    let codes: UnsafeMutablePointer<ChannelLanes>
    let work: UnsafeMutablePointer<ChannelLanes>
    private let memory: UnsafeMutableRawPointer
    private let byteCount: Int
    private let pool: MemoryPool

    init(tiles: Int, signalLanes: Int, codeLanes: Int, _ pool: MemoryPool) {
      let stride = MemoryLayout<ChannelLanes>.stride
      // Smaller blocks have smaller planes.
      let signalCount = 36 * TileProducts.plane(lanes: tiles * signalLanes)
      let codeCount = 36 * TileProducts.plane(lanes: tiles * codeLanes)
      byteCount = (signalCount + codeCount + 36) * stride
      memory = pool.take(byteCount)
      self.pool = pool
      signals = memory.assumingMemoryBound(to: ChannelLanes.self)
      codes = signals + signalCount
      work = codes + codeCount
    }

    deinit { pool.give(memory, byteCount) }
  }
}
