// Claim: a tally of instances is the same whether they are counted at once or in blocks.
import MLCSCKit
import Testing

struct GuaranteeTallyTests {
  private let bounded = Guarantee(slack: 1, bound: 2)
  private let unbounded = Guarantee(slack: -1, bound: 2)

  @Test("errors, bounds and violations are those of the instances with the premise")
  func counts() {
    var tally = GuaranteeTally()
    tally.add(bounded, error: 1)
    tally.add(bounded, error: 2)  // The bound is attained.
    tally.add(bounded, error: 3)
    tally.add(bounded, error: 0.5, isPromised: false)
    tally.add(unbounded, error: 100, isPromised: false)
    #expect(tally.inside.count == 4 && tally.outside.count == 1 && tally.all.count == 5)
    #expect(tally.violations == 2 && tally.tested == 4)
    #expect(tally.tightness == 1.5 && tally.bound == 2)
    #expect(tally.inside.mean == 6.5 / 4 && tally.inside.largest == 3)
    #expect(tally.outside.mean == 100 && tally.all.largest == 100)
  }

  @Test("what the theorem does not speak of is no violation, whatever its error")
  func untested() {
    var tally = GuaranteeTally()
    tally.add(bounded, error: 7, isTested: false)
    #expect(tally.violations == 0 && tally.tested == 0 && tally.tightness == 0)
    #expect(tally.inside.count == 1 && tally.inside.mean == 7)
  }

  @Test("the unit divides errors and bounds, and leaves their ratio")
  func unit() {
    var tally = GuaranteeTally()
    tally.add(bounded, error: 1, unit: 4)
    #expect(tally.inside.mean == 0.25 && tally.bound == 0.5 && tally.tightness == 0.5)
  }

  @Test("blocks add up to the tally of all instances; their means give the standard error")
  func blocks() throws {
    // Sums of quarters are exact.
    let errors = [[0.25, 0.75], [1.25], [2.5, 3, 0.5]]
    var whole = GuaranteeTally()
    let blocks = errors.map { block in
      var tally = GuaranteeTally()
      for error in block {
        tally.add(bounded, error: error)
        whole.add(bounded, error: error)
      }
      return tally
    }
    #expect(GuaranteeTally(blocks) == whole)
    let found = try #require((blocks + [GuaranteeTally()]).meanError(\.inside))
    #expect(found.value == 8.25 / 6)
    #expect(found.standardError == Statistics.standardError([0.5, 1.25, 2]))
    #expect(blocks.meanError(\.outside) == nil)
    #expect(GuaranteeTally().inside.mean == nil && GuaranteeTally().bound == nil)
  }
}
