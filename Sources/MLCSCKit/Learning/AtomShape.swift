import Algorithms
import RealModule

/// What an atom looks like among images, beside a dot at its centre.
public struct AtomShape: Codable, Sendable {
  /// The largest |cosine| of the atom with an image.
  public let learned: Double
  /// The largest |cosine| of the dot with an image.
  public let dot: Double
  /// The largest |cosine| of the atom before learning with an image.
  public let random: Double
  /// How many pixels hold nine tenths of its energy.
  public let energyPixels: Int

  /// The shapes of all atoms.
  ///
  /// - Parameters:
  ///   - dictionary: Atoms as large as an image.
  ///   - images: Shape [B, n].
  ///   - side: The width of an image.
  ///   - deviation: The standard deviation of a dot in pixels.
  ///   - likenessBefore: `likeness(to:)` of the atoms before learning.
  /// - Returns: One shape an atom.
  public static func all(
    of dictionary: DenseDictionary<Double>, among images: Tensor<Double>, side: Int,
    dotDeviation deviation: Double, likenessBefore: [Double]
  ) -> [AtomShape] {
    let dots = DenseDictionary(atomRows: dots(dictionary.atomRows, side: side, deviation))
    let (learned, dotted) = (dictionary.likeness(to: images), dots.likeness(to: images))
    return learned.indices.map { j in
      AtomShape(
        learned: learned[j], dot: dotted[j], random: likenessBefore[j],
        energyPixels: energyPixels(dictionary.atomRows.row(j)))
    }
  }

  /// A Gaussian dot at every atom's centre of energy.
  private static func dots(
    _ atoms: Matrix<Double>, side: Int, _ deviation: Double
  ) -> Matrix<Double> {
    Matrix(
      shape: [atoms.rows, atoms.columns],
      elements: (0..<atoms.rows).flatMap { row -> [Double] in
        let energy = atoms.row(row).map { $0 * $0 }
        let all = max(energy.reduce(0, +), 1e-300)
        let x = energy.indices.reduce(0.0) { $0 + energy[$1] * Double($1 % side) } / all
        let y = energy.indices.reduce(0.0) { $0 + energy[$1] * Double($1 / side) } / all
        return energy.indices.map { i in
          let (dx, dy) = (Double(i % side) - x, Double(i / side) - y)
          return Double.exp(-(dx * dx + dy * dy) / (2 * deviation * deviation))
        }
      })
  }

  private static func energyPixels(_ atom: [Double]) -> Int {
    let energy = atom.map { $0 * $0 }.sorted(by: >)
    let goal = 0.9 * energy.reduce(0, +)
    return energy.reductions(0, +).firstIndex { $0 >= goal } ?? energy.count
  }
}

extension DenseDictionary<Double> {
  /// The largest |cosine| of every atom with one of some signals, shape [B, n].
  public func likeness(to signals: Tensor<Double>) -> [Double] {
    let products = analyze(signals)
    let norms = (0..<signals.rows).map { Double.norm2(signals.columns, signals.row($0)) }
    let atomNorms = atomNorms
    return (0..<atomCount).map { j in
      (0..<signals.rows).reduce(0.0) {
        max($0, abs(products[$1, j]) / max(norms[$1] * atomNorms[j], 1e-300))
      }
    }
  }
}
