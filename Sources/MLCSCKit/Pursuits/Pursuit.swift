/// A pursuit as an endless sequence of states.
///
/// It neither counts, stops, prints nor times; `solution(stoppingAt:within:)` does, once for all.
public protocol Pursuit<Scalar>: Sequence, Sendable
where Iterator: PursuitIterator<Scalar>, Element == PursuitState<Scalar> {
  /// The type of all numbers.
  associatedtype Scalar: NumericScalar

  /// The method's name, for messages.
  var name: String { get }

  /// The problem it works on.
  var problem: MultiLayerProblem<Scalar> { get }
}

/// The running state of a pursuit: all buffers live here, a step allocates nothing.
public protocol PursuitIterator<Scalar>: AnyObject, IteratorProtocol {
  /// The type of all numbers.
  associatedtype Scalar: NumericScalar

  /// Makes one iteration.
  func step()

  /// The number of iterations made.
  var iteration: Int { get }

  /// The step size, for messages.
  var stepSize: Double { get }

  /// The deepest code γ_L as it stands, shape [B, m_L] (a copy).
  var deepest: Tensor<Scalar> { get }

  /// All codes γ₁ … γ_L as the method itself estimates them (copies).
  var codes: [Tensor<Scalar>] { get }

  /// The largest relative change ‖γ_L − γ_L'‖/‖γ_L‖ over all signals since this was last read.
  var relativeChange: Double { get }

  /// Whether the deepest code is finite.
  var isFinite: Bool { get }
}

/// One state of a pursuit.
public struct PursuitState<Scalar: NumericScalar>: Sendable {
  /// The number of iterations made.
  public let iteration: Int
  /// γ₁ … γ_L.
  public let codes: [Tensor<Scalar>]
}

extension PursuitIterator where Element == PursuitState<Scalar> {
  public func next() -> PursuitState<Scalar>? {
    step()
    return PursuitState(iteration: iteration, codes: codes)
  }
}

/// When a pursuit stops before its iterations are used up.
public enum StoppingRule: Sendable {
  /// Never.
  case iterations
  /// When the relative change of every signal's deepest code is at most this.
  case relativeChange(Double)
  /// When every signal's duality gap is at most this, relative to its objective.
  case dualityGap(Double)
}

/// Why a pursuit stopped.
public enum StoppingReason: String, Sendable, Codable {
  /// The number of iterations was reached.
  case iterations = "iteration limit"
  /// The change fell below its limit.
  case relativeChange = "relative change"
  /// The duality gap fell below its limit.
  case dualityGap = "duality gap"
  /// All atoms that were asked for are chosen, or a computation in one go is done.
  case complete = "support complete"
  /// What is left of the signal is rounding.
  case exact = "residual zero"
  /// The residual reached the norm at which to stop.
  case residualNorm = "residual small"
  /// As many atoms are chosen as the signal has dimensions.
  case dimension = "as many atoms as dimensions"
  /// Every other atom depends on those chosen, or correlates with the residual by rounding only.
  case dependent = "no other atom helps"
  /// The residual no longer falls.
  case settled = "residual no longer falls"
  /// One more atom would make a code of an earlier layer less sparse than it must be.
  case layerLimit = "limit of an earlier layer"
  /// An observer ended it.
  case observer = "ended by its observer"
}

/// One line of a pursuit's history.
public struct HistoryEntry: Sendable, Codable {
  /// The number of iterations made.
  public let iteration: Int
  /// Seconds spent in steps, without the observer's; zero without a clock.
  public let seconds: Double
  /// The objective, summed over the batch.
  public let objective: Double

  /// An entry from its parts.
  public init(iteration: Int, seconds: Double, objective: Double) {
    self.iteration = iteration
    self.seconds = seconds
    self.objective = objective
  }
}

/// What a pursuit found.
public struct PursuitSolution<Scalar: NumericScalar>: Sendable {
  /// γ₁ … γ_L, each shape [B, mᵢ].
  public var codes: [Tensor<Scalar>]
  /// The number of iterations made.
  public var iterations: Int
  /// Why it stopped.
  public var stopped: StoppingReason
  /// A certified duality gap for every signal, where the method has one.
  public var dualityGaps: [Double]?
  /// The observed states.
  public var history: [HistoryEntry]

