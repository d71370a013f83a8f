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

  static func table(_ rows: [NetworkRow], _ settings: Theory.Settings) throws -> Table {
    try Table(
      "proposition1",
      [
        .key("input"), .key("layer"), .exact("dilation"), .exact("networks"),
        .measured("largest_relative_difference", absolute: 1e-10, relative: 1e-6),
        .measured("median_relative_difference", absolute: 1e-10, relative: 1e-6),
      ],
      rows: [true, false].flatMap { nonnegative in
        settings.networkDilations.indices.map { i in
          let found = rows.filter { $0.nonnegative == nonnegative && $0.layer == i + 1 }
            .map(\.difference)
          return [
            .text(nonnegative ? "non-negative" : "signed"), .integer(i + 1),
            .integer(settings.networkDilations[i]), .integer(found.count),
            .real(found.max() ?? 0), .real(Statistics.median(found)),
          ]
        }
      })
  }

  static func claims(_ rows: [NetworkRow]) -> [Claim] {
    let deep = rows.map(\.layer).max() ?? 0
    let exact = rows.filter(\.nonnegative).map(\.difference).max() ?? 0
    let signed = rows.filter { !$0.nonnegative && $0.layer == deep }
    let smallest = signed.map(\.difference).min() ?? 0
    return [
      Claim(
        id: "proposition-1",
        sentence: "An MSDNet is layered thresholding of an MSD-CSC model",
        source: "R Proposition 1",
        measured:
          "X ≥ 0: equal to a relative \(Wording.number(exact)) after each of \(deep) layers",
        verdict: exact < 1e-12 ? .holds : .doesNotHold),
      Claim(
        id: "proposition-1-signed",
        sentence: "The same for any X",
        source: "R Proposition 1",
        measured:
          "X of both signs: different by at least a relative \(Wording.number(smallest)) after "
          + "layer \(deep), because the pursuit cuts X itself at zero",
        verdict: smallest < 1e-12 ? .holds : .doesNotHold),
    ]
  }
}
