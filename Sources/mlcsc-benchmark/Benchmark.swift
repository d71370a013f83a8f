import ArgumentParser
import Foundation
import MLCSCKit

/// Times the pursuits against NumPy and against the machine's matrix product.
@main
struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mlcsc-benchmark",
    abstract: "Time the pursuits against NumPy and against the machine's matrix product.",
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

      All contenders of a part take turns; every time is a median over the turns.
      """)

  @Option(help: "How often everything is timed.")
  var repetitions = 9

  @Option(help: "Threads for both sides (all cores if not given).")
  var threads: Int?

  @Flag(help: "Print JSON, times in seconds and rates in GFLOP/s, instead of a table.")
  var json = false

  func validate() throws {
    guard repetitions >= 1 else { throw ValidationError("--repetitions must be at least 1") }
    guard (threads ?? 1) >= 1 else { throw ValidationError("--threads must be at least 1") }
  }

  func run() throws {
    let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
    Parallelism.setWidth(threads)
    var report = Report(threads: threads, repetitions: repetitions)
    let peer = NumPyPeer(threads: threads)
    if peer == nil { report.skipped = "no python3 with numpy in PATH" }
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
    print(try json ? report.json() : report.table())
  }

  static func main() {
    SuiteExit.run(Benchmark.self, name: "mlcsc-benchmark")
  }
}