  /// A solution from its parts.
  public init(
    codes: [Tensor<Scalar>], iterations: Int, stopped: StoppingReason,
    dualityGaps: [Double]? = nil, history: [HistoryEntry] = []
  ) {
    self.codes = codes
    self.iterations = iterations
    self.stopped = stopped
    self.dualityGaps = dualityGaps
    self.history = history
  }
}

/// What can go wrong in a pursuit.
public enum PursuitError: ClassifiedError, Equatable, CustomStringConvertible {
  /// A code is infinite or not a number.
  case notFinite(pursuit: String, iteration: Int, stepSize: Double)
  /// More atoms were asked for than there are, or than a signal can determine.
  case sparsity(asked: Int, atoms: Int, layer: Int)
  /// The method cannot do what was asked.
  case unsupported(pursuit: String, reason: String)
  /// No certificate was reached.
  case notCertified(gap: Double, tolerance: Double, iterations: Int)
  /// An entry of a code, about 2^exponent, is beyond the range of numbers.
  case notRepresentable(layer: Int, exponent: Int)

  /// What was asked for, or what came of it.
  public var failureKind: FailureKind {
    switch self {
    case .sparsity, .unsupported: .usage
    case .notFinite, .notCertified, .notRepresentable: .computation
    }
  }

  public var description: String {
    switch self {
    case .notFinite(let pursuit, let iteration, let step):
      "\(pursuit) diverged: a code is not finite after iteration \(iteration) with step \(step); "
        + "a smaller step is needed, or the input is not finite"
    case .sparsity(let asked, let atoms, let layer):
      "sparsity of layer \(layer) is \(asked); it must be between 1 and its \(atoms) atoms"
    case .unsupported(let pursuit, let reason): "\(pursuit): \(reason)"
    case .notCertified(let gap, let tolerance, let iterations):
      "no certificate: after \(iterations) iterations the relative duality gap is \(gap), above "
        + "the tolerance \(tolerance); ask for more iterations, a larger tolerance or a larger lambda"
    case .notRepresentable(let layer, let exponent):
      "the code of layer \(layer) has an entry of about 2^\(exponent), beyond the range of numbers; "
        + "signals and dictionaries in other units are needed"
    }
  }
}

extension Pursuit {
  /// Runs the pursuit until a rule or the number of iterations stops it.
  ///
  /// - Parameters:
  ///   - rule: When to stop early.
  ///   - limit: The largest number of iterations.
  ///   - isRecorded: Whether to collect a history: the first hundred states, of later ones ever
  ///     fewer (every fiftieth about the 2500th), and the last.
  ///   - clock: Seconds from a fixed moment; the time of observing is not counted.
  ///   - observe: Called at every recorded state, with the iterator and the seconds spent in steps.
  /// - Returns: The codes, the history and the reason for stopping.
  /// - Throws: `PursuitError.notFinite` at the first check that finds one.
  public func solution(
    stoppingAt rule: StoppingRule, within limit: Int, recordingHistory isRecorded: Bool = false,
    clock: (() -> Double)? = nil, observe: ((Iterator, Double) -> Void)? = nil
  ) throws -> PursuitSolution<Scalar> {
    let iterator = makeIterator()
    var history = [HistoryEntry]()
    var nextRecord = isRecorded ? 1 : Int.max
    var seconds = 0.0
    func record() {
      observe?(iterator, seconds)
      let objective = problem.objective(at: iterator.deepest).reduce(0, +)
      let k = iterator.iteration
      history.append(HistoryEntry(iteration: k, seconds: seconds, objective: objective))
      nextRecord = k + Swift.max(1, k / 50)
    }
    var reason = StoppingReason.iterations
    var gaps: [Double]?
    var mark = clock?() ?? 0
    while iterator.iteration < limit {
      iterator.step()
      let k = iterator.iteration
      let isChecked = k % 10 == 0 || k == limit
      guard isChecked || k == nextRecord else { continue }
      seconds += (clock?() ?? 0) - mark
      guard iterator.isFinite else {
        throw PursuitError.notFinite(pursuit: name, iteration: k, stepSize: iterator.stepSize)
      }
      if k == nextRecord { record() }
      mark = clock?() ?? 0
      // When a pursuit stops does not depend on whether it has a history.
      guard isChecked else { continue }
      if case .relativeChange(let tolerance) = rule, iterator.relativeChange <= tolerance {
        reason = .relativeChange
        break
      }
      if case .dualityGap(let tolerance) = rule {
        let certificate = problem.basisPursuitCertificate(at: iterator.deepest)
        gaps = certificate.map(\.gap)
        if certificate.allSatisfy({ $0.meets(tolerance) }) {
          reason = .dualityGap
          break
        }
      }
      mark = clock?() ?? 0
    }
    let last = iterator.iteration
    if isRecorded, last > 0, last != history.last?.iteration { record() }
    return PursuitSolution(
      codes: iterator.codes, iterations: iterator.iteration, stopped: reason, dualityGaps: gaps,
      history: history)
  }
}

