// Claim: the Lanczos bound on ‖D‖² is never below it and never far above, whatever the spectrum, and
// takes as many products as the theorem asks for.
import MLCSCKit
import RealModule
import Testing

struct LanczosNormTests {
  /// Squared singular values of 60 × 90 dictionaries, largest first.
  enum Spectrum: String, CaseIterable {
    case flat, line, cluster, outlier, rankOne

    var values: [Double] {
      (0..<60).map { i in
        switch self {
        case .flat: 1
        case .line: 1 - Double(i) / 60
        // Many eigenvalues within the margin of the largest, and as many just below.
        case .cluster: 1 - 0.001 * Double(i)
        case .outlier: i == 0 ? 1 : 0.5
        case .rankOne: i == 0 ? 1 : 0
        }
      }
    }
  }

  /// U diag(σ) Vᵀ with random orthonormal U and V.
  private func dictionary(_ squares: [Double]) throws -> DenseDictionary<Double> {
    var stream = RandomStream("spectrum")
    func orthonormal(_ n: Int) throws -> Matrix<Double> {
      let a = Matrix<Double>.normal(n, n, from: &stream)
      return try a.multiplied(by: a, transposingSelf: true).symmetricEigen().vectors
    }
    let (u, v) = (try orthonormal(60), try orthonormal(90))
    var scaled = Matrix<Double>(zeros: 60, 90)
    for i in 0..<60 {
      for k in 0..<60 {
        let weight = u[i, k] * squares[k].squareRoot()
        for j in 0..<90 { scaled[i, j] += weight * v[j, k] }
      }
    }
    return DenseDictionary(matrix: scaled)
  }

  @Test("within the margin of the exact norm, on both sides", arguments: Spectrum.allCases)
  func bounds(_ spectrum: Spectrum) throws {
    let dictionary = try dictionary(spectrum.values)
    for margin in [0.02, 0.2] {
      let norm = try dictionary.squaredSpectralNorm(margin: margin, directLimit: 0)
      #expect(norm.iterations > 0 && norm.failureProbability <= 1e-12)
      // Rounding of sixty orthogonalisations.
      #expect(norm.estimate <= 1 + 1e-12)
      #expect(norm.upperBound >= 1)
      #expect(norm.upperBound <= 1 / (1 - margin) * (1 + 1e-12))
    }
  }

  @Test("an isolated eigenvalue is found to rounding, long before the margin asks for it")
  func isolated() throws {
    let norm = try dictionary(Spectrum.outlier.values).squaredSpectralNorm(directLimit: 0)
    #expect(abs(norm.estimate - 1) < 1e-12)
  }

  @Test("adjoint order: more atoms than entries or fewer, the norm is the same")
  func transposed() throws {
    let wide = try dictionary(Spectrum.line.values)
    let tall = DenseDictionary(matrix: wide.matrix().transposed)
    let found = try tall.squaredSpectralNorm(directLimit: 0)
    #expect(found.estimate <= 1 + 1e-12 && found.upperBound >= 1)
  }

  @Test(
    "the number of products is the least that the theorem allows",
    arguments: [(784, 0.02), (1_000, 0.02), (100_000, 0.02), (5_000, 0.2)])
  func count(_ order: Int, _ margin: Double) {
    func failure(_ k: Int) -> Double {
      let one =
        1.648 * Double(order).squareRoot()
        * Double.exp(-margin.squareRoot() * Double(2 * k - 1))
      return Double.pow(min(one, 1), Double(LanczosNorm<Double>.starts))
    }
    let k = LanczosNorm<Double>.products(order: order, margin: margin, target: 1e-12)
    #expect(failure(k) <= 1e-12 && failure(k - 1) > 1e-12)
  }

  @Test("single precision: the bound is safe as well")
  func single() throws {
    let exact = try dictionary(Spectrum.cluster.values)
    let norm = try DenseDictionary<Float>(
      matrix: exact.matrix().converted(to: Float.self)
    ).squaredSpectralNorm(directLimit: 0)
    #expect(norm.estimate <= 1 + 1e-5 && norm.upperBound >= 1)
  }

  @Test("entries that are not finite are an error")
  func notFinite() throws {
    var matrix = try dictionary(Spectrum.line.values).matrix()
    matrix[3, 4] = .infinity
    #expect(throws: LinearAlgebraError.self) {
      try DenseDictionary(matrix: matrix).squaredSpectralNorm(directLimit: 0)
    }
  }
}
