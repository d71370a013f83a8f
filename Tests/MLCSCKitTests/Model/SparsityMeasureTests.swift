// Claim: stripe and patch norms count what their definitions say, on fixtures and by brute force.
import MLCSCKit
import Testing

struct SparsityMeasureTests {
  struct Case: Decodable {
    let shape: [Int]
    let filter_size: [Int]
    let boundary: String
    let stripe_l0inf: Int
    let patch_l0inf: Int
    let l0: Int
  }

  static func extent(_ values: [Int]) -> Extent {
    values.count == 1 ? .line(values[0]) : Extent(values[0], values[1])
  }

  @Test(
    "stripe norms of the fixtures", .enabled(if: Fixture.root != nil, Fixture.absent),
    arguments: Fixture.all("l0inf"))
  func fixtures(_ fixture: Fixture) throws {
    let parameters = try fixture.parameters(Case.self)
    let grid = CodeGrid(
      channels: parameters.shape[0], size: Self.extent(Array(parameters.shape.dropFirst())),
      filterSize: Self.extent(parameters.filter_size),
      boundary: try #require(Boundary(rawValue: parameters.boundary)))
    let code = try fixture.matrix("gamma").elements
    #expect(SparsityMeasures.stripeNorm(code, on: grid) == parameters.stripe_l0inf)
    #expect(SparsityMeasures.patchNorm(code, on: grid) == parameters.patch_l0inf)
    #expect(SparsityMeasures.cardinality(code) == parameters.l0)
  }

  static let grids: [CodeGrid] = Boundary.allCases.flatMap { boundary in
    [
      (1, Extent.line(9), Extent.line(3)), (2, .line(5), .line(4)), (3, .line(1), .line(1)),
      (2, Extent(5, 7), Extent(2, 3)), (1, Extent(3, 4), Extent(3, 3)),
    ].map { CodeGrid(channels: $0.0, size: $0.1, filterSize: $0.2, boundary: boundary) }
  }

  @Test("running sums agree with counting every window", arguments: grids)
  func bruteForce(_ grid: CodeGrid) {
    var stream = RandomStream("stripes", "\(grid)")
    for _ in 0..<20 {
      let count = grid.channels * grid.size.area
      let code = (0..<count).map { _ in stream.uniform() < 0.3 ? 1.0 : 0.0 }
      for (stripe, value) in [
        (true, SparsityMeasures.stripeNorm(code, on: grid)),
        (false, SparsityMeasures.patchNorm(code, on: grid)),
      ] {
        #expect(value == counted(code, grid, stripe))
      }
    }
  }

  private func counted(_ code: [Double], _ grid: CodeGrid, _ stripe: Bool) -> Int {
    let (h, w) = (grid.size.height, grid.size.width)
    func positions(_ i: Int, _ n: Int, _ filter: Int) -> Set<Int> {
      let shifts = (stripe ? -(filter - 1) : 0)...(filter - 1)
      return Set(
        shifts.compactMap { shift in
          let j = i + shift
          if grid.boundary == .circular { return ((j % n) + n) % n }
          return (0..<n).contains(j) ? j : nil
        })
    }
    var largest = 0
    for y in 0..<h {
      for x in 0..<w {
        var count = 0
        for a in positions(y, h, grid.filterSize.height) {
          for b in positions(x, w, grid.filterSize.width) {
            for c in 0..<grid.channels where code[c * h * w + a * w + b] != 0 { count += 1 }
          }
        }
        largest = max(largest, count)
      }
    }
    return largest
  }

  @Test("support intersection and relative error at their edges")
  func edges() {
    #expect(SparsityMeasures.supportIntersection([], []) == 1)
    #expect(SparsityMeasures.supportIntersection([1, 2], []) == 0)
    #expect(SparsityMeasures.supportIntersection([1, 2, 3, 4], [2, 9]) == 0.25)
    #expect(SparsityMeasures.relativeError([0, 0], [0, 0]) == 0)
    #expect(SparsityMeasures.relativeError([1, 0], [0, 0]) == .infinity)
    #expect(SparsityMeasures.relativeError([3, 0], [0, 4]) == 1.25)
  }
}
