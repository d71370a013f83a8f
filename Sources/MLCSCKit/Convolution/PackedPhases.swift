/// Synthesis into a few channels by filters of 6×6 with stride 2, as one of four times as many
/// channels by filters of 3×3.
///
/// A pixel's four phases become channels, which then fill a block of sixteen better than the one
/// channel of a digit, that oneDNN's own synthesis pads to sixteen.
final class PackedPhases {
  private let geometry: ConvolutionGeometry
  private let filterCount: Int
  private let inner: WinogradConvolution

  /// Nothing where the convolution is another one.
  init?(_ geometry: ConvolutionGeometry, filterCount: Int) {
    guard geometry.stride == .square(2), geometry.kernelSize == .square(6),
      geometry.dilation == .square(1), geometry.boundary == .zero, geometry.channels <= 4
    else { return nil }
    let codes = geometry.codeSize
    guard
      let packed = try? ConvolutionGeometry(
        channels: 4 * geometry.channels, signalSize: Extent(codes.height + 2, codes.width + 2),
        kernelSize: .square(3)),
      let inner = WinogradConvolution(packed, filterCount: filterCount)
    else { return nil }
    (self.geometry, self.filterCount, self.inner) = (geometry, filterCount, inner)
  }

  /// D c, as `ConvolutionEngine.synthesize`.
  func synthesize(_ codes: Activation<Float>, filters: Activation<Float>) -> Activation<Float> {
    let packed = inner.synthesize(codes, filters: PackedFilters.of(filters))
    let result = Activation<Float>(
      shape: geometry.signalShape(batch: codes.batch), pool: codes.pool)
    let (channels, size) = (geometry.channels, geometry.signalSize)
    let (padding, width) = (geometry.padding, geometry.codeSize.width + 2)
    let (source, target) = (packed.memory, result.memory)
    let count = packed.layout.sampleCount
    Parallelism.forEach(codes.batch) { n in
      let (source, target) = (source + n * count, target + n * channels * size.area)
      for c in 0..<channels {
        for y in 0..<size.height {
          let (u, b) = (y + padding.height).quotientAndRemainder(dividingBy: 2)
          for x in 0..<size.width {
            let (v, a) = (x + padding.width).quotientAndRemainder(dividingBy: 2)
            // Rows behind the last atom stay zero.
            let isCovered = u < geometry.codeSize.height + 2 && v < width
            target[(c * size.height + y) * size.width + x] =
              isCovered ? source[(u * width + v) * 16 + (2 * b + a) * channels + c] : 0
          }
        }
      }
    }
    return result
  }
}

/// Filters of 6×6 as four times as many channels of 3×3, kept with the filters.
private final class PackedFilters: EngineForm {
  private let activation: Activation<Float>

  private init(_ filters: Activation<Float>) {
    let (count, channels) = (filters.shape[0], filters.shape[1])
    activation = Activation(shape: [count, 4 * channels, 3, 3], pool: filters.pool)
    let (source, target) = (filters.values, activation.memory)
    for filter in 0..<count {
      for c in 0..<channels {
        for row in 0..<6 {
          for column in 0..<6 {
            let channel = (2 * (row % 2) + column % 2) * channels + c
            target[(filter * 4 * channels + channel) * 9 + row / 2 * 3 + column / 2] =
              source[(filter * channels + c) * 36 + row * 6 + column]
          }
        }
      }
    }
  }

  static func of(_ filters: Activation<Float>) -> Activation<Float> {
    for case let known as PackedFilters in filters.engineForms { return known.activation }
    let made = PackedFilters(filters)
    filters.engineForms.append(made)
    return made.activation
  }
}
