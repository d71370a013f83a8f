// Claim: logistic regression's gradient is that of its objective, which is convex; a fit is the
// optimum that Newton's method finds; inputs that make no problem are refused by name.
import MLCSCKit
import RealModule
import Testing

struct LogisticRegressionTests {
  /// Three noisy classes in d dimensions.
  static func samples(_ count: Int, _ d: Int, _ name: String) -> (Tensor<Double>, [Int]) {
    var stream = RandomStream("logistic", name)
    var x = Tensor<Double>.normal(count, d, from: &stream)
    let labels = (0..<count).map { $0 % 3 }
    for n in 0..<count { x[n, labels[n] % d] += 1.5 }
    return (x, labels)
  }

  static func problem(
    _ count: Int, _ d: Int, penalty: Double, _ name: String = "samples"
  ) throws -> LogisticRegression {
    let (x, labels) = samples(count, d, name)
    return try LogisticRegression(features: x, labels: labels, classCount: 3, penalty: penalty)
  }

  static func evaluate(
    _ problem: LogisticRegression, _ w: [Double]
  ) -> (value: Double, gradient: [Double]) {
    var gradient = [Double](repeating: .nan, count: w.count)
    let value = w.withUnsafeBufferPointer { w in
      gradient.withUnsafeMutableBufferPointer { g in
        guard let w = w.baseAddress, let g = g.baseAddress else { return Double.nan }
        return problem.objective(w, g)
      }
    }
    return (value, gradient)
  }

  /// F written out from its formula, sample by sample.
  static func naive(_ problem: LogisticRegression, _ w: [Double]) -> Double {
    let (d, classes) = (problem.features.columns, problem.classCount)
    var loss = 0.0
    for n in 0..<problem.features.rows {
      let x = problem.features.row(n)
      let scores = (0..<classes).map { k in
        w[classes * d + k] + (0..<d).reduce(0.0) { $0 + w[k * d + $1] * x[$1] }
      }
      loss += Double.log(scores.reduce(0) { $0 + Double.exp($1) }) - scores[problem.labels[n]]
    }
    return loss / Double(problem.features.rows)
      + 0.5 * problem.penalty * w.reduce(0) { $0 + $1 * $1 }
  }

  static func randomVariables(_ count: Int, _ name: String) -> [Double] {
    var stream = RandomStream("logistic", "variables", name)
    return (0..<count).map { _ in stream.normal() }
  }

