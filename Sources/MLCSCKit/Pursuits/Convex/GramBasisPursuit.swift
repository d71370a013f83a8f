/// Basis pursuit on a few atoms, from their Gram matrix G and the slopes c = Dᵀ(y − Dx).
///
///     min over x of ½‖y − Dx‖² + λ‖x‖₁
///
/// Sweeps of cyclic coordinate descent find the signs. The equations of the non-zero ones,
///
///     G_SS d = c_S − λ sign x_S,
///
/// give the step to their optimum; where it would turn signs, those coefficients stop at zero and the
/// sweeps go on. Every step lowers the objective and there are finitely many sign patterns, so it
/// ends, at rounding instead of at the rate of the descent (Lee, Battle, Raina, Ng, NIPS 2006, search
/// signs so). Atoms that depend on others would leave G_SS
/// singular: the code then moves along their null vector, which changes no signal, to where a
/// coefficient vanishes and ‖x‖₁ is no larger.
/// - Complexity: O(|S| k) a sweep over k atoms, O(|S|³ + |S| k) a step.
struct GramBasisPursuit {
  /// n, the length of the atoms.
  private let dimension: Int
  /// Whether coefficients must not be negative.
  private let nonnegative: Bool
  /// x.
  private(set) var values: [Double] = []
  /// c, of every atom.
  private(set) var slopes: [Double] = []
  /// G, rows of `capacity` numbers.
  private var gram: [Double] = []
  private var capacity = 0
  private var squares: [Double] = []

  /// A problem without atoms.
  init(dimension: Int, nonnegative: Bool) {
    self.dimension = dimension
    self.nonnegative = nonnegative
  }

  var count: Int { values.count }

  /// The places of the non-zero coefficients, ascending.
  var support: [Int] { values.indices.filter { values[$0] != 0 } }

  /// Makes room for as many atoms.
  mutating func reserve(_ needed: Int) {
    guard needed > capacity else { return }
    let size = max(needed, 2 * capacity)
    var larger = [Double](repeating: 0, count: size * size)
    let (k, old) = (count, capacity)
    gram.withUnsafeBufferPointer { source in
      larger.withUnsafeMutableBufferPointer { target in
        for i in 0..<k {
          (target.start + i * size).update(from: source.start + i * old, count: k)
        }
      }
    }
    (gram, capacity) = (larger, size)
  }

  /// Adds atoms with coefficients of zero.
  ///
  /// - Parameters:
  ///   - products: Their inner products with the atoms there are and with themselves, one row each
  ///     of `count` + added numbers.
  ///   - newSlopes: Their slopes.
  mutating func append(products: UnsafePointer<Double>, slopes newSlopes: [Double]) {
    let (k, added) = (count, newSlopes.count)
    reserve(k + added)
    let (total, stride) = (k + added, capacity)
    gram.withUnsafeMutableBufferPointer { gram in
      for i in 0..<added {
        let row = products + i * total
        (gram.start + (k + i) * stride).update(from: row, count: total)
        for j in 0..<k { gram[j * stride + k + i] = row[j] }
      }
    }
    for i in 0..<added { squares.append(products[i * total + k + i]) }
    values += [Double](repeating: 0, count: added)
    slopes += newSlopes
  }

  /// Keeps only some atoms.
  mutating func keep(_ places: [Int]) {
    let stride = capacity
    gram.withUnsafeMutableBufferPointer { gram in
      for (i, p) in places.enumerated() {
        for (j, q) in places.enumerated() { gram[i * stride + j] = gram[p * stride + q] }
      }
    }
    values = places.map { values[$0] }
    slopes = places.map { slopes[$0] }
    squares = places.map { squares[$0] }
  }

  /// Replaces slopes that have drifted by ones computed from the signal.
  mutating func refresh(slopes exact: [Double]) { slopes = exact }

