import Foundation

/// What the header of a `.npy` file says.
struct NumPyHeader {
  /// `f`, `i`, `u` or `b`.
  let kind: Character
  /// Bytes an element.
  let width: Int
  let isBigEndian: Bool
  let isFortranOrder: Bool
  let shape: [Int]
  /// The offset of the first element.
  let end: Int

  /// Parses the header.
  ///
  /// - Throws: `FileError.damaged`.
  init(_ bytes: [UInt8], path: String) throws {
    func damaged(_ offset: Int, _ problem: String) -> FileError {
      .damaged(path: path, place: "byte \(offset)", problem: problem)
    }
    guard bytes.starts(with: NumPyFile.magic) else {
      throw damaged(0, "no .npy file: it should begin with \\x93NUMPY")
    }
    guard bytes.count >= 10 else { throw damaged(bytes.count, "the file ends within its header") }
    let version = bytes[6]
    guard (1...3).contains(version) else {
      throw damaged(6, "version \(version) of the format; 1, 2 and 3 are read here")
    }
    let start = version == 1 ? 10 : 12
    guard bytes.count >= start else {
      throw damaged(bytes.count, "the file ends within its header")
    }
    let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= bytes.count - start else {
      throw damaged(8, "a header of \(length) bytes in a file of \(bytes.count)")
    }
    end = start + length
    var parser = DictionaryLiteral(text: Array(bytes[start..<end]))
    guard parser.parse() else {
      throw damaged(
        start + parser.position,
        "the header should read like {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4)}")
    }
    guard let descr = parser.descr, let order = parser.isFortranOrder, let extents = parser.shape
    else { throw damaged(start, "the header needs descr, fortran_order and shape") }
    let letters = Array(descr)
    guard letters.count == 3, "<>|=".contains(letters[0]), "fiub".contains(letters[1]),
      let width = letters[2].wholeNumberValue,
      letters[1] == "f" ? [4, 8].contains(width) : [1, 2, 4, 8].contains(width),
      letters[1] != "b" || width == 1
    else {
      throw damaged(
        start, "type '\(descr)'; real numbers ('<f8', '<f4', integers, Booleans) are read here")
    }
    kind = letters[1]
    self.width = width
    isBigEndian = letters[0] == ">"
    isFortranOrder = order
    shape = extents
  }

  /// The number of elements, checked against the file's size.
  ///
  /// - Throws: `FileError.damaged` for truncated or trailing bytes.
  func elementCount(fileSize: Int, path: String) throws -> Int {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= Int.max / 16 else {
        throw FileError.damaged(
          path: path, place: "byte 10", problem: "the shape \(shape) is larger than any file")
      }
      count = product
    }
    let (expected, found) = (count * width, fileSize - end)
    guard expected == found else {
      throw FileError.damaged(
        path: path, place: "byte \(found < expected ? fileSize : end + expected)",
        problem: found < expected
          ? "the file ends after \(found) of the \(expected) bytes of an array of shape \(shape)"
          : "\(found - expected) bytes follow the \(expected) of an array of shape \(shape)")
    }
    return count
  }
}

/// The dictionary of a `.npy` header, a small part of Python's syntax.
private struct DictionaryLiteral {
  let text: [UInt8]
  var position = 0
  var descr: String?
  var isFortranOrder: Bool?
  var shape: [Int]?

  init(text: [UInt8]) { self.text = text }

  /// Parses the whole text; where it fails, `position` is the place.
  mutating func parse() -> Bool {
    guard take("{") else { return false }
    while !take("}") {
      guard let key = string(), take(":") else { return false }
      switch key {
      case "descr" where descr == nil: descr = string()
      case "fortran_order" where isFortranOrder == nil:
        isFortranOrder = take("True") ? true : take("False") ? false : nil
      case "shape" where shape == nil: shape = tuple()
      default: return false
      }
      let parsed = ["descr": descr != nil, "shape": shape != nil][key] ?? (isFortranOrder != nil)
      guard parsed else { return false }
      if !take(",") {
        guard take("}") else { return false }
        break
      }
    }
    skipSpace()
    return position == text.count
  }

  private mutating func skipSpace() {
    while position < text.count, [0x20, 0x0a, 0x09, 0x0d].contains(text[position]) { position += 1 }
  }

  private mutating func take(_ token: String) -> Bool {
    skipSpace()
    guard text[position...].starts(with: token.utf8) else { return false }
    position += token.utf8.count
    return true
  }

  private mutating func string() -> String? {
    skipSpace()
    guard position < text.count, text[position] == 0x27 || text[position] == 0x22,
      let close = text[(position + 1)...].firstIndex(of: text[position])
    else { return nil }
    defer { position = close + 1 }
    return String(decoding: text[(position + 1)..<close], as: UTF8.self)
  }

  private mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var extents = [Int]()
    while !take(")") {
      skipSpace()
      let digits = text[position...].prefix { (0x30...0x39).contains($0) }
      guard let extent = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
      position += digits.count
      extents.append(extent)
      // Python 2 wrote its long integers as 3L.
      if position < text.count, text[position] == UInt8(ascii: "L") { position += 1 }
      if !take(",") {
        guard take(")") else { return nil }
        break
      }
    }
    return extents
  }
}
