/// The running state of ISTA, FISTA and their multi-layer versions.
///
/// Signals are independent, so a step runs block by block: a block goes down through all layers and
/// up again while it is in the cache, and blocks run on several threads where that is allowed.
public final class ProximalIterator<Scalar: NumericScalar>: PursuitIterator {
  public typealias Element = PursuitState<Scalar>

  let problem: MultiLayerProblem<Scalar>
  let layers: [any SparseDictionary<Scalar>]
  let widths: [Int]
  let norms: [Scalar]
  /// Given thresholds of each layer, which replace penalties times steps; each holds for a run of
  /// atoms of equal length.
  private let thresholds: [[Scalar]]?
  private let innerStep: InnerStep
  let accelerated: Bool
  private let blockSize: Int
  private let batch: Int
  private var momentum = Momentum()
  /// Gradients without the dictionary, for one signal on one large dense one.
  private let columns: GramColumns<Scalar>?

  /// γ_L, and the point z at which the next step starts (the same without momentum).
  private let γ: UnsafeMutablePointer<Scalar>
  private let z: UnsafeMutablePointer<Scalar>
  private let previous: UnsafeMutablePointer<Scalar>
  /// γ̂₀ … γ̂_{L−1} (γ̂₀ is the signal's estimate) and γ₁ … γ_{L−1}.
  private let estimates: [UnsafeMutablePointer<Scalar>]
  private let inner: [UnsafeMutablePointer<Scalar>]
  private let gradients: UnsafeMutablePointer<Scalar>
  private let widest: Int
  private let y: UnsafeMutablePointer<Scalar>

  public private(set) var iteration = 0

  init(
    problem: MultiLayerProblem<Scalar>, norms: [Scalar], innerStep: InnerStep, accelerated: Bool,
    thresholds: [[Scalar]]? = nil
  ) {
    self.problem = problem
    self.norms = norms
    self.thresholds = thresholds
    self.innerStep = innerStep
    self.accelerated = accelerated
    layers = problem.model.layers
    columns = GramColumns(problem)
    batch = problem.batch
    widths = [problem.model.signalDimension] + layers.map(\.atomCount)
    blockSize = Swift.max(1, layers.map(\.preferredBatch).min() ?? 64)
    let (batch, widths) = (batch, widths)
    func zeros(_ width: Int) -> UnsafeMutablePointer<Scalar> {
      let memory = UnsafeMutablePointer<Scalar>.allocate(capacity: Swift.max(1, batch * width))
      memory.initialize(repeating: 0, count: Swift.max(1, batch * width))
      return memory
    }
    let deepest = widths[layers.count]
    γ = zeros(deepest)
    z = accelerated ? zeros(deepest) : γ
    previous = zeros(deepest)
    estimates = widths.dropLast().map(zeros)
    inner = widths.dropLast().map(zeros)
    widest = widths.dropFirst().max() ?? 1
    gradients = zeros(widest)
    y = zeros(widths[0])
    problem.signals.withElements { y.update(from: $0, count: batch * widths[0]) }
  }

  deinit {
    if accelerated { z.deallocate() }
    γ.deallocate()
    previous.deallocate()
    estimates.forEach { $0.deallocate() }
    inner.forEach { $0.deallocate() }
    gradients.deallocate()
    y.deallocate()
  }

  public func step() {
    let scale = Scalar(innerStep.scale(iteration))
    let β = accelerated ? Scalar(momentum.next() ?? 0) : 0
    let blocks = (batch + blockSize - 1) / blockSize
    if blocks == 1 {
      step(first: 0, count: batch, scale, β)
    } else {
      Parallelism.forEach(blocks) { block in
        let first = block * blockSize
        step(first: first, count: Swift.min(blockSize, batch - first), scale, β)
      }
    }
    iteration += 1
  }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  private func step(first: Int, count: Int, _ scale: Scalar, _ β: Scalar) {
    let rows = first..<first + count
    var iteration = BatchIteration(memory: self, rows: rows, scale: scale, β: β)
    if let columns, columns.gradient(of: z, signal: y, into: gradients) {
      iteration.proximalStep(layer: 0, isLast: true)
    } else {
      iteration.iterate(0..<layers.count)
    }
  }

  /// γ̂ᵢ of some signals, where the residual γ̂ᵢ − γᵢ takes its place; γ̂_L is z.
  func estimate(_ i: Int, _ rows: Range<Int>) -> UnsafeMutablePointer<Scalar> {
    (i == layers.count ? z : estimates[i]) + rows.lowerBound * widths[i]
  }

  /// γᵢ of some signals, i ≥ 1.
  func code(_ i: Int, _ rows: Range<Int>) -> UnsafeMutablePointer<Scalar> {
    (i == layers.count ? γ : inner[i]) + rows.lowerBound * widths[i]
  }

  /// What γ̂ᵢ is compared with, for some signals: y, or γᵢ for i ≥ 1.
  func target(_ i: Int, _ rows: Range<Int>) -> UnsafeMutablePointer<Scalar> {
    (i == 0 ? y : inner[i]) + rows.lowerBound * widths[i]
  }

