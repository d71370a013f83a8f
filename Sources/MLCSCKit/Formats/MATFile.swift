import CMatIO
import Foundation

/// Arrays in MATLAB files of level 5, by MatIO.
public enum MATFile {
  /// An array of numbers from 0 to 255.
  public struct Bytes: Sendable {
    /// The extents, as MATLAB writes them: the first axis is the fastest.
    public let shape: [Int]
    /// The elements in the file's order (column-major).
    public let elements: [UInt8]
  }

  /// The most elements that an array may announce.
  public static let largestCount = 1 << 30

  /// Reads an array of numbers that are whole and from 0 to 255, whatever type they are stored in.
  ///
  /// - Parameters:
  ///   - name: The variable's name.
  ///   - url: The file.
  /// - Returns: Extents and elements.
  /// - Throws: `FileError.notRead` where there is no such file; `FileError.damaged` where it is no
  ///   MATLAB file of level 5 (7.3 is HDF5), is truncated, lacks the variable, or the variable
  ///   holds other numbers.
  public static func bytes(_ name: String, of url: URL) throws -> Bytes {
    try withVariable(name, of: url) { variable in
      func bytes<Number: BitwiseCopyable>(
        _ type: Number.Type, _ exact: (Number) -> UInt8?
      ) throws -> [UInt8] {
        try variable.numbers(as: type).enumerated().map { i, value in
          guard let byte = exact(value) else {
            throw variable.damaged("element \(i + 1) is \(value), no whole number from 0 to 255")
          }
          return byte
        }
      }
      let elements =
        switch variable.type {
        case MAT_T_UINT8: variable.numbers(as: UInt8.self)
        case MAT_T_INT8: try bytes(Int8.self) { UInt8(exactly: $0) }
        case MAT_T_INT16: try bytes(Int16.self) { UInt8(exactly: $0) }
        case MAT_T_UINT16: try bytes(UInt16.self) { UInt8(exactly: $0) }
        case MAT_T_INT32: try bytes(Int32.self) { UInt8(exactly: $0) }
        case MAT_T_UINT32: try bytes(UInt32.self) { UInt8(exactly: $0) }
        case MAT_T_INT64: try bytes(Int64.self) { UInt8(exactly: $0) }
        case MAT_T_UINT64: try bytes(UInt64.self) { UInt8(exactly: $0) }
        case MAT_T_SINGLE: try bytes(Float.self) { UInt8(exactly: $0) }
        case MAT_T_DOUBLE: try bytes(Double.self) { UInt8(exactly: $0) }
        default: throw variable.damaged("is no array of numbers")
        }
      guard elements.count == variable.shape.reduce(1, *) else {
        throw variable.damaged("its data are cut off or damaged")
      }
      return Bytes(shape: variable.shape, elements: elements)
    }
  }

  /// The names of a file's variables, in its order.
  ///
  /// - Throws: `FileError` where the file is absent, damaged or of another level.
  public static func names(of url: URL) throws -> [String] {
    try withFile(url) { file, _ in
      var names = [String]()
      while let info = Mat_VarReadNextInfo(file) {
        if let name = info.pointee.name { names.append(String(cString: name)) }
        Mat_VarFree(info)
      }
      return names
    }
  }

  /// Reads a matrix of real numbers of any type.
  ///
  /// - Parameters:
  ///   - name: The variable's name.
  ///   - url: The file.
  /// - Returns: Shape [rows, columns], row-major; the elements may be not finite.
  /// - Throws: `FileError` as `bytes`, and where the variable has other than two axes.
  public static func matrix(_ name: String, of url: URL) throws -> Matrix<Double> {
    try withVariable(name, of: url) { variable in
      guard variable.shape.count == 2 else {
        throw variable.damaged("an array of shape \(variable.shape); a matrix is needed")
      }
      guard (MAT_C_DOUBLE.rawValue...MAT_C_UINT64.rawValue).contains(variable.kind.rawValue) else {
        throw variable.damaged("is no array of numbers")
      }
      let columns: [Double]? =
        switch variable.type {
        case MAT_T_DOUBLE: variable.numbers(as: Double.self)
        case MAT_T_SINGLE: variable.numbers(as: Float.self).map(Double.init)
        case MAT_T_INT8: variable.numbers(as: Int8.self).map(Double.init)
        case MAT_T_UINT8: variable.numbers(as: UInt8.self).map(Double.init)
        case MAT_T_INT16: variable.numbers(as: Int16.self).map(Double.init)
        case MAT_T_UINT16: variable.numbers(as: UInt16.self).map(Double.init)
        case MAT_T_INT32: variable.numbers(as: Int32.self).map(Double.init)
        case MAT_T_UINT32: variable.numbers(as: UInt32.self).map(Double.init)
        case MAT_T_INT64: variable.numbers(as: Int64.self).map(Double.init)
        case MAT_T_UINT64: variable.numbers(as: UInt64.self).map(Double.init)
        default: nil
        }
      guard let columns else { throw variable.damaged("is no array of numbers") }
      guard columns.count == variable.shape.reduce(1, *) else {
        throw variable.damaged("its data are cut off or damaged")
      }
      return Matrix(shape: variable.shape.reversed(), elements: columns).transposed
    }
  }

