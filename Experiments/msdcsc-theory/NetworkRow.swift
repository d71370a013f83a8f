import Algorithms
import ExperimentSuite
import MLCSCKit
import RealModule

/// One layer of one network of Proposition 1: MSDNet against layered thresholding on [I Fᵀ].
///
/// The network is written out as such: convolve all feature maps so far, add the bias, cut at
/// zero, concatenate. The pursuit thresholds the identity's codes at zero and thereby cuts negative
/// entries of the input, which the network passes on: equality needs X ≥ 0 (erratum 19).
struct NetworkRow: Codable {
  let nonnegative: Bool
  let layer: Int
  let dilation: Int
  /// max |network − pursuit| over max |network|.
  let difference: Double

  static func instance(
    _ settings: Theory.Settings, nonnegative: Bool, from stream: inout RandomStream
  ) throws -> [NetworkRow] {
    let (side, width) = (settings.networkSide, settings.networkWidth)
    let area = side * side
    var input = Tensor<Double>.normal(1, area, from: &stream)
    if nonnegative { input = Tensor(shape: input.shape, elements: input.elements.map(abs)) }
    var layers = [any SparseDictionary<Double>]()
    var biases = [[Double]]()
    var features = [input]
    for (i, dilation) in settings.networkDilations.enumerated() {
      let channels = 1 + i * width
      let kernels = Tensor<Double>.normal(width, channels, 3, 3, from: &stream)
      let bias = (0..<width).map { _ in stream.normal() }
      features.append(
        convolve(features[i], kernels, bias, side: side, dilation: dilation))
      let dictionary = try ConvolutionalDictionary(
        filters: kernels,
        geometry: ConvolutionGeometry(
          channels: channels, signalSize: .square(side), kernelSize: .square(3),
          dilation: .square(dilation), padding: .square(dilation)))
      layers.append(IdentityAugmentedDictionary(dictionary))
      biases.append(
        [Double](repeating: 0, count: channels * area)
          + bias.flatMap { [Double](repeating: $0, count: area) })
    }
    let codes = try LayeredThresholding(model: MultiLayerModel(layers), biases: biases)
      .solve(input).codes
    return zip(codes, features.dropFirst()).enumerated().map { i, pair in
      let scale = pair.1.elements.reduce(0) { max($0, abs($1)) }
      let off = zip(pair.0.elements, pair.1.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
      return NetworkRow(
        nonnegative: nonnegative, layer: i + 1, dilation: settings.networkDilations[i],
        difference: off / scale)
    }
  }

  /// [maps; ReLU(F ∗ maps + b)], straight from R's formula for Z_{i+1}.
  private static func convolve(
    _ maps: Tensor<Double>, _ kernels: Tensor<Double>, _ bias: [Double], side: Int, dilation: Int
  ) -> Tensor<Double> {
    let channels = kernels.shape[1]
    var output = maps.elements
    for (o, b) in bias.enumerated() {
      for y in 0..<side {
        for x in 0..<side {
          var sum = b
          for c in 0..<channels {
            for (dy, dx) in (0..<9).map({ ($0 / 3, $0 % 3) }) {
              let (v, u) = (y + (dy - 1) * dilation, x + (dx - 1) * dilation)
              guard (0..<side).contains(v), (0..<side).contains(u) else { continue }
              sum +=
                kernels.elements[((o * channels + c) * 3 + dy) * 3 + dx]
                * maps.elements[(c * side + v) * side + u]
            }
          }
          output.append(max(sum, 0))
        }
      }
    }
    return Tensor(shape: [1, output.count], elements: output)
  }
}

/// One layer of Proposition 1 over all networks.
struct LayerRow: TableRow {
  @Field("input", .key) var input = ""
  @Field("layer", .key) var layer = 0
  @Field("dilation", .exact) var dilation = 0
  @Field("networks", .exact) var networks = 0
  @Field("networks_that_differ", .exact) var differing = 0
  @Field("largest_relative_difference", .measured(absolute: 1e-10)) var largest = 0.0
  @Field("smallest_relative_difference", .measured(absolute: 1e-10)) var smallest = 0.0

  /// What rounding leaves of an equality.
  private static let rounding = 1e-12

  static func rows(_ networks: [NetworkRow], _ settings: Theory.Settings) -> [LayerRow] {
    product([true, false], settings.networkDilations.enumerated()).map { nonnegative, layer in
      let found =
        networks
        .filter { $0.nonnegative == nonnegative && $0.layer == layer.offset + 1 }
        .map(\.difference)
      return LayerRow(
        input: nonnegative ? "non-negative" : "signed", layer: layer.offset + 1,
        dilation: layer.element, networks: found.count,
        differing: found.count { $0 > rounding }, largest: found.max() ?? 0,
        smallest: found.min() ?? 0)
    }
  }

  static func claims(_ rows: [LayerRow]) -> [ClaimTest] {
    let exact = rows.filter { $0.input == "non-negative" }
    let signed = rows.filter { $0.input == "signed" }.max { $0.layer < $1.layer }
    return [
      ClaimTest(
        "proposition-1", decides: ["R14"],
        "An MSDNet is layered thresholding of an MSD-CSC model, for X ≥ 0",
        source: "R Proposition 1", .number("layers that differ", unit: ""),
        .violations(
          exact.map(\.differing).reduce(0, +), of: exact.map(\.networks).reduce(0, +), "layers"),
        details: [Detail("largest relative difference", exact.map(\.largest).max() ?? 0)],
        holdsWhen: .never(atLeast: 100)),
      ClaimTest(
        "proposition-1-signed", decides: ["R14"],
        "An MSDNet is layered thresholding of an MSD-CSC model, for X of both signs",
        source: "R Proposition 1",
        .number("networks that differ after the last layer", unit: ""),
        signed.map { .violations($0.differing, of: $0.networks, "networks") } ?? .none,
        details: signed.map { [Detail("smallest relative difference", $0.smallest)] } ?? [],
        holdsWhen: .never(atLeast: 20)),
    ]
  }
}
