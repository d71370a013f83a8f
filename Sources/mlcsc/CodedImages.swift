import ExperimentSuite
import Foundation
import MLCSCKit

/// The codes of images, as arrays and as a picture.
struct CodedImages {
  private let model: MultiLayerModel<Double>
  private let images: ImageStack
  private let codes: [Tensor<Double>]

  /// Images shown.
  private static let shown = 8

  /// Codes γ₁ … γ_L of images, one a row.
  init(_ model: MultiLayerModel<Double>, _ images: ImageStack, _ codes: [Tensor<Double>]) {
    (self.model, self.images, self.codes) = (model, images, codes)
  }

  /// Writes `gamma1.npy` … (images × filters × rows × columns, or images × atoms of a matrix),
  /// `reconstruction.npy` (D₁⋯D_Lγ_L) and `codes.png`, `codes.svg`.
  ///
  /// - Throws: `FileError.notWritten`, `PlotError`.
  func write(to folder: URL) throws {
    for (i, (code, layer)) in zip(codes, model.layers).enumerated() {
      var shaped = code
      if let layer = layer as? ConvolutionalDictionary<Double> {
        let size = layer.geometry.codeSize
        shaped = code.reshaped(code.rows, layer.filterCount, size.height, size.width)
      }
      try AtomicFile.write(
        NumPyFile.data(shaped), to: folder.appendingPathComponent("gamma\(i + 1).npy"))
    }
    let estimate = model.synthesize(codes[codes.count - 1])
    let (n, c, size) = (estimate.rows, images.channels, images.size)
    try AtomicFile.write(
      NumPyFile.data(
        c == 1
          ? estimate.reshaped(n, size.height, size.width)
          : estimate.reshaped(n, c, size.height, size.width)),
      to: folder.appendingPathComponent("reconstruction.npy"))
    try MosaicFigure(
      [panel("images", images.pixels), panel("what their codes stand for", estimate)]
        + codePanels(),
      perRow: 2, caption: ["the first \(min(Self.shown, n)) of \(n) images"]
    ).write(to: folder.appendingPathComponent("codes"))
  }

  private func panel(_ title: String, _ rows: Tensor<Double>) -> MosaicFigure.Panel {
    MosaicFigure.Panel(
      title,
      (0..<min(Self.shown, rows.rows)).map {
        MosaicFigure.Picture(planes: rows.row($0), images.size)
      }, perRow: 4)
  }

  /// What all filters of a layer contribute at every position, where there are several.
  private func codePanels() -> [MosaicFigure.Panel] {
    zip(codes, model.layers).enumerated().compactMap { i, pair in
      let (code, layer) = pair
      guard let layer = layer as? ConvolutionalDictionary<Double>, layer.geometry.codeSize.area > 1
      else { return nil }
      let size = layer.geometry.codeSize
      let pictures = (0..<min(Self.shown, code.rows)).map { b in
        let sizes = code.row(b).map { abs($0) }
        return MosaicFigure.Picture(planes: sizes, size)
      }
      return MosaicFigure.Panel("|γ_\(i + 1)|, mean of all filters", pictures, perRow: 4)
    }
  }
}

extension MosaicFigure.Picture {
  /// The mean of some planes, `size` pixels each.
  init(planes: [Double], _ size: Extent) {
    self.init(planes: planes, height: size.height, width: size.width)
  }
}
