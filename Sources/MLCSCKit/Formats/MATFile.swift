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
  ///   MATLAB file of level 5, is truncated, lacks the variable, or the variable holds other
  ///   numbers.
  public static func bytes(_ name: String, of url: URL) throws -> Bytes {
    func damaged(_ problem: String, at place: String = "the file") -> FileError {
      .damaged(path: url.path, place: place, problem: problem)
    }
    try checkElements(of: url)
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
      guard !overflow, product <= largestCount else {
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
    let elements: [UInt8]
    switch info.pointee.data_type {
    case MAT_T_UINT8:
      elements = Array(UnsafeRawBufferPointer(start: data, count: count))
    case MAT_T_DOUBLE:
      let values = UnsafeRawBufferPointer(start: data, count: count * 8).bindMemory(to: Double.self)
      elements = try values.enumerated().map { i, value in
        guard let byte = UInt8(exactly: value) else {
          throw damaged(
            "element \(i + 1) is \(value), no whole number from 0 to 255", at: "variable \(name)")
        }
        return byte
      }
    default:
      throw damaged("numbers of another type than uint8 or double", at: "variable \(name)")
    }
    return Bytes(shape: shape, elements: elements)
  }

  /// Walks over the elements of a file: 128 bytes of header, then a tag of 8 bytes before each.
  ///
  /// MatIO itself takes what is there of a truncated array.
  private static func checkElements(of url: URL) throws {
    func damaged(_ problem: String, at offset: Int) -> FileError {
      .damaged(path: url.path, place: "byte \(offset)", problem: problem)
    }
    let content = try AtomicFile.read(url)
    guard content.count >= 128, content.starts(with: Data("MATLAB 5.0 MAT-file".utf8)) else {
      throw damaged("no MATLAB file of level 5 (its text of 19 bytes is missing)", at: 0)
    }
    let isLittle = content[content.startIndex + 126] == UInt8(ascii: "I")
    var offset = 128
    while offset < content.count {
      guard offset + 8 <= content.count else {
        throw damaged("the file ends within a tag of 8 bytes", at: content.count)
      }
      let tag = content.dropFirst(offset + 4).prefix(4)
      let size = (isLittle ? Array(tag.reversed()) : Array(tag)).reduce(0) { $0 << 8 | Int($1) }
      guard offset + 8 + size <= content.count else {
        throw damaged(
          "the file ends within an element of \(size) bytes that begins at byte \(offset)",
          at: content.count)
      }
      offset += 8 + size
    }
  }
}
