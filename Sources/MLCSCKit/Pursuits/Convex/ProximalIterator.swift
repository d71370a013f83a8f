/// The running state of ISTA, FISTA and their multi-layer versions.
///
/// Signals are independent, so a step runs block by block: a block goes down through all layers and
/// up again while it is in the cache, and blocks run on several threads where that is allowed.
public final class ProximalIterator<Scalar: NumericScalar>: PursuitIterator {
  public typealias Element = PursuitState<Scalar>

  private let problem: MultiLayerProblem<Scalar>
  private let layers: [any SparseDictionary<Scalar>]
  private let widths: [Int]
  private let norms: [Scalar]
  /// Given thresholds of each layer, which replace penalties times steps; each holds for a run of
  /// atoms of equal length.
  private let thresholds: [[Scalar]]?
  private let innerStep: InnerStep
  private let accelerated: Bool
  private let blockSize: Int
  private let batch: Int
  private var momentum = Momentum()

  /// γ_L, and the point z at which the next step starts (the same without momentum).
  private let γ: UnsafeMutablePointer<Scalar>
  private let z: UnsafeMutablePointer<Scalar>
  private let previous: UnsafeMutablePointer<Scalar>
  /// γ̂₀ … γ̂_{L−1} (γ̂₀ is the signal's estimate) and γ₁ … γ_{L−1}.
  private let estimates: [UnsafeMutablePointer<Scalar>]
  private let inner: [UnsafeMutablePointer<Scalar>]
  private let gradient: UnsafeMutablePointer<Scalar>
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
    gradient = zeros(widest)
    y = zeros(widths[0])
    problem.signals.withElements { y.update(from: $0, count: batch * widths[0]) }
  }

  deinit {
    if accelerated { z.deallocate() }
    γ.deallocate()
    previous.deallocate()
    estimates.forEach { $0.deallocate() }
    inner.forEach { $0.deallocate() }
    gradient.deallocate()
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
    var block = Block(iterator: self, first: first, count: count, scale: scale, β: β)
    block.iterate(0..<layers.count)
  }

  /// An iteration for some of the signals, in the iterator's memory.
  private struct Block: MultiLayerIteration {
    let iterator: ProximalIterator
    let first: Int
    let count: Int
    let scale: Scalar
    let β: Scalar
    /// s₁ ⋯ sᵢ.
    var product: Scalar = 1

    /// γ̂ᵢ of these signals; the deepest one is z.
    private func estimate(_ i: Int) -> UnsafeMutablePointer<Scalar> {
      (i == iterator.layers.count ? iterator.z : iterator.estimates[i])
        + first * iterator.widths[i]
    }

    private var gradient: UnsafeMutablePointer<Scalar> {
      iterator.gradient + first * iterator.widest
    }

    func synthesize(layer i: Int) {
      iterator.layers[i].synthesize(UnsafePointer(estimate(i + 1)), batch: count, into: estimate(i))
    }

    /// A pursuit enforces the model exactly.
    func relax(layer i: Int) {}

    func subtractTarget(layer i: Int) {
      let width = iterator.widths[i]
      let target = (i == 0 ? iterator.y : iterator.inner[i]) + first * width
      Scalar.subtract(count * width, estimate(i), target, into: estimate(i))
    }

    func analyze(layer i: Int) {
      iterator.layers[i].analyze(estimate(i), batch: count, into: gradient)
    }

    mutating func proximalStep(layer i: Int, isLast: Bool) {
      let step = i == 0 ? scale / iterator.norms[0] : 1 / iterator.norms[i]
      product = i == 0 ? step : product * step
      let width = iterator.widths[i + 1]
      if let thresholds = iterator.thresholds?[i] {
        let length = width / thresholds.count
        for row in 0..<count {
          for (j, threshold) in thresholds.enumerated() {
            proximalStep(i, isLast, row * width + j * length, length, step, threshold)
          }
        }
      } else if iterator.problem.penalties[i].count == 1 {
        proximalStep(i, isLast, 0, count * width, step, product * iterator.problem.penalties[i][0])
      } else {
        for row in 0..<count {
          proximalStep(
            i, isLast, row * width, width, step,
            product * iterator.problem.penalty(i, first + row))
        }
      }
    }

    /// The step for a run of numbers that share a threshold.
    @inline(__always)
    private func proximalStep(
      _ i: Int, _ isLast: Bool, _ offset: Int, _ length: Int, _ step: Scalar, _ threshold: Scalar
    ) {
      let isNonnegative = iterator.problem.nonnegative
      let (z, g) = (estimate(i + 1) + offset, gradient + offset)
      let place = first * iterator.widths[i + 1] + offset
      if isLast, iterator.accelerated {
        Scalar.acceleratedProximalStep(
          length, z, g, step: step, threshold: threshold, momentum: β, nonnegative: isNonnegative,
          iterator.γ + place)
      } else {
        Scalar.proximalStep(
          length, z, g, step: step, threshold: threshold, nonnegative: isNonnegative,
          into: (isLast ? iterator.γ : iterator.inner[i + 1]) + place)
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
      let change = Double(Scalar.squaredDistance(m, γ + b * m, previous + b * m)).squareRoot()
      let norm = Double(Scalar.squaredNorm(m, γ + b * m)).squareRoot()
      largest = Swift.max(largest, change / Swift.max(norm, Double(Scalar.leastNormalMagnitude)))
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
}
