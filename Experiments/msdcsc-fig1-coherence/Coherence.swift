import Algorithms
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

  static func rules(for settings: Settings) -> [SettingRule] {
    [
      .entries("figureKernel", settings.figureKernel, 4, "a kernel of 2×2, row by row"),
      SettingRule(
        "figureKernel", "have an entry that is not zero", settings.figureKernel.contains { $0 != 0 }
      ),
      .distinct("dilations", settings.dilations), .distinct("imageSizes", settings.imageSizes),
      .distinct("randomKernelSides", settings.randomKernelSides),
    ]
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

  // MARK: What the figure shows

  /// One point of a curve: a mean over the kernels of a kind.
  struct CurveRow: TableRow {
    @Field("kernel", .key) var kernel = ""
    @Field("dilation", .key) var dilation = 0
    @Field("image_size_pixels", .key) var imageSize = 0
    @Field("kernels", .exact) var kernels = 0
    @IntervalField("coherence", .measured()) var coherence: Estimate? = nil
    @IntervalField("coherence_with_identity", .measured()) var withIdentity: Estimate? = nil
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "images up to \(settings.imageSizes.max() ?? 0) pixels an axis",
      "\(settings.randomKernels) random kernels of each size",
    ]
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] {
    let curves = product(results, product(settings.dilations, settings.imageSizes))
      .compactMap { result, point -> CurveRow? in
        let found = result.rows.filter { ($0.dilation, $0.imageSize) == point }
        return found.isEmpty
          ? nil
          : CurveRow(
            kernel: result.cell.kernel, dilation: point.0, imageSize: point.1,
            kernels: found.count, coherence: Statistics.studentMean(found.map(\.coherence)),
            withIdentity: Statistics.studentMean(found.map(\.coherenceWithIdentity)))
      }
    return [try Table("coherence", curves)]
  }

  // MARK: Claims

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let figure: [CurveRow] = try tables.rows("coherence").filter { $0.kernel == "figure" }
    func row(_ dilation: Int, _ size: Int) -> CurveRow? {
      figure.first { $0.dilation == dilation && $0.imageSize == size }
    }
    func coherence(_ dilation: Int, _ size: Int) -> Double? {
      row(dilation, size)?.coherence?.value
    }
    func exact(_ value: Double?) -> Measurement {
      value.map { .exact($0, Sample(1, "kernel")) } ?? .none
    }
    let without = coherence(1, 4)
    let with = row(1, 4)?.withIdentity?.value
    let pairs = figure.map(\.imageSize).uniqued().compactMap { size in
      coherence(1, size).flatMap { first in coherence(2, size).map { (first, $0) } }
    }
    return [
      ClaimTest(
        "fig1-numbers", decides: ["R1"],
        "µ is 0.47 in Fig. 1B (dilation 1) and 0 in Fig. 1C (dilation 2)",
        source: "R Sec. V-B, Fig. 1",
        .number("distance of µ on the 4×4 image from the printed number", unit: ""),
        parts: [
          .init("dilation 1", exact(without.map { abs($0 - 0.47) })),
          .init("dilation 2", exact(coherence(2, 4).map(abs))),
        ], paper: PaperValue(0.47, against: 0),
        // Half a unit of the last digit that R prints.
        holdsWhen: .equals(0, tolerance: 0.005)),
      ClaimTest(
        "dilation-lowers-coherence", decides: ["R2"],
        "µ is smaller for the dilated kernel than without dilation", source: "R Sec. V-B, Fig. 1",
        .number("image sizes on which µ is no smaller for dilation 2 than for 1", unit: ""),
        .violations(pairs.count { $1 > $0 - 1e-12 }, of: pairs.count, "image sizes"),
        paper: PaperValue(0.47, against: 0),
        details: [("dilation 1 on 8×8", 1), ("dilation 2 on 8×8", 2)].compactMap {
          label, dilation in
          coherence(dilation, 8).map { Detail(label, $0) }
        }, holdsWhen: .never(atLeast: 10)),
      ClaimTest(
        "identity-does-not-matter", decides: ["R3"],
        "The identity matrices in MSD-CSC do not affect µ", source: "R Sec. V-B",
        .difference(of: "µ", "[I D] for D of Fig. 1B", minus: "D", unit: ""),
        exact(with.flatMap { with in without.map { with - $0 } }),
        details: without.map { [Detail("µ of D", $0)] } ?? [],
        holdsWhen: .equals(0, tolerance: 1e-12)),
    ]
  }
}
