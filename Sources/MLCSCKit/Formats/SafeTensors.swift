import Foundation

/// Named tensors in the safetensors format, which other tools read.
///
/// Eight bytes with the header's length (little endian), a JSON header that gives type, shape and
/// byte offsets of every tensor, then the numbers. Source: the format's specification at
/// https://huggingface.co/docs/safetensors.
public struct SafeTensorsFile<Scalar: NumericScalar>: Sendable {
  /// The tensors by name.
  public var tensors: [String: Tensor<Scalar>] = [:]
  /// Free text by name.
  public var metadata: [String: String] = [:]

  /// How numbers are written.
  public enum Precision: Sendable {
    case float32, float64
  }

  /// How numbers are stored in a file that is read.
  private enum Element: String {
    case float32 = "F32"
    case float64 = "F64"
    case int64 = "I64"
    case uint8 = "U8"

    var width: Int {
      switch self {
      case .uint8: 1
      case .float32: 4
      case .float64, .int64: 8
      }
    }
  }

  /// An empty collection.
  public init(tensors: [String: Tensor<Scalar>] = [:], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  private struct Entry: Codable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]
  }

  /// The file's content; tensors in the order of their names.
  ///
  /// - Throws: Nothing in practice: names and texts encode as JSON.
  public func encoded(_ precision: Precision = .float64) throws -> Data {
    var entries = [String: any Encodable]()
    if !metadata.isEmpty { entries["__metadata__"] = metadata }
    let element = precision == .float32 ? Element.float32 : .float64
    var end = 0
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let start = end
      end += tensor.count * element.width
      entries[name] = Entry(
        dtype: element.rawValue, shape: tensor.shape, data_offsets: [start, end])
    }
    var header = try JSONText.compact(entries.mapValues { AnyEncodable(value: $0) })
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    var content = Data(capacity: 8 + header.count + end)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { content.append(contentsOf: $0) }
    content.append(header)
    for (_, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      Self.append(tensor.elements, precision, to: &content)
    }
    return content
  }

  private static func append(
    _ elements: [Scalar], _ precision: Precision, to content: inout Data
  ) {
    switch precision {
    case .float32:
      let numbers = LittleEndian.same(elements, Float.self) ?? elements.map { Float($0) }
      LittleEndian.append(numbers, to: &content)
    case .float64:
      let numbers = LittleEndian.same(elements, Double.self) ?? elements.map { Double($0) }
      LittleEndian.append(numbers, to: &content)
    }
  }

  private struct AnyEncodable: Encodable {
    let value: any Encodable
    func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
  }

  /// Parses a file's content; every tensor is converted to `Scalar`.
  ///
  /// Types F32, F64 (rounded where `Scalar` is `Float`), I64 (up to 2⁵³, which doubles hold exactly,
  /// or 2²⁴ for `Float`) and U8.
  /// - Throws: `FileError.damaged` with the place: a header that is too long or no JSON, an unknown
  ///   type, a shape that does not fit its bytes, offsets that leave gaps, overlap or exceed the
  ///   file.
  public init(_ content: Data, path: String) throws {
    func damaged(_ place: String, _ problem: String) -> FileError {
      .damaged(path: path, place: place, problem: problem)
    }
    let bytes = [UInt8](content)
    guard bytes.count >= 8 else { throw damaged("byte 0", "shorter than the 8 bytes of a header") }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8), length < 100_000_000 else {
      throw damaged("byte 0", "a header of \(length) bytes in a file of \(bytes.count)")
    }
    let start = 8 + Int(length)
    let header = Data(bytes[8..<start])
    guard header.first == UInt8(ascii: "{"),
      let object = try? JSONSerialization.jsonObject(with: header) as? [String: Any]
    else {
      throw damaged("byte 8", "the header is no JSON object")
    }
    var spans = [(Int, Int, String)]()
    for (name, value) in object {
      if name == "__metadata__" {
        guard let texts = value as? [String: String] else {
          throw damaged("__metadata__", "must map names to text")
        }
        metadata = texts
        continue
      }
      guard let json = try? JSONSerialization.data(withJSONObject: value),
        let entry = try? JSONDecoder().decode(Entry.self, from: json)
      else { throw damaged("tensor \(name)", "needs dtype, shape and data_offsets") }
      guard let element = Element(rawValue: entry.dtype) else {
        throw damaged("tensor \(name)", "type \(entry.dtype); F32, F64, I64 and U8 are read here")
      }
      let size = bytes.count - start
      guard entry.data_offsets.count == 2, entry.shape.allSatisfy({ $0 >= 0 }),
        0 <= entry.data_offsets[0], entry.data_offsets[0] <= entry.data_offsets[1],
        entry.data_offsets[1] <= size
      else {
        throw damaged("tensor \(name)", "offsets \(entry.data_offsets) in \(size) bytes of data")
      }
      let (from, to) = (entry.data_offsets[0], entry.data_offsets[1])
      var count = 1
      for extent in entry.shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard !overflow, product <= bytes.count else {
          throw damaged("tensor \(name)", "shape \(entry.shape) is larger than the file")
        }
        count = product
      }
      guard count * element.width == to - from else {
        throw damaged(
          "tensor \(name)",
          "shape \(entry.shape) of \(entry.dtype) does not fill \(to - from) bytes")
      }
      spans.append((from, to, name))
      guard
        let elements = Self.numbers(bytes, from: start + from, count: count, element)
      else {
        throw damaged(
          "tensor \(name)",
          Scalar.self == Float.self
            ? "an integer beyond 2^24, which floats do not hold"
            : "an integer beyond 2^53, which doubles do not hold")
      }
      tensors[name] = Tensor(shape: entry.shape, elements: elements)
    }
    var end = 0
    for (from, to, name) in spans.sorted(by: { ($0.0, $0.1) < ($1.0, $1.1) }) {
      guard from == end else {
        throw damaged("tensor \(name)", "begins at \(from), but the one before ends at \(end)")
      }
      end = to
    }
    guard end == bytes.count - start else {
      throw damaged("byte \(start + end)", "\(bytes.count - start - end) bytes belong to no tensor")
    }
  }

  /// The numbers of a tensor; nil where one is no `Scalar`.
  private static func numbers(
    _ bytes: [UInt8], from start: Int, count: Int, _ element: Element
  ) -> [Scalar]? {
    bytes.withUnsafeBytes { raw -> [Scalar]? in
      let raw = UnsafeRawBufferPointer(rebasing: raw[start..<start + count * element.width])
      func converted(_ numbers: [Double]) -> [Scalar] {
        LittleEndian.same(numbers, Scalar.self) ?? numbers.map { Scalar($0) }
      }
      switch element {
      case .float32:
        let numbers = LittleEndian.floats(raw)
        return LittleEndian.same(numbers, Scalar.self) ?? converted(LittleEndian.doubles(numbers))
      case .float64: return converted(LittleEndian.doubles(raw))
      case .uint8: return converted(raw.map(Double.init))
      case .int64:
        let integers = (0..<count).map {
          Int64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self))
        }
        let largest: UInt64 = 1 << (UInt64(Scalar.significandBitCount) + 1)
        return integers.allSatisfy { $0.magnitude <= largest }
          ? converted(integers.map(Double.init)) : nil
      }
    }
  }
}

