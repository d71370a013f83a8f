// Claim: tensors and learned models survive the way to safetensors and back, files of other tools
// are read, and whatever is damaged is refused with its place.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct SafeTensorsTests {
  /// A file from its header and data.
  static func file(_ header: String, _ body: [UInt8] = []) -> Data {
    let length = (0..<8).map { UInt8(header.utf8.count >> (8 * $0) & 0xff) }
    return Data(length + Array(header.utf8) + body)
  }

  static func tensor(_ dtype: String, _ shape: String, _ offsets: String) -> String {
    "{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  @Test("tensors and metadata come back, in double precision to the same bits")
  func roundTrip() throws {
    var stream = RandomStream("safetensors")
    let tensors = [
      "weights/D1": Tensor<Double>.normal(4, 3, 2, from: &stream),
      "scalar": Tensor<Double>(shape: [], elements: [0.1]),
      "empty": Tensor<Double>(zeros: 0, 3),
    ]
    let file = SafeTensors(tensors: tensors, metadata: ["μ": "a \"quoted\" / text\n"])
    let read = try SafeTensors(file.encoded(.float64), path: "t")
    #expect(read.tensors == tensors)
    #expect(read.metadata == file.metadata)
    let single = try SafeTensors(file.encoded(.float32), path: "t")
    #expect(
      single.tensors["weights/D1"]
        == tensors["weights/D1"]?.converted(to: Float.self).converted(to: Double.self))
    #expect(try file.encoded(.float64) == file.encoded(.float64))
  }

  @Test("a file written by the format's own Python package is read, with all its types")
  func published() throws {
    // safetensors 0.8.0: save({"a": float64, "b": float32, "c": int64, "d": uint8}, {"by": "numpy"})
    let text = """
      AAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJieSI6Im51bXB5In0sImMiOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6WzJdLC\
      JkYXRhX29mZnNldHMiOlswLDE2XX0sImEiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzEsMl0sImRhdGFfb2Zmc2V0cyI6\
      WzE2LDMyXX0sImIiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOlszMiw0NF19LCJkIjp7Im\
      R0eXBlIjoiVTgiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls0NCw0Nl19fSAgICAgBwAAAAAAAAAAAAAAAADg/wAA\
      AAAAAPg/AAAAAAAAAMAAAIA/AACAPgAAQEAA/w==
      """
    let content = try #require(Data(base64Encoded: text))
    let read = try SafeTensors(content, path: "t")
    #expect(read.metadata == ["by": "numpy"])
    #expect(
      read.tensors == [
        "a": Tensor(shape: [1, 2], elements: [1.5, -2]),
        "b": Tensor(shape: [3], elements: [1, 0.25, 3]),
        "c": Tensor(shape: [2], elements: [7, -9_007_199_254_740_992]),
        "d": Tensor(shape: [2], elements: [0, 255]),
      ])
    for count in 0..<content.count {
      #expect(throws: FileError.self) { try SafeTensors(content.prefix(count), path: "t") }
    }
  }

  @Test(
    "a damaged file is refused with its place",
    arguments: [
      (Data(), "t: byte 0: shorter than the 8 bytes of a header"),
      (Data(repeating: 0xff, count: 9), "t: byte 0: a header of 18446744073709551615 bytes"),
      (file("[1]"), "t: byte 8: the header is no JSON object"),
      (file("{\"a\":"), "t: byte 8: the header is no JSON object"),
      (file("{\"__metadata__\":{\"a\":1}}"), "t: __metadata__: must map names to text"),
      (file("{\"a\":{\"dtype\":\"F32\"}}"), "t: tensor a: needs dtype, shape and data_offsets"),
      (
        file("{\"a\":\(tensor("BF16", "[1]", "[0,2]"))}", [0, 0]),
        "t: tensor a: type BF16; F32, F64, I64 and U8 are read here"
      ),
      (
        file("{\"a\":\(tensor("U8", "[2]", "[0,3]"))}", [0, 0, 0]),
        "t: tensor a: shape [2] of U8 does not fill 3 bytes"
      ),
      (
        file("{\"a\":\(tensor("U8", "[2]", "[0,2]"))}", [0]),
        "t: tensor a: offsets [0, 2] in 1 bytes of data"
      ),
      (
        file("{\"a\":\(tensor("U8", "[-1]", "[0,1]"))}", [0]),
        "t: tensor a: offsets [0, 1] in 1 bytes of data"
      ),
      (
        file("{\"a\":\(tensor("U8", "[1]", "[1,0]"))}", [0]),
        "t: tensor a: offsets [1, 0] in 1 bytes of data"
      ),
      (
        file("{\"a\":\(tensor("U8", "[4611686018427387904,4]", "[0,1]"))}", [0]),
        "t: tensor a: shape [4611686018427387904, 4] is larger than the file"
      ),
      (
        file(
          "{\"a\":\(tensor("U8", "[2]", "[0,2]")),\"b\":\(tensor("U8", "[2]", "[1,3]"))}",
          [0, 0, 0]),
        "t: tensor b: begins at 1, but the one before ends at 2"
      ),
      (
        file("{\"a\":\(tensor("U8", "[1]", "[1,2]"))}", [0, 0]),
        "t: tensor a: begins at 1, but the one before ends at 0"
      ),
      (file("{\"a\":\(tensor("U8", "[1]", "[0,1]"))}", [0, 9]), " 1 bytes belong to no tensor"),
      (
        file("{\"a\":\(tensor("I64", "[1]", "[0,8]"))}", [1, 0, 0, 0, 0, 0, 0x20, 0]),
        "t: tensor a: an integer beyond 2^53, which doubles do not hold"
      ),
    ])
  func damaged(_ file: Data, _ message: String) {
    let error = #expect(throws: FileError.self) { try SafeTensors(file, path: "t") }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }

  /// A model of two layers on 6×6 pixels.
  static func model() throws -> LearnedModel {
    var stream = RandomStream("model")
    let first = try ConvolutionalDictionary<Double>(
      filters: .normal(2, 1, 3, 3, from: &stream),
      geometry: ConvolutionGeometry(signalSize: .square(6), kernelSize: .square(3)))
    let second = try ConvolutionalDictionary<Double>(
      filters: .normal(3, 2, 2, 2, from: &stream),
      geometry: ConvolutionGeometry(
        channels: 2, signalSize: first.geometry.codeSize, kernelSize: .square(2)))
    return try LearnedModel(layers: [first, second], metadata: ["by": "test"])
  }

  @Test("a learned model comes back with its geometries, filters in single precision")
  func learnedModel() throws {
    let folder = try TemporaryFolder()
    let model = try Self.model()
    try AtomicFile.write(model.encoded(), to: folder["m.safetensors"])
    let read = try LearnedModel(folder["m.safetensors"])
    #expect(read.layers.map(\.geometry) == model.layers.map(\.geometry))
    #expect(
      read.layers.map(\.filters)
        == model.layers.map { $0.filters.converted(to: Float.self).converted(to: Double.self) })
    #expect(read.metadata["by"] == "test")
    #expect(read.fingerprint == Digest.sha256(try model.encoded()).description)
  }

  @Test("a file that is no model is refused with its place")
  func noModel() throws {
    let folder = try TemporaryFolder()
    let url = folder["m.safetensors"]
    var file = try SafeTensors(Self.model().encoded(), path: "m")
    func message() throws -> String {
      try AtomicFile.write(file.encoded(), to: url)
      return #expect(throws: FileError.self) { try LearnedModel(url) }?.description ?? ""
    }
    let whole = file
    file.tensors["D2"]?[0, 0] = .nan
    #expect(try message() == "\(url.path): tensor D2: holds numbers not finite")
    file = whole
    file.tensors["D1"] = Tensor(zeros: 2, 1, 3, 4)
    #expect(try message().hasPrefix("\(url.path): the model: "))
    file = whole
    file.metadata["geometry1"] = "{}"
    #expect(try message() == "\(url.path): geometry1: absent or unreadable")
    file.tensors = [:]
    #expect(try message() == "\(url.path): the header: there is no tensor D1")
  }

  @Test("the embedded model is whole and says where it comes from")
  func embeddedModel() throws {
    let model = try LearnedModel.embedded()
    #expect(model.layers.count == 3)
    #expect(model.metadata["made_by"] != nil)
    #expect(model.metadata["data_sha256"] != nil)
  }
}