  /// The gradients of some signals, for whichever layer is at work.
  func gradient(_ rows: Range<Int>) -> UnsafeMutablePointer<Scalar> {
    gradients + rows.lowerBound * widest
  }

  /// Calls `body` for every run of numbers of some signals' codes that share a threshold, with their
  /// places from the first signal's first number on.
  @inline(__always)
  func forEachThreshold(
    layer i: Int, _ rows: Range<Int>, steps: Scalar,
    _ body: (_ range: Range<Int>, _ threshold: Scalar) -> Void
  ) {
    let width = widths[i + 1]
    if let thresholds = thresholds?[i] {
      let length = width / thresholds.count
      for row in 0..<rows.count {
        for (j, threshold) in thresholds.enumerated() {
          let first = row * width + j * length
          body(first..<first + length, threshold)
        }
      }
    } else if problem.penalties[i].count == 1 {
      body(0..<rows.count * width, steps * problem.penalties[i][0])
    } else {
      for (row, b) in rows.enumerated() {
        body(row * width..<(row + 1) * width, steps * problem.penalty(i, b))
      }
    }
  }

  public var stepSize: Double {
    Double(Scalar(innerStep.scale(Swift.max(0, iteration - 1))) / norms[0])
  }

  public var deepest: Tensor<Scalar> { tensor(γ, widths[layers.count]) }

  /// γ₁ … γ_L; the inner ones as their own thresholds returned them, sparse but not propagated.
  public var codes: [Tensor<Scalar>] {
    (1..<Swift.max(layers.count, 1)).map { tensor(inner[$0], widths[$0]) } + [deepest]
  }

  private func tensor(_ memory: UnsafeMutablePointer<Scalar>, _ width: Int) -> Tensor<Scalar> {
    Tensor(
      shape: [batch, width],
      elements: Array(UnsafeBufferPointer(start: memory, count: batch * width)))
  }

  /// Compares with the code at the last call, so the first call reports a large change.
  public var relativeChange: Double {
    let m = widths[layers.count]
    var largest = 0.0
    for b in 0..<batch {
      let square = Scalar.squaredNorm(m, γ + b * m)
      let change = Scalar.squaredDistance(m, γ + b * m, previous + b * m)
      guard square < Scalar.leastNormalMagnitude / Scalar.ulpOfOne else {
        largest = Swift.max(largest, Double(change).squareRoot() / Double(square).squareRoot())
        continue
      }
      // Squares of so small a code are no measure of it; its largest entries are.
      var (size, difference) = (Scalar(0), Scalar(0))
      for j in b * m..<(b + 1) * m {
        size = Swift.max(size, abs(γ[j]))
        difference = Swift.max(difference, abs(γ[j] - previous[j]))
      }
      if difference > 0 {
        largest = Swift.max(largest, size > 0 ? Double(difference / size) : .infinity)
      }
    }
    previous.update(from: γ, count: batch * m)
    return largest
  }

  /// Whether all codes are finite, and so are their squared norms: a diverging code overflows in its
  /// norm first, where a relative change would read as zero.
  public var isFinite: Bool {
    let m = widths[layers.count]
    return (0..<batch).allSatisfy { b in
      Scalar.allFinite(m, γ + b * m) && Scalar.squaredNorm(m, γ + b * m).isFinite
    }
  }

  /// Starts again from the present deepest code with other signals, as an inner solver does.
  ///
  /// - Parameter signals: Shape [B, n].
  func restart(with signals: Tensor<Scalar>) {
    columns?.replaceSignal()
    signals.withElements { y.update(from: $0, count: batch * widths[0]) }
    if accelerated { z.update(from: γ, count: batch * widths[layers.count]) }
    momentum = Momentum()
  }

  /// Sets the deepest code and forgets the momentum.
  ///
  /// - Parameter code: Shape [B, m_L].
  public func restart(from code: Tensor<Scalar>) {
    code.withElements { γ.update(from: $0, count: batch * widths[layers.count]) }
    if accelerated { z.update(from: γ, count: batch * widths[layers.count]) }
    momentum = Momentum()
  }

  /// Iterates to the fixed point: in rounds of 1,000 iterations with a momentum of their own, until a
  /// round changes little.
  ///
  /// - Parameters:
  ///   - start: The deepest code to start from, shape [B, m_L].
  ///   - tolerance: The relative change of every signal's code in the last round.
  ///   - limit: The iterations after which no further round begins.
  ///   - interrupted: Called before every round; what it throws ends the run.
  /// - Returns: The relative change in the last round.
  /// - Throws: What `interrupted` throws.
  @discardableResult
  public func runToFixedPoint(
    from start: Tensor<Scalar>, changingLessThan tolerance: Double, within limit: Int,
    interrupted: () throws -> Void
  ) rethrows -> Double {
    restart(from: start)
    _ = relativeChange
    var change = Double.infinity
    while iteration < limit {
      try interrupted()
      for _ in 0..<1_000 { step() }
      change = relativeChange
      if change < tolerance { break }
      restart(from: deepest)
    }
    return change
  }
}
