import ArgumentParser
import ExperimentSuite
import Foundation

/// Times pursuits against NumPy, training against PyTorch, and both against the machine's matrix
/// product.
@main
struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mlcsc-benchmark",
    abstract: "Time pursuits against NumPy and training against PyTorch.",
    discussion: """
      Run it on an idle machine, built as the suite is:

        swift run -c release -Xswiftc -target-cpu -Xswiftc native mlcsc-benchmark

      ml-fista: ML-FISTA in double precision on a 50×70×60 model, a batch of 1000 signals and a \
      single one, against a straightforward NumPy loop on the same numbers. The NumPy program is \
      part of this one and runs as `python3 -c`; the first python3 in PATH needs numpy (a virtual \
      environment will do: PATH=venv/bin:$PATH), else this part is skipped. Both may use all \
      threads. Goals: 3 times as fast for the batch, 10 times for the single signal.

      fista-conv: FISTA on a 2-D convolutional dictionary of 32 filters of 7×7 on 64 signals of \
      28×28. Its convolutions' operations (2 · filters · taps · positions, twice an iteration) by \
      the time of a whole iteration, against the matrix product of order 2048 with as many \
      threads. Goal: a third of its rate at least.

      exact: multi-layer basis pursuit solved to a certified relative gap of 1e-8: one signal on a \
      Gaussian model of three layers with 5,000 deepest atoms, and 64 digits on the learned model \
      of the package. Goal: a minute each on two slow cores. At most three turns.

      lasso: basis pursuit on a Gaussian dictionary with unit atoms, λ = 0.02 of the largest \
      |dⱼᵀy|, to a relative duality gap of 1e-10: one signal on 500×5,000 and on 1,000×10,000, a \
      path of 30 penalties and a batch of 100 signals, against celer, skglm and scikit-learn where \
      the first python3 in PATH has them. Goals: at most 1.5 times celer's time for one signal, at \
      most its time for the path and the batch.

      greedy: OMP and Subspace Pursuit of thousands of signals on one Gaussian dictionary, against \
      scikit-learn's orthogonal_mp_gram and sparse_encode, where the first python3 in PATH has it; \
      OMP's coefficients are compared.

      train: images a second in training (forward, backward, optimiser), against PyTorch on the \
      CPU, channels last, with as many threads, whose program is part of this one and needs torch \
      beside numpy. lenet is B's network with filters 64, 128, 512 and 0 or 6 unfoldings of \
      ML-ISTA, resnet and rescsc R's residual networks of 20 and 56 layers without and with c·DᵀD, \
      dense MSD-CSC of 6 and 12 layers with 0, 1 and 2 unfoldings, baseline R's six plain layers, \
      whose last ones have images of 4×4 and 2×2. Both sides begin with the same numbers, and their \
      losses are compared. GFLOP/s count the convolutions' operations as they are defined; \
      Winograd's method needs fewer, so that the matrix product's rate is no bound. Goal: twice as \
      fast as PyTorch. The time and memory of a first step are not representative, \
      so two turns run before the clock starts.

      depth: steps of R's ResNet and Res-CSC with 20 to 218 layers, batch 128: images a second, \
      what a layer costs beside a layer of the shallowest network (goal: within 15 %), and the most \
      memory of the process (goal: 12 GiB).

      All contenders of a part take turns; every time is a median over the turns.
      """)

  @Option(help: "How often everything is timed.")
  var repetitions = 9

  @Option(help: "Threads for both sides (all cores if not given).")
  var threads: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      Parts to run: pursuits, exact, lasso, greedy, depth, train, or of the latter lenet, resnet, rescsc, dense, \
      baseline (all if not given).
      """
    )
  )
  var only: [Part] = []

  @Flag(help: "Print JSON, times in seconds and rates in GFLOP/s, instead of a table.")
  var json = false

  @Option(help: ArgumentHelp("Write one row a contender to a CSV file as well.", valueName: "file"))
  var csv: String?

  func validate() throws {
    guard repetitions >= 1 else { throw ValidationError("--repetitions must be at least 1") }
    guard (threads ?? 1) >= 1 else { throw ValidationError("--threads must be at least 1") }
  }

  func run() throws {
    let threads = threads ?? Parallelism.availableCores
    Parallelism.setWidth(threads)
    var report = Report(threads: threads, repetitions: repetitions)
    if wants(.pursuits) { try measurePursuits(&report, threads) }
    if wants(.exact) {
      report.exact = try ExactBenchmark.Instance.allCases.map {
        try ExactBenchmark(instance: $0).measure(repetitions: min(repetitions, 3))
      }
    }
    if wants(.lasso) {
      let peer = LassoPeer(threads: threads)
      report.versions.merge(peer?.versions ?? [:]) { $1 }
      report.lasso = try LassoBenchmark.all.map {
        try $0.measure(against: peer, repetitions: repetitions)
      }
    }
    if wants(.greedy) {
      let peer = GreedyPeer(threads: threads)
      report.versions["scikit-learn"] = peer?.version ?? report.versions["scikit-learn"]
      report.greedy = try GreedyBenchmark.all.flatMap {
        try $0.measure(against: peer, repetitions: repetitions)
      }
    }
    for benchmark in TrainingBenchmark.all where wants(benchmark.kind.part) {
      let found = try benchmark.measure(threads: threads, repetitions: repetitions)
      report.training.append(found)
      report.versions["PyTorch"] = found.torchVersion ?? report.versions["PyTorch"]
    }
    if wants(.depth) {
      report.depth = try DepthBenchmark.all.flatMap { try $0.measure(repetitions: repetitions) }
    }
    if let csv {
      try AtomicFile.write(Data(report.csv().utf8), to: URL(fileURLWithPath: csv))
    }
    StandardOutput.print(try json ? report.json() : report.table())
  }

  /// What can be run alone.
  enum Part: String, CaseIterable, ExpressibleByArgument {
    case pursuits
    case exact
    case lasso
    case greedy
    case depth
    case train
    case lenet
    case resnet
    case rescsc
    case dense
    case baseline
  }

  private func wants(_ part: Part) -> Bool {
    only.isEmpty || only.contains(part)
      || only.contains(.train) && TrainingBenchmark.Kind.allCases.contains { $0.part == part }
  }

  private func measurePursuits(_ report: inout Report, _ threads: Int) throws {
    let peer = NumPyPeer(threads: threads)
    if peer == nil { report.skipped = "no python3 with numpy in PATH" }
    report.versions["NumPy"] = peer?.version
    for (batch, iterations, goal) in [(1000, 100, 3.0), (1, 1000, 10.0)] {
      report.multiLayer.append(
        try MultiLayerBenchmark(batch: batch, iterations: iterations, goal: goal)
          .measure(against: peer, repetitions: repetitions))
    }
    for padding in [0, 3] {
      report.convolution.append(
        try ConvolutionBenchmark<Float>(padding: padding)
          .measure(threads: threads, repetitions: repetitions))
      report.convolution.append(
        try ConvolutionBenchmark<Double>(padding: padding)
          .measure(threads: threads, repetitions: repetitions))
    }
  }

  static func main() {
    SuiteExit.run(Benchmark.self, name: "mlcsc-benchmark")
  }
}
