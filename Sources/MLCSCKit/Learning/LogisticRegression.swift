import RealModule

/// What is wrong with the input of a linear classifier.
public enum ClassifierError: Error, Equatable, CustomStringConvertible {
  /// There are no samples.
  case noSamples
  /// There are fewer than two classes.
  case tooFewClasses(Int)
  /// Not one label a sample.
  case labelCount(samples: Int, labels: Int)
  /// A label names no class.
  case labelOutOfRange(sample: Int, label: Int, classes: Int)
  /// A feature is infinite or not a number.
  case notFinite(sample: Int)
  /// The samples have another number of features than the classifier.
  case featureCount(expected: Int, found: Int)
  /// The penalty is not a positive number.
  case penalty(Double)

  public var description: String {
    switch self {
    case .noSamples: "there are no samples; a classifier needs at least one"
    case .tooFewClasses(let count): "\(count) classes; at least two are needed"
    case .labelCount(let samples, let labels):
      "\(labels) labels for \(samples) samples; one a sample is needed"
    case .labelOutOfRange(let sample, let label, let classes):
      "sample \(sample) has the label \(label); labels are 0 to \(classes - 1)"
    case .notFinite(let sample): "sample \(sample) has a feature that is not finite"
    case .featureCount(let expected, let found):
      "samples of \(found) features for a classifier of \(expected)"
    case .penalty(let value):
      "the penalty is \(value); it must be positive and finite, or separable classes have no "
        + "optimum"
    }
  }
}

/// A linear classifier: the class of the largest wₖᵀx + bₖ.
public struct LinearClassifier: Sendable, Equatable {
  /// wₖ, one class a row, shape [K, d].
  public let weights: Matrix<Double>
  /// bₖ.
  public let biases: [Double]

  /// A classifier from its parts; there must be one bias a row.
  public init(weights: Matrix<Double>, biases: [Double]) {
    precondition(weights.rows == biases.count, "\(biases.count) biases for \(weights.rows) classes")
    self.weights = weights
    self.biases = biases
  }

  /// Scores wₖᵀx + bₖ of samples of shape [B, d], shape [B, K].
  ///
  /// - Throws: `ClassifierError.featureCount`.
  public func scores(_ features: Tensor<Double>) throws -> Matrix<Double> {
    guard features.columns == weights.columns else {
      throw ClassifierError.featureCount(expected: weights.columns, found: features.columns)
    }
    var scores = features.reshaped(features.rows, features.columns)
      .multiplied(by: weights, transposingOther: true)
    let (rows, classes) = (features.rows, biases.count)
    scores.withMutableElements { s in
      for b in 0..<rows { for k in 0..<classes { s[b * classes + k] += biases[k] } }
    }
    return scores
  }

  /// The class of every sample, the first of equal scores.
  ///
  /// - Throws: `ClassifierError.featureCount`.
  public func classes(of features: Tensor<Double>) throws -> [Int] {
    let scores = try scores(features)
    return (0..<scores.rows).map { b in
      let row = scores.row(b)
      return row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
    }
  }

  /// Which samples get a class other than their label.
  ///
  /// - Throws: `ClassifierError.featureCount`, `ClassifierError.labelCount`.
  public func errors(_ features: Tensor<Double>, labels: [Int]) throws -> [Bool] {
    guard labels.count == features.rows else {
      throw ClassifierError.labelCount(samples: features.rows, labels: labels.count)
    }
    return zip(try classes(of: features), labels).map { $0 != $1 }
  }
}

/// Multinomial logistic regression with a quadratic penalty.
///
///     min_{W,b} F = (1/N) Σₙ −log softmax(W xₙ + b)_{tₙ} + (λ/2)(‖W‖² + ‖b‖²)
///
/// F is λ-strongly convex, biases included, so F − min F ≤ ‖∇F‖²/(2λ): every fit carries that
/// certificate. Samples are taken in chunks of a fixed size whose gradients are added in order, so
/// that threads do not change a bit.
public struct LogisticRegression: Sendable {
  /// xₙ, shape [N, d].
  public let features: Tensor<Double>
  /// tₙ in 0 ..< K.
  public let labels: [Int]
  /// K.
  public let classCount: Int
  /// λ.
  public let penalty: Double
  private let sparse: SparseFeatures?

