// Claim: a logarithmic grid has its ends, equal ratios and about as many steps a decade as asked for.
import MLCSCKit
import Testing

struct LogarithmicGridTests {
  @Test("whole decades, up and down")
  func decades() {
    #expect(
      LogarithmicGrid.powersOfTen(from: -2, through: 1, perDecade: 1) == [0.01, 0.1, 1, 10])
    #expect(LogarithmicGrid.powersOfTen(from: 0, through: -2, perDecade: 1) == [1, 0.1, 0.01])
  }

  @Test("a part of a decade is rounded to whole steps of equal ratio", arguments: [1, 2, 3, 4, 8])
  func parts(_ perDecade: Int) {
    let grid = LogarithmicGrid.powersOfTen(from: -4, through: -0.5, perDecade: perDecade)
    #expect(grid.count == Int((3.5 * Double(perDecade)).rounded()) + 1)
    #expect(grid.first == 1e-4)
    let ratios = zip(grid.dropFirst(), grid).map { $0 / $1 }
    // Every power is right to a few units in the last place.
    #expect(ratios.allSatisfy { abs($0 / ratios[0] - 1) < 1e-14 })
  }
}
