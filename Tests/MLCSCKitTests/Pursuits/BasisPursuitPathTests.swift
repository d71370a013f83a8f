// Claim: the path gives the optimum and its gradient; least distances are those of brute force.
import MLCSCKit
import Testing

struct BasisPursuitPathTests {
  static func problem(
    _ seed: Int, _ n: Int, _ m: Int
  ) -> (path: BasisPursuitPath, signal: [Double], stream: RandomStream) {
    var stream = RandomStream("path", "\(seed)")
    let d = DenseDictionary<Double>.gaussian(n, m, normalized: true, from: &stream)
    return (BasisPursuitPath(d), (0..<n).map { _ in stream.normal() }, stream)
  }

  @Test("the path ends at the certified optimum", arguments: 0..<20)
  func optimum(_ seed: Int) throws {
    let (path, x, _) = Self.problem(seed, 12, 30)
    let products = path.products(x)
    let penalty = 0.05 * Double(1 + seed % 5)
    let found = try path.solve(products: products, penalty: penalty)
    var code = [Double](repeating: 0, count: 30)
    for (j, value) in zip(found.piece.support, found.coefficients) { code[j] = value }
    let problem = try MultiLayerProblem(
      dictionary: path.dictionary, signals: Matrix(shape: [1, 12], elements: x), penalty: penalty)
    let exact = try ExactSolver(tolerance: 1e-13).solve(problem)
    // A relative gap of 1e-13 leaves a code of this conditioning right to about 1e-6.
    for (a, b) in zip(code, exact.codes[0].elements) { #expect(abs(a - b) < 1e-5) }
    #expect(
      problem.objective(at: Matrix(shape: [1, 30], elements: code))[0]
        <= problem.objective(at: exact.codes[0])[0] * (1 + 1e-12))
  }

  @Test("a walk along signal and penalty agrees with fresh solutions", arguments: 0..<10)
  func walk(_ seed: Int) throws {
    var (path, x, stream) = Self.problem(seed, 10, 25)
    let d = (0..<10).map { _ in stream.normal() }
    let (penalty, slope) = (0.2, seed % 2 == 0 ? 0.0 : 0.15)
    let line = BasisPursuitLine(
      products: path.products(x), productSlopes: path.products(d), penalty: penalty,
      penaltySlope: slope)
    let start = try path.solve(products: line.products, penalty: penalty).piece
    var (segments, last) = (0, 0.0)
    try path.follow(line, from: start, through: 3) { segment in
      #expect(segment.range.lowerBound == last)
      last = segment.range.upperBound
      segments += 1
      let t = (segment.range.lowerBound + last) / 2
      let here = zip(line.products, line.productSlopes).map { $0 + t * $1 }
      let fresh = try path.solve(products: here, penalty: penalty + t * slope)
      if last - segment.range.lowerBound > 1e-6 {
        #expect(fresh.piece == segment.piece)
        for (i, value) in fresh.coefficients.enumerated() {
          // Rounding, times the condition of at most ten atoms.
          #expect(abs(segment.intercepts[i] + t * segment.slopes[i] - value) < 1e-9)
        }
      }
      return true
    }
    #expect(segments > 5)
    #expect(last == 3)
  }

  @Test("the score's gradient is that of central differences", arguments: 0..<10)
  func gradient(_ seed: Int) throws {
    var (path, x, stream) = Self.problem(100 + seed, 8, 20)
    let weights = (0..<20).map { _ in stream.normal() }
    let classifier = try SparseCodedClassifier(path: path, penalty: 0.1, weights: weights)
    let gradient = try classifier.scoreWithGradient(x).gradient
    for i in 0..<8 {
      var (above, below) = (x, x)
      above[i] += 1e-6
      below[i] -= 1e-6
      let slope = (try classifier.score(above) - classifier.score(below)) / 2e-6
      // The score is linear here, so only rounding is left: 1e-16 over 1e-6.
      #expect(abs(slope - gradient[i]) < 1e-7)
    }
  }

  @Test("a comb, which is a sum of eight atoms in two ways, has a code all the same")
  func ties() throws {
    let path = BasisPursuitPath(try DenseDictionary<Double>.spikesAndHadamard(64))
    var stream = RandomStream("combs")
    for _ in 0..<300 {
      var x = [Double](repeating: 0, count: 64)
      for i in 0..<8 { x[8 * i] = 1 + 0.1 * stream.uniform() * Double(stream.index(below: 2)) }
      let products = path.products(x)
      let found = try path.solve(products: products, penalty: 0.05)
      #expect(try path.violation(of: found.piece, products: products, penalty: 0.05) < 1e-6)
    }
  }

  @Test("λ ≥ ‖Dᵀx‖∞ gives no atoms")
  func empty() throws {
    let (path, x, _) = Self.problem(7, 6, 9)
    let products = path.products(x)
    let largest = products.map(abs).max() ?? 0
    #expect(try path.solve(products: products, penalty: largest).piece == BasisPursuitPiece())
    #expect(try path.solve(products: products, penalty: largest * 0.999).piece.support.count == 1)
  }

  @Test("the least distance is that of all subsets of active inequalities", arguments: 0..<200)
  func leastDistance(_ seed: Int) throws {
    var stream = RandomStream("distance", "\(seed)")
    let (count, n) = (7, 3)
    let rows = Matrix<Double>.normal(count, n, from: &stream)
    let bounds = (0..<count).map { _ in 0.5 * stream.normal() - 0.2 }
    let upper = bounds.map { seed % 2 == 0 ? .infinity : $0 + 2 * stream.uniform() }
    // Brute force: the projection on every intersection of up to n faces, the nearest feasible one.
    var best = Double.infinity
    for mask in 0..<(1 << count) where mask.nonzeroBitCount <= n {
      let chosen = (0..<count).filter { mask >> $0 & 1 == 1 }
      for sides in 0..<(1 << chosen.count) {
        var v = [Double](repeating: 0, count: n)
        let targets = chosen.enumerated().map {
          sides >> $0.offset & 1 == 0 ? bounds[$0.element] : upper[$0.element]
        }
        guard targets.allSatisfy(\.isFinite) else { continue }
        if !chosen.isEmpty {
          let a = rows.gathering(rows: chosen)
          let u = try a.gramOfRows.solve(
            Matrix(shape: [chosen.count, 1], elements: targets))
          v = u.transposed.multiplied(by: a).elements
        }
        let isFeasible = (0..<count).allSatisfy { i in
          let value = zip(rows.row(i), v).reduce(0) { $0 + $1.0 * $1.1 }
          return value >= bounds[i] - 1e-9 && value <= upper[i] + 1e-9
        }
        if isFeasible { best = min(best, v.reduce(0) { $0 + $1 * $1 }.squareRoot()) }
      }
    }
    let found = LeastDistance(
      rows: rows, lower: bounds, upper: upper, limit: 1e3)
    if best < 100 {
      let norm = try #require(found).vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(norm - best) < 1e-7 * max(1, best))
    } else {
      #expect(best.isFinite || found == nil)
    }
    if best < 1e2 {
      #expect(
        LeastDistance(rows: rows, lower: bounds, upper: upper, limit: 0.99 * best) == nil
          || best == 0)
    }
  }
}