  /// The problem of some labelled samples.
  ///
  /// - Throws: `ClassifierError`.
  public init(
    features: Tensor<Double>, labels: [Int], classCount: Int, penalty: Double
  ) throws {
    guard features.rows > 0, features.columns > 0 else { throw ClassifierError.noSamples }
    guard classCount >= 2 else { throw ClassifierError.tooFewClasses(classCount) }
    guard labels.count == features.rows else {
      throw ClassifierError.labelCount(samples: features.rows, labels: labels.count)
    }
    for (n, label) in labels.enumerated() where !(0..<classCount).contains(label) {
      throw ClassifierError.labelOutOfRange(sample: n, label: label, classes: classCount)
    }
    guard penalty > 0, penalty.isFinite else { throw ClassifierError.penalty(penalty) }
    let width = features.columns
    let wrong = features.withElements { x in
      (0..<features.rows).first { !Double.allFinite(width, x + $0 * width) }
    }
    if let wrong { throw ClassifierError.notFinite(sample: wrong) }
    self.features = features
    self.labels = labels
    self.classCount = classCount
    self.penalty = penalty
    sparse = SparseFeatures(features)
  }

  /// The number of variables, K (d + 1): W row by row, then b.
  public var variableCount: Int { classCount * (features.columns + 1) }

  /// F and its gradient.
  ///
  /// - Parameters:
  ///   - variables: W row by row, then b.
  ///   - gradient: ∇F in the same order.
  /// - Returns: F.
  /// - Complexity: O(N K d), of sparse features K times their non-zeros.
  public func objective(
    _ variables: UnsafePointer<Double>, _ gradient: UnsafeMutablePointer<Double>
  ) -> Double {
    let (count, size) = (features.rows, variableCount)
    let chunks = (count + Self.chunk - 1) / Self.chunk
    var value = 0.0
    gradient.update(repeating: 0, count: size)
    let transposed = sparse == nil ? 0 : classCount * features.columns
    Scratch.withMemory(chunks * (size + 1) + transposed, of: Double.self) { parts in
      let weights = parts + chunks * (size + 1)
      if sparse != nil {
        Self.transpose(variables, classCount, features.columns, into: weights)
      }
      features.withElements { x in
        let work = Chunks(
          features: x, variables: variables, weights: UnsafePointer(weights), parts: parts)
        Parallelism.forEach(chunks) { chunk in
          let rows = chunk * Self.chunk..<min((chunk + 1) * Self.chunk, count)
          let part = work.parts + chunk * (size + 1)
          let weight = 1 / Double(count)
          part[size] =
            if let sparse {
              addLosses(rows, sparse, work.weights, work.variables, weight: weight, into: part)
            } else {
              addLosses(rows, work.features, work.variables, weight: weight, into: part)
            }
        }
      }
      for chunk in 0..<chunks {
        Double.axpy(size, 1, parts + chunk * (size + 1), gradient)
        value += parts[chunk * (size + 1) + size]
      }
      if sparse != nil {
        let sum = gradient
        weights.update(from: sum, count: transposed)
        Self.transpose(weights, features.columns, classCount, into: sum)
      }
    }
    Double.axpy(size, penalty, variables, gradient)
    return value + 0.5 * penalty * Double.squaredNorm(size, variables)
  }

  /// Samples whose gradients are added up by one thread.
  private static let chunk = 1024
  /// Samples whose features stay in the cache between the two products.
  private static let block = 64

  private struct Chunks: @unchecked Sendable {
    let features: UnsafePointer<Double>
    let variables: UnsafePointer<Double>
    /// W as [d, K], for sparse features.
    let weights: UnsafePointer<Double>
    let parts: UnsafeMutablePointer<Double>
  }

