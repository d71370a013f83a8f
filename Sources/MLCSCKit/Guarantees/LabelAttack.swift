/// A perturbation after which the classifier errs.
public struct LabelPerturbation: Sendable {
  /// v, n numbers.
  public let vector: [Double]
  /// ‖v‖₂.
  public let norm: Double
  /// The linear piece in which x + v lies.
  public let piece: BasisPursuitPiece
  /// How many pieces were searched, all starts together.
  public let piecesSearched: Int
  /// How many starts ended within one part in a thousand of the smallest norm.
  public let startsAgreeing: Int
}

/// The smallest ℓ₂ perturbation that makes a sparse-coded linear classifier err.
///
/// The score is piecewise linear in the signal, so on one piece the smallest perturbation to a score
/// that is not of the label's sign is the nearest point of a polyhedron, found exactly
/// (`LeastDistance`). From every start direction the code is followed along the ray to the first
/// error; then, from piece to neighbouring piece, as long as crossing one of the faces that hold the
/// nearest point back brings it closer. Each start ends where no neighbour is better: at a local
/// minimum over all signals that err. The smallest of all starts is an upper bound of the true
/// radius; with thirty random starts it equals that of enumerating all pieces in the forty small
/// problems of the tests.
///
/// A score of zero is an error, as S's theorem promises the sign.
/// - Complexity: O(m n |S|) and one least-distance problem of 2m inequalities a piece.
public struct LabelAttack: Sendable {
  /// The classifier under attack.
  public let classifier: SparseCodedClassifier
  /// Random starts after the fixed ones, every other one around the best error so far.
  public var randomStarts: Int
  /// How far those turn away from the best error, as the norm of a random vector beside a unit one.
  public var spread = 0.5
  /// The largest number of pieces searched from one start.
  public var pieceLimit = 200

  /// An attack.
  public init(_ classifier: SparseCodedClassifier, randomStarts: Int) {
    self.classifier = classifier
    self.randomStarts = randomStarts
  }

  /// The smallest perturbation found.
  ///
  /// - Parameters:
  ///   - signal: x, n numbers.
  ///   - label: +1 or −1, the sign that the score should have.
  ///   - stream: For the random starts.
  /// - Returns: The perturbation, of norm zero where the signal itself is misclassified; nil where
  ///   no ray meets an error.
  /// - Throws: What `BasisPursuitPath.solve` throws.
  public func smallestPerturbation(
    of signal: [Double], label: Double, from stream: inout RandomStream
  ) throws -> LabelPerturbation? {
    let path = classifier.path
    let products = path.products(signal)
    let start = try path.solve(products: products, penalty: classifier.penalty)
    let score = label * classifier.score(start.piece, start.coefficients)
    guard score > 0 else {
      return LabelPerturbation(
        vector: signal.map { _ in 0 }, norm: 0, piece: start.piece, piecesSearched: 1,
        startsAgreeing: 1)
    }
    let search = AttackSearch(
      classifier: classifier, signal: signal, products: products, label: label, start: start.piece)
    var ends = [AttackSearch.Point]()
    var searched = 0
    let fixed = try directions(signal, label, start.piece, &stream)
    for attempt in 0..<fixed.count + randomStarts {
      let best = ends.min { $0.norm < $1.norm }
      // Random starts look around the best error so far and anywhere, in turn.
      let direction =
        attempt < fixed.count
        ? fixed[attempt]
        : attempt % 2 == 0
          ? Self.shifted(best?.vector ?? fixed[0], by: spread, &stream)
          : Self.shifted(signal.map { _ in 1 }, by: 1e6, &stream)
      let reach = best.map { 3 * $0.norm } ?? .infinity
      guard let crossing = search.firstError(along: direction, within: reach) else { continue }
      let (end, pieces) = search.descend(from: crossing, limit: pieceLimit)
      searched += pieces
      if let end, search.isConfirmed(end) { ends.append(end) }
    }
    guard let best = ends.min(by: { $0.norm < $1.norm }) else { return nil }
    return LabelPerturbation(
      vector: best.vector, norm: best.norm, piece: best.piece, piecesSearched: searched,
      startsAgreeing: ends.count { $0.norm <= 1.001 * best.norm })
  }

