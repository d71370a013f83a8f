// Claim: matrices survive the way to every format and back to the same bits; whatever is damaged is
// refused with its place.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct MatrixFileTests {
  /// A `.npy` file with a header as NumPy writes it.
  static func npy(_ header: String, _ body: [UInt8], version: UInt8 = 1) -> Data {
    let text = Array(header.utf8)
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0]
    let width = version == 1 ? 2 : 4
    bytes += (0..<width).map { UInt8(text.count >> (8 * $0) & 0xff) }
    return Data(bytes + text + body)
  }

  static func header(_ descr: String, fortran: Bool = false, _ shape: String) -> String {
    "{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n"
  }

  @Test(
    "a matrix reads back to the same bits",
    arguments: ["m.csv", "m.npy", "M.NPY", "m.npz", "m.mat"])
  func roundTrip(_ name: String) throws {
    let folder = try TemporaryFolder()
    var stream = RandomStream("formats")
    var matrix = Matrix<Double>.normal(13, 7, from: &stream)
    matrix[0, 0] = -0.0
    matrix[1, 0] = .leastNonzeroMagnitude
    matrix[2, 0] = .greatestFiniteMagnitude
    matrix[3, 0] = 0.1
    try MatrixFile.write(matrix, to: folder[name])
    let read = try MatrixFile.read(folder[name])
    #expect(read.shape == matrix.shape)
    #expect(read.elements.map(\.bitPattern) == matrix.elements.map(\.bitPattern))
    #expect(folder.names == [name])
    let first = try AtomicFile.read(folder[name])
    try MatrixFile.write(matrix, to: folder[name])
    #expect(try AtomicFile.read(folder[name]) == first, "the same matrix is the same file")
  }

  @Test("a large matrix of 1000×1000 reads back from CSV")
  func large() throws {
    var stream = RandomStream("large")
    let matrix = Matrix<Double>.normal(1000, 1000, from: &stream)
    #expect(try CSVFile.matrix(Data(CSVFile.text(matrix).utf8), path: "m.csv") == matrix)
  }

  @Test("the writer's .npy file is the one that numpy.save writes")
  func publishedBytes() {
    // numpy.save of [[1.0, 2.0]]: 128 bytes of header, then two little-endian doubles.
    let written = [UInt8](NumPyFile.data(Matrix<Double>(rows: [[1, 2]])))
    let text = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }"
    #expect(Array(written[..<10]) == [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0x76, 0])
    #expect(String(decoding: written[10..<(10 + text.utf8.count)], as: UTF8.self) == text)
    #expect(written[127] == 0x0a)
    #expect(Array(written[128...]) == [0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x40])
  }

  @Test(
    "single precision, rank 3 and scalars round-trip", arguments: [[], [4], [2, 3, 2], [0, 3]])
  func ranks(_ shape: [Int]) throws {
    let count = shape.reduce(1, *)
    let tensor = Tensor<Float>(shape: shape, elements: (0..<count).map { Float($0) / 3 })
    let read = try NumPyFile.tensor(NumPyFile.data(tensor), path: "t.npy")
    #expect(read.shape == shape)
    #expect(read.converted(to: Float.self) == tensor)
  }

  @Test(
    "types, byte orders, versions and storage orders of NumPy are read",
    arguments: [
      (npy(header("|u1", "(2, 3)"), [1, 2, 3, 4, 5, 6]), [2, 3], [1, 2, 3, 4, 5, 6]),
      (npy(header("|i1", "(2,)"), [0xff, 2]), [2], [-1, 2]),
      (npy(header("|b1", "(2,)"), [1, 0], version: 2), [2], [1, 0]),
      (npy(header(">i2", "(2,)"), [0x01, 0x00, 0xff, 0xfe], version: 3), [2], [256, -2]),
      (
        npy(header("|u1", fortran: true, "(2, 3)"), [1, 4, 2, 5, 3, 6]), [2, 3], [1, 2, 3, 4, 5, 6]
      ),
      (
        npy(header("|u1", fortran: true, "(2, 2, 2)"), [0, 4, 2, 6, 1, 5, 3, 7]), [2, 2, 2],
        [0, 1, 2, 3, 4, 5, 6, 7]
      ),
      (npy(header(">f8", "()"), [0x3f, 0xf0, 0, 0, 0, 0, 0, 0]), [], [1]),
      (npy(header("|u1", "(2L, 1L)"), [3, 4]), [2, 1], [3, 4]),
      (npy(header("|u1", "(2L,)"), [3, 4]), [2], [3, 4]),
      (npy("{'shape':(1,),'fortran_order':False,\"descr\":'|u1'}", [7]), [1], [7]),
    ] as [(Data, [Int], [Double])])
  func dialects(_ file: Data, _ shape: [Int], _ elements: [Double]) throws {
    #expect(
      try NumPyFile.tensor(file, path: "a.npy") == Tensor(shape: shape, elements: elements))
  }

  @Test(
    "a damaged .npy file is refused with its place",
    arguments: [
      (Data(), "a.npy: byte 0: no .npy file: it should begin with \\x93NUMPY"),
      (Data("1,2\n".utf8), "a.npy: byte 0: no .npy file: it should begin with \\x93NUMPY"),
      (npy("", [])[..<8], "a.npy: byte 8: the file ends within its header"),
      (
        npy("{}", [], version: 9),
        "a.npy: byte 6: version 9 of the format; 1, 2 and 3 are read here"
      ),
      (npy("{}", []), "a.npy: byte 10: the header needs descr, fortran_order and shape"),
      (
        npy(header("<f8", "(1)(2)"), []),
        "a.npy: byte 63: the header should read like "
          + "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4)}"
      ),
      (
        npy(header("<c16", "(1,)"), []),
        "a.npy: byte 10: type '<c16'; real numbers ('<f8', '<f4', integers, Booleans) are read here"
      ),
      (
        npy(header("|u1", "(2, 3)"), [1, 2, 3]),
        "a.npy: byte 73: the file ends after 3 of the 6 bytes of an array of shape [2, 3]"
      ),
      (
        npy(header("|u1", "(1,)"), [1, 2]),
        "a.npy: byte 69: 1 bytes follow the 1 of an array of shape [1]"
      ),
      (
        npy(header("<f8", "(9223372036854775807, 2)"), []),
        "a.npy: byte 10: the shape [9223372036854775807, 2] is larger than any file"
      ),
      (
        npy(header("<f4", "(1,)"), [0, 0, 0xc0, 0x7f]),
        "a.npy: byte 68: element 0 is nan, no finite number"
      ),
    ])
  func damagedNumPy(_ file: Data, _ message: String) {
    let error = #expect(throws: FileError.self) { try NumPyFile.tensor(file, path: "a.npy") }
    #expect(error?.description == message)
  }

  @Test("a header that announces more than the file holds is refused")
  func longHeader() {
    let file = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 0xff, 0xff, 0x7b])
    let error = #expect(throws: FileError.self) { try NumPyFile.tensor(file, path: "a.npy") }
    #expect(error?.description == "a.npy: byte 8: a header of 65535 bytes in a file of 11")
  }

  @Test(
    "CSV dialects of other tools are read",
    arguments: [
      "1,2\r3,4\r", "1.0D+00,2d0\n0.3D1,4\n", "10D-1,0.2e+1\r3,40d-1",
      "1,2\r\n3,4\r\n", "\u{FEFF}1, 2\n 3 ,4", "1.0,2e0\n3,+4\n\n\n", "1,\t2\n30e-1,4.",
    ])
  func csvDialects(_ text: String) throws {
    let read = try CSVFile.matrix(Data(text.utf8), path: "m.csv")
    #expect(read == Matrix(rows: [[1, 2], [3, 4]]))
  }

  @Test("UTF-16 with its mark is read, in both byte orders", arguments: [true, false])
  func utf16(_ isBigEndian: Bool) throws {
    let bytes = "\u{FEFF}1,2\r\n3,4\r\n".utf16.flatMap { unit in
      isBigEndian ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)]
    }
    #expect(try CSVFile.matrix(Data(bytes), path: "m.csv") == Matrix(rows: [[1, 2], [3, 4]]))
    let odd = #expect(throws: FileError.self) {
      try CSVFile.matrix(Data(bytes.dropLast()), path: "m.csv")
    }
    #expect(odd?.description == "m.csv: the file: begins as UTF-16 text does, but is none")
    #expect(throws: FileError.self) { try CSVFile.matrix(Data(bytes.dropFirst(2)), path: "m.csv") }
  }

  @Test("a single number as .npy is refused for what it is")
  func singleNumber() throws {
    let folder = try TemporaryFolder()
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (), }"
    let padded = header.padding(toLength: 117, withPad: " ", startingAt: 0) + "\n"
    var content = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, 118, 0]) + Data(padded.utf8)
    withUnsafeBytes(of: 2.5) { content.append(contentsOf: $0) }
    try content.write(to: folder["x.npy"])
    let refused = #expect(throws: FileError.self) { try MatrixFile.read(folder["x.npy"]) }
    #expect(refused?.description.contains("a single number; a matrix or a vector") == true)
  }

  @Test(
    "a damaged CSV matrix is refused with its line and column",
    arguments: [
      ("", "m.csv: the file: is empty"),
      ("\n\n", "m.csv: the file: is empty"),
      (
        "\n\n1,2\n", "m.csv: line 1: is empty; numbers must begin in the first line"
      ),
      ("1,2\n\n3,4\n", "m.csv: line 2, column 1: \"\" is no finite number"),
      ("1,2\n3,4,5\n", "m.csv: line 2: 3 fields, but line 1 has 2"),
      ("1,2\n3,\n", "m.csv: line 2, column 2: \"\" is no finite number"),
      ("1,-inf\n", "m.csv: line 1, column 2: \"-inf\" is no finite number"),
      ("1,1e999\n", "m.csv: line 1, column 2: \"1e999\" is no finite number"),
      ("0x10,2\n", "m.csv: line 1, column 1: \"0x10\" is no finite number"),
      ("\"1\",2\n", "m.csv: line 1, column 1: \"\"1\"\" is no finite number"),
      (
        "1;2\n",
        "m.csv: line 1, column 1: \"1;2\" is no finite number; its numbers are separated by "
          + "semicolons, where commas are needed"
      ),
      (
        "0\n1\t2\n",
        "m.csv: line 2, column 1: \"1\\u{9}2\" is no finite number; its numbers are separated by "
          + "tabs, where commas are needed"
      ),
      (
        "1 2",
        "m.csv: line 1, column 1: \"1 2\" is no finite number; its numbers are separated by "
          + "blanks, where commas are needed"
      ),
      (
        "1\0",
        "m.csv: line 1, column 1: \"1\\u{0}\" is no finite number; the file has zero bytes, as "
          + "UTF-16 text without its mark has"
      ),
      ("\u{1B}[2J", "m.csv: line 1, column 1: \"\\u{1B}[2J\" is no finite number"),
      ("1.5+02", "m.csv: line 1, column 1: \"1.5+02\" is no finite number"),
    ])
  func damagedCSV(_ text: String, _ message: String) {
    let error = #expect(throws: FileError.self) {
      try CSVFile.matrix(Data(text.utf8), path: "m.csv")
    }
    #expect(error?.description == message)
  }

  @Test("another extension, a missing file and a cube are refused in one line")
  func refusal() throws {
    let folder = try TemporaryFolder()
    let other = #expect(throws: UsageError.self) { try MatrixFile.read(folder["m.txt"]) }
    #expect(
      other?.description == "\(folder["m.txt"].path): a matrix is a .csv, .npy, .npz or .mat file")
    let missing = #expect(throws: FileError.self) { try MatrixFile.read(folder["m.csv"]) }
    #expect(
      missing?.description == "cannot read \(folder["m.csv"].path): No such file or directory")
    try AtomicFile.write(NumPyFile.data(Tensor<Double>(zeros: 2, 2, 2)), to: folder["c.npy"])
    let cube = #expect(throws: FileError.self) { try MatrixFile.read(folder["c.npy"]) }
    #expect(cube?.description.contains("[2, 2, 2]") == true)
  }

  @Test("a vector in a .npy file is one column")
  func vector() throws {
    let folder = try TemporaryFolder()
    let vector = Tensor<Double>(shape: [3], elements: [1, 2, 3])
    try AtomicFile.write(NumPyFile.data(vector), to: folder["v.npy"])
    #expect(try MatrixFile.read(folder["v.npy"]).shape == [3, 1])
  }
}
