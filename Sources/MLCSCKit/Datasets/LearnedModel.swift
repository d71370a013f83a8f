import Foundation

/// A learned multi-layer convolutional model as a file: filters `D1` … `DL` and their geometries.
public struct LearnedModel: Sendable {
  /// D₁ … D_L.
  public let layers: [ConvolutionalDictionary<Double>]
  /// Where the model comes from, free text by name.
  public let metadata: [String: String]
  /// The digest of the file it was read from, or would be written to.
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
        decoding: try jsonEncoded(layer.geometry), as: UTF8.self)
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
  /// - Throws: `FileError` where the file is absent or damaged, `ModelError` where it is no model.
  public init(_ url: URL) throws {
    let content = try AtomicFile.read(url)
    let file = try SafeTensors(content, path: url.path)
    var layers = [ConvolutionalDictionary<Double>]()
    while let filters = file.tensors["D\(layers.count + 1)"] {
      let name = "geometry\(layers.count + 1)"
      guard let text = file.metadata[name], let geometry: ConvolutionGeometry = jsonDecoded(text)
      else {
        throw FileError.damaged(path: url.path, place: name, problem: "absent or unreadable")
      }
      let checked = try ConvolutionGeometry(
        channels: geometry.channels, signalSize: geometry.signalSize,
        kernelSize: geometry.kernelSize, stride: geometry.stride, dilation: geometry.dilation,
        padding: geometry.padding, boundary: geometry.boundary)
      layers.append(try ConvolutionalDictionary(filters: filters, geometry: checked))
    }
    _ = try MultiLayerModel<Double>(layers)
    self.layers = layers
    metadata = file.metadata
    fingerprint = Digest.sha256(content).description
  }

  /// The model of MNIST digits that comes with the package, for profiles that do not learn one.
  ///
  /// - Throws: `FileError` where the resource is missing or damaged.
  public static func embedded() throws -> LearnedModel {
    try LearnedModel(PackageResources.url("ml-csc-mnist.safetensors"))
  }
}

/// A value as JSON with sorted keys.
func jsonEncoded(_ value: some Encodable) throws -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys]
  return try encoder.encode(value)
}

/// A value from JSON text; nil where it is not one.
func jsonDecoded<Value: Decodable>(_ text: String) -> Value? {
  try? JSONDecoder().decode(Value.self, from: Data(text.utf8))
}
