/// The passes between activations and the 36 matrices of Winograd's F(4×4, 3×3).
///
/// Activations lie in blocks of sixteen channels. The matrices have a row for every tile; `plane` is
/// the distance between them in lanes, best odd: otherwise all 36 numbers of a tile fall into the
/// same set of the cache.
struct WinogradTiles {
  let grid: WinogradGrid
  let shape: WinogradShape
  /// Positions of a signal and of a code.
  let signalArea: Int
  let codeArea: Int

  /// V ← Bᵀ d B for some sources of some tiles.
  ///
  /// - Parameters:
  ///   - x: The first image of the batch.
  ///   - tiles: Tiles of the batch, image by image.
  ///   - sources: Blocks of channels in phases.
  ///   - v: As many rows as tiles, as many lanes as sources.
  ///   - plane: The distance between matrices.
  ///   - work: 36 lanes.
  func readSignals(
    _ x: UnsafeMutablePointer<ChannelLanes>, _ tiles: Range<Int>, _ sources: Range<Int>,
    into v: UnsafeMutablePointer<ChannelLanes>, plane: Int,
    _ work: UnsafeMutablePointer<ChannelLanes>
  ) {
    var row = v
    forEachTile(tiles) { image, y, z in
      let base = x + image * shape.signalGroups * signalArea
      forEachSource(sources, y, z) { group, rows, columns, isInside, index in
        read(
          base + group * signalArea, rows, columns, isInside, work, into: row + index, plane)
      }
      row += sources.count
    }
  }

  /// x ← x + B e Bᵀ over some tiles: the adjoint of `readSignals`.
  func addSignals(
    _ e: UnsafeMutablePointer<ChannelLanes>, plane: Int, _ tiles: Range<Int>,
    to x: UnsafeMutablePointer<ChannelLanes>, _ work: UnsafeMutablePointer<ChannelLanes>
  ) {
    var row = e
    forEachTile(tiles) { image, y, z in
      let base = x + image * shape.signalGroups * signalArea
      forEachSource(0..<shape.sources, y, z) { group, rows, columns, isInside, index in
        add(row + index, plane, work, rows, columns, isInside, to: base + group * signalArea)
      }
      row += shape.sources
    }
  }

  /// Q ← A y Aᵀ for some tiles: the adjoint of `writeCodes`.
  func readCodes(
    _ c: UnsafeMutablePointer<ChannelLanes>, _ tiles: Range<Int>,
    into q: UnsafeMutablePointer<ChannelLanes>, plane: Int,
    _ work: UnsafeMutablePointer<ChannelLanes>
  ) {
    var row = q
    grid.codeRows.withUnsafeBufferPointer { codeRows in
      grid.codeColumns.withUnsafeBufferPointer { codeColumns in
        forEachTile(tiles) { image, y, z in
          let (rows, columns) = (codeRows.start + 4 * y, codeColumns.start + 4 * z)
          for group in 0..<shape.codeGroups {
            let base = c + (image * shape.codeGroups + group) * codeArea
            for j in 0..<4 {
              let column = columns[j]
              @inline(__always) func at(_ i: Int) -> ChannelLanes {
                rows[i] < 0 || column < 0 ? ChannelLanes(repeating: 0) : base[rows[i] + column]
              }
              scatter(
                WinogradTransform.codeAdjoint((at(0), at(1), at(2), at(3))), work + j, 4)
            }
            for i in 0..<6 {
              let w = work + 4 * i
              scatter(
                WinogradTransform.codeAdjoint((w[0], w[1], w[2], w[3])),
                row + 6 * i * plane + group, plane)
            }
          }
          row += shape.codeGroups
        }
      }
    }
  }

  /// Aᵀ m A for some tiles, every code vector given to `store` with its index and block of filters.
  @inline(__always)
  func writeCodes(
    _ m: UnsafeMutablePointer<ChannelLanes>, plane: Int, _ tiles: Range<Int>,
    _ work: UnsafeMutablePointer<ChannelLanes>, _ store: (Int, Int, ChannelLanes) -> Void
  ) {
    var row = m
    grid.codeRows.withUnsafeBufferPointer { codeRows in
      grid.codeColumns.withUnsafeBufferPointer { codeColumns in
        forEachTile(tiles) { image, y, z in
          let (rows, columns) = (codeRows.start + 4 * y, codeColumns.start + 4 * z)
          for group in 0..<shape.codeGroups {
            for j in 0..<6 {
              let p = row + j * plane + group
              let q = 6 * plane
              let v = WinogradTransform.code(
                (p[0], p[q], p[2 * q], p[3 * q], p[4 * q], p[5 * q]))
              (work[j], work[6 + j], work[12 + j], work[18 + j]) = v
            }
            let base = (image * shape.codeGroups + group) * codeArea
            for i in 0..<4 where rows[i] >= 0 {
              let w = work + 6 * i
              let v = WinogradTransform.code((w[0], w[1], w[2], w[3], w[4], w[5]))
              let first = base + rows[i]
              store(first + columns[0], group, v.0)
              if columns[1] >= 0 { store(first + columns[1], group, v.1) }
              if columns[2] >= 0 { store(first + columns[2], group, v.2) }
              if columns[3] >= 0 { store(first + columns[3], group, v.3) }
            }
          }
          row += shape.codeGroups
        }
      }
    }
  }

