import MLCSCKit
import RealModule

/// The noise that hurts most: y in the middle between two members of the model.
///
/// With γ and γ̂ of k non-zeros each and v = D(γ̂ − γ)/2, both members are ‖v‖ = E₀ away from y, and
/// the error is ‖γ̂ − γ‖² = 4E₀²/λ for an eigenvector of D_SᵀD_S, |S| = 2k, of eigenvalue λ.
enum WorstCase {
  /// The smallest eigenvalues of D_SᵀD_S for |S| = 2, 4, … 2·`largest`, by a greedy choice of S.
  ///
  /// Starts with the two most coherent atoms and adds the atom with the largest normalised product
  /// with D_Sδ, δ the eigenvector so far. A lower bound of the worst error, not the worst itself.
  static func smallestEigenvalues(
    _ dictionary: any SparseDictionary<Double>, upTo largest: Int
  ) throws -> [Double] {
    func analyze(_ d: some SparseDictionary<Double>, _ x: Tensor<Double>) -> Tensor<Double> {
      d.analyze(x)
    }
    let norms = dictionary.atomNorms
    // By shift invariance the first atom of every filter stands for all: two filters here.
    var best = (product: -1.0, pair: [0, 1])
    for i in [0, dictionary.atomCount / 2] {
      let products = analyze(dictionary, dictionary.atoms([i])).elements
      for j in products.indices where j != i {
        let value = abs(products[j]) / (norms[i] * norms[j])
        if value > best.product { best = (value, [i, j]) }
      }
    }
    var support = best.pair
    var values = [Double]()
    while support.count <= 2 * largest {
      let atoms = dictionary.atoms(support)
      let (eigenvalues, vectors) = try atoms.gramOfRows.symmetricEigen()
      if support.count % 2 == 0 { values.append(eigenvalues[0]) }
      let δ = Matrix(
        shape: [1, support.count], elements: support.indices.map { vectors[$0, 0] })
      let products = analyze(dictionary, δ.multiplied(by: atoms)).elements
      var (largestProduct, next) = (-1.0, 0)
      for j in products.indices where !support.contains(j) {
        let value = abs(products[j]) / norms[j]
        if value > largestProduct { (largestProduct, next) = (value, j) }
      }
      support.append(next)
    }
    return values
  }

  /// Erratum 20: D₁ = [1 .6; 0 .8], D₂ a rotation by some degrees; a row of worst errors and bounds.
  static func turned(
    degrees: Double, _ settings: ProjectionBounds.Settings
  ) throws -> ProjectionBounds.Example {
    let angle = degrees * Double.pi / 180
    let (c, s) = (Double.cos(angle), Double.sin(angle))
    let effective = DenseDictionary(
      matrix: Matrix(rows: [[1, 0.6], [0, 0.8]]).multiplied(by: Matrix(rows: [[c, -s], [s, c]])))
    let atoms = AtomGeometry(effective)
    let eigenvalue = try effective.atomRows.gramOfRows.symmetricEigenvalues()[0]
    let mended = ProjectionStability.guarantee(noise: 1, sparsity: 1, atoms: atoms)
    let printed = ProjectionStability.asPrinted(
      noise: 1, sparsity: 1, coherence: atoms.coherence)
    var stream = RandomStream("projection-bounds", "short atoms", "\(degrees)")
    let exact = try ExactProjection(effective, supports: [[0], [1]])
      .worstError(starts: settings.climbs, steps: settings.climbSteps, from: &stream)
    return ProjectionBounds.Example(
      name: "short atoms", parameter: degrees, coherence: atoms.coherence,
      smallestNorm: atoms.smallestNorm, error: 4 / eigenvalue, printed: printed.bound ?? 0,
      mended: mended.bound ?? 0, exact: exact)
  }

  /// D₁ the circulant of (1, c), D₂ = I: stripes of D₂ (one position) against those of D⁽²⁾ (three).
  ///
  /// γ₂ = γ₁ may have non-zeros at two of any three positions, so ‖γ₂‖ˢ is 1 or 2. Members that differ
  /// by the alternating vector have ‖Dδ‖² = (1 − 2µ)‖δ‖². Six positions, so that the exact projection
  /// can be had by trying every support.
  static func narrowStripes(
    coherence µ: Double, _ settings: ProjectionBounds.Settings
  ) throws -> ProjectionBounds.Example {
    let count = 6
    let c = (1 - (1 - 4 * µ * µ).squareRoot()) / (2 * µ)  // c/(1 + c²) = µ
    let scale = 1 / (1 + c * c).squareRoot()
    let circulant = try ConvolutionalDictionary<Double>(
      filters: Tensor(shape: [1, 1, 1, 2], elements: [scale, c * scale]),
      geometry: ConvolutionGeometry(
        signalSize: .line(count), kernelSize: .line(2), boundary: .circular))
    let atoms = AtomGeometry(circulant)
    let narrow = ProjectionStability.guarantee(noise: 1, sparsity: 1, atoms: atoms)
    let wide = ProjectionStability.guarantee(noise: 1, sparsity: 2, atoms: atoms)
    var stream = RandomStream("projection-bounds", "stripes", "\(µ)")
    let exact = try ExactProjection(
      DenseDictionary(circulant), supports: ExactProjection.pairsOfThree(on: count)
    ).worstError(starts: settings.climbs, steps: settings.climbSteps, from: &stream)
    return ProjectionBounds.Example(
      name: "stripes of D2", parameter: µ, coherence: atoms.coherence,
      smallestNorm: atoms.smallestNorm, error: 4 / (1 - 2 * µ), printed: narrow.bound ?? 0,
      mended: wide.bound ?? 0, exact: exact)
  }
}
