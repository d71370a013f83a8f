import MLCSCKit
import RealModule

/// The two counter-examples to the bounds as printed (see `ProjectionStability`).
enum Counterexample {
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
    let exact = try SubspaceUnionProjection(effective, supports: [[0], [1]])
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
    let exact = try SubspaceUnionProjection(
      DenseDictionary(circulant),
      supports: SubspaceUnionProjection.largestSupports(onCircleOf: count, atMost: 2, ofAny: 3)
    ).worstError(starts: settings.climbs, steps: settings.climbSteps, from: &stream)
    return ProjectionBounds.Example(
      name: "stripes of D2", parameter: µ, coherence: atoms.coherence,
      smallestNorm: atoms.smallestNorm, error: 4 / (1 - 2 * µ), printed: narrow.bound ?? 0,
      mended: wide.bound ?? 0, exact: exact)
  }
}