  /// Solves to optimality conditions that hold within a bound, or as far as the steps suffice.
  ///
  /// - Parameters:
  ///   - λ: The penalty.
  ///   - bound: The largest violation of |c| ≤ λ and of c_S = λ sign x_S.
  ///   - limit: The largest number of steps.
  /// - Returns: Whether the steps sufficed.
  mutating func solve(penalty λ: Double, within bound: Double, limit: Int = 500) -> Bool {
    // Sweeps alone would often activate more atoms than can be independent.
    var room = dimension
    for _ in 0..<limit {
      for _ in 0..<4 { if sweep(λ, bound, room: room) <= bound { break } }
      let isSettled = signStep(λ)
      if isSettled, violation(λ) <= bound { return true }
      room = isSettled ? max(dimension, support.count + 8) : dimension
    }
    return false
  }

  /// The weights x on the support with G_SS x = λ sign x_S − c_S: what a residual lacks of the
  /// optimality conditions on the support, by its own atoms.
  ///
  /// - Returns: One weight an atom of the support; nil where its atoms depend on each other.
  func missing(penalty λ: Double) -> [Double]? {
    let support = self.support
    let k = support.count
    return Scratch.withMemory(k * k, of: Double.self) { factor in
      for (i, p) in support.enumerated() {
        for j in 0...i { factor[i * k + j] = gram[p * capacity + support[j]] }
      }
      guard k > 0, Double.potrf(k, factor, k) == 0 else { return nil }
      var x = support.map { (values[$0] > 0 ? λ : -λ) - slopes[$0] }
      Double.trsv(lower: true, transpose: false, k, factor, k, &x)
      Double.trsv(lower: true, transpose: true, k, factor, k, &x)
      return x
    }
  }

  /// The largest violation of the optimality conditions.
  func violation(_ λ: Double) -> Double {
    var worst = 0.0
    for (x, c) in zip(values, slopes) {
      if x != 0 {
        worst = max(worst, abs(c - (x > 0 ? λ : -λ)))
      } else {
        worst = max(worst, (nonnegative ? c : abs(c)) - λ)
      }
    }
    return worst
  }

  /// One sweep, in which no more than `room` coefficients become non-zero; returns the largest change
  /// of a slope by its own coefficient.
  private mutating func sweep(_ λ: Double, _ bound: Double, room: Int) -> Double {
    let (k, stride) = (count, capacity)
    var change = 0.0
    var active = support.count
    values.withUnsafeMutableBufferPointer { x in
      slopes.withUnsafeMutableBufferPointer { c in
        gram.withUnsafeBufferPointer { gram in
          squares.withUnsafeBufferPointer { g in
            for j in 0..<k {
              guard g[j] > 0 else { continue }
              if x[j] == 0 {
                // Within rounding of λ an atom stays where it is.
                if active >= room || (nonnegative ? c[j] : abs(c[j])) <= λ + bound { continue }
                active += 1
              }
              let target = c[j] + g[j] * x[j]
              let size = max((nonnegative ? target : abs(target)) - λ, 0) / g[j]
              let step = (target < 0 ? -size : size) - x[j]
              guard step != 0 else { continue }
              x[j] += step
              if x[j] == 0 { active -= 1 }
              Double.axpy(k, -step, gram.start + j * stride, c.start)
              change = max(change, abs(step) * g[j])
            }
          }
        }
      }
    }
    return change
  }

  /// Moves to the optimum of the present signs, or until signs turn; whether it got there.
  private mutating func signStep(_ λ: Double) -> Bool {
    let support = self.support
    let k = support.count
    guard k > 0 else { return true }
    return Scratch.withMemory(k * k + k, of: Double.self) { factor in
      let direction = factor + k * k
      let stride = capacity
      gram.withUnsafeBufferPointer { gram in
        for (i, p) in support.enumerated() {
          for j in 0...i { factor[i * k + j] = gram[p * stride + support[j]] }
        }
      }
      let info = Double.potrf(k, factor, k)
      let order = info > 0 ? info - 1 : k
      var pivot = 0
      while pivot < order {
        let size = factor[pivot * k + pivot]
        if size * size <= 1e-13 * squares[support[pivot]] { break }
        pivot += 1
      }
      if pivot < k {
        removeDependent(Array(support[...pivot]), factor, k)
        return false
      }
      let right = support.map { slopes[$0] - (values[$0] > 0 ? λ : -λ) }
      direction.update(from: right, count: k)
      Double.trsv(lower: true, transpose: false, k, factor, k, direction)
      Double.trsv(lower: true, transpose: true, k, factor, k, direction)
      return move(support, direction, right: right, λ)
    }
  }

