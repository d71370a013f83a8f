import Algorithms
import RealModule

/// How much an atom resembles shapes that are known: the largest |cosine| with each of three families.
///
/// The families are equally large, so that none has more chances than another. Dots are Gaussians of
/// several widths at any place. Strokes are Gabor-like: long across, short along a wave of any
/// orientation and phase. Parts of digits are digits that the model has not seen, under a Gaussian
/// window.
public struct AtomShape: Codable, Sendable, Equatable {
  /// The largest |cosine| with a dot.
  public let dot: Double
  /// The largest |cosine| with a stroke.
  public let stroke: Double
  /// The largest |cosine| with a part of a digit.
  public let part: Double
  /// How many pixels hold nine tenths of the atom's energy.
  public let energyPixels: Int

  /// The shapes of all atoms.
  ///
  /// - Parameters:
  ///   - dictionary: Atoms as large as an image.
  ///   - references: The families.
  /// - Returns: One shape an atom.
  public static func all(
    of dictionary: DenseDictionary<Double>, among references: ReferenceShapes
  ) -> [AtomShape] {
    let dots = dictionary.likeness(to: references.dots)
    let strokes = dictionary.likeness(to: references.strokes)
    let parts = dictionary.likeness(to: references.parts)
    return (0..<dictionary.atomCount).map { j in
      AtomShape(
        dot: dots[j], stroke: strokes[j], part: parts[j],
        energyPixels: energyPixels(dictionary.atomRows.row(j)))
    }
  }

  private static func energyPixels(_ atom: [Double]) -> Int {
    let energy = atom.map { $0 * $0 }.sorted(by: >)
    let goal = 0.9 * energy.reduce(0, +)
    return energy.reductions(0, +).firstIndex { $0 >= goal } ?? energy.count
  }
}

/// Three equally large families of shapes beside which atoms are judged.
public struct ReferenceShapes: Sendable {
  /// Gaussians, shape [count, n].
  public let dots: Matrix<Double>
  /// Gabor-like strokes, shape [count, n].
  public let strokes: Matrix<Double>
  /// Parts of digits, shape [count, n].
  public let parts: Matrix<Double>

  /// Shapes drawn at random.
  ///
  /// - Parameters:
  ///   - count: How many of each family.
  ///   - images: The digits, shape [B, n].
  ///   - side: The width of an image.
  ///   - stream: Where they are drawn from.
  public init(
    count: Int, images: Tensor<Double>, side: Int, from stream: inout RandomStream
  ) {
    func place(_ stream: inout RandomStream) -> (Double, Double) {
      // Where digits have ink: MNIST centres them in 20 of 28 pixels.
      let margin = Double(side) / 7
      let range = Double(side) - 1 - 2 * margin
      return (margin + range * stream.uniform(), margin + range * stream.uniform())
    }
    func drawn(_ pixel: (_ y: Double, _ x: Double, _ index: Int) -> Double) -> [Double] {
      (0..<side * side).map { pixel(Double($0 / side), Double($0 % side), $0) }
    }
    var (dots, strokes, parts) = ([Double](), [Double](), [Double]())
    for _ in 0..<count {
      let (y, x) = place(&stream)
      // From a single pixel to half a digit.
      let width = 0.5 * Double.pow(8, stream.uniform())
      dots += drawn { v, u, _ in
        Double.exp(-((v - y) * (v - y) + (u - x) * (u - x)) / (2 * width * width))
      }
      let (angle, phase) = (Double.pi * stream.uniform(), 2 * Double.pi * stream.uniform())
      let across = 1 + 1.5 * stream.uniform()
      let along = across * (1.5 + 2.5 * stream.uniform())
      strokes += drawn { v, u, _ in
        let a = Double.cos(angle) * (u - x) + Double.sin(angle) * (v - y)
        let b = Double.cos(angle) * (v - y) - Double.sin(angle) * (u - x)
        let envelope = Double.exp(
          -a * a / (2 * along * along) - b * b / (2 * across * across))
        return envelope * Double.cos(b * Double.pi / (2 * across) + phase)
      }
      let image = images.row(stream.index(below: images.rows))
      let window = 3 + 5 * stream.uniform()
      parts += drawn { v, u, index in
        image[index]
          * Double.exp(-((v - y) * (v - y) + (u - x) * (u - x)) / (2 * window * window))
      }
    }
    let shape = [count, side * side]
    self.dots = Matrix(shape: shape, elements: dots)
    self.strokes = Matrix(shape: shape, elements: strokes)
    self.parts = Matrix(shape: shape, elements: parts)
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