  // 2,500 samples fill more than two of the chunks that threads take, and no whole number of blocks.
  @Test(
    "features of few non-zeros give the value and the gradient that the formula gives",
    arguments: [3, 10])
  func sparse(classes: Int) throws {
    var stream = RandomStream("sparse features")
    let (count, d, λ) = (50, 40, 0.02)
    let x = Matrix<Double>(
      shape: [count, d],
      elements: (0..<count * d).map { _ in stream.index(below: 10) == 0 ? stream.normal() : 0 })
    let labels = (0..<count).map { _ in stream.index(below: classes) }
    let problem = try LogisticRegression(
      features: x, labels: labels, classCount: classes, penalty: λ)
    let variables = (0..<problem.variableCount).map { _ in stream.normal() }
    var gradient = [Double](repeating: 7, count: variables.count)
    let value = problem.objective(variables, &gradient)
    // F and ∇F by their definition.
    var expected = variables.map { λ * $0 }
    var sum = λ / 2 * variables.reduce(0) { $0 + $1 * $1 }
    for n in 0..<count {
      let scores = (0..<classes).map { k in
        variables[classes * d + k] + (0..<d).reduce(0) { $0 + variables[k * d + $1] * x[n, $1] }
      }
      let total = scores.reduce(0) { $0 + Double.exp($1) }
      sum -= (scores[labels[n]] - Double.log(total)) / Double(count)
      for k in 0..<classes {
        let residual = (Double.exp(scores[k]) / total - (k == labels[n] ? 1 : 0)) / Double(count)
        for j in 0..<d { expected[k * d + j] += residual * x[n, j] }
        expected[classes * d + k] += residual
      }
    }
    #expect(abs(value - sum) < 1e-12 * abs(sum))
    for (found, right) in zip(gradient, expected) { #expect(abs(found - right) < 1e-12) }
  }

  @Test("The objective is its formula's", arguments: [1, 63, 65, 2_500])
  func objectiveIsItsFormula(_ count: Int) throws {
    let problem = try Self.problem(count, 4, penalty: 0.03)
    let w = Self.randomVariables(problem.variableCount, "\(count)")
    // Rounding of sums of a few thousand terms of order one.
    #expect(abs(Self.evaluate(problem, w).value - Self.naive(problem, w)) < 1e-11)
  }

  @Test("The gradient agrees with central differences", arguments: [5, 70, 1_100])
  func gradientAgreesWithDifferences(_ count: Int) throws {
    let problem = try Self.problem(count, 4, penalty: 0.03)
    let w = Self.randomVariables(problem.variableCount, "\(count)")
    let gradient = Self.evaluate(problem, w).gradient
    for i in w.indices {
      var (up, down) = (w, w)
      up[i] += 1e-5
      down[i] -= 1e-5
      let slope = (Self.naive(problem, up) - Self.naive(problem, down)) / 2e-5
      // Truncation 1e-10, cancellation 1e-16/1e-5.
      #expect(abs(slope - gradient[i]) < 1e-9)
    }
  }

  @Test("The objective is strongly convex: chords lie above it by the penalty's parabola")
  func objectiveIsStronglyConvex() throws {
    let problem = try Self.problem(60, 4, penalty: 0.5)
    for trial in 0..<50 {
      let a = Self.randomVariables(problem.variableCount, "a\(trial)")
      let b = Self.randomVariables(problem.variableCount, "b\(trial)")
      let middle = zip(a, b).map { ($0 + $1) / 2 }
      let parabola =
        problem.penalty / 8 * zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let chord = (Self.evaluate(problem, a).value + Self.evaluate(problem, b).value) / 2
      #expect(Self.evaluate(problem, middle).value <= chord - parabola + 1e-12)
    }
  }

  /// ∇²F = (1/N) Σ (diag p − p pᵀ) ⊗ [x;1][x;1]ᵀ + λI in the order of the variables.
  static func hessian(_ problem: LogisticRegression, _ w: [Double]) -> Matrix<Double> {
    let (d, classes) = (problem.features.columns, problem.classCount)
    let size = problem.variableCount
    var hessian = Matrix<Double>(zeros: size, size)
    for i in 0..<size { hessian[i, i] = problem.penalty }
    func place(_ k: Int, _ j: Int) -> Int { j < d ? k * d + j : classes * d + k }
    for n in 0..<problem.features.rows {
      let x = problem.features.row(n) + [1]
      let scores = (0..<classes).map { k in
        (0...d).reduce(0.0) { $0 + w[place(k, $1)] * x[$1] }
      }
      let total = scores.reduce(0) { $0 + Double.exp($1) }
      let p = scores.map { Double.exp($0) / total }
      for k in 0..<classes {
        for l in 0..<classes {
          let weight = ((k == l ? p[k] : 0) - p[k] * p[l]) / Double(problem.features.rows)
          for i in 0...d {
            for j in 0...d { hessian[place(k, i), place(l, j)] += weight * x[i] * x[j] }
          }
        }
      }
    }
    return hessian
  }

  @Test("A fit is the optimum that Newton's method finds", arguments: [1.0, 0.1, 0.01])
  func fitIsNewtonsOptimum(_ penalty: Double) throws {
    let problem = try Self.problem(90, 4, penalty: penalty)
    let fit = try problem.fit(gap: 1e-13)
    var w = [Double](repeating: 0, count: problem.variableCount)
    for _ in 0..<30 {
      let gradient = Self.evaluate(problem, w).gradient
      let step = try Self.hessian(problem, w)
        .solve(Matrix(shape: [w.count, 1], elements: gradient)).elements
      w = zip(w, step).map { $0 - $1 }
    }
    let newton = Self.evaluate(problem, w)
    #expect(newton.gradient.map(abs).max() ?? 1 < 1e-12)
    #expect(fit.gap <= 1e-13)
    // The certificate holds against the true optimum, and bounds the distance: λ/2‖w − w*‖² ≤ gap.
    #expect(fit.objective - newton.value <= fit.gap + 1e-15)
    let found = fit.classifier.weights.elements + fit.classifier.biases
    let distance = zip(found, w).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(0.5 * penalty * distance <= 1e-13 + 1e-20)
    #expect(fit.iterations < 60)
  }

  @Test("The gap that a fit reports bounds its distance from the optimum", arguments: [1e-2, 1e-5])
  func gapIsABound(_ gap: Double) throws {
    let problem = try Self.problem(200, 5, penalty: 0.01)
    let loose = try problem.fit(gap: gap)
    let optimum = try problem.fit(gap: 1e-12)
    #expect(loose.gap <= gap)
    #expect(loose.objective - optimum.objective <= loose.gap)
    #expect(loose.objective >= optimum.objective - 1e-12)
  }

  @Test("A larger penalty gives smaller weights and a larger loss")
  func penaltyShrinksWeights() throws {
    let fits = try [1e-3, 1e-2, 1e-1, 1, 1e6].map { penalty in
      let fit = try Self.problem(150, 4, penalty: penalty).fit(gap: 1e-10)
      let square = (fit.classifier.weights.elements + fit.classifier.biases)
        .reduce(0) { $0 + $1 * $1 }
      return (norm: square, loss: fit.objective - 0.5 * penalty * square)
    }
    for (weak, strong) in zip(fits, fits.dropFirst()) {
      #expect(strong.norm < weak.norm)
      #expect(strong.loss > weak.loss)
    }
    // With all weights at zero every class is as likely as another.
    #expect(abs(fits[4].loss - Double.log(3)) < 1e-5)
  }

  @Test("A start near the optimum needs fewer iterations and leads to the same optimum")
  func warmStartLeadsToTheSameOptimum() throws {
    let problem = try Self.problem(300, 6, penalty: 1e-3)
    let cold = try problem.fit(gap: 1e-12)
    let near = try Self.problem(300, 6, penalty: 1.1e-3).fit(gap: 1e-12)
    let warm = try problem.fit(gap: 1e-12, from: near.classifier)
    #expect(warm.iterations < cold.iterations)
    #expect(abs(warm.objective - cold.objective) <= 2e-12)
  }

  @Test("Separable classes are told apart, also by one feature and with a class without samples")
  func separableClassesAreToldApart() throws {
    let x = Tensor<Double>(rows: [[-2], [-1], [1], [2]])
    let fit = try LogisticRegression(
      features: x, labels: [0, 0, 1, 1], classCount: 3, penalty: 1e-4
    ).fit(gap: 1e-8)
    let errors = try fit.classifier.errors(x, labels: [0, 0, 1, 1])
    #expect(errors == [false, false, false, false])
    #expect(fit.classifier.weights.elements.allSatisfy { $0.isFinite })
    #expect(fit.classifier.biases[2] < fit.classifier.biases[0])
  }

  @Test("Constant features leave the classes' frequencies, and equal scores the first class")
  func constantFeaturesLeaveFrequencies() throws {
    let x = Tensor<Double>(zeros: 5, 2)
    let fit = try LogisticRegression(
      features: x, labels: [1, 1, 1, 0, 0], classCount: 2, penalty: 1e-9
    ).fit(gap: 1e-16)
    // log(3/5 : 2/5), up to the penalty.
    #expect(abs(fit.classifier.biases[1] - fit.classifier.biases[0] - Double.log(1.5)) < 1e-5)
    let equal = LinearClassifier(weights: Matrix(zeros: 3, 2), biases: [0, 0, 0])
    let classes = try equal.classes(of: x)
    #expect(classes == [0, 0, 0, 0, 0])
  }

  @Test("Scores of hundreds neither overflow nor lose the loss")
  func largeScoresDoNotOverflow() throws {
    let problem = try LogisticRegression(
      features: Tensor(rows: [[1000.0], [-1000.0]]), labels: [0, 0], classCount: 2, penalty: 1e-12)
    let (value, gradient) = Self.evaluate(problem, [1, -1, 0, 0])
    // The first sample is right by 2000, the second wrong by 2000: a mean loss of 1000.
    #expect(abs(value - 1000) < 1e-9)
    #expect(gradient.allSatisfy { $0.isFinite })
  }

  @Test("Threads do not change a bit")
  func threadsDoNotChangeABit() throws {
    let problem = try Self.problem(5_000, 6, penalty: 1e-3)
    let w = Self.randomVariables(problem.variableCount, "threads")
    let results = [1, 2, 4].map { width in
      Parallelism.withWidth(width) { Self.evaluate(problem, w) }
    }
    #expect(results[1].value == results[0].value && results[1].gradient == results[0].gradient)
    #expect(results[2].value == results[0].value && results[2].gradient == results[0].gradient)
  }

  @Test("Inputs that make no problem are refused by name")
  func wrongInputsAreRefused() throws {
    let x = Tensor<Double>(rows: [[1, 2], [3, 4]])
    func fit(
      _ x: Tensor<Double>, _ labels: [Int], _ classes: Int = 2, _ penalty: Double = 1
    ) throws -> LogisticRegression {
      try LogisticRegression(features: x, labels: labels, classCount: classes, penalty: penalty)
    }
    #expect(throws: ClassifierError.noSamples) { try fit(Tensor(zeros: 0, 2), []) }
    #expect(throws: ClassifierError.noSamples) { try fit(Tensor(zeros: 2, 0), [0, 1]) }
    #expect(throws: ClassifierError.tooFewClasses(1)) { try fit(x, [0, 0], 1) }
    #expect(throws: ClassifierError.labelCount(samples: 2, labels: 1)) { try fit(x, [0]) }
    #expect(throws: ClassifierError.labelOutOfRange(sample: 1, label: 2, classes: 2)) {
      try fit(x, [0, 2])
    }
    #expect(throws: ClassifierError.labelOutOfRange(sample: 0, label: -1, classes: 2)) {
      try fit(x, [-1, 0])
    }
    #expect(throws: ClassifierError.penalty(0)) { try fit(x, [0, 1], 2, 0) }
    #expect(throws: ClassifierError.penalty(.infinity)) { try fit(x, [0, 1], 2, .infinity) }
    var broken = x
    broken[1, 0] = .nan
    #expect(throws: ClassifierError.notFinite(sample: 1)) { try fit(broken, [0, 1]) }
    let classifier = LinearClassifier(weights: Matrix(zeros: 2, 3), biases: [0, 0])
    #expect(throws: ClassifierError.featureCount(expected: 3, found: 2)) {
      try classifier.classes(of: x)
    }
    #expect(throws: ClassifierError.labelCount(samples: 1, labels: 2)) {
      try classifier.errors(Tensor(zeros: 1, 3), labels: [0, 1])
    }
    #expect(throws: ClassifierError.featureCount(expected: 2, found: 3)) {
      try fit(x, [0, 1]).fit(gap: 1e-6, from: classifier)
    }
  }
}
