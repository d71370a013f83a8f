// Claim: no damaged file ends a process or is taken for whole, and no killed run loses or repeats
// anything; the short form of `mlcsc-fault`.
import FaultInjection
import Testing

struct FaultTests {
  @Test("damaged files of every format are read or refused")
  func readers() throws {
    let trials = try ReaderTrials()
    defer { trials.finish() }
    var refused = 0
    for number in 0..<240 {
      let outcome = try trials.outcome(of: number)
      if case .unclear(let problem) = outcome { Issue.record("\(problem)") }
      refused += outcome == .refused ? 1 : 0
    }
    // Damage in a header is most of it.
    #expect(refused > 100, "\(refused) of 240")
  }

  @Test(
    "a stored file that is cut or flipped is noticed", arguments: StoredFileTrials.Kind.allCases)
  func stored(_ kind: StoredFileTrials.Kind) throws {
    let trials = try StoredFileTrials(count: 6)
    defer { trials.finish() }
    let tally = try trials.run(kind)
    #expect(tally.tried >= 12)
    #expect(tally.missed == [])
  }

  @Test("killed runs end in the same bytes, repeat no finished cell and leave no lock")
  func kills() throws {
    let trials = try KillTrials(.cells)
    defer { trials.finish() }
    let tally = try trials.run(3, killsPerRound: 3)
    #expect(tally.kills >= 3)
    #expect(tally.different + tally.computedTwice + tally.left == [])
  }
}
