/// Filters whose shifts are nearly orthogonal to each other, for which coherence premises hold.
public enum LowCoherenceFilters {
  /// ±1/√n filters of small aperiodic correlations, found by search.
  ///
  /// Single signs are flipped whenever that lowers Σ r⁴ over all correlations r of the filters with
  /// each other and with their own shifts, from random starts; the filters with the smallest peak
  /// |r| are returned. On a circular signal of at least 2n − 1 positions an axis the dictionary of
  /// their shifts has µ = peak/n. The search promises no optimum: two filters of length 63 reach
  /// a peak of 10 (µ = 0.159) within some thousand flips.
  /// - Parameters:
  ///   - count: How many filters.
  ///   - size: Their size, n = height · width taps.
  ///   - flips: How many flips are tried; the more, the smaller the peak.
  ///   - stream: Where starts and flips are drawn from.
  /// - Returns: Shape [count, 1, height, width], unit norm.
  /// - Complexity: O(flips · count² · n).
  public static func searched(
    count: Int, size: Extent, flips: Int, from stream: inout RandomStream
  ) -> Tensor<Double> {
    let n = size.area
    var best = [Int]()
    var bestPeak = Int.max
    var tried = 0
    while tried < flips || best.isEmpty {
      var search = SignSearch(count: count, size: size, from: &stream)
      var (cost, peak) = search.costAndPeak()
      var stale = 0
      if peak < bestPeak { (best, bestPeak) = (search.signs, peak) }
      // A pass without a gain means that single flips lead no further, with high probability.
      while stale < 2 * count * n, tried < flips {
        let entry = stream.index(below: count * n)
        search.flip(entry)
        tried += 1
        let (next, nextPeak) = search.costAndPeak()
        if next < cost {
          (cost, peak, stale) = (next, nextPeak, 0)
          if peak < bestPeak { (best, bestPeak) = (search.signs, peak) }
        } else {
          search.flip(entry)
          stale += 1
        }
      }
    }
    let scale = 1 / Double(n).squareRoot()
    return Tensor(
      shape: [count, 1, size.height, size.width], elements: best.map { Double($0) * scale })
  }

  /// ±1/√n filters with three-valued periodic correlations: Kasami's small set.
  ///
  /// n = 2^degree − 1, degree even. With an m-sequence u and its decimation w by 2^{degree/2} + 1,
  /// the set is u, u·w, u·Tw, u·T²w, … (signs multiply, T shifts): 2^{degree/2} sequences whose
  /// periodic correlations are −1 and −1 ± 2^{degree/2} only. As filters that cover a circular
  /// signal of n positions their dictionary has µ = (2^{degree/2} + 1)/n. Source: Kasami,
  /// "Weight distribution formula for some class of cyclic codes", 1966.
  /// - Parameters:
  ///   - degree: 4, 6, 8 or 10.
  ///   - count: At most 2^{degree/2} filters.
  /// - Returns: Shape [count, 1, 1, n], unit norm.
  /// - Throws: `ModelError.parameterOutOfRange`.
  public static func kasami(degree: Int, count: Int) throws -> Tensor<Double> {
    // Taps of primitive polynomials: the recurrence a_t = Σ a_{t − tap} modulo 2.
    let taps = [4: [4, 3], 6: [6, 5], 8: [8, 6, 5, 4], 10: [10, 7]]
    guard let recurrence = taps[degree] else {
      throw ModelError.parameterOutOfRange(
        name: "degree", value: "\(degree)", range: "4, 6, 8 or 10")
    }
    let half = 1 << (degree / 2)
    guard (1...half).contains(count) else {
      throw ModelError.parameterOutOfRange(
        name: "number of Kasami filters", value: "\(count)", range: "1 to \(half)")
    }
    let n = (1 << degree) - 1
    var u = [Int](repeating: 1, count: degree)
    for t in degree..<n { u.append(recurrence.reduce(0) { $0 ^ u[t - $1] }) }
    let w = (0..<n).map { u[$0 * (half + 1) % n] }
    let scale = 1 / Double(n).squareRoot()
    var elements = [Double]()
    for filter in 0..<count {
      for t in 0..<n {
        let bit = filter == 0 ? u[t] : u[t] ^ w[(t + filter - 1) % n]
        elements.append(bit == 0 ? scale : -scale)
      }
    }
    return Tensor(shape: [count, 1, 1, n], elements: elements)
  }
}

/// The state of a search: signs and all their correlations, kept up to date.
private struct SignSearch {
  let count: Int
  let size: Extent
  private(set) var signs: [Int]
  /// r_ab(d) = Σ f_a(x) f_b(x + d) for a ≤ b, one block of all shifts a pair.
  private var correlations: [Int]

  init(count: Int, size: Extent, from stream: inout RandomStream) {
    self.count = count
    self.size = size
    signs = (0..<count * size.area).map { _ in stream.sign() > 0 ? 1 : -1 }
    correlations = [Int](
      repeating: 0, count: count * (count + 1) / 2 * (2 * size.height - 1) * (2 * size.width - 1))
    for a in 0..<count {
      for b in a..<count {
        for i in 0..<size.area {
          for j in 0..<size.area {
            correlations[slot(a, b, i, j)] += signs[a * size.area + i] * signs[b * size.area + j]
          }
        }
      }
    }
  }

  private var shifts: Int { (2 * size.height - 1) * (2 * size.width - 1) }

  /// Where r_ab at the shift from position i to position j is kept, a ≤ b.
  private func slot(_ a: Int, _ b: Int, _ i: Int, _ j: Int) -> Int {
    let pair = a * count - a * (a - 1) / 2 + b - a
    let dy = j / size.width - i / size.width + size.height - 1
    let dx = j % size.width - i % size.width + size.width - 1
    return pair * shifts + dy * (2 * size.width - 1) + dx
  }

  mutating func flip(_ entry: Int) {
    let (a, i) = (entry / size.area, entry % size.area)
    let change = -2 * signs[entry]
    for b in 0..<count {
      for j in 0..<size.area where !(a == b && i == j) {
        let value = change * signs[b * size.area + j]
        if a <= b { correlations[slot(a, b, i, j)] += value }
        if b <= a { correlations[slot(b, a, j, i)] += value }
      }
    }
    signs[entry] = -signs[entry]
  }

  /// Σ r⁴ and max |r| but for the zero shift of a filter with itself.
  func costAndPeak() -> (Int, Int) {
    var (cost, peak, pair) = (0, 0, 0)
    for a in 0..<count {
      for b in a..<count {
        // An autocorrelation is symmetric: the half before the zero shift is enough.
        let length = a == b ? shifts / 2 : shifts
        for k in pair * shifts..<pair * shifts + length {
          let r = correlations[k]
          peak = max(peak, abs(r))
          cost += r * r * r * r
        }
        pair += 1
      }
    }
    return (cost, peak)
  }
}
