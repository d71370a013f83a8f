/// The entries where a filter meets another one that is shifted by a multiple of the stride.
struct FilterOverlap {
  /// Entries of the filter that stays, row-major in C×height×width.
  let first: [Int]
  /// The entries of the shifted filter that lie upon them.
  let second: [Int]
  /// Whether the shift is zero.
  let isWhole: Bool

  /// All shifts that let two filters of a layer overlap.
  ///
  /// - Parameter geometry: Without dilation.
  /// - Returns: One overlap a shift, the zero shift among them.
  static func all(of geometry: ConvolutionGeometry) -> [FilterOverlap] {
    precondition(geometry.dilation == .square(1), "filters with dilation overlap otherwise")
    let (kernel, stride) = (geometry.kernelSize, geometry.stride)
    func shifts(_ size: Int, _ step: Int) -> [Int] {
      let largest = (size - 1) / step
      return (-largest...largest).map { $0 * step }
    }
    return shifts(kernel.height, stride.height).flatMap { dy in
      shifts(kernel.width, stride.width).map { dx in
        var (first, second) = ([Int](), [Int]())
        for c in 0..<geometry.channels {
          for y in max(0, dy)..<kernel.height + min(0, dy) {
            for x in max(0, dx)..<kernel.width + min(0, dx) {
              first.append((c * kernel.height + y) * kernel.width + x)
              second.append((c * kernel.height + y - dy) * kernel.width + x - dx)
            }
          }
        }
        return FilterOverlap(first: first, second: second, isWhole: dy == 0 && dx == 0)
      }
    }
  }

  /// The inner product of a filter with a shifted one.
  func product(_ filter: [Double], _ shifted: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + filter[$1.0] * shifted[$1.1] }
  }
}