/// Numbers as bytes, least significant first; not generic, so that each loop is compiled for its
/// type.
private enum LittleEndian {
  /// An array as one of another type, if that is its own: `as?` would go through its elements.
  static func same<From, To>(_ array: [From], _ type: To.Type) -> [To]? {
    From.self == To.self ? unsafeBitCast(array, to: [To].self) : nil
  }

  static func append(_ numbers: [Float], to content: inout Data) {
    numbers.map { $0.bitPattern.littleEndian }.withUnsafeBytes { content.append(contentsOf: $0) }
  }

  static func append(_ numbers: [Double], to content: inout Data) {
    numbers.map { $0.bitPattern.littleEndian }.withUnsafeBytes { content.append(contentsOf: $0) }
  }

  static func floats(_ bytes: UnsafeRawBufferPointer) -> [Float] {
    (0..<bytes.count / 4).map {
      Float(
        bitPattern: UInt32(
          littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
    }
  }

  static func doubles(_ bytes: UnsafeRawBufferPointer) -> [Double] {
    (0..<bytes.count / 8).map {
      Double(
        bitPattern: UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)))
    }
  }

  static func doubles(_ numbers: [Float]) -> [Double] { numbers.map(Double.init) }
}

/// Tensors in double precision.
public typealias SafeTensors = SafeTensorsFile<Double>
