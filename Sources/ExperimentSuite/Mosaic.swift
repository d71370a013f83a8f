/// Small pictures for a figure that shows many of them.
public enum Mosaic {
  /// One picture.
  public struct Tile: Sendable {
    let group: Int
    let size: Int
    let pixels: [Double]

    /// A square picture, pixels row by row, in some group (a layer, a panel).
    public init(group: Int, size: Int, pixels: [Double]) {
      self.group = group
      self.size = size
      self.pixels = pixels
    }
  }

  /// One table a group, `name-1` and so on, with one pixel a row.
  ///
  /// Tiles stand in rows of equal length, one pixel of zeros apart, line by line from the top, as
  /// gnuplot's images want them. Not compared with baselines.
  ///
  /// - Throws: `TableError.notFinite` naming the tile that has such a pixel.
  public static func tables(_ name: String, _ tiles: [Tile], perRow: Int? = nil) throws -> [Table] {
    for (number, tile) in tiles.enumerated() where !tile.pixels.allSatisfy(\.isFinite) {
      throw TableError.notFinite(table: name, row: number + 1, column: "value")
    }
    return try Set(tiles.map(\.group)).sorted().map { group in
      let members = tiles.filter { $0.group == group }
      let width = perRow ?? Int(Double(members.count).squareRoot().rounded(.up))
      let size = members.map(\.size).max() ?? 1
      let height = (members.count + width - 1) / width * (size + 1) - 1
      var canvas = [[Double]](
        repeating: [Double](repeating: 0, count: width * (size + 1) - 1), count: height)
      for (place, tile) in members.enumerated() {
        let (top, left) = (place / width * (size + 1), place % width * (size + 1))
        for (i, pixel) in tile.pixels.enumerated() {
          canvas[top + i / tile.size][left + i % tile.size] = pixel
        }
      }
      // Without typed rows: a mosaic has a hundred thousand of them.
      let contents = canvas.enumerated().flatMap { y, line in
        line.enumerated().map { x, pixel in
          [String(y), String(x), Value.real(pixel).content]
        }
      }
      return try Table(
        "\(name)-\(group)",
        [Column("row", .key), Column("column", .key), Column("value", .measured())],
        contents: contents, isCompared: false)
    }
  }
}
