extension ModelUnderTest {
  /// A cascade of low coherence: two Kasami sequences in D₁, rotations with delays in D₂ … D_L.
  ///
  /// The rotations are orthonormal, and each doubles the non-zeros from γᵢ to γ_{i−1}. Filters are as
  /// long as the circular signal, so that stripes hold all of a code: P's eq. (4) asks for
  /// 2^{L−1} k < ½(1 + 1/µ(D₁)) with µ(D₁) = (2^{degree/2} + 1)/n, for γ_L of k non-zeros.
  /// - Parameters:
  ///   - degree: Signals have n = 2^degree − 1 entries; 4, 6, 8 or 10.
  ///   - depth: L.
  /// - Returns: The model `kasami-L`.
  /// - Throws: `ModelError.parameterOutOfRange`.
  public static func kasamiCascade(degree: Int, depth: Int) throws -> ModelUnderTest {
    let filters = try LowCoherenceFilters.kasami(degree: degree, count: 2)
    let signal = Extent.line(filters.shape[3])
    let first = try ConvolutionalDictionary(
      filters: filters,
      geometry: ConvolutionGeometry(signalSize: signal, kernelSize: signal, boundary: .circular))
    let rotations = try (1..<max(depth, 1)).map { layer in
      try ConvolutionalDictionary<Double>.rotation(
        signalSize: signal, angle: .pi / 4, delay: Extent(0, 1 << (layer - 1)))
    }
    return try ModelUnderTest("kasami-\(depth)", [first] + rotations, isDense: true)
  }
}