  /// The fixed unit directions: down the score's gradient, towards zero, between the two, and
  /// towards the atoms of the m, m/2, m/4 … largest weights, −D_T w_T, which brings atoms in that
  /// vote for the other label.
  private func directions(
    _ signal: [Double], _ label: Double, _ piece: BasisPursuitPiece, _ stream: inout RandomStream
  ) throws -> [[Double]] {
    func unit(_ v: [Double]) -> [Double]? {
      let norm = Double.norm2(v.count, v)
      return norm > 0 ? v.map { $0 / norm } : nil
    }
    let gradient = unit(try classifier.gradient(on: piece).map { -label * $0 })
    let shrinking = unit(signal.map { -$0 })
    var all = [gradient, shrinking].compactMap { $0 }
    if let gradient, let shrinking { all.append(zip(gradient, shrinking).map { $0 + $1 }) }
    let weights = classifier.weights
    let ranked = weights.indices.sorted { abs(weights[$0]) > abs(weights[$1]) }
    var count = ranked.count
    while count > 0 {
      var votes = [Double](repeating: 0, count: ranked.count)
      for j in ranked.prefix(count) { votes[j] = -label * weights[j] }
      let votesTensor = Matrix(shape: [1, votes.count], elements: votes)
      if let v = unit(classifier.path.dictionary.synthesize(votesTensor).elements) { all.append(v) }
      count /= 2
    }
    // In exact symmetric positions atoms tie; a generic shift of the directions parts them.
    return all.map { Self.shifted($0, by: 1e-6, &stream) }
  }

  /// The unit vector along v plus a random vector of norm about `size` ‖v‖.
  private static func shifted(
    _ v: [Double], by size: Double, _ stream: inout RandomStream
  ) -> [Double] {
    let scale = size * Double.norm2(v.count, v) / Double(v.count).squareRoot()
    let moved = v.map { $0 + scale * stream.normal() }
    let norm = Double.norm2(moved.count, moved)
    return norm > 0 ? moved.map { $0 / norm } : moved
  }
}

/// The search of one attack, from piece to piece.
struct AttackSearch {
  let classifier: SparseCodedClassifier
  let signal: [Double]
  /// Dᵀx.
  let products: [Double]
  let label: Double
  /// The piece of the signal.
  let start: BasisPursuitPiece

  /// The nearest error of one piece.
  struct Point {
    let vector: [Double]
    let norm: Double
    let piece: BasisPursuitPiece
    /// The pieces beyond the faces that hold the point back.
    let neighbours: [BasisPursuitPiece]
  }

  /// The first error on a ray, with its distance; nil where there is none within reach or the ray
  /// ran into a tie that it could not part.
  func firstError(
    along direction: [Double], within reach: Double
  ) -> (piece: BasisPursuitPiece, distance: Double)? {
    let line = BasisPursuitLine(
      products: products, productSlopes: classifier.path.products(direction),
      penalty: classifier.penalty)
    var found: (piece: BasisPursuitPiece, distance: Double)?
    do {
      try classifier.path.follow(line, from: start, through: reach) { segment in
        let value = label * classifier.score(segment.piece, segment.intercepts)
        let slope = label * classifier.score(segment.piece, segment.slopes)
        let (from, to) = (segment.range.lowerBound, segment.range.upperBound)
        if value + from * slope <= 0 {
          found = (segment.piece, from)
        } else if slope < 0, -value / slope <= to {
          found = (segment.piece, -value / slope)
        }
        return found == nil
      }
    } catch {
      return nil  // a tie or dependent atoms on this ray: other rays are tried
    }
    return found
  }

  /// Goes from piece to piece while the nearest error comes closer.
  func descend(
    from crossing: (piece: BasisPursuitPiece, distance: Double), limit: Int
  ) -> (Point?, pieces: Int) {
    var seen: Set = [crossing.piece]
    guard var best = nearest(in: crossing.piece, scale: crossing.distance) else { return (nil, 1) }
    var queue = best.neighbours
    while !queue.isEmpty, seen.count < limit {
      let piece = queue.removeFirst()
      guard seen.insert(piece).inserted, let point = nearest(in: piece, scale: best.norm) else {
        continue
      }
      if point.norm < best.norm * (1 - 1e-9) {
        best = point
        queue = point.neighbours
      }
    }
    return (best, seen.count)
  }

  /// Whether a fresh solution at x + v errs, to rounding.
  func isConfirmed(_ point: Point) -> Bool {
    let path = classifier.path
    let moved = zip(products, path.products(point.vector)).map { $0 + $1 }
    guard
      let violation = try? path.violation(
        of: point.piece, products: moved, penalty: classifier.penalty)
    else { return false }
    return violation <= 1e-8 * classifier.penalty
  }

