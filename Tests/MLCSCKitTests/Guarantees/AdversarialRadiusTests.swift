// Claim: the certified radius is never exceeded, and the attack finds the true one.
import MLCSCKit
import RealModule
import Testing

struct AdversarialRadiusTests {
  /// All pieces of a tiny problem: every support and sign pattern with independent atoms.
  ///
  /// On each piece the error nearest to x is a projection on a polyhedron, by brute force over all
  /// sets of active faces; nothing of the attack is used.
  static func trueRadius(
    _ classifier: SparseCodedClassifier, _ x: [Double], _ label: Double
  ) throws -> Double {
    let d = classifier.path.dictionary
    let (n, m) = (d.signalDimension, d.atomCount)
    var best = Double.infinity
    for code in 0..<Int(Double.pow(3, m)) {
      var (support, signs, rest) = ([Int](), [Double](), code)
      for j in 0..<m {
        if rest % 3 > 0 {
          support.append(j)
          signs.append(rest % 3 == 1 ? 1 : -1)
        }
        rest /= 3
      }
      guard support.count <= n else { continue }
      best = min(best, try Self.nearest(classifier, support, signs, x, label))
    }
    return best
  }

  /// min ‖z − x‖ over signals z of one piece with label · score ≤ 0.
  static func nearest(
    _ classifier: SparseCodedClassifier, _ support: [Int], _ signs: [Double], _ x: [Double],
    _ label: Double
  ) throws -> Double {
    let d = classifier.path.dictionary
    let (n, m, k) = (d.signalDimension, d.atomCount, support.count)
    // γ̂_S(z) = M z − λ h with M = G⁻¹D_Sᵀ and h = G⁻¹s.
    let atoms = d.atomRows.gathering(rows: support)
    var map = Matrix<Double>(zeros: k, n)
    var shift = [Double](repeating: 0, count: k)
    if k > 0 {
      map = try atoms.gramOfRows.solve(atoms)
      shift = try atoms.gramOfRows.solve(Matrix(shape: [k, 1], elements: signs)).elements
    }
    let λ = classifier.penalty
    var (rows, bounds) = ([[Double]](), [Double]())
    for i in 0..<k {
      rows.append(map.row(i).map { $0 * signs[i] })
      bounds.append(λ * shift[i] * signs[i])
    }
    for j in 0..<m where !support.contains(j) {
      let atom = d.atomRows.row(j)
      var row = atom
      var constant = 0.0  // dⱼᵀ(z − D_S γ̂_S) = rowᵀz + constant
      for i in 0..<k {
        let product = zip(atom, atoms.row(i)).reduce(0) { $0 + $1.0 * $1.1 }
        for l in 0..<n { row[l] -= product * map[i, l] }
        constant += product * λ * shift[i]
      }
      rows.append(row.map { -$0 })
      bounds.append(constant - λ)
      rows.append(row)
      bounds.append(-constant - λ)
    }
    var slope = [Double](repeating: 0, count: n)
    var offset = 0.0
    for i in 0..<k {
      let w = classifier.weights[support[i]]
      for l in 0..<n { slope[l] += w * map[i, l] }
      offset -= w * λ * shift[i]
    }
    rows.append(slope.map { -label * $0 })
    bounds.append(label * offset)
    return try projectionDistance(rows, bounds, x)
  }

  /// min ‖z − x‖ subject to rows z ≥ bounds, over all sets of at most n active rows.
  static func projectionDistance(
    _ rows: [[Double]], _ bounds: [Double], _ x: [Double]
  ) throws -> Double {
    let n = x.count
    func value(_ i: Int, _ z: [Double]) -> Double {
      zip(rows[i], z).reduce(0) { $0 + $1.0 * $1.1 }
    }
    func isFeasible(_ z: [Double]) -> Bool {
      rows.indices.allSatisfy { value($0, z) >= bounds[$0] - 1e-9 }
    }
    var best = isFeasible(x) ? 0 : Double.infinity
    func visit(_ chosen: [Int]) {
      if !chosen.isEmpty {
        let a = Matrix(rows: chosen.map { rows[$0] })
        let need = chosen.map { bounds[$0] - value($0, x) }
        if let u = try? a.gramOfRows.solve(Matrix(shape: [chosen.count, 1], elements: need)) {
          let step = u.transposed.multiplied(by: a).elements
          let z = zip(x, step).map { $0 + $1 }
          if z.allSatisfy(\.isFinite), isFeasible(z) {
            best = min(best, step.reduce(0) { $0 + $1 * $1 }.squareRoot())
          }
        }
      }
      guard chosen.count < n else { return }
      for i in (chosen.last.map { $0 + 1 } ?? 0)..<rows.count { visit(chosen + [i]) }
    }
    visit([])
    return best
  }