  /// Writes one matrix, whole or not at all.
  ///
  /// - Parameters:
  ///   - matrix: Shape [rows, columns].
  ///   - name: The variable's name, as MATLAB allows it.
  ///   - url: The file.
  /// - Throws: `FileError.notWritten`.
  public static func write(_ matrix: Matrix<Double>, as name: String, to url: URL) throws {
    let scratch = try ScratchFolder("mlcsc-mat")
    defer { scratch.remove() }
    let work = scratch.url.appendingPathComponent("matrix.mat")
    func notWritten() -> FileError {
      .notWritten(path: url.path, reason: "MatIO cannot make the file")
    }
    // A header of our own, without the time, so that the same matrix gives the same bytes.
    guard let file = Mat_CreateVer(work.path, "MATLAB 5.0 MAT-file, written by mlcsc", MAT_FT_MAT5)
    else { throw notWritten() }
    var extents = [matrix.rows, matrix.columns]
    var elements = matrix.transposed.elements
    let variable = Mat_VarCreate(
      name, MAT_C_DOUBLE, MAT_T_DOUBLE, 2, &extents, &elements, 0)
    let status = Mat_VarWrite(file, variable, MAT_COMPRESSION_NONE)
    Mat_VarFree(variable)
    guard Mat_Close(file) == 0, status == 0 else { throw notWritten() }
    try AtomicFile.write(AtomicFile.read(work), to: url)
  }

  // MARK: Reading

  /// A variable that was read.
  private struct StoredArray {
    let name: String
    let path: String
    let shape: [Int]
    let kind: matio_classes
    let type: matio_types
    let data: UnsafeRawBufferPointer

    func damaged(_ problem: String) -> FileError {
      .damaged(path: path, place: "variable \(name)", problem: problem)
    }

    /// The elements, which are of this type.
    func numbers<Number: BitwiseCopyable>(as type: Number.Type) -> [Number] {
      Array(data.bindMemory(to: type))
    }
  }

  private static func withFile<R>(
    _ url: URL, _ body: (_ file: OpaquePointer, _ largestContent: Int) throws -> R
  ) throws -> R {
    let most = try largestContent(of: url)
    // MatIO prints what it finds wrong unless told not to; the error says it once.
    Mat_LogInitFunc("mlcsc") { _, _ in }
    guard let file = Mat_Open(url.path, Int32(MAT_ACC_RDONLY.rawValue)) else {
      throw FileError.damaged(
        path: url.path, place: "the file", problem: "MatIO cannot open it")
    }
    defer { Mat_Close(file) }
    return try body(file, most)
  }

