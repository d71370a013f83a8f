/// The atoms and signs of a basis pursuit solution: one linear piece of the map from signal to code.
public struct BasisPursuitPiece: Sendable, Hashable {
  /// The atoms with non-zero coefficients, ascending.
  public private(set) var support: [Int]
  /// The coefficients' signs, +1 or −1, in the same order.
  public private(set) var signs: [Double]

  /// The piece with no atoms.
  public init() {
    support = []
    signs = []
  }

  /// The piece of a code.
  public init(code: [Double]) {
    support = code.indices.filter { code[$0] != 0 }
    signs = support.map { code[$0] > 0 ? 1 : -1 }
  }

  /// The neighbour in which one more atom is active.
  public func adding(_ atom: Int, sign: Double) -> BasisPursuitPiece {
    var next = self
    let place = support.firstIndex { $0 > atom } ?? support.count
    next.support.insert(atom, at: place)
    next.signs.insert(sign, at: place)
    return next
  }

  /// The neighbour in which one atom less is active.
  public func removing(_ atom: Int) -> BasisPursuitPiece {
    var next = self
    if let place = support.firstIndex(of: atom) {
      next.support.remove(at: place)
      next.signs.remove(at: place)
    }
    return next
  }
}

/// A line through signals and penalties, x(t) = x + t d and λ(t) = λ + t λ'.
public struct BasisPursuitLine: Sendable {
  /// Dᵀx.
  public let products: [Double]
  /// Dᵀd.
  public let productSlopes: [Double]
  /// λ.
  public let penalty: Double
  /// λ'.
  public let penaltySlope: Double

  /// A line; both lists have one entry an atom.
  public init(
    products: [Double], productSlopes: [Double], penalty: Double, penaltySlope: Double = 0
  ) {
    precondition(products.count == productSlopes.count, "two lists of different lengths")
    self.products = products
    self.productSlopes = productSlopes
    self.penalty = penalty
    self.penaltySlope = penaltySlope
  }
}

/// A stretch of a line on which the code is linear: γ_S(t) = a + t b.
public struct BasisPursuitSegment: Sendable {
  /// The active atoms and signs.
  public let piece: BasisPursuitPiece
  /// Where it begins and ends.
  public let range: ClosedRange<Double>
  /// a.
  public let intercepts: [Double]
  /// b.
  public let slopes: [Double]
}

/// Basis pursuit followed exactly along a line, from one linear piece to the next.
///
///     γ̂(x) = argmin ½‖x − Dγ‖² + λ‖γ‖₁                      [S, Adversarial Robustness Analysis]
///     γ̂_S = (D_SᵀD_S)⁻¹ (D_Sᵀx − λ s),   |dⱼᵀ(x − D_S γ̂_S)| ≤ λ outside S
///
/// On a line all of it is linear in t until a coefficient becomes zero or a correlation reaches λ;
/// one atom then leaves or enters (Osborne, Presnell, Turlach, IMA J. Numer. Anal. 20, 2000; Efron
/// et al., Ann. Statist. 32, 2004). Nothing is iterated to a tolerance. Where several atoms tie they
/// change one after the other, which for ties in special position can end in a piece that is not
/// optimal: `violation(of:products:penalty:)` tells.
/// - Complexity: O(m n + m²) memory; O(|S|³ + m |S|) an event.
public struct BasisPursuitPath: Sendable {
  /// D.
  public let dictionary: DenseDictionary<Double>
  /// DᵀD, shape [m, m].
  public let gram: Matrix<Double>

  /// Paths with a dictionary.
  public init(_ dictionary: DenseDictionary<Double>) {
    self.dictionary = dictionary
    gram = dictionary.atomRows.gramOfRows
  }

  /// Dᵀx of one signal.
  public func products(_ signal: [Double]) -> [Double] {
    dictionary.analyze(Matrix(shape: [1, signal.count], elements: signal)).elements
  }