  @Test("the attack finds the radius of enumerating all pieces", arguments: 0..<40)
  func exact(_ seed: Int) throws {
    var stream = RandomStream("attack", "\(seed)")
    let (n, m) = seed % 2 == 0 ? (2, 4) : (3, 5)
    let d = DenseDictionary<Double>.gaussian(n, m, normalized: true, from: &stream)
    let classifier = try SparseCodedClassifier(
      path: BasisPursuitPath(d), penalty: 0.1 + 0.2 * stream.uniform(),
      weights: (0..<m).map { _ in stream.normal() })
    let x = (0..<n).map { _ in stream.normal() }
    let score = try classifier.score(x)
    guard score != 0 else { return }
    let label = score > 0 ? 1.0 : -1.0
    let truth = try Self.trueRadius(classifier, x, label)
    let found = try #require(
      try LabelAttack(classifier, randomStarts: 30)
        .smallestPerturbation(of: x, label: label, from: &stream))
    // Both solve the same projections; the enumeration takes faces as met within 1e-9.
    #expect(abs(found.norm - truth) < 1e-6 * max(1, truth))
  }

  @Test("the label really changes at the radius found and not a little before", arguments: 0..<20)
  func flips(_ seed: Int) throws {
    var stream = RandomStream("flips", "\(seed)")
    let d = DenseDictionary<Double>.gaussian(16, 32, normalized: true, from: &stream)
    let classifier = try SparseCodedClassifier(
      path: BasisPursuitPath(d), penalty: 0.1, weights: (0..<32).map { _ in stream.normal() })
    let x = (0..<16).map { _ in stream.normal() }
    let label = try classifier.score(x) > 0 ? 1.0 : -1.0
    let found = try #require(
      try LabelAttack(classifier, randomStarts: 5)
        .smallestPerturbation(of: x, label: label, from: &stream))
    func score(_ share: Double) throws -> Double {
      let z = zip(x, found.vector).map { $0 + share * $1 }
      let problem = try MultiLayerProblem(
        dictionary: d, signals: Matrix(shape: [1, 16], elements: z), penalty: 0.1)
      let code = try ExactSolver(tolerance: 1e-13).solve(problem).codes[0].elements
      return label * zip(code, classifier.weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    #expect(abs(try score(1)) < 1e-5)
    #expect(try score(1.001) < 0)
    #expect(try score(0.999) > 0)
  }

  @Test("a misclassified signal needs no perturbation")
  func misclassified() throws {
    var stream = RandomStream("misclassified")
    let path = BasisPursuitPath(DenseDictionary<Double>(atomRows: .identity(4)))
    let classifier = try SparseCodedClassifier(path: path, penalty: 0.5, weights: [1, 1, 1, 1])
    let found = try LabelAttack(classifier, randomStarts: 0)
      .smallestPerturbation(of: [1, 0, 0, 0], label: -1, from: &stream)
    #expect(found?.norm == 0)
  }

  @Test("with D = I the radius is O/((4√k + 1)‖w‖): √k is sharp, k is not", arguments: 1...9)
  func sharpness(_ k: Int) throws {
    let n = 16
    let code = (0..<n).map { $0 < k ? 1.0 : 0 }
    let radius = AdversarialRadius(code: code, weights: code, coherence: 0)
    let truth = Double(k).squareRoot() / (4 * Double(k).squareRoot() + 1)
    #expect(radius.radius <= truth)
    #expect(radius.radius * 7.5 >= truth * 4)  // within 7.5/4 of the truth for every k
    #expect(radius.printedRadius <= radius.radius)
    let path = BasisPursuitPath(DenseDictionary<Double>(atomRows: .identity(n)))
    let support = try SupportRadius(path: path, code: code, weights: code)
    #expect(support.radius(penaltyPerRadius: 4).isApproximatelyEqual(to: truth))
    // At λ = 4·truth the attack needs exactly `truth`.
    let classifier = try SparseCodedClassifier(path: path, penalty: 4 * truth, weights: code)
    var stream = RandomStream("sharp", "\(k)")
    let found = try #require(
      try LabelAttack(classifier, randomStarts: 4)
        .smallestPerturbation(of: code, label: 1, from: &stream))
    #expect(abs(found.norm - truth) < 1e-8)
  }

  @Test("no label flips within the certified radii of small dictionaries", arguments: 0..<60)
  func certified(_ seed: Int) throws {
    var stream = RandomStream("certified", "\(seed)")
    // [I H/2]: µ = ½, so one atom is allowed.
    let d = try DenseDictionary<Double>.spikesAndHadamard(4)
    let µ = d.mutualCoherence()
    #expect(µ == 0.5)
    var code = [Double](repeating: 0, count: 8)
    code[stream.index(below: 8)] = stream.sign() * (0.5 + stream.uniform())
    let weights = (0..<8).map { _ in stream.normal() }
    let radius = AdversarialRadius(code: code, weights: weights, coherence: µ)
    #expect(radius.premiseHolds)
    #expect(abs(radius.slack) < 1e-12)
    let path = BasisPursuitPath(d)
    let classifier = try SparseCodedClassifier(
      path: path, penalty: radius.penalty, weights: weights)
    let support = try SupportRadius(path: path, code: code, weights: weights)
    #expect(support.radius(penalty: radius.penalty) >= radius.radius)
    #expect(support.radius(penaltyPerRadius: 4) >= radius.radius)
    let x = d.synthesize(Matrix(shape: [1, 8], elements: code)).elements
    let label = zip(code, weights).reduce(0) { $0 + $1.0 * $1.1 } > 0 ? 1.0 : -1.0
    // Brute force: a thousand directions on the sphere of the certified radius.
    for _ in 0..<1000 {
      let v = (0..<4).map { _ in stream.normal() }
      let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let z = zip(x, v).map { $0 + support.radius(penalty: radius.penalty) * $1 / norm }
      #expect(try label * classifier.score(z) > 0)
    }
  }

  @Test("with the premise and λ = 4ε the code keeps the support and errs by at most 7.5 ε")
  func lemma() throws {
    var stream = RandomStream("lemma")
    let d = try DenseDictionary<Double>.spikesAndHadamard(64)
    let path = BasisPursuitPath(d)
    for draw in 0..<300 {
      let k = 1 + draw % 4
      var code = [Double](repeating: 0, count: 128)
      let support = stream.indices(k, below: 128)
      for j in support { code[j] = stream.normal() }
      let radius = AdversarialRadius(
        code: code, weights: code, coherence: d.mutualCoherence())
      #expect(radius.premiseHolds == (k <= 3))
      #expect(abs(radius.slack - Double(3 - k)) < 1e-12)
      guard radius.premiseHolds else { continue }
      let ε = 0.5 * stream.uniform()
      // Every third perturbation points along an atom outside the support, the worst for it.
      var v = (0..<64).map { _ in stream.normal() }
      if draw % 3 == 0, let j = (0..<128).first(where: { code[$0] == 0 && $0 >= draw % 64 }) {
        v = d.atomRows.row(j)
      }
      let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let x = zip(d.synthesize(Matrix(shape: [1, 128], elements: code)).elements, v)
        .map { $0 + ε * $1 / norm }
      let found = try path.solve(products: path.products(x), penalty: 4 * ε)
      #expect(Set(found.piece.support).isSubset(of: support))
      var error = code
      for (j, value) in zip(found.piece.support, found.coefficients) { error[j] -= value }
      #expect((error.map(abs).max() ?? 0) <= 7.5 * ε)
    }
  }

  @Test("the slide's theorem needs its λ: a large one gives the code zero and no label")
  func penalty() throws {
    let d = try DenseDictionary<Double>.spikesAndHadamard(4)
    let x = d.synthesize(Matrix(shape: [1, 8], elements: [1, 0, 0, 0, 0, 0, 0, 0])).elements
    let classifier = try SparseCodedClassifier(
      path: BasisPursuitPath(d), penalty: 1, weights: [1, 0, 0, 0, 0, 0, 0, 0])
    #expect(try classifier.score(x) == 0)
  }
}
