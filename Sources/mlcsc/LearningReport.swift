import ExperimentSuite
import Foundation
import MLCSCKit

/// What `mlcsc learn` writes and says of a finished learning.
struct LearningReport {
  private let learner: DictionaryLearning
  private let model: MultiLayerModel<Double>
  /// How many of the coded images use each filter of γ₁ … γ_L.
  private let uses: [[Int]]
  private let codedImages: Int
  private let relativeSquaredError: Double

  /// Images that are coded to find the most used atoms.
  private static let sample = 200
  /// Atoms of a layer that are drawn.
  private static let shown = 64

  /// Codes some images with the learned model.
  ///
  /// - Throws: What the pursuit throws.
  init(_ learner: DictionaryLearning, _ stack: ImageStack) throws {
    self.learner = learner
    model = try learner.model()
    codedImages = min(Self.sample, stack.pixels.rows)
    let signals = stack.pixels.gathering(rows: Array(0..<codedImages))
    let effective = try model.effectiveConvolution(model.depth)
    let sparse = try OrthogonalMatchingPursuit<Double>(
      effective, sparsity: learner.settings.sparsity
    ).codes(signals)
    let error = sparse.reduce(0) { $0 + $1.residualNorm * $1.residualNorm }
    relativeSquaredError =
      error / max(Double.squaredNorm(signals.count, signals.elements), .leastNormalMagnitude)
    let codes = model.propagate(sparse.densified(effective.atomCount))
    uses = zip(learner.layers, codes).map { layer, code in
      let positions = layer.geometry.codeSize.area
      return (0..<layer.filterCount).map { filter in
        (0..<code.rows).count { b in
          (0..<positions).contains { code[b, filter * positions + $0] != 0 }
        }
      }
    }
  }

  /// Writes `model.safetensors`, `history.csv` and `atoms.png`, `atoms.svg`.
  ///
  /// - Throws: `FileError.notWritten`, `PlotError`.
  func write(to folder: URL, draws: Bool, made metadata: [String: String]) throws {
    let learned = try LearnedModel(layers: learner.layers, metadata: metadata)
    try AtomicFile.write(
      learned.encoded(), to: folder.appendingPathComponent("model.safetensors"))
    let lines = learner.history.map { "\($0.epoch),\($0.relativeSquaredError),\($0.replacedAtoms)" }
    let text = (["epoch,relative_squared_error,replaced_atoms"] + lines).joined(separator: "\n")
    try AtomicFile.write(
      Data((text + "\n").utf8), to: folder.appendingPathComponent("history.csv"))
    guard draws else { return }
    let panels = try (1...model.depth).map { try panel($0) }
    try MosaicFigure(
      panels, perRow: 2,
      caption: ["\(learner.epoch) epochs", "most used of \(codedImages) images first"]
    ).write(to: folder.appendingPathComponent("atoms"))
  }

  /// The atoms of D₁⋯Dᵢ as they look among the images, the most used first.
  private func panel(_ layer: Int) throws -> MosaicFigure.Panel {
    let effective = try model.effectiveConvolution(layer)
    let size = effective.geometry.kernelSize
    let name = layer == 1 ? "D_1" : "D^{(\(layer))}"
    let order = uses[layer - 1].indices.sorted {
      (uses[layer - 1][$0], $1) > (uses[layer - 1][$1], $0)
    }
    return MosaicFigure.Panel(
      "\(name), \(effective.filterCount) atoms of \(size)",
      order.prefix(Self.shown).map {
        MosaicFigure.Picture(planes: effective.filters.row($0), size)
      })
  }

  /// A summary for people.
  func words(_ folder: URL) -> String {
    func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
    let used = uses.map { layer in "\(layer.count { $0 > 0 }) of \(layer.count)" }
    return """
      epochs         \(learner.epoch)
      error          \(percent(relativeSquaredError)) of the energy of \(codedImages) images
      filter zeros   \(learner.layers.map { percent($0.filterSparsity) }.joined(separator: ", "))
      filters used   \(used.joined(separator: ", "))
      written to     \(folder.path)
      """
  }
}
