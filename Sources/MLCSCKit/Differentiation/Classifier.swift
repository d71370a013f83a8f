/// The last layers of a classifier.
extension Tape {
  /// Y = X Wᵀ, a dense layer without bias (see `addBias`).
  ///
  /// - Parameters:
  ///   - x: Shape [N, …], taken as N rows of D numbers.
  ///   - weights: W, shape [K, D].
  /// - Returns: Shape [N, K].
  public func dense(_ x: Variable<Scalar>, _ weights: Variable<Scalar>) -> Variable<Scalar> {
    let n = x.value.batch
    let d = x.value.count / max(n, 1)
    precondition(
      weights.shape.count == 2 && weights.shape[1] == d,
      "weights of shape \(weights.shape) for rows of \(d) numbers")
    let k = weights.shape[0]
    let (input, w) = (x.value, weights.value)
    let result = allocate([n, k])
    Scalar.gemm(false, true, n, k, d, 1, input.values, d, w.values, d, 0, result.values, k)
    return record(result, from: [x, weights]) {
      [pool, x = x.slot, slot = weights.slot] gradient in
      if let x {
        let product = Activation<Scalar>(shape: input.shape, pool: pool)
        Scalar.gemm(false, false, n, d, k, 1, gradient.values, k, w.values, d, 0, product.values, d)
        x.add(product)
      }
      if let slot {
        let product = Activation<Scalar>(shape: w.shape, pool: pool)
        Scalar.gemm(
          true, false, k, d, n, 1, gradient.values, k, input.values, d, 0, product.values, d)
        slot.add(product)
      }
    }
  }

  /// y = x − log Σ exp x over the classes.
  ///
  /// - Parameter x: Shape [N, K].
  /// - Returns: Shape [N, K].
  public func logSoftmax(_ x: Variable<Scalar>) -> Variable<Scalar> {
    let (n, k) = (x.value.batch, x.value.channels)
    let result = allocate(x.shape)
    ClassifierKernels.logSoftmax(n, k, x.value.values, into: result.values)
    return record(result, from: [x]) { [pool, slot = x.slot] gradient in
      let product = Activation<Scalar>(shape: gradient.shape, pool: pool)
      ClassifierKernels.logSoftmaxGradient(
        n, k, gradient.values, result.values, into: product.values)
      slot?.add(product)
    }
  }

  /// The mean cross entropy of a batch, −1/N Σ log softmax(x)[label].
  ///
  /// - Parameters:
  ///   - x: Scores before the softmax, shape [N, K].
  ///   - labels: N classes, each at least 0 and below K.
  /// - Returns: Shape [1].
  public func crossEntropy(_ x: Variable<Scalar>, labels: [Int]) -> Variable<Scalar> {
    let (n, k) = (x.value.batch, x.value.channels)
    precondition(
      labels.count == n && n > 0 && labels.allSatisfy { (0..<k).contains($0) },
      "\(labels.count) labels for \(n) rows of \(k) classes, or a label out of range")
    let softmax = allocate(x.shape)
    let result = allocate([1])
    let sum = ClassifierKernels.crossEntropy(n, k, x.value.values, labels, into: softmax.values)
    result.values[0] = Scalar(sum / Double(n))
    return record(result, from: [x]) { [pool, slot = x.slot] gradient in
      let product = Activation<Scalar>(shape: softmax.shape, pool: pool)
      ClassifierKernels.crossEntropyGradient(
        n, k, gradient.values[0] / Scalar(n), softmax.values, labels, into: product.values)
      slot?.add(product)
    }
  }
}

extension Tensor {
  /// The weights with which a linear classifier begins: uniform within ±1/√features.
  static func classifierStart(
    classes: Int, features: Int, _ stream: inout RandomStream
  ) -> Tensor {
    let bound = 1 / Double(features).squareRoot()
    return Tensor(
      shape: [classes, features],
      elements: (0..<classes * features).map { _ in Scalar(bound * (2 * stream.uniform() - 1)) })
  }
}

/// The loops over classes, compiled for `Float` and `Double` themselves.
enum ClassifierKernels {
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func logSoftmax<Scalar: NumericScalar>(
    _ n: Int, _ k: Int, _ x: UnsafeMutablePointer<Scalar>, into out: UnsafeMutablePointer<Scalar>
  ) {
    for row in 0..<n {
      let (x, out) = (x + row * k, out + row * k)
      let (largest, sum) = exponentials(k, x, into: out)
      let logarithm = Scalar.log(sum)
      for j in 0..<k { out[j] = (x[j] - largest) - logarithm }
    }
  }

  /// out ← softmax of every row.
  ///
  /// - Returns: −Σ log softmax at the labels.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func crossEntropy<Scalar: NumericScalar>(
    _ n: Int, _ k: Int, _ x: UnsafeMutablePointer<Scalar>, _ labels: [Int],
    into out: UnsafeMutablePointer<Scalar>
  ) -> Double {
    var loss = 0.0
    for row in 0..<n {
      let (x, out) = (x + row * k, out + row * k)
      let (largest, sum) = exponentials(k, x, into: out)
      loss -= Double((x[labels[row]] - largest) - Scalar.log(sum))
      let factor = 1 / sum
      for j in 0..<k { out[j] *= factor }
    }
    return loss
  }

  /// out ← exp(x − max x).
  ///
  /// log softmax is (x − max) − log Σ, in this order: x − (max + log Σ) would round the little that a
  /// sure decision lacks to the last digit of the scores, and Adam, which divides gradients by their
  /// size, then goes elsewhere (β of `msdcsc-fig4-failures`: 0.852 in place of 0.784).
  ///
  /// - Returns: The maximum, and the sum of out.
  @inline(__always)
  private static func exponentials<Scalar: NumericScalar>(
    _ k: Int, _ x: UnsafeMutablePointer<Scalar>, into out: UnsafeMutablePointer<Scalar>
  ) -> (largest: Scalar, sum: Scalar) {
    var largest = x[0]
    for j in 0..<k { largest = x[j] > largest ? x[j] : largest }
    var sum: Scalar = 0
    for j in 0..<k {
      out[j] = Scalar.exp(x[j] - largest)
      sum += out[j]
    }
    return (largest, sum)
  }

  /// Which of n rows of k scores have their largest one, the first of equal ones, at the label.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func areRight<Scalar: NumericScalar>(
    _ n: Int, _ k: Int, _ x: UnsafeMutablePointer<Scalar>, _ labels: [Int]
  ) -> [Bool] {
    (0..<n).map { row in
      let x = x + row * k
      var largest = 0
      for j in 1..<k where x[j] > x[largest] { largest = j }
      return largest == labels[row]
    }
  }

  /// out ← g − softmax · Σ g.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func logSoftmaxGradient<Scalar: NumericScalar>(
    _ n: Int, _ k: Int, _ g: UnsafeMutablePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    for row in 0..<n {
      let (g, y, out) = (g + row * k, y + row * k, out + row * k)
      let sum = ElementwiseKernels.sum(k) { g[$0] }
      for j in 0..<k { out[j] = g[j] - Scalar.exp(y[j]) * sum }
    }
  }

  /// out ← factor (softmax − one at the label).
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func crossEntropyGradient<Scalar: NumericScalar>(
    _ n: Int, _ k: Int, _ factor: Scalar, _ softmax: UnsafeMutablePointer<Scalar>, _ labels: [Int],
    into out: UnsafeMutablePointer<Scalar>
  ) {
    for i in 0..<n * k { out[i] = factor * softmax[i] }
    for row in 0..<n { out[row * k + labels[row]] -= factor }
  }
}
