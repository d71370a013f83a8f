import COpenBLAS
import MLCSCKit

/// FISTA on a 2-D convolutional dictionary, against the machine's matrix product.
struct ConvolutionBenchmark<Scalar: NumericScalar> {
  /// Zeros around the signal: 0 keeps atoms inside, 3 gives codes of the signal's size.
  let padding: Int

  private let filters = 32
  private let batch = 64
  private let iterations = 20
  private let order = 2048

  /// Times both in turns.
  ///
  /// - Parameters:
  ///   - threads: For both.
  ///   - repetitions: How many turns.
  /// - Returns: Medians and their quotient.
  /// - Throws: When the model cannot be made.
  func measure(threads: Int, repetitions: Int) throws -> ConvolutionResult {
    var stream = RandomStream("benchmark", "fista-conv")
    let geometry = try ConvolutionGeometry(
      signalSize: .square(28), kernelSize: .square(7), padding: .square(padding))
    let dictionary = try ConvolutionalDictionary(
      filters: Tensor<Scalar>.normal(filters, 1, 7, 7, from: &stream), geometry: geometry
    ).normalizingFilters()
    let signals = Tensor<Scalar>.normal(batch, 28 * 28, from: &stream)
    let problem = try MultiLayerProblem(
      model: MultiLayerModel([dictionary]), signals: signals, penalties: [[0.5]])
    let iterator = try MultiLayerFISTA(problem).makeIterator()
    let a = Tensor<Scalar>.normal(order, order, from: &stream)
    let b = Tensor<Scalar>.normal(order, order, from: &stream)
    var c = Tensor<Scalar>(zeros: order, order)
    let n = order

    func product() -> Double {
      openblas_set_num_threads(Int32(threads))
      defer { openblas_set_num_threads(1) }
      return a.withElements { a in
        b.withElements { b in
          c.withMutableElements { c in
            seconds { Scalar.gemm(false, false, n, n, n, 1, a, n, b, n, 0, c, n) }
          }
        }
      }
    }
    func steps() -> Double {
      seconds { for _ in 0..<iterations { iterator.step() } } / Double(iterations)
    }

    _ = (product(), steps())
    var (ours, peak) = ([Double](), [Double]())
    for _ in 0..<repetitions {
      ours.append(steps())
      peak.append(product())
    }
    let time = median(ours)
    let convolution = 2 * filters * geometry.filterDimension * geometry.codeSize.area * batch
    let rate = Double(2 * convolution) / time * 1e-9
    let limit = 2 * Double(n) * Double(n) * Double(n) / median(peak) * 1e-9
    return ConvolutionResult(
      precision: "\(Scalar.self)", codeSize: "\(geometry.codeSize)", batch: batch, seconds: time,
      rate: rate, peak: limit, factor: limit / rate, goal: 3)
  }
}

/// One line of the report on convolutions; times in seconds, rates in GFLOP/s.
struct ConvolutionResult: Encodable {
  let precision: String
  let codeSize: String
  let batch: Int
  /// The time of one iteration.
  let seconds: Double
  /// The convolutions' operations by the time of a whole iteration.
  let rate: Double
  /// The rate of the matrix product.
  let peak: Double
  /// How many times the peak is above the rate.
  let factor: Double
  /// What the factor should be at most.
  let goal: Double
}
