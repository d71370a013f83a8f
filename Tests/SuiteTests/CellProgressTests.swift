import ExperimentSuite
import Testing

@Suite("The line about progress")
struct CellProgressTests {
  @Test("shares of cells count; what was there before says nothing about the time left")
  func line() {
    let progress = CellProgress(of: "toy", total: 10, finished: 4)
    #expect(progress.line(after: 6) == "toy: 4 of 10 cells, 40 %, 6 s")
    for share in [0, 0.25, 0.5] { progress.reach(share, of: "a") }
    // From a checkpoint: done, and not in these seconds.
    progress.reach(0.5, of: "b")
    // Half a cell in 20 s, five to come.
    #expect(
      progress.line(after: 20, "epoch 3")
        == "toy: 4 of 10 cells, 50 %, 20 s, about 3 min left, epoch 3")
    progress.finish("a", isComputed: true)
    progress.finish("b", isComputed: true)
    // One and a half in 30 s, four to come.
    #expect(progress.line(after: 30) == "toy: 6 of 10 cells, 60 %, 30 s, about 80 s left")
    progress.finish("c", isComputed: false)
    #expect(progress.line(after: 30) == "toy: 7 of 10 cells, 70 %, 30 s, about 60 s left")
    for cell in ["d", "e", "f"] { progress.finish(cell, isComputed: true) }
    #expect(progress.line(after: 90) == "toy: 10 of 10 cells, 100 %, 90 s")
  }

  @Test(
    "a duration is as coarse as it is long",
    arguments: [(119.4, "119 s"), (150, "3 min"), (7_199, "120 min"), (9_000, "2.5 h")])
  func duration(_ seconds: Double, _ text: String) {
    #expect(CellProgress.duration(seconds) == text)
  }
}
