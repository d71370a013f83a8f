// Claim: saved weights of a residual network are what PyTorch's usual ResNet for CIFAR takes, to the same
// scores; files with the names of the network's own parameters are still read.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct PublishedWeightsTests {
  /// A network whose norms do something, too.
  static func network(
    _ model: ResidualModel, depth: Int = 8, seed: String = "published"
  ) throws -> ResidualNetwork<Float> {
    let network = try ResidualNetwork<Float>(
      model, depth: depth, classes: 10, stream: RandomStream(seed))
    var stream = RandomStream(seed, "norms")
    func random(_ tensor: Tensor<Float>, _ mean: Float) -> Tensor<Float> {
      let noise = Tensor<Float>.normal(tensor.count, 1, from: &stream).elements
      return Tensor(shape: tensor.shape, elements: noise.map { mean + 0.2 * $0 })
    }
    for parameter in network.parameters where parameter.name.contains("norm") {
      parameter.value = random(parameter.value, parameter.name.hasSuffix("scale") ? 1 : 0)
    }
    for name in network.statistics.keys.sorted() {
      guard let statistics = network.statistics[name] else { continue }
      statistics.mean = random(statistics.mean, 0)
      statistics.variance = random(statistics.variance, 1.5)
    }
    return network
  }

  @Test("every model has the names of PyTorch's ResNet, and what it has beside them")
  func names() throws {
    func names(_ model: ResidualModel, _ depth: Int) throws -> Set<String> {
      let content = try NetworkWeights.encoded(Self.network(model, depth: depth))
      return Set(try SafeTensorsFile<Float>(content, path: "w").tensors.keys)
    }
    var expected: Set<String> = ["linear.weight", "linear.bias", "conv1.weight"]
    let norm = ["weight", "bias", "running_mean", "running_var"]
    expected.formUnion(norm.map { "bn1.\($0)" })
    var refinements = Set<String>()
    for stage in 1...3 {
      for block in 0...1 {
        for layer in 1...2 {
          let name = "layer\(stage).\(block)"
          expected.insert("\(name).conv\(layer).weight")
          expected.formUnion(norm.map { "\(name).bn\(layer).\($0)" })
          refinements.formUnion(
            ["coefficient", "bn3.running_mean", "bn3.running_var"].map { "\(name).\($0)" })
        }
      }
    }
    #expect(try names(.resNet, 14) == expected)
    #expect(try names(.plain, 14) == expected)
    #expect(try names(.resCSC, 14) == expected.union(refinements))
    #expect(try names(.simplified, 14) == expected.union(refinements))
  }

  @Test("a file comes back to the bit, with published names and with the network's own")
  func bothNames() throws {
    let folder = try TemporaryFolder()
    let network = try Self.network(.resCSC)
    let own = SafeTensorsFile<Float>(
      tensors: [String: Tensor<Float>](
        uniqueKeysWithValues: network.parameters.map { ($0.name, $0.value) }
          + network.statistics.flatMap {
            [("\($0.key).mean", $0.value.mean), ("\($0.key).variance", $0.value.variance)]
          }))
    try own.encoded(.float32).write(to: folder["own"])
    try NetworkWeights.encoded(network).write(to: folder["published"])
    for file in ["own", "published"] {
      let other = try Self.network(.resCSC, seed: "other")
      try NetworkWeights.load(folder[file], into: other)
      #expect(zip(other.parameters, network.parameters).allSatisfy { $0.value == $1.value })
      #expect(
        network.statistics.allSatisfy { name, statistics in
          other.statistics[name]?.mean == statistics.mean
            && other.statistics[name]?.variance == statistics.variance
        })
    }
  }

  /// Whether `python3` has PyTorch.
  static let hasTorch = (try? python("import torch").status) == 0

  static func python(_ program: String, _ arguments: [String] = []) throws -> (
    status: Int32, errors: String
  ) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", program] + arguments
    let pipe = Pipe()
    process.standardError = pipe
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let errors = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: errors, as: UTF8.self))
  }

  /// The ResNet for CIFAR as it is usual in PyTorch.
  ///
  /// He, Zhang, Ren and Sun (2016), Sec. 4.2, with shortcuts that take every second position and add
  /// channels of zeros (their option A).
  static let program = """
    import json, struct, sys
    import numpy as np, torch
    from torch import nn
    from torch.nn import functional as F

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(outputs)
            self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(outputs)
            self.stride, self.extra = stride, (outputs - inputs) // 2
        def forward(self, x):
            y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
            s = self.stride
            return F.relu(y + F.pad(x[:, :, ::s, ::s], (0, 0, 0, 0, self.extra, self.extra)))

    class ResNet(nn.Module):
        def __init__(self, blocks, classes=10):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(16)
            def layer(inputs, outputs, stride):
                return nn.Sequential(Block(inputs, outputs, stride),
                                     *[Block(outputs, outputs, 1) for _ in range(blocks - 1)])
            self.layer1 = layer(16, 16, 1)
            self.layer2 = layer(16, 32, 2)
            self.layer3 = layer(32, 64, 2)
            self.linear = nn.Linear(64, classes)
        def forward(self, x):
            x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
            return self.linear(x.mean((2, 3)))

    weights, images, scores, blocks = sys.argv[1:]
    content = open(weights, "rb").read()
    size = struct.unpack("<Q", content[:8])[0]
    state = {}
    for name, entry in json.loads(content[8:8 + size]).items():
        if name != "__metadata__":
            first, last = (8 + size + offset for offset in entry["data_offsets"])
            numbers = np.frombuffer(content[first:last], "<f4").reshape(entry["shape"])
            state[name] = torch.tensor(numbers)
    network = ResNet(int(blocks))
    network.load_state_dict(state, strict=True)
    network.eval()
    with torch.no_grad():
        found = network(torch.tensor(np.load(images)))
    np.save(scores, found.double().numpy())
    """

  @Test(
    "PyTorch's ResNet loads a saved file strictly and gives the same scores to 1e-5",
    .enabled(if: hasTorch, "skipped: python3 has no PyTorch"), arguments: [8, 20])
  func torch(_ depth: Int) throws {
    let folder = try TemporaryFolder()
    let network = try Self.network(.resNet, depth: depth)
    var stream = RandomStream("published images")
    let rows: Tensor<Float> = .normal(4, 3 * 32 * 32, from: &stream)
    let images = rows.reshaped(4, 3, 32, 32)
    try NetworkWeights.encoded(network).write(to: folder["w.safetensors"])
    try NumPyFile.data(images).write(to: folder["x.npy"])
    let run = try Self.python(
      Self.program,
      ["w.safetensors", "x.npy", "scores.npy"].map { folder[$0].path } + ["\((depth - 2) / 6)"])
    #expect(run.status == 0, "\(run.errors)")
    let expected = try NumPyFile.tensor(AtomicFile.read(folder["scores.npy"]), path: "scores.npy")
    let tape = Tape<Float>(engine: OneDNNConvolution())
    let scores = tape.withoutRecording {
      network.scores(of: tape.input(images), on: tape, .inference).tensor.elements
    }
    let largest = expected.elements.map(abs).max() ?? 0
    #expect(largest > 0.1)
    for (found, right) in zip(scores, expected.elements) {
      #expect(abs(Double(found) - right) <= 1e-5 * max(1, largest))
    }
  }
}