  /// (D_SᵀD_S)⁻¹ applied to several right-hand sides, each a row with one entry an active atom.
  ///
  /// - Throws: `LinearAlgebraError.notPositiveDefinite` where the active atoms depend on each other.
  public func solveGram(_ support: [Int], _ rows: [[Double]]) throws -> [[Double]] {
    let (k, r) = (support.count, rows.count)
    guard k > 0 else { return rows }
    var factor = Matrix<Double>(zeros: k, k)
    for (i, a) in support.enumerated() {
      for (j, b) in support.enumerated() { factor[i, j] = gram[a, b] }
    }
    let size = (0..<k).reduce(0.0) { max($0, factor[$1, $1]) }
    var right = Matrix(rows: rows).transposed
    let info = factor.withMutableElements { g -> Int in
      let info = Double.potrf(k, g, k)
      if info != 0 { return info }
      for i in 0..<k where g[i * k + i] * g[i * k + i] <= 1e-13 * size { return i + 1 }
      return right.withMutableElements { Double.potrs(k, r, g, k, $0, r) }
    }
    guard info == 0 else { throw LinearAlgebraError.notPositiveDefinite(order: info) }
    return (0..<r).map { row in (0..<k).map { right[$0, row] } }
  }

  /// The code of a signal, with its piece.
  ///
  /// Signals in special position, such as one that is a sum of few atoms in two ways, make atoms tie
  /// that depend on each other. Where the path fails, it is followed again for products that generic
  /// numbers some 10⁻¹¹ times as large part; the conditions are those of the true ones.
  ///
  /// - Parameters:
  ///   - products: Dᵀx.
  ///   - penalty: λ, positive.
  /// - Returns: The piece and γ̂ on its support.
  /// - Throws: `PursuitError.notCertified` when the path does not come to an end or ends where the
  ///   optimality conditions fail; `LinearAlgebraError.notPositiveDefinite` where active atoms
  ///   depend on each other.
  public func solve(
    products: [Double], penalty: Double
  ) throws -> (piece: BasisPursuitPiece, coefficients: [Double]) {
    let largest = products.map(abs).max() ?? 0
    guard largest > penalty else { return (BasisPursuitPiece(), []) }
    do {
      return try end(products, products, penalty)
    } catch {
      for attempt in 1...Self.partings {
        var stream = RandomStream("basis pursuit path", "ties", "\(attempt)")
        let parted = products.map { $0 + 1e-11 * largest * stream.normal() }
        if let found = try? end(parted, products, penalty) { return found }
      }
      throw error
    }
  }

  /// How often ties are parted anew.
  private static let partings = 8

  /// The end of the path of some products, with the conditions of others.
  private func end(
    _ followed: [Double], _ products: [Double], _ penalty: Double
  ) throws -> (piece: BasisPursuitPiece, coefficients: [Double]) {
    let largest = products.map(abs).max() ?? 0
    let first = max(followed.map(abs).max() ?? 0, penalty)
    let line = BasisPursuitLine(
      products: followed, productSlopes: [Double](repeating: 0, count: products.count),
      penalty: first, penaltySlope: -1)
    var found = (piece: BasisPursuitPiece(), coefficients: [Double]())
    try follow(line, from: BasisPursuitPiece(), through: first - penalty) { segment in
      let t = segment.range.upperBound
      found.piece = segment.piece
      found.coefficients = zip(segment.intercepts, segment.slopes).map { $0 + t * $1 }
      return true
    }
    let worst = try violation(of: found.piece, products: products, penalty: penalty)
    guard worst <= 1e-7 * largest else {
      throw PursuitError.notCertified(gap: worst / largest, tolerance: 1e-7, iterations: 0)
    }
    return found
  }

