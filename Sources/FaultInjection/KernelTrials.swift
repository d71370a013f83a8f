import ExperimentSuite
import Foundation
import MLCSCBase
import MLCSCKit
import TestSupport

/// The same problems with every set of kernels that OpenBLAS and oneDNN have for this processor.
public struct KernelTrials: Sendable {
  /// A choice of kernels.
  public struct Choice: Sendable, Hashable {
    /// The variable of the environment that makes it.
    public let variable: String
    /// Its value.
    public let value: String
    /// What the processor must have, as Linux names it.
    public let needs: [String]

    private init(_ variable: String, _ value: String, _ needs: [String]) {
      (self.variable, self.value, self.needs) = (variable, value, needs)
    }

    /// The kernels of OpenBLAS for x86-64.
    public static let openBLAS: [Choice] =
      [
        ("Prescott", ["pni"]), ("Core2", ["ssse3"]), ("Nehalem", ["sse4_2"]),
        ("Barcelona", ["sse4a"]), ("Sandybridge", ["avx"]), ("Haswell", OpenBLASKernels.avx2),
        ("Zen", OpenBLASKernels.avx2), ("SkylakeX", OpenBLASKernels.avx512),
        ("Cooperlake", OpenBLASKernels.avx512 + ["avx512_bf16"]),
        ("Sapphirerapids", OpenBLASKernels.avx512 + ["avx512_bf16", "amx_tile"]),
      ].map { Choice("OPENBLAS_CORETYPE", $0, $1) }

    /// The instruction sets to which oneDNN can be limited; one that the processor or the library
    /// lacks limits nothing.
    public static let oneDNN: [Choice] = [
      "SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2", "AVX512_CORE", "AVX512_CORE_VNNI",
      "AVX512_CORE_BF16", "AVX512_CORE_FP16", "AVX512_CORE_AMX",
    ].map { Choice("ONEDNN_MAX_CPU_ISA", $0, []) }

    /// Whether this processor can run the kernels: others end a process (SIGILL).
    public var canRun: Bool {
      OpenBLASKernels.processorFlags.isSuperset(of: needs)
    }
  }

  /// What a process that trains says.
  public struct Training: Codable, Sendable {
    /// The kernels that OpenBLAS uses.
    public let openBLAS: String
    /// The instructions that oneDNN uses.
    public let oneDNN: String
    /// The training and test losses of the epochs.
    public let losses: [Double]
  }

  /// What differs from what the libraries choose by themselves.
  public struct Comparison: Sendable {
    /// The kernels that the process used, as its libraries say.
    public let used: String
    /// The largest difference of an objective, relative.
    public let objective: Double
    /// The largest difference of a loss, relative.
    public let loss: Double
    /// The solvers whose supports or objectives differ, and trainings whose losses do.
    public let wrong: [String]
  }

  /// How far objectives may be apart, relative.
  public static let tolerance = 1e-9
  /// How far losses in single precision may be apart, relative: some forty steps, each of which adds
  /// roundings of 6e-8 of sums of some hundred products in another order.
  public static let lossTolerance = 1e-4

  /// The solvers of `mlcsc solve` with what each needs to solve a model of two layers.
  private static let solvers: [(name: String, options: [String])] = {
    let single = ["--lambda", "0", "0.5", "--tolerance", "1e-12"]
    let convex = ["--lambda", "0.2", "0.5"]
    return [
      ("ista", single), ("fista", single), ("ml-ista", convex), ("ml-fista", convex),
      ("admm", convex), ("exact", convex), ("layered-bp", convex),
      ("layered-thresholding", ["--lambda", "0.5", "0.5"]),
      ("omp", ["--sparsity", "8", "4"]), ("subspace-pursuit", ["--sparsity", "8", "4"]),
      // Of four normal atoms of the second layer no sum has a zero.
      ("projection", ["--sparsity", "50", "4"]), ("holistic", ["--sparsity", "46", "6"]),
    ]
  }()

  private struct Report: Decodable {
    let objective: Double
  }

  private struct Solution {
    let objective: Double
    /// Which entries of which codes are not zero.
    let supports: [[Bool]]
  }

  private let folder: ScratchFolder
  private let worker: URL
  private let names: [String]
  private let solutions: [String: Solution]
  private let training: Training

