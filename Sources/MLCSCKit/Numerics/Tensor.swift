/// A dense array of numbers with value semantics: row-major, contiguous.
///
/// A batch of signals has one signal a row: shape [B, n]; images are [N, C, H, W]. Copies share
/// their storage until one of them is written.
public struct Tensor<Scalar: NumericScalar>: Sendable, Equatable {
  /// The extent of every axis, slowest first.
  public private(set) var shape: [Int]

  /// All elements in row-major order.
  public private(set) var elements: [Scalar]

  /// A tensor of zeros.
  public init(zeros shape: Int...) {
    self.init(shape: shape, repeating: 0)
  }

  /// A tensor with the same value everywhere.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public init(shape: [Int], repeating value: Scalar = 0) {
    self.shape = shape
    elements = Array(repeating: value, count: shape.reduce(1, *))
  }

  /// A tensor of the given elements in row-major order.
  ///
  /// The number of elements must be the product of the extents.
  public init(shape: [Int], elements: [Scalar]) {
    precondition(
      elements.count == shape.reduce(1, *),
      "\(elements.count) elements do not fill the shape \(shape)")
    self.shape = shape
    self.elements = elements
  }

  /// A matrix from its rows, which must have equal lengths.
  public init(rows: [[Scalar]]) {
    let columns = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == columns }, "rows of different lengths")
    // Row by row: joined() would hand over single elements.
    var elements = [Scalar]()
    elements.reserveCapacity(rows.count * columns)
    for row in rows { elements += row }
    self.init(shape: [rows.count, columns], elements: elements)
  }

  /// The number of elements.
  public var count: Int { elements.count }

  /// The extent of the first axis: the size of a batch, the rows of a matrix.
  public var rows: Int { shape.first ?? 1 }

  /// The number of elements of one row: the product of all extents but the first.
  public var columns: Int { shape.dropFirst().reduce(1, *) }

  /// The same elements in another shape of equal size.
  public func reshaped(_ newShape: Int...) -> Tensor {
    Tensor(shape: newShape, elements: elements)
  }

  /// An element of a matrix.
  public subscript(row: Int, column: Int) -> Scalar {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// A copy of one row.
  public func row(_ index: Int) -> [Scalar] {
    Array(elements[index * columns..<(index + 1) * columns])
  }

  /// A copy of the given rows as a batch, in the given order.
  public func gathering(rows indices: [Int]) -> Tensor {
    var result = [Scalar]()
    result.reserveCapacity(indices.count * columns)
    for i in indices { result.append(contentsOf: elements[i * columns..<(i + 1) * columns]) }
    return Tensor(shape: [indices.count] + shape.dropFirst(), elements: result)
  }

  /// The transpose of a matrix.
  public var transposed: Tensor {
    transpose()
  }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  private func transpose() -> Tensor {
    var result = Tensor(zeros: columns, rows)
    let (r, c) = (rows, columns)
    withElements { source in
      result.withMutableElements { target in
        for i in 0..<r { for j in 0..<c { target[j * r + i] = source[i * c + j] } }
      }
    }
    return result
  }

  /// The same numbers in another precision.
  public func converted<Other: NumericScalar>(to type: Other.Type) -> Tensor<Other> {
    Tensor<Other>(shape: shape, elements: elements.map { Other($0) })
  }

  /// Runs `body` on the elements as contiguous memory.
  public func withElements<R>(_ body: (UnsafePointer<Scalar>) throws -> R) rethrows -> R {
    try elements.withUnsafeBufferPointer { try body($0.start) }
  }

  /// Runs `body` on the elements as contiguous, writable memory.
  public mutating func withMutableElements<R>(
    _ body: (UnsafeMutablePointer<Scalar>) throws -> R
  ) rethrows -> R {
    try elements.withUnsafeMutableBufferPointer { try body($0.start) }
  }
}

/// A tensor with two axes.
public typealias Matrix = Tensor

extension UnsafeBufferPointer {
  /// The first element's address, valid also where there are no elements.
  var start: UnsafePointer<Element> {
    baseAddress ?? UnsafePointer(UnsafeMutablePointer<Element>.allocate(capacity: 0))
  }
}

extension UnsafeMutableBufferPointer {
  /// The first element's address, valid also where there are no elements.
  var start: UnsafeMutablePointer<Element> {
    baseAddress ?? UnsafeMutablePointer<Element>.allocate(capacity: 0)
  }
}

extension Tensor where Scalar: NumericScalar {
  /// Standard normal elements, drawn in row-major order.
  public static func normal(_ shape: Int..., from stream: inout RandomStream) -> Tensor {
    var result = Tensor(shape: shape)
    result.withMutableElements { p in
      for i in 0..<shape.reduce(1, *) { p[i] = Scalar(stream.normal()) }
    }
    return result
  }

  /// The identity matrix.
  public static func identity(_ size: Int) -> Tensor {
    var result = Tensor(zeros: size, size)
    for i in 0..<size { result[i, i] = 1 }
    return result
  }
}
