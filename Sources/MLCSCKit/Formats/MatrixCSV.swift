import Foundation

extension CSVFile {
  /// Reads a matrix: numbers without a heading, one row a line, separated by commas.
  ///
  /// Blanks around a number, lines that end in CR LF or CR, a byte-order mark, UTF-16 with such a
  /// mark, exponents as Fortran writes them (1.5D+02) and empty lines at the end are accepted;
  /// other separators, quotation marks, missing numbers, infinities and not-a-number are not. One
  /// pass over the bytes: messages need the line and column that a general parser loses, and SwiftCSV
  /// takes fourteen times as long for two million numbers.
  /// - Throws: `FileError` naming line and column of a ragged row or of what is no finite number.
  public static func matrix(_ data: Data, path: String) throws -> Matrix<Double> {
    var reader = MatrixReader(path: path)
    let data = try utf8(data, path: path)
    let newline = UInt8(ascii: data.contains(UInt8(ascii: "\n")) ? "\n" : "\r")
    try data.withUnsafeBytes { raw in
      let mark: [UInt8] = [0xef, 0xbb, 0xbf]
      var rest = raw.starts(with: mark) ? raw.dropFirst(3) : raw[...]
      while rest.last.map(isBlankOrNewline) ?? false { rest.removeLast() }
      guard !rest.isEmpty else {
        throw FileError.damaged(path: path, place: "the file", problem: "is empty")
      }
      for line in rest.split(separator: newline, omittingEmptySubsequences: false) {
        try reader.add(line)
      }
    }
    return Matrix(
      shape: [reader.elements.count / reader.width, reader.width], elements: reader.elements)
  }

  /// A text in UTF-8; one that begins with UTF-16's mark is converted.
  private static func utf8(_ data: Data, path: String) throws -> Data {
    guard data.starts(with: [0xff, 0xfe]) || data.starts(with: [0xfe, 0xff]) else { return data }
    guard data.count.isMultiple(of: 2), let text = String(data: data, encoding: .utf16) else {
      throw FileError.damaged(
        path: path, place: "the file", problem: "begins as UTF-16 text does, but is none")
    }
    return Data(text.utf8)
  }

  private static func isBlankOrNewline(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a
  }

  private struct MatrixReader {
    let path: String
    var elements = [Double]()
    var width = 0
    var line = 0

    mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>) throws {
      line += 1
      if line == 1, bytes.allSatisfy(isBlankOrNewline) {
        throw damaged("line 1", "is empty; numbers must begin in the first line")
      }
      let start = elements.count
      for field in bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
        elements.append(try number(field, column: elements.count - start + 1))
      }
      let found = elements.count - start
      if line == 1 { width = found }
      guard found == width else {
        throw damaged("line \(line)", "\(found) fields, but line 1 has \(width)")
      }
    }

    private func number(
      _ field: Slice<UnsafeRawBufferPointer>, column: Int
    ) throws -> Double {
      var text = field
      while text.first.map(isBlankOrNewline) ?? false { text.removeFirst() }
      while text.last.map(isBlankOrNewline) ?? false { text.removeLast() }
      // Digits, signs, point and exponent only: `Double` would also take hexadecimal digits.
      let allowed = text.allSatisfy {
        (0x30...0x39).contains($0) || [0x2b, 0x2d, 0x2e, 0x44, 0x45, 0x64, 0x65].contains($0)
      }
      // Fortran's exponents of double precision have a D.
      let digits = String(
        decoding: text.map { $0 | 0x20 == 0x64 ? UInt8(ascii: "e") : $0 }, as: UTF8.self)
      guard allowed, let value = Double(digits), value.isFinite else {
        let shown = String(decoding: text.prefix(40), as: UTF8.self)
        throw damaged(
          "line \(line), column \(column)",
          "\"\(shown)\" is no finite number" + (Self.advice(text) ?? ""))
      }
      return value
    }

    /// What a field shows of the way in which its file was written.
    private static func advice(_ field: Slice<UnsafeRawBufferPointer>) -> String? {
      if field.contains(0) {
        return "; the file has zero bytes, as UTF-16 text without its mark has"
      }
      let separators: [(UInt8, String)] = [
        (UInt8(ascii: ";"), "semicolons"), (UInt8(ascii: "|"), "bars"),
        (UInt8(ascii: "\t"), "tabs"), (UInt8(ascii: " "), "blanks"),
      ]
      // Only between numbers does a character separate.
      let number = Set("0123456789+-.eEdD".utf8)
      let found = separators.first { separator in
        field.contains(separator.0)
          && field.allSatisfy {
            $0 == separator.0 || isBlankOrNewline($0) || number.contains($0)
          }
      }
      return found.map { "; its numbers are separated by \($0.1), where commas are needed" }
    }

    private func damaged(_ place: String, _ problem: String) -> FileError {
      .damaged(path: path, place: place, problem: problem)
    }
  }

  /// A matrix as CSV; every number reads back to the same bits.
  public static func text(_ matrix: Matrix<Double>) -> String {
    (0..<matrix.rows).map { matrix.row($0).map(\.description).joined(separator: ",") }
      .joined(separator: "\n") + "\n"
  }
}
