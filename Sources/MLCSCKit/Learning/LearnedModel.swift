import Foundation

/// A learned multi-layer convolutional model as a file: filters `D1` … `DL` and their geometries.
public struct LearnedModel: Sendable {
  /// D₁ … D_L.
  public let layers: [ConvolutionalDictionary<Double>]
  /// Where the model comes from, free text by name.
  public let metadata: [String: String]
  /// The SHA-256 of the file it was read from; empty for a model that was not read.
  public let fingerprint: String

  /// A model to be written.
  ///
  /// - Throws: Nothing in practice: geometries encode as JSON.
  public init(
    layers: [ConvolutionalDictionary<Double>], metadata: [String: String]
  ) throws {
    var metadata = metadata
    for (i, layer) in layers.enumerated() {
      metadata["geometry\(i + 1)"] = String(
        decoding: try JSONText.compact(layer.geometry), as: UTF8.self)
    }
    self.layers = layers
    self.metadata = metadata
    fingerprint = ""
  }

  /// The file's content, filters in single precision.
  ///
  /// - Throws: Nothing in practice.
  public func encoded() throws -> Data {
    var file = SafeTensors(metadata: metadata)
    for (i, layer) in layers.enumerated() { file.tensors["D\(i + 1)"] = layer.filters }
    return try file.encoded(.float32)
  }

  /// Reads a model.
  ///
  /// - Throws: `FileError` where the file is absent or damaged, or holds no model: a filter that is
  ///   not finite, a geometry that does not fit, layers that do not chain.
  public init(_ url: URL) throws {
    let content = try AtomicFile.read(url)
    let file = try SafeTensors(content, path: url.path)
    do {
      layers = try Self.layers(file, path: url.path)
    } catch let error as ModelError {
      throw FileError.damaged(path: url.path, place: "the model", problem: "\(error)")
    }
    metadata = file.metadata
    fingerprint = Digest.sha256(content).description
  }

  private static func layers(
    _ file: SafeTensors, path: String
  ) throws -> [ConvolutionalDictionary<Double>] {
    var layers = [ConvolutionalDictionary<Double>]()
    while let filters = file.tensors["D\(layers.count + 1)"] {
      let name = "geometry\(layers.count + 1)"
      guard let text = file.metadata[name],
        let geometry: ConvolutionGeometry = JSONText.decoded(text)
      else {
        throw FileError.damaged(path: path, place: name, problem: "absent or unreadable")
      }
      guard filters.elements.allSatisfy(\.isFinite) else {
        throw FileError.damaged(
          path: path, place: "tensor D\(layers.count + 1)", problem: "holds numbers not finite")
      }
      let checked = try ConvolutionGeometry(
        channels: geometry.channels, signalSize: geometry.signalSize,
        kernelSize: geometry.kernelSize, stride: geometry.stride, dilation: geometry.dilation,
        padding: geometry.padding, boundary: geometry.boundary)
      layers.append(try ConvolutionalDictionary(filters: filters, geometry: checked))
    }
    guard !layers.isEmpty else {
      throw FileError.damaged(path: path, place: "the header", problem: "there is no tensor D1")
    }
    _ = try MultiLayerModel<Double>(layers)
    return layers
  }

  /// The model of MNIST digits that comes with the package, for profiles that do not learn one.
  ///
  /// - Throws: `FileError` where the resource is missing or damaged.
  public static func embedded() throws -> LearnedModel {
    try LearnedModel(PackageResources.data("ml-csc-mnist.safetensors"))
  }
}
