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
/// radius, and equal to it in every small problem whose pieces can all be enumerated (see the tests).
///
/// A score of zero is an error, as S's theorem promises the sign.
/// - Complexity: O(m n |S|) and one least-distance problem of 2m inequalities a piece.
public struct LabelAttack: Sendable {
  /// The classifier under attack.
  public let classifier: SparseCodedClassifier
  /// Random start directions beside the fixed ones: the score's gradient, towards zero, both.
  public var randomStarts: Int
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
    for direction in try directions(signal, label, start.piece, &stream) {
      let reach = ends.map(\.norm).min().map { 3 * $0 } ?? .infinity
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

  /// Unit directions in which to start.
  private func directions(
    _ signal: [Double], _ label: Double, _ piece: BasisPursuitPiece, _ stream: inout RandomStream
  ) throws -> [[Double]] {
    func unit(_ v: [Double]) -> [Double]? {
      let norm = Double.norm2(v.count, v)
      return norm > 0 ? v.map { $0 / norm } : nil
    }
    // In exact symmetric positions atoms tie; a generic shift of the directions parts them.
    func shifted(_ v: [Double], by size: Double) -> [Double] {
      v.map { $0 + size * stream.normal() / Double(v.count).squareRoot() }
    }
    let gradient = unit(try classifier.gradient(on: piece).map { -label * $0 })
    let shrinking = unit(signal.map { -$0 })
    var all = [gradient, shrinking].compactMap { $0 }
    if let gradient, let shrinking { all.append(zip(gradient, shrinking).map { $0 + $1 }) }
    let base = all.first ?? signal
    all = all.map { shifted($0, by: 1e-6) }
    for _ in 0..<randomStarts { all.append(shifted(base, by: 1)) }
    return all.compactMap(unit)
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
      let solved = LeastDistance(rows: faces.rows, bounds: faces.bounds, limit: 1.0001)
    else { return nil }
    let vector = solved.vector.map { $0 * scale }
    return Point(
      vector: vector, norm: Double.norm2(vector.count, vector), piece: piece,
      neighbours: solved.active.compactMap { faces.changes[$0]?.applied(to: piece) })
  }
}

/// A piece's closure and the half-space of errors as inequalities aᵢᵀv ≥ bᵢ on v / scale.
private struct PieceFaces {
  var rows: Matrix<Double>
  var bounds: [Double]
  /// What changes beyond each face; nil for the half-space of errors.
  var changes: [Change?]

  /// An atom that enters with a sign, or leaves.
  struct Change {
    let atom: Int
    let sign: Double?

    func applied(to piece: BasisPursuitPiece) -> BasisPursuitPiece {
      sign.map { piece.adding(atom, sign: $0) } ?? piece.removing(atom)
    }
  }

  init?(_ search: AttackSearch, _ piece: BasisPursuitPiece, scale: Double) throws {
    let path = search.classifier.path
    let (n, m) = (path.dictionary.signalDimension, path.dictionary.atomCount)
    let support = piece.support
    let k = support.count
    let λ = search.classifier.penalty
    let w = support.map { search.classifier.weights[$0] }
    var unitRows = (0..<k).map { i in (0..<k).map { $0 == i ? 1.0 : 0 } }
    unitRows.append(zip(support, piece.signs).map { search.products[$0] - λ * $1 })
    var solved = try path.solveGram(support, unitRows)
    let coefficients = solved.removeLast()  // γ̂_S at v = 0
    // Rows of (D_S G⁻¹)ᵀ, the derivative of γ̂_S; shape [k, n].
    let derivative =
      k > 0
      ? Matrix(rows: solved).multiplied(by: path.dictionary.atoms(support))
      : Matrix<Double>(zeros: 0, n)
    // P dⱼ for every atom, and the correlations at v = 0.
    var residuals = path.dictionary.atomRows
    var correlations = search.products
    if k > 0 {
      let cross = path.gram.gathering(rows: support)
      residuals.withMutableElements { r in
        cross.withElements { c in
          derivative.withElements {
            Double.gemm(true, false, m, n, k, -1, c, m, $0, n, 1, r, n)
          }
          for i in 0..<k { Double.axpy(m, -coefficients[i], c + i * m, &correlations) }
        }
      }
    }
    var faces = Faces(
      width: n, scale: scale,
      negligible: 1e-9 * λ * min(1, Double.norm2(m, search.classifier.weights)))
    derivative.withElements { d in
      for (i, atom) in support.enumerated() {
        let s = piece.signs[i]
        faces.append(
          d + i * n, s, bound: -s * coefficients[i], Change(atom: atom, sign: nil))
      }
    }
    var isActive = [Bool](repeating: false, count: m)
    for atom in support { isActive[atom] = true }
    residuals.withElements { r in
      for j in 0..<m where !isActive[j] {
        for s in [1.0, -1.0] {
          faces.append(
            r + j * n, -s, bound: s * correlations[j] - λ, Change(atom: j, sign: s))
        }
      }
    }
    var slope = [Double](repeating: 0, count: n)
    derivative.withElements { d in
      for i in 0..<k { Double.axpy(n, w[i], d + i * n, &slope) }
    }
    let score = zip(w, coefficients).reduce(0) { $0 + $1.0 * $1.1 }
    faces.append(slope, -search.label, bound: search.label * score, nil)
    guard !faces.isEmpty else { return nil }
    rows = Matrix(shape: [faces.bounds.count, n], elements: faces.elements)
    bounds = faces.bounds
    changes = faces.changes
  }

  /// Inequalities that grow, each scaled to a unit row.
  private struct Faces {
    let width: Int
    let scale: Double
    /// What counts as zero among bounds.
    let negligible: Double
    var isEmpty = false
    var elements: [Double] = []
    var bounds: [Double] = []
    var changes: [Change?] = []

    mutating func append(
      _ row: UnsafePointer<Double>, _ sign: Double, bound: Double, _ change: Change?
    ) {
      let norm = Double.norm2(width, row)
      // A face that no perturbation moves bounds nothing, or everything.
      guard norm > 1e-10 else {
        isEmpty = isEmpty || bound > negligible
        return
      }
      for i in 0..<width { elements.append(sign / norm * row[i]) }
      bounds.append(bound / norm / scale)
      changes.append(change)
    }
  }
}