  /// Steps along a direction with G_SS d = right, as far as signs allow.
  private mutating func move(
    _ support: [Int], _ direction: UnsafeMutablePointer<Double>, right: [Double], _ λ: Double
  ) -> Bool {
    let k = support.count
    var first = 1.0
    var projected = [Double](repeating: 0, count: k)
    for (i, p) in support.enumerated() {
      let (x, d) = (values[p], direction[i])
      projected[i] = d
      if (x > 0) != (x + d > 0) || x + d == 0 {
        projected[i] = -x
        first = min(first, -x / d)
      }
    }
    var change = products(support, projected)
    if first < 1 {
      // The projected step against the one to the first turn, which lowers the objective for sure.
      var (quadratic, linear, q) = (0.0, 0.0, 0.0)
      for (i, p) in support.enumerated() {
        quadratic += projected[i] * change[p]
        linear += right[i] * projected[i]
        q += right[i] * direction[i]
      }
      if 0.5 * quadratic - linear > -q * first * (1 - 0.5 * first) {
        for (i, p) in support.enumerated() {
          let d = first * direction[i]
          let turns = projected[i] == -values[p]
          projected[i] = turns && -values[p] / direction[i] <= first ? -values[p] : d
        }
        change = products(support, projected)
      }
    }
    for (i, p) in support.enumerated() {
      values[p] = projected[i] == -values[p] ? 0 : values[p] + projected[i]
    }
    Double.axpy(count, -1, change, &slopes)
    return first >= 1
  }

  /// G times a vector that is zero outside a support.
  private func products(_ support: [Int], _ step: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    let (n, stride) = (count, capacity)
    gram.withUnsafeBufferPointer { gram in
      for (i, p) in support.enumerated() where step[i] != 0 {
        Double.axpy(n, step[i], gram.start + p * stride, &result)
      }
    }
    return result
  }

  /// Removes one of several atoms of which the last depends on the others.
  private mutating func removeDependent(
    _ places: [Int], _ factor: UnsafePointer<Double>, _ stride: Int
  ) {
    // d_last = Σ wᵢ dᵢ with L Lᵀ w = Gᵢ,last: the null vector is (w, −1).
    let k = places.count - 1
    var null = [Double](repeating: 0, count: k + 1)
    let last = places[k]
    for i in 0..<k { null[i] = gram[last * capacity + places[i]] }
    if k > 0 {
      Double.trsv(lower: true, transpose: false, k, factor, stride, &null)
      Double.trsv(lower: true, transpose: true, k, factor, stride, &null)
    }
    null[k] = -1
    var growth = 0.0  // of ‖x‖₁
    for (i, p) in places.enumerated() { growth += values[p] > 0 ? null[i] : -null[i] }
    if growth > 0 { null = null.map { -$0 } }
    // ‖x‖₁ does not grow this way, so some coefficient shrinks.
    var (length, vanishing) = (Double.infinity, 0)
    for (i, p) in places.enumerated() where values[p] * null[i] < 0 {
      if -values[p] / null[i] < length { (length, vanishing) = (-values[p] / null[i], i) }
    }
    guard length.isFinite else { return }
    null = null.map { length * $0 }
    let change = products(places, null)
    for (i, p) in places.enumerated() { values[p] = i == vanishing ? 0 : values[p] + null[i] }
    Double.axpy(count, -1, change, &slopes)
  }
}
