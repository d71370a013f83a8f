// Claim: blocks of cells share out all numbers, each once and in order.
import ExperimentSuite
import Testing

struct NumberedCellTests {
  @Test("blocks cover 0 ..< total once", arguments: [(12, 3), (13, 3), (2, 5), (1, 1)])
  func partition(_ total: Int, _ size: Int) {
    let cells = NumberedCell.blocks(of: size, upTo: total)
    #expect(cells.flatMap { $0.block(of: size, upTo: total) } == Array(0..<total))
    #expect(cells.allSatisfy { !$0.block(of: size, upTo: total).isEmpty })
  }

  @Test("a cell has nothing of what is fewer than it was made for")
  func fewer() {
    #expect(NumberedCell(index: 3).block(of: 5, upTo: 12).isEmpty)
  }
}
