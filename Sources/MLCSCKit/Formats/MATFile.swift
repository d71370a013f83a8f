import CMatIO
import Foundation

/// Arrays of bytes out of MATLAB files of level 5, by MatIO.
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
  ///   MATLAB file of level 5 (7.3 is HDF5), is truncated, lacks the variable, or the variable holds other
  ///   numbers.
  public static func bytes(_ name: String, of url: URL) throws -> Bytes {
    func damaged(_ problem: String, at place: String = "the file") -> FileError {
      .damaged(path: url.path, place: place, problem: problem)
    }
    let most = try largestContent(of: url)
    // MatIO prints what it finds wrong unless told not to; the error says it once.
    Mat_LogInitFunc("mlcsc") { _, _ in }
    guard let file = Mat_Open(url.path, Int32(MAT_ACC_RDONLY.rawValue)) else {
      throw damaged("MatIO cannot open it")
    }
    defer { Mat_Close(file) }
    guard let info = Mat_VarReadInfo(file, name) else {
      throw damaged("there is no variable \(name), or it is damaged")
    }
    var freed: UnsafeMutablePointer<matvar_t>? = info
    defer { Mat_VarFree(freed) }
    let shape = (0..<Int(info.pointee.rank)).map { Int(clamping: info.pointee.dims[$0]) }
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= min(largestCount, most) else {
        throw damaged("the extents \(shape) are too large", at: "variable \(name)")
      }
      count = product
    }
    guard info.pointee.isComplex == 0 else {
      throw damaged("complex numbers, where whole ones are needed", at: "variable \(name)")
    }
    guard Mat_VarReadDataAll(file, info) == 0, let data = info.pointee.data,
      info.pointee.nbytes == count * Int(info.pointee.data_size)
    else { throw damaged("its data are cut off or damaged", at: "variable \(name)") }
    freed = info
    let raw = UnsafeRawBufferPointer(start: data, count: info.pointee.nbytes)
    func bytes<Number>(_ type: Number.Type, _ exact: (Number) -> UInt8?) throws -> [UInt8] {
      try raw.bindMemory(to: type).enumerated().map { i, value in
        guard let byte = exact(value) else {
          throw damaged(
            "element \(i + 1) is \(value), no whole number from 0 to 255", at: "variable \(name)")
        }
        return byte
      }
    }
    let elements =
      switch info.pointee.data_type {
      case MAT_T_UINT8: Array(raw)
      case MAT_T_INT8: try bytes(Int8.self) { UInt8(exactly: $0) }
      case MAT_T_INT16: try bytes(Int16.self) { UInt8(exactly: $0) }
      case MAT_T_UINT16: try bytes(UInt16.self) { UInt8(exactly: $0) }
      case MAT_T_INT32: try bytes(Int32.self) { UInt8(exactly: $0) }
      case MAT_T_UINT32: try bytes(UInt32.self) { UInt8(exactly: $0) }
      case MAT_T_INT64: try bytes(Int64.self) { UInt8(exactly: $0) }
      case MAT_T_UINT64: try bytes(UInt64.self) { UInt8(exactly: $0) }
      case MAT_T_SINGLE: try bytes(Float.self) { UInt8(exactly: $0) }
      case MAT_T_DOUBLE: try bytes(Double.self) { UInt8(exactly: $0) }
      default: throw damaged("is no array of numbers", at: "variable \(name)")
      }
    guard elements.count == count else {
      throw damaged("its data are cut off or damaged", at: "variable \(name)")
    }
    return Bytes(shape: shape, elements: elements)
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
      func word(_ place: Int) -> Int {
        let bytes = content.dropFirst(place).prefix(4)
        return (isLittle ? Array(bytes.reversed()) : Array(bytes)).reduce(0) { $0 << 8 | Int($1) }
      }
      isCompressed = isCompressed || word(offset) == Int(MAT_T_COMPRESSED.rawValue)
      let size = word(offset + 4)
      guard offset + 8 + size <= content.count else {
        throw damaged(
          "the file ends within an element of \(size) bytes that begins at byte \(offset)",
          at: content.count)
      }
      offset += 8 + size
    }
    return isCompressed
      ? Gzip.largestContent(ofCompressedSize: content.count) : content.count
  }
}