/// An objective with a certified distance to the optimum.
public struct Certificate: Sendable, Codable {
  /// The objective at the code.
  public let objective: Double
  /// The objective less a feasible dual value: the optimum is no further below.
  public let gap: Double

  /// A certificate from a value of the objective and one of the dual.
  ///
  /// Where the squares of a residual are too small to be numbers nothing is certain: the gap is then
  /// infinite.
  ///
  /// - Parameters:
  ///   - objective: The objective at the code.
  ///   - dual: The objective of a feasible dual point.
  ///   - residualIsZero: Whether every entry of the residual is zero.
  init(objective: Double, dual: Double, residualIsZero: @autoclosure () -> Bool) {
    self.objective = objective
    let isCertain = objective > 1e20 * .leastNormalMagnitude || residualIsZero()
    gap = isCertain ? objective - dual : .infinity
  }

  /// Whether the code is feasible and its relative gap at most `tolerance`.
  ///
  /// An infinite gap of an infinite objective is none.
  func meets(_ tolerance: Double) -> Bool {
    objective.isFinite && gap <= tolerance * objective
  }
}

extension MultiLayerProblem {
  /// The duality gap of basis pursuit at a code, for problems whose only penalty is λ_L.
  ///
  /// With r = y − Dγ, the vector ν = s r is feasible for the dual max νᵀy − ½‖ν‖² subject to
  /// ‖Dᵀν‖∞ ≤ λ (one-sided for non-negative codes) when s is small enough; the best such s is used.
  func basisPursuitCertificate(at deepest: Tensor<Scalar>) -> [Certificate] {
    let dictionary = model.effectiveDictionary(model.depth)
    func run(_ d: some SparseDictionary<Scalar>) -> [Certificate] {
      let estimate = d.synthesize(deepest)
      var residual = signals
      let count = residual.count
      estimate.withElements { x in
        residual.withMutableElements { r in Scalar.subtract(count, r, x, into: r) }
      }
      let correlations = d.analyze(residual)
      let objectives = objective(at: deepest)
      let (n, m) = (d.signalDimension, d.atomCount)
      return (0..<batch).map { b in
        let λ = Double(penalty(model.depth - 1, b))
        let (inner, square) = residual.withElements { r in
          signals.withElements { RowKernels.products(n, r + b * n, $0 + b * n) }
        }
        let largest = correlations.withElements {
          RowKernels.largest(m, $0 + b * m, signed: nonnegative)
        }
        let s =
          square > 0
          ? Swift.max(0, Swift.min(inner / square, largest > 0 ? λ / largest : .infinity)) : 0
        return Certificate(
          objective: objectives[b], dual: s * inner - 0.5 * s * s * square,
          residualIsZero: residual.row(b).allSatisfy { $0 == 0 })
      }
    }
    return run(dictionary)
  }
}
