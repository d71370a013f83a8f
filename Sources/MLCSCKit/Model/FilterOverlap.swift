/// The entries where a filter meets another one that is shifted by a multiple of the stride.
struct FilterOverlap {
  /// Entries of the filter that stays, row-major in C×height×width.
  let first: [Int]
  /// The entries of the shifted filter that lie upon them.
  let second: [Int]
  /// The shift, in steps of the stride.
  let steps: Extent
  /// Whether the shift is zero.
  var isWhole: Bool { steps == Extent(0, 0) }

  /// All shifts that let two filters of a layer overlap.
  ///
  /// - Parameter geometry: Without dilation.
  /// - Returns: One overlap a shift, the zero shift among them.
  static func all(of geometry: ConvolutionGeometry) -> [FilterOverlap] {
    precondition(geometry.dilation == .square(1), "filters with dilation overlap otherwise")
    let (kernel, stride) = (geometry.kernelSize, geometry.stride)
    func steps(_ size: Int, _ step: Int) -> ClosedRange<Int> {
      let largest = (size - 1) / step
      return -largest...largest
    }
    return steps(kernel.height, stride.height).flatMap { down in
      steps(kernel.width, stride.width).map { right in
        let (dy, dx) = (down * stride.height, right * stride.width)
        var (first, second) = ([Int](), [Int]())
        for c in 0..<geometry.channels {
          for y in max(0, dy)..<kernel.height + min(0, dy) {
            for x in max(0, dx)..<kernel.width + min(0, dx) {
              first.append((c * kernel.height + y) * kernel.width + x)
              second.append((c * kernel.height + y - dy) * kernel.width + x - dx)
            }
          }
        }
        return FilterOverlap(first: first, second: second, steps: Extent(down, right))
      }
    }
  }

  /// The overlapping entries of filters that stay, one filter a row.
  func stayingColumns<Scalar>(of filters: Tensor<Scalar>) -> Matrix<Scalar> {
    Self.columns(first, of: filters)
  }

  /// The entries of shifted filters that lie upon them, one filter a row.
  func shiftedColumns<Scalar>(of filters: Tensor<Scalar>) -> Matrix<Scalar> {
    Self.columns(second, of: filters)
  }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  private static func columns<Scalar>(
    _ entries: [Int], of filters: Tensor<Scalar>
  ) -> Matrix<Scalar> {
    var result = Matrix<Scalar>(zeros: filters.rows, entries.count)
    let width = filters.columns
    filters.withElements { source in
      result.withMutableElements { target in
        for o in 0..<filters.rows {
          for (place, entry) in entries.enumerated() {
            target[o * entries.count + place] = source[o * width + entry]
          }
        }
      }
    }
    return result
  }

  /// The inner product of a filter with a shifted one.
  func product(_ filter: [Double], _ shifted: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + filter[$1.0] * shifted[$1.1] }
  }
}