  /// How far a piece is from optimal at a signal: the most by which a sign or |dⱼᵀr| ≤ λ is violated.
  ///
  /// - Throws: `LinearAlgebraError.notPositiveDefinite` where active atoms depend on each other.
  public func violation(
    of piece: BasisPursuitPiece, products: [Double], penalty: Double
  ) throws -> Double {
    let right = zip(piece.support, piece.signs).map { products[$0] - penalty * $1 }
    let coefficients = try solveGram(piece.support, [right])[0]
    var residual = products
    for (i, a) in piece.support.enumerated() {
      gram.withElements {
        Double.axpy(products.count, -coefficients[i], $0 + a * products.count, &residual)
      }
    }
    let signs = zip(coefficients, piece.signs).map { -$0 * $1 }.max() ?? 0
    return max(signs, (residual.map(abs).max() ?? 0) - penalty, 0)
  }

  /// Follows the code along a line.
  ///
  /// - Parameters:
  ///   - line: The signals and penalties.
  ///   - start: The piece of t = 0.
  ///   - end: The last t.
  ///   - visit: Called for every segment, in order; returning false ends the walk.
  /// - Throws: `PursuitError.notCertified` where atoms come and go without end;
  ///   `LinearAlgebraError.notPositiveDefinite` where active atoms depend on each other.
  public func follow(
    _ line: BasisPursuitLine, from start: BasisPursuitPiece, through end: Double,
    visit: (BasisPursuitSegment) throws -> Bool
  ) throws {
    var piece = start
    var t = 0.0
    var last: (atom: Int, sign: Double, entered: Bool)?
    let limit = 20 * (dictionary.atomCount + dictionary.signalDimension)
    for _ in 0..<limit {
      let solved = try solveGram(
        piece.support,
        [
          zip(piece.support, piece.signs).map { line.products[$0] - line.penalty * $1 },
          zip(piece.support, piece.signs).map { line.productSlopes[$0] - line.penaltySlope * $1 },
        ])
      let event = nextEvent(line, piece, solved[0], solved[1], after: t, last)
      let stop = min(max(event?.t ?? end, t), end)
      let segment = BasisPursuitSegment(
        piece: piece, range: t...stop, intercepts: solved[0], slopes: solved[1])
      guard try visit(segment), let event, event.t < end else { return }
      piece =
        event.entered
        ? piece.adding(event.atom, sign: event.sign) : piece.removing(event.atom)
      last = (event.atom, event.sign, event.entered)
      t = stop
    }
    throw PursuitError.notCertified(gap: .infinity, tolerance: 0, iterations: limit)
  }

  private struct Event {
    let t: Double
    let atom: Int
    let sign: Double
    let entered: Bool
  }

  private func nextEvent(
    _ line: BasisPursuitLine, _ piece: BasisPursuitPiece, _ intercepts: [Double],
    _ slopes: [Double], after t: Double, _ last: (atom: Int, sign: Double, entered: Bool)?
  ) -> Event? {
    let m = line.products.count
    var best: Event?
    func consider(_ event: Event) {
      if event.t < best?.t ?? .infinity { best = event }
    }
    var (values, rates) = (line.products, line.productSlopes)
    var isActive = [Bool](repeating: false, count: m)
    for (i, atom) in piece.support.enumerated() {
      isActive[atom] = true
      gram.withElements { g in
        Double.axpy(m, -intercepts[i], g + atom * m, &values)
        Double.axpy(m, -slopes[i], g + atom * m, &rates)
      }
      // An atom that has just entered grows in its sign's direction.
      if slopes[i] * piece.signs[i] < 0, last?.atom != atom || last?.entered == false {
        consider(
          Event(
            t: max(t, -intercepts[i] / slopes[i]), atom: atom, sign: piece.signs[i],
            entered: false))
      }
    }
    for j in 0..<m where !isActive[j] {
      for sign in [1.0, -1.0] {
        let rate = sign * rates[j] - line.penaltySlope
        // An atom that has just left does not come back on the same side at once.
        guard rate > 0, !(last?.atom == j && last?.sign == sign) else { continue }
        consider(
          Event(
            t: max(t, (line.penalty - sign * values[j]) / rate), atom: j, sign: sign,
            entered: true))
      }
    }
    return best
  }
}
