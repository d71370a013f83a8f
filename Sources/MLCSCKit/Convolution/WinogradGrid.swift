/// How a convolution is cut into tiles for Winograd's F(4×4, 3×3).
///
/// A tile is 4×4 code positions and the 6×6 signal positions under them. Two kinds of convolutions
/// are ones with 3×3 taps:
///
/// - a 3×3 kernel of any dilation d: the positions with the same remainder modulo d are d² images of
///   their own, each convolved without dilation;
/// - a kernel 3s×3s with stride s: tap s·k + b of a channel is tap k of "phase" b, the channel's
///   positions with remainder b modulo s, so that there are s² times as many channels.
///
/// Both axes are described alike; in what follows r is the remainder, u counts positions within it,
/// and a signal row is (r + d·u)·s + b − padding.
struct WinogradGrid {
  /// Phases an axis: s.
  let phases: Int
  /// Tiles along both axes.
  let tiles: Extent
  /// For every tile row and phase six offsets of signal rows (row times width), −1 outside.
  let signalRows: [Int]
  /// For every tile column and phase six signal columns, −1 outside.
  let signalColumns: [Int]
  /// For every tile row four offsets of code rows (row times width), −1 outside.
  let codeRows: [Int]
  /// For every tile column four code columns, −1 outside.
  let codeColumns: [Int]

  /// Nothing if the convolution is not of these kinds.
  init?(_ geometry: ConvolutionGeometry) {
    let (kernel, stride) = (geometry.kernelSize, geometry.stride)
    let s = stride.height
    guard geometry.boundary == .zero, stride == .square(s), s <= 2,
      kernel == .square(3 * s), geometry.dilation.height == geometry.dilation.width,
      s == 1 || geometry.dilation.height == 1
    else { return nil }
    phases = s
    let d = geometry.dilation.height
    let (signal, code) = (geometry.signalSize, geometry.codeSize)
    let rows = Self.axis(
      signal.height, code.height, s, d, geometry.padding.height, signal.width, code.width)
    let columns = Self.axis(signal.width, code.width, s, d, geometry.padding.width, 1, 1)
    tiles = Extent(rows.code.count / 4, columns.code.count / 4)
    (signalRows, codeRows) = rows
    (signalColumns, codeColumns) = columns
  }

  /// The tiles of one image.
  var tileCount: Int { tiles.area }

  private static func axis(
    _ signal: Int, _ code: Int, _ s: Int, _ d: Int, _ padding: Int, _ signalPitch: Int,
    _ codePitch: Int
  ) -> (signal: [Int], code: [Int]) {
    var (signals, codes) = ([Int](), [Int]())
    for r in 0..<min(d, code) {
      let count = (code - r + d - 1) / d
      for first in stride(from: 0, to: count, by: 4) {
        for b in 0..<s {
          for u in first..<first + 6 {
            let index = (r + d * u) * s + b - padding
            signals.append((0..<signal).contains(index) ? index * signalPitch : -1)
          }
        }
        for u in first..<first + 4 {
          codes.append(u < count ? (r + d * u) * codePitch : -1)
        }
      }
    }
    return (signals, codes)
  }
}