  /// Solves with the kernels that the libraries choose by themselves.
  ///
  /// - Parameters:
  ///   - worker: The program that prints `training()` as JSON when it is asked `kernel-worker`.
  ///   - solvers: Some of the solvers; all if absent.
  /// - Throws: `ProgramError`; `FileError` where a solver or the worker gives nothing.
  public init(worker: URL, solvers: [String]? = nil) throws {
    folder = try ScratchFolder("mlcsc-fault")
    self.worker = worker
    names = solvers ?? Self.solvers.map(\.name)
    try Self.write(to: folder.url)
    let (folder, names) = (folder.url, names)
    self.solutions = try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try Self.solve($0, folder, [:])) })
    training = try Self.train(worker, [:])
  }

  /// Removes the files of the trials.
  public func finish() { folder.remove() }

  /// What the libraries choose by themselves.
  public var own: String { "\(training.openBLAS), \(training.oneDNN)" }

  /// Solves and trains with a choice of kernels.
  ///
  /// - Parameter choice: One that can run.
  /// - Returns: What differs.
  /// - Throws: `ProgramError`.
  public func compare(_ choice: Choice) throws -> Comparison {
    let environment = [choice.variable: choice.value]
    var wrong = [String]()
    var (largest, loss) = (0.0, 0.0)
    for name in names {
      guard let own = solutions[name] else { continue }
      do {
        let found = try Self.solve(name, folder.url, environment)
        let difference = abs(found.objective - own.objective) / max(abs(own.objective), 1e-300)
        largest = max(largest, difference)
        if found.supports != own.supports { wrong.append("\(name): another support") }
        if !(difference <= Self.tolerance) {
          wrong.append("\(name): objective \(found.objective) for \(own.objective)")
        }
      } catch let error as FileError {
        wrong.append("\(name): \(error)")
      }
    }
    var used = "nothing"
    do {
      let found = try Self.train(worker, environment)
      used = "\(found.openBLAS), \(found.oneDNN)"
      loss = zip(found.losses, training.losses).map { abs($0 - $1) / abs($1) }.max() ?? 0
      if !(loss <= Self.lossTolerance) || found.losses.count != training.losses.count {
        wrong.append("training: losses \(found.losses) for \(training.losses)")
      }
    } catch let error as FileError {
      wrong.append("training: \(error)")
    }
    return Comparison(used: used, objective: largest, loss: loss, wrong: wrong)
  }

  /// Two dictionaries of 40 × 50 and 50 × 60 with normal atoms of unit norm, and three normal signals.
  private static func write(to folder: URL) throws {
    var stream = RandomStream("kernels")
    for (file, rows, columns) in [("D1", 40, 50), ("D2", 50, 60)] {
      let dictionary = DenseDictionary<Double>(matrix: .normal(rows, columns, from: &stream))
      try MatrixFile.write(
        dictionary.normalized().atoms(Array(0..<columns)).transposed,
        to: folder.appendingPathComponent("\(file).csv"))
    }
    try MatrixFile.write(
      Matrix<Double>.normal(40, 3, from: &stream), to: folder.appendingPathComponent("Y.csv"))
  }

  private static func solve(
    _ name: String, _ folder: URL, _ environment: [String: String]
  ) throws -> Solution {
    let output = folder.appendingPathComponent("codes")
    let options = solvers.first { $0.name == name }?.options ?? []
    func path(_ file: String) -> String { folder.appendingPathComponent(file).path }
    let run = try FinishedProgram(
      RunningTool.products().appendingPathComponent("mlcsc"),
      ["solve", "--solver", name, "--dictionary", path("D1.csv"), path("D2.csv")]
        + ["--signal", path("Y.csv"), "--json", "--output", output.path] + options,
      environment: environment, keeping: .output, isQuiet: true)
    guard run.status == 0, let report = try? JSONDecoder().decode(Report.self, from: run.kept)
    else { throw FileError.notRead(path: output.path, reason: "mlcsc ended with \(run.status)") }
    let supports = try (1...2).map { layer in
      let file = output.appendingPathComponent("gamma\(layer).csv")
      return try CSVFile.matrix(AtomicFile.read(file), path: file.path).elements.map { $0 != 0 }
    }
    return Solution(objective: report.objective, supports: supports)
  }

  private static func train(_ worker: URL, _ environment: [String: String]) throws -> Training {
    let run = try FinishedProgram(
      worker, ["kernel-worker"], environment: environment, keeping: .output)
    guard run.status == 0, let found = try? JSONDecoder().decode(Training.self, from: run.kept)
    else { throw FileError.notRead(path: worker.path, reason: "it ended with \(run.status)") }
    return found
  }

  /// Trains a small network in this process, with oneDNN.
  ///
  /// - Throws: `TrainingError`.
  public static func training() throws -> Training {
    let images = LabelledImages(
      pixels: (0..<60 * 36).map { UInt8($0 * $0 % 253) }, labels: (0..<60).map { UInt8($0 % 3) },
      channels: 1, size: .square(6))
    let records = try Trainer(
      SmallNetwork(),
      plan: TrainingPlan(
        batchSize: 6, epochs: 4,
        optimizer: .descent(
          momentum: 0.9, nesterov: false, weightDecay: 1e-4), learningRate: 0.01),
      training: images, test: images, seed: "1", engine: OneDNNConvolution()
    ).train()
    return Training(
      openBLAS: LibraryKernels.openBLAS, oneDNN: LibraryKernels.oneDNN,
      losses: records.flatMap { [$0.trainingLoss, $0.testLoss ?? .nan] })
  }
}