  /// The losses of some samples, weighted; `gradient` becomes theirs.
  private func addLosses(
    _ rows: Range<Int>, _ features: UnsafePointer<Double>, _ variables: UnsafePointer<Double>,
    weight: Double, into gradient: UnsafeMutablePointer<Double>
  ) -> Double {
    let (d, classes) = (self.features.columns, classCount)
    let biases = variables + classes * d
    gradient.update(repeating: 0, count: variableCount)
    return Scratch.withMemory(Self.block * classes, of: Double.self) { scores in
      var loss = 0.0
      for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.block) {
        let count = min(Self.block, rows.upperBound - first)
        let x = features + first * d
        Double.gemm(false, true, count, classes, d, 1, x, d, variables, d, 0, scores, classes)
        for row in 0..<count {
          let s = scores + row * classes
          for k in 0..<classes { s[k] += biases[k] }
          loss += Self.residual(s, classes, label: labels[first + row], weight: weight)
          Double.axpy(classes, 1, s, gradient + classes * d)
        }
        Double.gemm(true, false, classes, d, count, 1, scores, classes, x, d, 1, gradient, d)
      }
      return loss
    }
  }

  /// The same of sparse samples, with W and its gradient as [d, K].
  private func addLosses(
    _ rows: Range<Int>, _ features: SparseFeatures, _ weights: UnsafePointer<Double>,
    _ variables: UnsafePointer<Double>, weight: Double, into gradient: UnsafeMutablePointer<Double>
  ) -> Double {
    let (d, classes) = (features.width, classCount)
    let biases = variables + classes * d
    gradient.update(repeating: 0, count: variableCount)
    return Scratch.withMemory(classes, of: Double.self) { s in
      var loss = 0.0
      for row in rows {
        features.scores(row, weights, classes, into: s)
        for k in 0..<classes { s[k] += biases[k] }
        loss += Self.residual(s, classes, label: labels[row], weight: weight)
        Double.axpy(classes, 1, s, gradient + classes * d)
        features.addOuter(row, s, classes, to: gradient)
      }
      return loss
    }
  }

  /// The transpose of a matrix of so many rows and columns.
  private static func transpose(
    _ matrix: UnsafePointer<Double>, _ rows: Int, _ columns: Int,
    into result: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<rows { for j in 0..<columns { result[j * rows + i] = matrix[i * columns + j] } }
  }

  /// Turns a sample's scores into its weighted softmax less the label's unit vector.
  ///
  /// - Returns: The weighted loss −log softmax.
  private static func residual(
    _ scores: UnsafeMutablePointer<Double>, _ classes: Int, label: Int, weight: Double
  ) -> Double {
    // Without the largest score the exponentials cannot overflow.
    var largest = scores[0]
    for k in 1..<classes { largest = max(largest, scores[k]) }
    let own = scores[label] - largest
    var sum = 0.0
    for k in 0..<classes {
      scores[k] = Double.exp(scores[k] - largest)
      sum += scores[k]
    }
    for k in 0..<classes { scores[k] *= weight / sum }
    scores[label] -= weight
    return weight * (Double.log(sum) - own)
  }

  /// A classifier with a certificate.
  public struct Fit: Sendable {
    /// The classifier.
    public let classifier: LinearClassifier
    /// F there.
    public let objective: Double
    /// ‖∇F‖²/(2λ), an upper bound of F − min F.
    public let gap: Double
    /// Iterations of L-BFGS.
    public let iterations: Int
  }

  /// The optimal classifier, up to a gap.
  ///
  /// - Parameters:
  ///   - gap: The largest F − min F; F is in nats a sample.
  ///   - start: Where to begin, the optimum for a neighbouring penalty say; zero without one.
  ///   - iterationLimit: The largest number of iterations.
  ///   - interrupted: Called after every iteration; what it throws ends the fit.
  /// - Returns: The classifier with its certificate.
  /// - Throws: `MinimizationError`, `ClassifierError.featureCount` where `start` does not fit, and
  ///   what `interrupted` throws.
  public func fit(
    gap: Double, from start: LinearClassifier? = nil, iterationLimit: Int = 10_000,
    interrupted: () throws -> Void = {}
  ) throws -> Fit {
    let (d, classes) = (features.columns, classCount)
    if let start, start.weights.columns != d || start.biases.count != classes {
      throw ClassifierError.featureCount(expected: d, found: start.weights.columns)
    }
    let tolerance = (2 * penalty * gap).squareRoot()
    let minimum = try LBFGS(gradientTolerance: tolerance, iterationLimit: iterationLimit)
      .minimize(
        from: start.map { $0.weights.elements + $0.biases }
          ?? [Double](repeating: 0, count: variableCount),
        interrupted: interrupted, objective)
    return Fit(
      classifier: LinearClassifier(
        weights: Matrix(shape: [classes, d], elements: Array(minimum.point[..<(classes * d)])),
        biases: Array(minimum.point[(classes * d)...])),
      objective: minimum.value,
      gap: minimum.gradientNorm * minimum.gradientNorm / (2 * penalty),
      iterations: minimum.iterations)
  }
}
