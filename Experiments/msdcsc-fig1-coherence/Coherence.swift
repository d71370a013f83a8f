import ExperimentSuite
import MLCSCKit

/// Mutual coherence of the matrix of a dilated convolution (R, Figure 1 B, C).
///
/// R reads from a 4×4 image that dilation lowers the coherence (0.47 to 0) and from there that
/// dilated dictionaries code better. What the figure shows instead: the same coherence against the
/// size of the image. Two shifts overlap where their distance is a multiple of the dilation s, so
/// every inner product of the undilated dictionary comes back as soon as the image holds two atoms
/// s apart: s (n − 1) + 1 + s pixels an axis, 5 for s = 2 and n = 2. Deviations from R: more
/// images, dilations and kernels.
@main
struct Coherence: Experiment {
  static let identity = ExperimentIdentity(
    name: "msdcsc-fig1-coherence",
    paper: "R: Residual and dilated dense networks via CSC",
    figure: "Fig. 1 B, C",
    title: "Mutual coherence of the convolution matrix against dilation, kernel and image size",
    question: "Does dilation lower the mutual coherence of a convolutional dictionary?")

  struct Settings: Codable {
    /// The kernel of R's figure, row by row.
    var figureKernel: [Double] = [1, 2, 3, 4]
    var dilations: [Int] = [1, 2, 3, 4]
    var imageSizes: [Int]
    /// Sides of random Gaussian kernels (ours).
    var randomKernelSides: [Int]
    var randomKernels: Int
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke: Settings(imageSizes: [4, 5, 6, 8], randomKernelSides: [3], randomKernels: 4)
    case .quick:
      Settings(imageSizes: Array(3...20), randomKernelSides: [2, 3, 5], randomKernels: 20)
    case .standard, .paper:
      Settings(imageSizes: Array(3...32), randomKernelSides: [2, 3, 5, 7], randomKernels: 100)
    }
  }

  struct Cell: ExperimentCell {
    let kernel: String
    let side: Int
    let draws: Int
    var id: String { kernel }
  }

  struct Row: Codable {
    let dilation: Int
    let imageSize: Int
    let draw: Int
    let coherence: Double
    let coherenceWithIdentity: Double
  }

  static func cells(_ settings: Settings, _ inputs: NoInputs) -> [Cell] {
    [Cell(kernel: "figure", side: 2, draws: 1)]
      + settings.randomKernelSides.map {
        Cell(kernel: "random-\($0)x\($0)", side: $0, draws: settings.randomKernels)
      }
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Row] {
    var stream = context.stream
    var rows = [Row]()
    for draw in 0..<cell.draws {
      try context.checkInterruption()
      let kernel =
        cell.kernel == "figure"
        ? Tensor(shape: [1, 1, 2, 2], elements: settings.figureKernel)
        : Tensor<Double>.normal(1, 1, cell.side, cell.side, from: &stream)
      for dilation in settings.dilations {
        for size in settings.imageSizes where size > dilation * (cell.side - 1) {
          let atoms = try ConvolutionalDictionary(
            filters: kernel,
            geometry: ConvolutionGeometry(
              signalSize: .square(size), kernelSize: .square(cell.side),
              dilation: .square(dilation)))
          rows.append(
            Row(
              dilation: dilation, imageSize: size, draw: draw, coherence: atoms.mutualCoherence(),
              coherenceWithIdentity: IdentityAugmentedDictionary(atoms).mutualCoherence()))
        }
      }
    }
    return rows
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] {
    var rows = [[Value]]()
    for result in results {
      for dilation in settings.dilations {
        for size in settings.imageSizes {
          let found = result.rows.filter { $0.dilation == dilation && $0.imageSize == size }
          guard !found.isEmpty else { continue }
          let plain = found.map(\.coherence)
          rows.append([
            .text(result.cell.kernel), .integer(dilation), .integer(size), .integer(found.count),
            .real(Statistics.mean(plain)), .real(Statistics.standardError(plain)),
            .real(Statistics.mean(found.map(\.coherenceWithIdentity))),
          ])
        }
      }
    }
    return [
      try Table(
        "coherence",
        [
          .key("kernel"), .key("dilation"), .key("image_size_pixels"), .exact("kernels"),
          .measured("coherence_mean"), .measured("coherence_standard_error"),
          .measured("coherence_with_identity_mean"),
        ], rows: rows)
    ]
  }

  static func claims(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Claim] {
    let figure = results.first { $0.cell.kernel == "figure" }?.rows ?? []
    func coherence(_ dilation: Int, _ size: Int, identity: Bool = false) -> Double? {
      figure.first { $0.dilation == dilation && $0.imageSize == size }
        .map { identity ? $0.coherenceWithIdentity : $0.coherence }
    }
    func words(_ x: Double?) -> String { x.map { Wording.number($0) } ?? "-" }
    let asPrinted =
      abs((coherence(1, 4) ?? 1) - 0.47) < 0.005 && coherence(2, 4) == 0
    // Wherever two dilated atoms still overlap, equal shifts in units of the dilation give equal
    // inner products: the claim needs a lower value on images that hold them.
    let larger = settings.imageSizes.filter { $0 >= 5 }
    let lower = larger.filter { (coherence(2, $0) ?? 1) < (coherence(1, $0) ?? 0) - 1e-12 }
    let unchanged = abs((coherence(1, 4, identity: true) ?? 0) - (coherence(1, 4) ?? 1)) < 1e-12
    return [
      Claim(
        id: "fig1-numbers",
        sentence: "µ = 0.47 in Fig. 1B (dilation 1) and µ = 0 in Fig. 1C (dilation 2)",
        source: "R Sec. III, Fig. 1", paper: "0.47 and 0",
        measured: "4×4 image: \(words(coherence(1, 4))) and \(words(coherence(2, 4)))",
        verdict: coherence(1, 4) == nil || coherence(2, 4) == nil
          ? .undecided : asPrinted ? .holds : .doesNotHold),
      Claim(
        id: "dilation-lowers-coherence",
        sentence: "µ(D) is smaller for the dilated kernel than without dilation",
        source: "R Sec. III, Fig. 1", paper: "0.47 to 0",
        measured:
          "dilation 2 is lower on \(lower.count) of \(larger.count) image sizes from 5×5 on "
          + "(8×8: \(words(coherence(1, 8))) and \(words(coherence(2, 8)))); "
          + "the 0 belongs to the 4×4 image, which holds no two overlapping atoms",
        verdict: larger.isEmpty
          ? .undecided : lower.count == larger.count ? .holds : .doesNotHold),
      Claim(
        id: "identity-does-not-matter",
        sentence: "The identity matrices in MSD-CSC do not affect µ",
        source: "R Sec. III",
        measured:
          "with the identity beside it the dictionary of Fig. 1B goes from "
          + "\(words(coherence(1, 4))) to \(words(coherence(1, 4, identity: true)))",
        verdict: coherence(1, 4) == nil ? .undecided : unchanged ? .holds : .doesNotHold),
    ]
  }
}
