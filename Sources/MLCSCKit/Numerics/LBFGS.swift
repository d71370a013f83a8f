import CLBFGS

/// What can go wrong in minimising a function.
public enum MinimizationError: Error, Equatable, CustomStringConvertible {
  /// There is nothing to vary.
  case noVariables
  /// The function or its gradient is infinite or not a number.
  case notFinite(evaluations: Int)
  /// The gradient did not become small enough.
  case notConverged(gradientNorm: Double, tolerance: Double, iterations: Int, reason: String)

  public var description: String {
    switch self {
    case .noVariables: "there are no variables; at least one is needed"
    case .notFinite(let evaluations):
      "the function or its gradient is not finite at evaluation \(evaluations); are all inputs?"
    case .notConverged(let norm, let tolerance, let iterations, let reason):
      "no minimum: after \(iterations) iterations the gradient's norm is \(norm), above the "
        + "tolerance \(tolerance) (\(reason)); allow more iterations or a larger tolerance"
    }
  }
}

/// Where a function is smallest, as far as its gradient tells.
public struct Minimum: Sendable, Equatable {
  /// The variables.
  public let point: [Double]
  /// The function there.
  public let value: Double
  /// ‖∇f‖₂ there, evaluated once more after the search.
  public let gradientNorm: Double
  /// Iterations made.
  public let iterations: Int
  /// Evaluations of the function and its gradient.
  public let evaluations: Int
}

/// Minimises a smooth function by L-BFGS, a quasi-Newton method of limited memory.
///
/// The steps are those of libLBFGS (Liu, Nocedal, Math. Prog. 45, 1989) with the line search of Moré
/// and Thuente (ACM TOMS 20, 1994), which ends at a point of the strong Wolfe conditions. The search
/// ends when ‖∇f‖₂ ≤ `gradientTolerance`, whatever the variables' scale, so that the caller can turn
/// the tolerance into a bound on f − min f where f is strongly convex. The line search compares
/// values, which agree to rounding once ‖∇f‖² is about 10⁻¹⁶ |f| ‖∇²f‖: no smaller gradient is reached.
/// - Complexity: an evaluation and O(memory · n) operations an iteration, rarely a second evaluation.
public struct LBFGS: Sendable {
  /// A function of n variables; writes its gradient and returns its value.
  public typealias Objective = (
    _ point: UnsafePointer<Double>, _ gradient: UnsafeMutablePointer<Double>
  ) -> Double

  /// Pairs of steps and gradient changes kept, at least one.
  public var memory: Int
  /// ‖∇f‖₂ at which to stop.
  public var gradientTolerance: Double
  /// The largest number of iterations, at least one.
  public var iterationLimit: Int

  /// A minimiser.
  public init(gradientTolerance: Double, iterationLimit: Int = 10_000, memory: Int = 10) {
    self.gradientTolerance = gradientTolerance
    self.iterationLimit = iterationLimit
    self.memory = memory
  }

  /// Minimises a function.
  ///
  /// - Parameters:
  ///   - start: Where to begin.
  ///   - interrupted: Called after every iteration; what it throws ends the search.
  ///   - objective: The function.
  /// - Returns: A point whose gradient is within the tolerance.
  /// - Throws: `MinimizationError`, and what `interrupted` throws.
  public func minimize(
    from start: [Double], interrupted: () throws -> Void = {}, _ objective: Objective
  ) throws -> Minimum {
    guard let n = Int32(exactly: start.count), n > 0 else { throw MinimizationError.noVariables }
    // libLBFGS wants its own, aligned memory.
    guard let point = lbfgs_malloc(n) else {
      throw MinimizationError.notConverged(
        gradientNorm: .infinity, tolerance: gradientTolerance, iterations: 0,
        reason: "out of memory")
    }
    defer { lbfgs_free(point) }
    point.update(from: start, count: start.count)
    return try withoutActuallyEscaping(objective) { objective in
      try withoutActuallyEscaping(interrupted) { interrupted in
        let search = Search(
          objective: objective, interrupted: interrupted, tolerance: gradientTolerance,
          count: start.count)
        return try run(search, point, n)
      }
    }
  }

  private func run(
    _ search: Search, _ point: UnsafeMutablePointer<Double>, _ n: Int32
  ) throws -> Minimum {
    var reason = ""
    if search.evaluate(point).gradientNorm > gradientTolerance, search.isFinite {
      var parameters = lbfgs_parameter_t()
      lbfgs_parameter_init(&parameters)
      parameters.m = Int32(clamping: max(memory, 1))
      parameters.max_iterations = Int32(clamping: max(iterationLimit, 1))
      parameters.epsilon = 0  // The rule is `Search.shouldStop`.
      let code = lbfgs(
        n, point, nil,
        { context, x, gradient, _, _ in
          guard let context, let x, let gradient else { return .nan }
          return Search.from(context).evaluate(x, into: gradient)
        },
        { context, _, _, _, _, gradientNorm, _, _, iteration, _ in
          guard let context else { return 1 }
          return Search.from(context).shouldStop(Int(iteration), gradientNorm) ? 1 : 0
        }, Unmanaged.passUnretained(search).toOpaque(), &parameters)
      reason = Self.reason(code)
    }
    if let error = search.error { throw error }
    // The search may have ended with a step that was taken back.
    let last = search.evaluate(point)
    guard search.isFinite else {
      throw MinimizationError.notFinite(evaluations: search.evaluations)
    }
    guard last.gradientNorm <= gradientTolerance else {
      throw MinimizationError.notConverged(
        gradientNorm: last.gradientNorm, tolerance: gradientTolerance,
        iterations: search.iterations, reason: reason)
    }
    return Minimum(
      point: Array(UnsafeBufferPointer(start: point, count: search.count)), value: last.value,
      gradientNorm: last.gradientNorm, iterations: search.iterations,
      evaluations: search.evaluations)
  }

  private static func reason(_ code: Int32) -> String {
    switch code {
    case Int32(LBFGSERR_MAXIMUMITERATION): "iteration limit"
    case Int32(LBFGSERR_OUTOFMEMORY): "out of memory"
    default: "the line search found no better point: rounding, or a wrong gradient"
    }
  }

  /// What the callbacks share.
  private final class Search {
    let objective: Objective
    let interrupted: () throws -> Void
    let tolerance: Double
    let count: Int
    var iterations = 0
    var evaluations = 0
    var isFinite = true
    var error: (any Error)?
    private var gradient: [Double]

    init(
      objective: @escaping Objective, interrupted: @escaping () throws -> Void,
      tolerance: Double, count: Int
    ) {
      self.objective = objective
      self.interrupted = interrupted
      self.tolerance = tolerance
      self.count = count
      gradient = [Double](repeating: 0, count: count)
    }

    static func from(_ context: UnsafeMutableRawPointer) -> Search {
      Unmanaged<Search>.fromOpaque(context).takeUnretainedValue()
    }

    func evaluate(
      _ x: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>
    ) -> Double {
      evaluations += 1
      return objective(x, gradient)
    }

    func evaluate(_ x: UnsafePointer<Double>) -> (value: Double, gradientNorm: Double) {
      gradient.withUnsafeMutableBufferPointer { buffer in
        let value = evaluate(x, into: buffer.start)
        let norm = Double.norm2(count, buffer.start)
        isFinite = value.isFinite && norm.isFinite
        return (value, norm)
      }
    }

    func shouldStop(_ iteration: Int, _ gradientNorm: Double) -> Bool {
      iterations = iteration
      do { try interrupted() } catch { self.error = error }
      return error != nil || gradientNorm <= tolerance
    }
  }
}