  /// The nearest signal of a piece's closure at which the classifier errs; nil where there is none
  /// within `scale`, to rounding.
  func nearest(in piece: BasisPursuitPiece, scale: Double) -> Point? {
    guard let faces = try? PieceFaces(self, piece, scale: scale),
      let solved = LeastDistance(
        rows: faces.rows, lower: faces.lower, upper: faces.upper, limit: 1.0001)
    else { return nil }
    let vector = solved.vector.map { $0 * scale }
    return Point(
      vector: vector, norm: Double.norm2(vector.count, vector), piece: piece,
      neighbours: solved.active.compactMap { faces.neighbour(of: piece, beyond: $0) })
  }
}

/// A piece's closure and the half-space of errors as inequalities lᵢ ≤ aᵢᵀv ≤ hᵢ on v / scale.
private struct PieceFaces {
  private(set) var rows: Matrix<Double>
  private(set) var lower: [Double] = []
  private(set) var upper: [Double] = []
  /// The atom of each row, and whether it is active; nil for the half-space of errors.
  private var atoms: [(index: Int, isActive: Bool)?] = []

  /// The piece on the other side of a face; nil for the half-space of errors.
  func neighbour(
    of piece: BasisPursuitPiece, beyond side: LeastDistance.Side
  ) -> BasisPursuitPiece? {
    atoms[side.row].map { atom in
      // The upper side is that where the correlation reaches λ.
      atom.isActive
        ? piece.removing(atom.index) : piece.adding(atom.index, sign: -side.sign)
    }
  }

  /// The faces of a piece; nil where it has no error.
  init?(_ search: AttackSearch, _ piece: BasisPursuitPiece, scale: Double) throws {
    let path = search.classifier.path
    let (n, m) = (path.dictionary.signalDimension, path.dictionary.atomCount)
    let (support, λ) = (piece.support, search.classifier.penalty)
    let k = support.count
    var right = (0..<k).map { i in (0..<k).map { $0 == i ? 1.0 : 0 } }
    right.append(zip(support, piece.signs).map { search.products[$0] - λ * $1 })
    right.append(support.map { search.classifier.weights[$0] })
    var solved = try path.solveGram(support, right)
    let weights = solved.removeLast()  // G⁻¹w
    let coefficients = solved.removeLast()  // γ̂_S at v = 0
    // First P dⱼ for every atom j, with rows of active atoms and the last one overwritten below.
    rows = Matrix(shape: [m + 1, n], elements: path.dictionary.atomRows.elements + search.signal)
    var correlations = search.products
    let cross = path.gram.gathering(rows: support)
    let active = path.dictionary.atoms(support)
    var slope = [Double](repeating: 0, count: n)
    rows.withMutableElements { r in
      guard k > 0 else { return }
      Matrix(rows: solved).multiplied(by: active).withElements { derivative in
        cross.withElements { c in
          Double.gemm(true, false, m, n, k, -1, c, m, derivative, n, 1, r, n)
          for i in 0..<k { Double.axpy(m, -coefficients[i], c + i * m, &correlations) }
        }
        for (i, atom) in support.enumerated() {
          (r + atom * n).update(from: derivative + i * n, count: n)
        }
      }
      active.withElements { d in
        for i in 0..<k { Double.axpy(n, weights[i], d + i * n, &slope) }
      }
    }
    rows.withMutableElements { ($0 + m * n).update(from: slope, count: n) }
    lower = correlations.map { -λ - $0 }
    upper = correlations.map { λ - $0 }
    atoms = (0..<m).map { ($0, false) } + [nil]
    for (i, atom) in support.enumerated() {
      let isPositive = piece.signs[i] > 0
      lower[atom] = isPositive ? -coefficients[i] : -.infinity
      upper[atom] = isPositive ? .infinity : -coefficients[i]
      atoms[atom] = (atom, true)
    }
    let score = search.classifier.score(piece, coefficients)
    lower.append(search.label > 0 ? -.infinity : -score)
    upper.append(search.label > 0 ? -score : .infinity)
    let negligible = 1e-9 * λ * min(1, Double.norm2(m, search.classifier.weights))
    guard scaleRows(by: scale, negligible: negligible) else { return nil }
  }

  /// Makes rows of unit norm and bounds of order one; false where a row that no perturbation moves
  /// contradicts its bounds.
  private mutating func scaleRows(by scale: Double, negligible: Double) -> Bool {
    let n = rows.columns
    var isPossible = true
    rows.withMutableElements { r in
      for i in lower.indices {
        let norm = Double.norm2(n, r + i * n)
        if norm > 1e-10 {
          Double.scale(n, 1 / norm, r + i * n)
          lower[i] /= norm * scale
          upper[i] /= norm * scale
        } else {
          isPossible = isPossible && lower[i] <= negligible && upper[i] >= -negligible
          (lower[i], upper[i]) = (-.infinity, .infinity)
        }
      }
    }
    return isPossible
  }
}
