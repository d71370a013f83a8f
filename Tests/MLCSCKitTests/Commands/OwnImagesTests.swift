// Claim: a new user's path works as documented, from images to atoms and codes; a learned model is the
// same operator as its matrices in every solver; what does not fit is refused.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct OwnImagesTests {
  /// Images of a few smooth bumps.
  static func images(_ count: Int, _ size: Int, to url: URL) throws {
    var stream = RandomStream("own images")
    let rough = Matrix<Double>.normal(count, size * size, from: &stream)
    var smooth = rough
    for b in 0..<count {
      for i in 0..<size * size {
        smooth[b, i] = (0..<4).reduce(0.0) { sum, k in
          sum + rough[b, (i + k % 2 + k / 2 * size) % (size * size)]
        }
      }
    }
    try AtomicFile.write(NumPyFile.data(smooth.reshaped(count, size, size)), to: url)
  }

  static func run(_ arguments: [String]) throws -> ToolRun {
    try ToolRun(executable: "mlcsc", arguments, environment: [:])
  }

  /// A model of two layers for images of 7×7, as a file, and its layers' matrices.
  static func model(in folder: TemporaryFolder) throws -> [ConvolutionalDictionary<Double>] {
    var stream = RandomStream("own model")
    let geometries = try ConvolutionGeometry.chain(
      signalSize: .square(7), filterCounts: [2, 3], kernelSizes: [3, 3], strides: [1, 2])
    let layers = try zip(geometries, [2, 3]).map { geometry, count in
      try ConvolutionalDictionary<Double>(
        filters: .normal(count, geometry.channels, 3, 3, from: &stream), geometry: geometry
      ).normalizingFilters()
    }
    let url = folder["model.safetensors"]
    try AtomicFile.write(LearnedModel(layers: layers, metadata: [:]).encoded(), to: url)
    let read = try LearnedModel(url).layers
    for (i, layer) in read.enumerated() {
      try MatrixFile.write(layer.matrix(), to: folder["D\(i + 1).npy"])
    }
    return read
  }

  @Test(
    "a learned model and images give the codes that its matrices and vectors give",
    arguments: [
      ["ista", "--lambda", "0", "0.3"], ["fista", "--lambda", "0", "0.3"],
      ["ml-ista", "--lambda", "0.1", "0.1", "--iterations", "60"],
      ["ml-fista", "--lambda", "0.1", "0.1", "--iterations", "60"],
      ["admm", "--lambda", "0.1", "0.1", "--iterations", "20"],
      ["exact", "--lambda", "0.1", "0.2"], ["layered-bp", "--lambda", "0.1", "0.2"],
      ["layered-thresholding", "--lambda", "0.1", "0.2"], ["omp", "--sparsity", "8", "4"],
      ["subspace-pursuit", "--sparsity", "8", "4"], ["projection", "--sparsity", "30", "3"],
      ["holistic", "--sparsity", "40", "12"],
    ])
  func sameCodes(_ solver: [String]) throws {
    let folder = try TemporaryFolder()
    let layers = try Self.model(in: folder)
    try Self.images(3, 7, to: folder["images.npy"])
    let stack = try ImageStack(MatrixFile.Place(folder["images.npy"].path))
    try MatrixFile.write(stack.pixels.transposed, to: folder["y.npy"])
    for (name, input) in [
      ("operators", ["--model", "model.safetensors", "--images", "images.npy"]),
      ("matrices", ["--dictionary", "D1.npy", "D2.npy", "--signal", "y.npy"]),
    ] {
      let paths = input.map { $0.hasPrefix("--") ? $0 : folder[$0].path }
      let run = try Self.run(
        ["solve", "--solver"] + solver + paths + ["--output", folder[name].path])
      #expect(run.status == 0, "\(run.errors)")
    }
    for (i, layer) in layers.enumerated() {
      func code(_ name: String) throws -> Tensor<Double> {
        let file = folder[name].appendingPathComponent("gamma\(i + 1).npy")
        return try NumPyFile.tensor(AtomicFile.read(file), path: file.path)
      }
      let (found, expected) = (try code("operators"), try code("matrices").transposed)
      let size = layer.geometry.codeSize
      #expect(found.shape == [3, layer.filterCount, size.height, size.width])
      // The sums of both are of a hundred terms in another order, and fista stops at a gap of 1e-8.
      let largest = expected.elements.map(abs).max() ?? 0
      let difference = zip(found.elements, expected.elements).map { abs($0 - $1) }.max() ?? 0
      #expect(largest > 0 && difference <= 1e-3 * largest, "layer \(i + 1): \(difference)")
    }
  }

  @Test("images of another shape than the model takes are refused with both shapes")
  func otherShape() throws {
    let folder = try TemporaryFolder()
    _ = try Self.model(in: folder)
    try Self.images(2, 8, to: folder["images.npy"])
    let run = try Self.run([
      "solve", "--solver", "omp", "--sparsity", "1", "1", "--model",
      folder["model.safetensors"].path, "--images", folder["images.npy"].path,
    ])
    #expect(run.status == 2)
    #expect(run.errors.contains("are 1×8×8, but D1 takes 1×7×7"), "\(run.errors)")
  }

  /// The commands of the article on the reader's own data.
  static func documentedCommands(_ verb: String) throws -> [[String]] {
    let article = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../Sources/MLCSCKit/MLCSCKit.docc/YourOwnData.md")
    return try String(contentsOf: article, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("    mlcsc \(verb) ") && $0.contains("--images") }
      .map { $0.split(separator: " ").dropFirst().map(String.init) }
  }

  @Test("the documented commands lead from images to atoms and codes")
  func documentedPath() throws {
    let folder = try TemporaryFolder()
    try Self.images(12, 28, to: folder["digits.npy"])
    let here = { (words: [String]) in
      words.map { $0.contains("digits") || $0 == "codes" ? folder[$0].path : $0 }
    }
    let learning = try #require(Self.documentedCommands("learn").first)
    let learned = try Self.run(here(learning) + ["--epochs", "1"])
    #expect(learned.status == 0, "\(learned.errors)")
    let solving = try #require(Self.documentedCommands("solve").first)
    let solved = try Self.run(here(solving))
    #expect(solved.status == 0, "\(solved.errors)")
    for name in ["digits/atoms.png", "digits/atoms.svg", "codes/codes.png", "codes/codes.svg"] {
      #expect(try AtomicFile.read(folder[name]).count > 5_000, "\(name) shows something")
    }
    let deepest = try NumPyFile.tensor(
      AtomicFile.read(folder["codes/gamma3.npy"]), path: "gamma3.npy")
    #expect(deepest.shape == [12, 64, 1, 1])
    #expect((1...120).contains(deepest.elements.count { $0 != 0 }))
    let estimate = try NumPyFile.tensor(
      AtomicFile.read(folder["codes/reconstruction.npy"]), path: "reconstruction.npy")
    #expect(estimate.shape == [12, 28, 28])
  }

  static func learn(_ folder: TemporaryFolder, _ output: String, _ extra: [String]) throws
    -> ToolRun
  {
    try run(
      [
        "learn", "--images", folder["images.npy"].path, "--output", folder[output].path,
        "--strides", "1", "1", "--batch", "5", "--no-plots",
      ] + extra + (extra.contains("--kernels") ? [] : ["--kernels", "3", "3"])
        + (extra.contains("--sparsity") ? [] : ["--sparsity", "3"]))
  }

  @Test("learning goes on where it stopped, to the same bits as in one go, and learns")
  func resumption() throws {
    let folder = try TemporaryFolder()
    try Self.images(20, 9, to: folder["images.npy"])
    let filters = ["--filters", "3", "4"]
    for (output, epochs) in [("once", "4"), ("twice", "2"), ("twice", "4")] {
      let run = try Self.learn(folder, output, filters + ["--epochs", epochs])
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("going on after epoch 2") == (output + epochs == "twice4"))
    }
    for name in ["model.safetensors", "history.csv"] {
      #expect(
        try AtomicFile.read(folder["once/\(name)"]) == AtomicFile.read(folder["twice/\(name)"]))
    }
    let lines = try String(contentsOf: folder["once/history.csv"], encoding: .utf8)
      .split(separator: "\n").dropFirst()
    let errors = lines.compactMap { Double($0.split(separator: ",")[1]) }
    #expect(errors.count == 4 && errors[3] < errors[0])
    let other = try Self.learn(folder, "once", ["--filters", "3", "5", "--epochs", "4"])
    #expect(other.status == 2 && other.errors.contains("learning.json"), "\(other.errors)")
  }

  @Test(
    "what cannot be learned is refused in words",
    arguments: [
      (["--filters", "3"], "--kernels: 2 given, 1 needed"),
      (["--filters", "3", "4", "--kernels", "10", "3"], "kernel size is 10×10"),
      (["--filters", "3", "4", "--epochs", "0"], "--epochs is 0; it must be at least 1"),
      (["--filters", "3", "1", "--sparsity", "26"], "the deepest code has 25 entries"),
    ])
  func refusals(_ extra: [String], _ words: String) throws {
    let folder = try TemporaryFolder()
    try Self.images(4, 9, to: folder["images.npy"])
    let run = try Self.learn(folder, "out", extra)
    #expect(run.status == 2 && run.errors.contains(words), "\(run.errors)")
    #expect(!folder.names.contains("out"))
  }
}