  private static func withVariable<R>(
    _ name: String, of url: URL, _ body: (StoredArray) throws -> R
  ) throws -> R {
    try withFile(url) { file, most in
      func damaged(_ problem: String, at place: String) -> FileError {
        .damaged(path: url.path, place: place, problem: problem)
      }
      guard let info = Mat_VarReadInfo(file, name) else {
        throw damaged("there is no variable \(name), or it is damaged", at: "the file")
      }
      defer { Mat_VarFree(info) }
      let shape = (0..<Int(info.pointee.rank)).map { Int(clamping: info.pointee.dims[$0]) }
      var count = 1
      for extent in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard !overflow, product <= min(largestCount, most) else {
          throw damaged("the extents \(shape) are too large", at: "variable \(name)")
        }
        count = product
      }
      guard info.pointee.class_type != MAT_C_SPARSE else {
        throw damaged(
          "a sparse matrix; store it in full, as full(A) gives it", at: "variable \(name)")
      }
      guard info.pointee.isComplex == 0 else {
        throw damaged("complex numbers, where real ones are needed", at: "variable \(name)")
      }
      guard Mat_VarReadDataAll(file, info) == 0, let data = info.pointee.data,
        info.pointee.nbytes == count * Int(info.pointee.data_size)
      else { throw damaged("its data are cut off or damaged", at: "variable \(name)") }
      return try body(
        StoredArray(
          name: name, path: url.path, shape: shape, kind: info.pointee.class_type,
          type: info.pointee.data_type,
          data: UnsafeRawBufferPointer(start: data, count: info.pointee.nbytes)))
    }
  }

  /// Walks over the elements of a file: 128 bytes of header, then a tag of 8 bytes before each.
  ///
  /// MatIO itself takes what is there of a truncated array, and makes room for as many numbers as one
  /// announces.
  /// - Returns: The most bytes that the file can hold, unpacked where an element is compressed.
  private static func largestContent(of url: URL) throws -> Int {
    func damaged(_ problem: String, at offset: Int) -> FileError {
      .damaged(path: url.path, place: "byte \(offset)", problem: problem)
    }
    let content = try AtomicFile.read(url)
    guard !content.starts(with: Data("MATLAB 7.3 MAT-file".utf8)) else {
      throw damaged(
        "a MATLAB file of version 7.3, which is HDF5; level 5 is read here: save(…, '-v7') in "
          + "MATLAB, scipy.io.savemat in Python", at: 0)
    }
    guard content.count >= 128, content.starts(with: Data("MATLAB 5.0 MAT-file".utf8)) else {
      throw damaged("no MATLAB file of level 5 (its text of 19 bytes is missing)", at: 0)
    }
    let isLittle = content[content.startIndex + 126] == UInt8(ascii: "I")
    var offset = 128
    var isCompressed = false
    while offset < content.count {
      guard offset + 8 <= content.count else {
        throw damaged("the file ends within a tag of 8 bytes", at: content.count)
      }
      let tag = Tag(content.dropFirst(offset), isLittle)
      let size = tag.size
      guard offset + 8 + size <= content.count else {
        throw damaged(
          "the file ends within an element of \(size) bytes that begins at byte \(offset)",
          at: content.count)
      }
      let isPacked = tag.type == Int(MAT_T_COMPRESSED.rawValue)
      isCompressed = isCompressed || isPacked
      let element = content.dropFirst(offset + (isPacked ? 8 : 0)).prefix(size + (isPacked ? 0 : 8))
      let head =
        isPacked
        ? try Gzip.zlibPrefix(Data(element), count: headSize, path: url.path)
        : element.prefix(headSize)
      guard isArray(head, isLittle) else {
        throw damaged("an element that does not begin as arrays do", at: offset)
      }
      offset += 8 + size
    }
    return isCompressed
      ? Gzip.largestContent(ofCompressedSize: content.count) : content.count
  }

  /// Type and size of an element, before its bytes.
  private struct Tag {
    let type: Int
    let size: Int

    init(_ bytes: Data, _ isLittle: Bool) {
      func word(_ place: Int) -> Int {
        let bytes = bytes.dropFirst(place).prefix(4)
        return (isLittle ? Array(bytes.reversed()) : Array(bytes)).reduce(0) { $0 << 8 | Int($1) }
      }
      (type, size) = (word(0), word(4))
    }
  }

  /// Tag, flags, 32 extents and the tag of the name.
  private static let headSize = 8 + 16 + 8 + 128 + 8
  /// The longest name; MATLAB's have 63 characters.
  private static let largestName = 4096

  /// Whether an element begins with the tag of an array, eight bytes of flags, 2 to 32 extents and a
  /// name.
  ///
  /// MatIO makes room for as many extents, and as long a name, as the element announces.
  private static func isArray(_ head: Data, _ isLittle: Bool) -> Bool {
    guard head.count >= 32 else { return false }
    let (array, flags) = (Tag(head, isLittle), Tag(head.dropFirst(8), isLittle))
    let extents = Tag(head.dropFirst(24), isLittle)
    guard array.type == Int(MAT_T_MATRIX.rawValue),
      flags.type == Int(MAT_T_UINT32.rawValue), flags.size == 8,
      extents.type == Int(MAT_T_INT32.rawValue), (8...128).contains(extents.size),
      extents.size.isMultiple(of: 4)
    else { return false }
    let rest = head.dropFirst(32 + (extents.size + 7) / 8 * 8)
    guard rest.count >= 8 else { return false }
    let name = Tag(rest, isLittle)
    // Up to four bytes stand in the tag itself, with their number above the type.
    return name.type >> 16 > 0
      ? name.type >> 16 <= 4
      : name.type == Int(MAT_T_INT8.rawValue) && name.size <= largestName
  }
}
