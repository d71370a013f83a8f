import RealModule

extension DenseDictionary {
  /// The orthonormal two-dimensional cosine basis (DCT-II) of images of a size.
  ///
  ///     d_{u,v}[i, j] = c_u(H) cos(π(2i + 1)u / 2H) · c_v(W) cos(π(2j + 1)v / 2W)
  ///
  /// with c₀(N) = √(1/N) and c_u(N) = √(2/N). Atom u·W + v has vertical frequency u and horizontal
  /// frequency v; a line (height one) gives the one-dimensional transform. Source: Ahmed, Natarajan,
  /// Rao, IEEE Trans. Computers, 1974.
  ///
  /// - Parameter size: The size of the images, at least one along both axes.
  /// - Returns: As many atoms as pixels.
  /// - Throws: `ModelError.parameterOutOfRange`.
  public static func cosineTransform(_ size: Extent) throws -> DenseDictionary {
    guard size.height >= 1, size.width >= 1 else {
      throw ModelError.parameterOutOfRange(
        name: "size of the images", value: "\(size)", range: "at least 1 along both axes")
    }
    func line(_ count: Int) -> [[Scalar]] {
      (0..<count).map { u in
        let scale = (Scalar(u == 0 ? 1 : 2) / Scalar(count)).squareRoot()
        return (0..<count).map { i in
          scale * Scalar.cos(Scalar.pi * Scalar((2 * i + 1) * u) / Scalar(2 * count))
        }
      }
    }
    let (vertical, horizontal) = (line(size.height), line(size.width))
    var atoms = Matrix<Scalar>(zeros: size.area, size.area)
    atoms.withMutableElements { target in
      for u in 0..<size.height {
        for v in 0..<size.width {
          let atom = target + (u * size.width + v) * size.area
          for i in 0..<size.height {
            for j in 0..<size.width {
              atom[i * size.width + j] = vertical[u][i] * horizontal[v][j]
            }
          }
        }
      }
    }
    return DenseDictionary(atomRows: atoms)
  }
}
