import Foundation

/// Arrays in NumPy's `.npy` format.
///
/// Six bytes `\x93NUMPY`, the version, the header's length (little endian, 16 bits in version 1, 32
/// from version 2), a Python dictionary with type, order and shape, then the numbers. Source:
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
public enum NumPyFile {
  /// Reads an array of real numbers; any byte order, rank and storage order.
  ///
  /// Types: floating point of 4 and 8 bytes, integers of 1, 2, 4 and 8 bytes, Booleans.
  /// - Parameters:
  ///   - content: The file's content.
  ///   - path: The file, for messages.
  /// - Returns: A tensor of the array's shape, row-major; a scalar has shape [].
  /// - Throws: `FileError.damaged` with the offset: no such file, a header that cannot be read, a
  ///   type that holds no real numbers, truncated or trailing bytes, an element that is not finite.
  public static func tensor(_ content: Data, path: String) throws -> Tensor<Double> {
    try typedTensor(content, path: path).tensor
  }

  /// Reads an array as `tensor` does, and says whether its numbers are unsigned bytes.
  ///
  /// - Throws: As `tensor`.
  static func typedTensor(
    _ content: Data, path: String
  ) throws -> (tensor: Tensor<Double>, isBytes: Bool) {
    let bytes = [UInt8](content)
    let header = try NumPyHeader(bytes, path: path)
    let count = try header.elementCount(fileSize: bytes.count, path: path)
    var elements = bytes.withUnsafeBytes { raw in
      numbers(raw, from: header.end, count: count, header)
    }
    if let wrong = elements.firstIndex(where: { !$0.isFinite }) {
      throw FileError.damaged(
        path: path, place: "byte \(header.end + wrong * header.width)",
        problem: "element \(wrong) is \(elements[wrong]), no finite number")
    }
    if header.isFortranOrder { elements = rowMajor(elements, shape: header.shape) }
    return (
      Tensor(shape: header.shape, elements: elements), header.kind == "u" && header.width == 1
    )
  }

  /// An array as a file of version 1, row-major, little endian, in the precision of its scalars.
  ///
  /// The numbers begin at a multiple of 64 bytes, as the format asks for.
  public static func data<Scalar: NumericScalar>(_ tensor: Tensor<Scalar>) -> Data {
    let single = Scalar.significandBitCount < 52
    let extents = tensor.shape.map(String.init).joined(separator: ", ")
    let shape = tensor.shape.count == 1 ? "(\(extents),)" : "(\(extents))"
    var header =
      "{'descr': '\(single ? "<f4" : "<f8")', 'fortran_order': False, 'shape': \(shape), }"
    let used = magic.count + 4 + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - used % 64) % 64) + "\n"
    var content = Data(magic + [1, 0])
    content.append(littleEndian: UInt16(header.utf8.count))
    content.append(contentsOf: header.utf8)
    if single {
      tensor.elements.map { Float($0).bitPattern.littleEndian }
        .withUnsafeBytes { content.append(contentsOf: $0) }
    } else {
      tensor.elements.map { Double($0).bitPattern.littleEndian }
        .withUnsafeBytes { content.append(contentsOf: $0) }
    }
    return content
  }

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private static func numbers(
    _ raw: UnsafeRawBufferPointer, from start: Int, count: Int, _ header: NumPyHeader
  ) -> [Double] {
    func load<Bits: FixedWidthInteger>(_ type: Bits.Type, _ index: Int) -> Bits {
      let value = raw.loadUnaligned(fromByteOffset: start + index * header.width, as: type)
      return header.isBigEndian ? Bits(bigEndian: value) : Bits(littleEndian: value)
    }
    return (0..<count).map { i in
      switch (header.kind, header.width) {
      case ("f", 4): Double(Float(bitPattern: load(UInt32.self, i)))
      case ("f", _): Double(bitPattern: load(UInt64.self, i))
      case ("i", 1): Double(load(Int8.self, i))
      case ("i", 2): Double(load(Int16.self, i))
      case ("i", 4): Double(load(Int32.self, i))
      case ("i", _): Double(load(Int64.self, i))
      case ("b", _): load(UInt8.self, i) == 0 ? 0 : 1
      case (_, 1): Double(load(UInt8.self, i))
      case (_, 2): Double(load(UInt16.self, i))
      case (_, 4): Double(load(UInt32.self, i))
      default: Double(load(UInt64.self, i))
      }
    }
  }

  /// Elements stored with the first axis fastest, in row-major order.
  private static func rowMajor(_ elements: [Double], shape: [Int]) -> [Double] {
    var steps = [Int]()
    var step = 1
    for extent in shape {
      steps.append(step)
      step *= extent
    }
    var index = Array(repeating: 0, count: shape.count)
    var source = 0
    return elements.indices.map { _ in
      let value = elements[source]
      for axis in shape.indices.reversed() {
        index[axis] += 1
        source += steps[axis]
        if index[axis] < shape[axis] { break }
        source -= index[axis] * steps[axis]
        index[axis] = 0
      }
      return value
    }
  }
}

extension Data {
  /// Appends an integer's bytes, least significant first.
  mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
