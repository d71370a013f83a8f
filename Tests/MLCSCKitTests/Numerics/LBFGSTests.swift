// Claim: L-BFGS finds known minima within few iterations and says so by the gradient; it stops where
// it is told to and names what goes wrong.
import MLCSCKit
import Testing

struct LBFGSTests {
  @Test("A quadratic's minimum solves its linear system", arguments: [1, 2, 7, 40])
  func quadraticsMinimumSolvesTheSystem(_ n: Int) throws {
    var stream = RandomStream("lbfgs", "quadratic", "\(n)")
    let factor = Matrix<Double>.normal(n, n + 5, from: &stream)
    let a = factor.gramOfRows
    let b = (0..<n).map { _ in stream.normal() }
    // ½xᵀAx − bᵀx
    let minimum = try LBFGS(gradientTolerance: 1e-5).minimize(
      from: [Double](repeating: 0, count: n)
    ) { x, g in
      var value = 0.0
      for i in 0..<n {
        let row = (0..<n).reduce(0.0) { $0 + a[i, $1] * x[$1] }
        g[i] = row - b[i]
        value += x[i] * (0.5 * row - b[i])
      }
      return value
    }
    let exact = try a.solve(Matrix(shape: [n, 1], elements: b)).elements
    let distance = zip(minimum.point, exact).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      .squareRoot()
    // ‖x − x*‖ ≤ ‖∇f‖/λ_min(A), an identity for quadratics but for the rounding of the solve.
    let smallest = try a.symmetricEigenvalues()[0]
    #expect(minimum.gradientNorm <= 1e-5)
    #expect(distance <= minimum.gradientNorm / smallest + 1e-10)
    #expect(minimum.iterations < 400)
  }

  /// Σ 100(x_{2i+1} − x_{2i}²)² + (1 − x_{2i})².
  static func rosenbrock(
    _ x: UnsafePointer<Double>, _ g: UnsafeMutablePointer<Double>, _ n: Int
  ) -> Double {
    var value = 0.0
    for i in stride(from: 0, to: n, by: 2) {
      let (a, b) = (1 - x[i], x[i + 1] - x[i] * x[i])
      value += a * a + 100 * b * b
      g[i] = -2 * a - 400 * x[i] * b
      g[i + 1] = 200 * b
    }
    return value
  }

  // An iteration bound catches a line search that no longer finds the Wolfe point.
  @Test("Rosenbrock's valley is followed to its end", arguments: [2, 10, 100])
  func valleyIsFollowed(_ n: Int) throws {
    let start = (0..<n).map { $0 % 2 == 0 ? -1.2 : 1.0 }
    let minimum = try LBFGS(gradientTolerance: 1e-9).minimize(from: start) {
      Self.rosenbrock($0, $1, n)
    }
    for x in minimum.point { #expect(abs(x - 1) < 1e-8) }
    #expect(minimum.iterations < 100)
    #expect(minimum.evaluations < 2 * minimum.iterations + 20)
  }

  @Test("A start that is already a minimum is returned without an iteration")
  func minimumIsReturnedAtOnce() throws {
    let minimum = try LBFGS(gradientTolerance: 1e-9).minimize(from: [1, 1]) {
      Self.rosenbrock($0, $1, 2)
    }
    #expect(minimum.point == [1, 1])
    #expect(minimum.iterations == 0)
  }

  @Test("The same start gives the same bits")
  func sameBitsEveryTime() throws {
    let found = try (0..<2).map { _ in
      try LBFGS(gradientTolerance: 1e-9).minimize(from: [-1.2, 1, -1.2, 1]) {
        Self.rosenbrock($0, $1, 4)
      }
    }
    #expect(found[0] == found[1])
  }

  @Test("An iteration limit that is too small is named, with the gradient reached")
  func iterationLimitIsNamed() throws {
    let error = #expect(throws: MinimizationError.self) {
      try LBFGS(gradientTolerance: 1e-9, iterationLimit: 3).minimize(from: [-1.2, 1]) {
        Self.rosenbrock($0, $1, 2)
      }
    }
    guard case .notConverged(let norm, 1e-9, 3, "iteration limit") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(norm > 1e-9)
  }

  @Test("A gradient of the wrong sign is reported, not followed")
  func wrongGradientIsReported() {
    #expect(throws: MinimizationError.self) {
      try LBFGS(gradientTolerance: 1e-9, iterationLimit: 50).minimize(from: [1]) { x, g in
        g[0] = -2 * x[0]
        return x[0] * x[0]
      }
    }
  }

  @Test("A function that is not finite is named, and no variables are refused")
  func notFiniteIsNamed() {
    let error = #expect(throws: MinimizationError.self) {
      try LBFGS(gradientTolerance: 1e-9).minimize(from: [1]) { _, g in
        g[0] = 1
        return .nan
      }
    }
    guard case .notFinite = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(throws: MinimizationError.noVariables) {
      try LBFGS(gradientTolerance: 1e-9).minimize(from: []) { _, _ in 0 }
    }
  }

  private struct Stop: Error {}

  @Test("Interrupting ends the search with the interrupter's error")
  func interruptingEndsTheSearch() {
    var calls = 0
    #expect(throws: Stop.self) {
      try LBFGS(gradientTolerance: 1e-9).minimize(
        from: [-1.2, 1],
        interrupted: {
          calls += 1
          if calls == 4 { throw Stop() }
        }
      ) { Self.rosenbrock($0, $1, 2) }
    }
    #expect(calls == 4)
  }
}
