/// Height and width of a grid; one-dimensional signals have height one.
public struct Extent: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The number of rows.
  public var height: Int
  /// The number of columns.
  public var width: Int

  /// A grid of some height and width.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  /// The extent of a one-dimensional signal.
  public static func line(_ width: Int) -> Extent { Extent(1, width) }

  /// The same number along both axes.
  public static func square(_ side: Int) -> Extent { Extent(side, side) }

  /// The number of positions.
  public var area: Int { height * width }

  public var description: String { "\(height)×\(width)" }
}

/// What lies beyond the edge of a signal.
public enum Boundary: String, Sendable, Codable, CaseIterable {
  /// Zeros: atoms are cut off at the edge.
  case zero
  /// The other side of the signal: indices are taken modulo its size.
  case circular
}

/// Where the atoms of a convolutional dictionary lie.
///
/// The code entry (o, q) places filter o so that its tap k falls on position
/// p = q · stride + k · dilation − padding of every channel. Analysis is thus a cross-correlation
/// and synthesis its adjoint. The code has ⌊(N + 2·padding − dilation·(n − 1) − 1)/stride⌋ + 1
/// positions an axis, or ⌈N/stride⌉ where the boundary is circular (and padding is zero).
public struct ConvolutionGeometry: Hashable, Sendable, Codable {
  /// The channels of the signal.
  public let channels: Int
  /// The size of the signal, N an axis.
  public let signalSize: Extent
  /// The size of a filter, n an axis.
  public let kernelSize: Extent
  /// The distance between neighbouring code positions.
  public let stride: Extent
  /// The distance between neighbouring taps of a filter.
  public let dilation: Extent
  /// The number of positions before the first one at which a filter may begin.
  public let padding: Extent
  /// What lies beyond the edge.
  public let boundary: Boundary
  /// The size of the code, an axis.
  public let codeSize: Extent

  /// Checks and completes a geometry.
  ///
  /// - Throws: `ModelError.parameterOutOfRange` naming what does not fit.
  public init(
    channels: Int = 1, signalSize: Extent, kernelSize: Extent, stride: Extent = .square(1),
    dilation: Extent = .square(1), padding: Extent = .square(0), boundary: Boundary = .zero
  ) throws {
    func check(_ name: String, _ value: Extent, atLeast least: Int) throws {
      guard value.height >= least, value.width >= least else {
        throw ModelError.parameterOutOfRange(
          name: name, value: "\(value)", range: "at least \(least) along both axes")
      }
    }
    guard channels >= 1 else {
      throw ModelError.parameterOutOfRange(
        name: "channels", value: "\(channels)", range: "at least 1")
    }
    try check("signal size", signalSize, atLeast: 1)
    try check("kernel size", kernelSize, atLeast: 1)
    try check("stride", stride, atLeast: 1)
    try check("dilation", dilation, atLeast: 1)
    try check("padding", padding, atLeast: 0)
    if boundary == .circular, padding.height > 0 || padding.width > 0 {
      throw ModelError.parameterOutOfRange(
        name: "padding", value: "\(padding)", range: "0 where the boundary is circular")
    }
    func positions(_ n: Int, _ k: Int, _ s: Int, _ d: Int, _ p: Int) -> Int {
      if boundary == .circular { return (n + s - 1) / s }
      let room = n + 2 * p - d * (k - 1) - 1
      return room < 0 ? 0 : room / s + 1
    }
    codeSize = Extent(
      positions(
        signalSize.height, kernelSize.height, stride.height, dilation.height, padding.height),
      positions(signalSize.width, kernelSize.width, stride.width, dilation.width, padding.width))
    guard codeSize.area > 0 else {
      throw ModelError.parameterOutOfRange(
        name: "kernel size", value: "\(kernelSize)",
        range: "no larger than the padded signal of \(signalSize)")
    }
    self.channels = channels
    self.signalSize = signalSize
    self.kernelSize = kernelSize
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
    self.boundary = boundary
  }

  /// The geometries of layers without padding, each on the codes of the one before.
  ///
  /// - Parameters:
  ///   - channels: Of the first layer's signal.
  ///   - signalSize: Of the first layer's signal.
  ///   - filterCounts: Filters of every layer.
  ///   - kernelSizes: Sides of the square kernels.
  ///   - strides: Steps along both axes.
  /// - Returns: One geometry a layer.
  /// - Throws: `ModelError` where the numbers of layers differ or a kernel is too large.
  public static func chain(
    channels: Int = 1, signalSize: Extent, filterCounts: [Int], kernelSizes: [Int], strides: [Int]
  ) throws -> [ConvolutionGeometry] {
    for (name, values) in [("kernel sizes", kernelSizes), ("strides", strides)]
    where values.count != filterCounts.count {
      throw ModelError.parameterCount(
        name: name, expected: filterCounts.count, found: values.count)
    }
    var all = [ConvolutionGeometry]()
    for (kernel, stride) in zip(kernelSizes, strides) {
      all.append(
        try ConvolutionGeometry(
          channels: all.isEmpty ? channels : filterCounts[all.count - 1],
          signalSize: all.last?.codeSize ?? signalSize, kernelSize: .square(kernel),
          stride: .square(stride)))
    }
    return all
  }

  /// The signal's dimension: channels times positions.
  public var signalDimension: Int { channels * signalSize.area }

  /// The number of weights of one filter: channels times taps.
  public var filterDimension: Int { channels * kernelSize.area }

  /// Whether one filter covers the whole signal at a single position, so that the convolution is a
  /// plain matrix product.
  var isMatrixProduct: Bool {
    boundary == .zero && kernelSize == signalSize && codeSize.area == 1
      && padding == .square(0) && dilation == .square(1)
  }

  /// Whether every atom lies in the signal as a whole, so that all atoms of a filter are shifts of it.
  var holdsWholeAtoms: Bool { boundary == .zero && padding == .square(0) }

  /// Along each axis, the signal index under tap k of an atom at code position q; −1 outside.
  func sourceIndices() -> (rows: [[Int]], columns: [[Int]]) {
    func axis(_ n: Int, _ k: Int, _ q: Int, _ s: Int, _ d: Int, _ p: Int) -> [[Int]] {
      (0..<k).map { tap in
        (0..<q).map { position in
          let index = position * s + tap * d - p
          if boundary == .circular { return index % n }
          return (0..<n).contains(index) ? index : -1
        }
      }
    }
    return (
      axis(
        signalSize.height, kernelSize.height, codeSize.height, stride.height, dilation.height,
        padding.height),
      axis(
        signalSize.width, kernelSize.width, codeSize.width, stride.width, dilation.width,
        padding.width)
    )
  }
}