  /// Runs `body` with the image, the tile row and the tile column of every tile.
  @inline(__always)
  private func forEachTile(_ tiles: Range<Int>, _ body: (Int, Int, Int) -> Void) {
    let (count, width) = (grid.tileCount, grid.tiles.width)
    for tile in tiles {
      let (image, place) = tile.quotientAndRemainder(dividingBy: count)
      body(image, place / width, place % width)
    }
  }

  /// Runs `body` with the block of channels, the offsets of six rows and columns, whether all are
  /// inside the signal, and the place of every source.
  @inline(__always)
  private func forEachSource(
    _ sources: Range<Int>, _ y: Int, _ z: Int,
    _ body: (Int, UnsafePointer<Int>, UnsafePointer<Int>, Bool, Int) -> Void
  ) {
    let (s, groups) = (grid.phases, shape.signalGroups)
    grid.signalRows.withUnsafeBufferPointer { allRows in
      grid.signalColumns.withUnsafeBufferPointer { allColumns in
        for source in sources {
          let (phase, group) = source.quotientAndRemainder(dividingBy: groups)
          let rows = allRows.start + (y * s + phase / s) * 6
          let columns = allColumns.start + (z * s + phase % s) * 6
          let isInside = rows[0] >= 0 && rows[5] >= 0 && columns[0] >= 0 && columns[5] >= 0
          body(group, rows, columns, isInside, source - sources.lowerBound)
        }
      }
    }
  }

  @inline(__always)
  private func read(
    _ x: UnsafeMutablePointer<ChannelLanes>, _ rows: UnsafePointer<Int>,
    _ columns: UnsafePointer<Int>, _ isInside: Bool, _ work: UnsafeMutablePointer<ChannelLanes>,
    into out: UnsafeMutablePointer<ChannelLanes>, _ plane: Int
  ) {
    for j in 0..<6 {
      let column = columns[j]
      if isInside {
        let p = x + column
        scatter(
          WinogradTransform.signal(
            (p[rows[0]], p[rows[1]], p[rows[2]], p[rows[3]], p[rows[4]], p[rows[5]])),
          work + j, 6)
      } else {
        @inline(__always) func at(_ i: Int) -> ChannelLanes {
          rows[i] < 0 || column < 0 ? ChannelLanes(repeating: 0) : x[rows[i] + column]
        }
        scatter(
          WinogradTransform.signal((at(0), at(1), at(2), at(3), at(4), at(5))), work + j, 6)
      }
    }
    for i in 0..<6 {
      let w = work + 6 * i
      scatter(
        WinogradTransform.signal((w[0], w[1], w[2], w[3], w[4], w[5])), out + 6 * i * plane, plane)
    }
  }

  @inline(__always)
  private func add(
    _ e: UnsafeMutablePointer<ChannelLanes>, _ plane: Int,
    _ work: UnsafeMutablePointer<ChannelLanes>, _ rows: UnsafePointer<Int>,
    _ columns: UnsafePointer<Int>, _ isInside: Bool, to x: UnsafeMutablePointer<ChannelLanes>
  ) {
    for j in 0..<6 {
      let p = e + j * plane
      let q = 6 * plane
      scatter(
        WinogradTransform.signalAdjoint((p[0], p[q], p[2 * q], p[3 * q], p[4 * q], p[5 * q])),
        work + j, 6)
    }
    for i in 0..<6 where rows[i] >= 0 {
      let w = work + 6 * i
      let v = WinogradTransform.signalAdjoint((w[0], w[1], w[2], w[3], w[4], w[5]))
      let p = x + rows[i]
      if isInside {
        p[columns[0]] += v.0
        p[columns[1]] += v.1
        p[columns[2]] += v.2
        p[columns[3]] += v.3
        p[columns[4]] += v.4
        p[columns[5]] += v.5
      } else {
        if columns[0] >= 0 { p[columns[0]] += v.0 }
        if columns[1] >= 0 { p[columns[1]] += v.1 }
        if columns[2] >= 0 { p[columns[2]] += v.2 }
        if columns[3] >= 0 { p[columns[3]] += v.3 }
        if columns[4] >= 0 { p[columns[4]] += v.4 }
        if columns[5] >= 0 { p[columns[5]] += v.5 }
      }
    }
  }

  @inline(__always)
  private func scatter(
    _ v: WinogradTransform.Six, _ out: UnsafeMutablePointer<ChannelLanes>, _ pitch: Int
  ) {
    out[0] = v.0
    out[pitch] = v.1
    out[2 * pitch] = v.2
    out[3 * pitch] = v.3
    out[4 * pitch] = v.4
    out[5 * pitch] = v.5
  }
}
