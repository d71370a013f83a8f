import MLCSCKit

/// Which penalties suit some realisations best: those that minimise the mean of both layers' errors.
struct PenaltyChoice {
  private let rows: [Recovery.Row]

  init(_ rows: [Recovery.Row]) { self.rows = rows }

  private func score(_ first: Int, _ second: Int) -> Double {
    Statistics.mean(rows.map { $0.errors[0][first][second] + $0.errors[1][first][second] })
  }

  /// The number of λ₁, 0 for none, at a λ₂.
  func first(at second: Int, from start: Int = 0) -> Int {
    (start..<(rows.first?.errors[0].count ?? 0)).min { score($0, second) < score($1, second) } ?? 0
  }

  /// The best pair of all, with λ₁ > 0 or without λ₁.
  func bestPair(multiLayer: Bool) -> (first: Int, second: Int) {
    (rows.first?.errors[0][0].indices ?? 0..<0)
      .map { (multiLayer ? first(at: $0, from: 1) : 0, $0) }
      .min { score($0.0, $0.1) < score($1.0, $1.1) } ?? (0, 0)
  }
}
