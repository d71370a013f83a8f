// Claim: weights survive the way to safetensors and back to the bit, in the layout that other tools
// read, and a file of another network changes nothing.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct TrainerWeightsTests {
  @Test("weights and running statistics come back to the bit, with their metadata")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let network = try SmallNetwork()
    network.statistics["norm"]?.mean = Tensor(shape: [4], elements: [0.1, 0.2, -0.3, 1e-30])
    let content = try NetworkWeights.encoded(network, metadata: ["run": "a \"test\""])
    try content.write(to: folder["w.safetensors"])
    let other = try SmallNetwork(stream: RandomStream("other"))
    #expect(other.numbers != network.numbers)
    #expect(try NetworkWeights.load(folder["w.safetensors"], into: other) == ["run": "a \"test\""])
    #expect(other.numbers == network.numbers)
  }

  @Test("the file is a header of names, types, shapes and offsets, then the numbers as they are")
  func layout() throws {
    let network = try SmallNetwork()
    let bytes = [UInt8](try NetworkWeights.encoded(network))
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try #require(
      JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? [String: Any])
    #expect(
      header.keys.sorted() == [
        "classifier.biases", "classifier.weights", "filters.1", "norm.mean", "norm.scale",
        "norm.shift", "norm.variance",
      ])
    let filters = try #require(header["filters.1"] as? [String: Any])
    #expect(filters["dtype"] as? String == "F32")
    #expect(filters["shape"] as? [Int] == [4, 1, 3, 3])
    let offsets = try #require(filters["data_offsets"] as? [Int])
    let numbers = bytes[(8 + length + offsets[0])..<(8 + length + offsets[1])]
    let expected = network.parameters[0].value.elements.flatMap { number in
      (0..<4).map { UInt8(number.bitPattern >> (8 * $0) & 0xff) }
    }
    #expect(Array(numbers) == expected)
  }

  @Test("a file of another network is refused with what does not fit, and changes nothing")
  func otherNetwork() throws {
    let folder = try TemporaryFolder()
    let network = try SmallNetwork()
    let before = network.numbers
    func message(_ change: (inout SafeTensorsFile<Float>) -> Void) throws -> String {
      var file = try SafeTensorsFile<Float>(NetworkWeights.encoded(network), path: "w")
      change(&file)
      try file.encoded(.float32).write(to: folder["w"])
      let error = #expect(throws: FileError.self) {
        try NetworkWeights.load(folder["w"], into: network)
      }
      #expect(network.numbers == before)
      return error?.description ?? ""
    }
    #expect(try message { $0.tensors["norm.mean"] = nil }.contains("tensor norm.mean: absent"))
    #expect(
      try message { $0.tensors["norm.mean"] = Tensor(zeros: 5) }
        .contains("has the shape [5], the network's [4]"))
    #expect(
      try message { $0.tensors["norm.mean"] = Tensor(shape: [4], elements: [0, .nan, 0, 0]) }
        .contains("not finite"))
  }

  @Test("tensors in single precision take the same bytes both ways, and other types convert")
  func singlePrecision() throws {
    let values: [Float] = [0.1, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 0]
    let file = SafeTensorsFile<Float>(tensors: ["a": Tensor(shape: [4], elements: values)])
    let content = try file.encoded(.float32)
    #expect(try SafeTensorsFile<Float>(content, path: "t").tensors == file.tensors)
    let double = try SafeTensors(content, path: "t")
    #expect(double.tensors["a"]?.elements == values.map(Double.init))
    #expect(try double.encoded(.float32) == content)
    #expect(try SafeTensorsFile<Float>(double.encoded(.float64), path: "t").tensors == file.tensors)
  }
}
