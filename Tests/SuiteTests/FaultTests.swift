// Claim: no damaged file ends a process or is taken for whole, and no killed run loses or repeats
// anything; the short form of `mlcsc-fault`.
import ExperimentSuite
import FaultInjection
import Foundation
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

  @Test("what a killed run is compared by has all columns but those of seconds")
  func untimed() throws {
    let columns = [
      Column("seed", .key), Column("seconds", .timing), Column("loss", .measured()),
    ]
    func content(_ text: String) throws -> Data {
      try KillTrials.untimed(Data(text.utf8), of: "trainings.csv", columns)
    }
    let table = try content("seed,seconds,loss\n1,0.25,2.5\n")
    #expect(try content("seed,seconds,loss\n1,0.75,2.5\n") == table)
    #expect(try content("seed,seconds,loss\n1,0.25,2.5000001\n") != table)
    #expect(try content("seed,seconds,loss\n2,0.25,2.5\n") != table)
    #expect(try content("seed,seconds,loss\n") != table)
    // A file without such a column is compared byte by byte.
    let weights = Data([0, 255, 10, 13])
    #expect(try KillTrials.untimed(weights, of: "model.safetensors", []) == weights)
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
