import Foundation

/// A figure of many small pictures in a few panels: atoms, images, codes.
public struct MosaicFigure {
  /// A picture of one plane.
  public struct Picture: Sendable {
    let height: Int
    let width: Int
    let pixels: [Double]

    /// A picture of pixels row by row, scaled so that its largest magnitude is 1.
    ///
    /// Where there are several planes one behind the other, their mean is shown.
    ///
    /// - Parameters:
    ///   - planes: A multiple of `height` × `width` numbers.
    ///   - height: Rows.
    ///   - width: Columns.
    public init(planes: [Double], height: Int, width: Int) {
      let area = height * width
      (self.height, self.width) = (height, width)
      let sums = (0..<area).map { i in
        stride(from: i, to: planes.count, by: area).reduce(0.0) { $0 + planes[$1] }
      }
      let largest = sums.reduce(0) { max($0, abs($1)) }
      pixels = largest > 0 ? sums.map { $0 / largest } : sums
    }
  }

  /// Pictures under one title.
  public struct Panel: Sendable {
    let title: String
    let pictures: [Picture]
    let perRow: Int

    /// A panel.
    ///
    /// - Parameters:
    ///   - title: In gnuplot's enhanced text.
    ///   - pictures: All of one size.
    ///   - perRow: Pictures beside each other; absent: about as many as below each other.
    public init(_ title: String, _ pictures: [Picture], perRow: Int? = nil) {
      (self.title, self.pictures) = (title, pictures)
      self.perRow = perRow ?? max(1, Int(Double(pictures.count).squareRoot().rounded(.up)))
    }

    /// The panel as numbers, pictures one pixel apart.
    fileprivate var canvas: [[Double]] {
      let (height, width) = (pictures.first?.height ?? 1, pictures.first?.width ?? 1)
      let lines = max(1, (pictures.count + perRow - 1) / perRow)
      var canvas = [[Double]](
        repeating: [Double](repeating: 0, count: perRow * (width + 1) - 1),
        count: lines * (height + 1) - 1)
      for (place, picture) in pictures.enumerated() {
        let (top, left) = (place / perRow * (height + 1), place % perRow * (width + 1))
        for (i, pixel) in picture.pixels.enumerated() {
          canvas[top + i / width][left + i % width] = pixel
        }
      }
      return canvas
    }
  }

  private let panels: [Panel]
  private let perRow: Int
  private let caption: [String]

  /// A figure.
  ///
  /// - Parameters:
  ///   - panels: What is shown, at least one.
  ///   - perRow: Panels beside each other.
  ///   - caption: What the foot says, a few words each.
  public init(_ panels: [Panel], perRow: Int, caption: [String]) {
    (self.panels, self.perRow, self.caption) = (panels, perRow, caption)
  }

  /// Draws the figure as `STEM.png` and `STEM.svg`.
  ///
  /// - Throws: `PlotError`, `FileError`.
  public func write(to stem: URL) throws {
    let scratch = try ScratchFolder("mlcsc-mosaic")
    defer { scratch.remove() }
    let work = scratch.url
    func array(_ name: String, _ values: [String]) -> String {
      "array \(name)[\(values.count)] = [\(values.joined(separator: ", "))]\n"
    }
    let canvases = panels.map(\.canvas)
    for (i, canvas) in canvases.enumerated() {
      let lines = canvas.map { $0.map { "\($0)" }.joined(separator: ",") }
      try AtomicFile.write(
        Data((lines.joined(separator: "\n") + "\n").utf8),
        to: work.appendingPathComponent("panel-\(i + 1).csv"))
    }
    let layout =
      "columns = \(min(perRow, panels.count))\n"
      + array(
        "titles", panels.map { "'" + $0.title.replacingOccurrences(of: "'", with: "''") + "'" })
      + array("rows", canvases.map { "\($0.count)" })
      + array("pixels", canvases.map { "\($0[0].count)" })
      + array("heights", panels.map { "\($0.pictures.first?.height ?? 1)" })
      + array("widths", panels.map { "\($0.pictures.first?.width ?? 1)" })
    try AtomicFile.write(Data(layout.utf8), to: work.appendingPathComponent("layout.gp"))
    let script = try PackageResources.url("mosaic.gp", of: "ExperimentSuite")
    _ = try Plotter(script: script, tables: work, scale: caption).render()
    for format in ["png", "svg"] {
      try AtomicFile.write(
        AtomicFile.read(work.appendingPathComponent("figure.\(format)")),
        to: stem.appendingPathExtension(format))
    }
  }
}
