// Claim: no damaged file ends a process or is taken for whole, no killed run loses or repeats anything,
// every value of a setting gives a result or is refused by name, and all kernels of the numerical
// libraries find the same; the short form of `mlcsc-fault`.
import ExperimentSuite
import FaultInjection
import Foundation
import TestSupport
import Testing

struct FaultTests {
  @Test("damaged files of every format are read or refused")
  func readers() throws {
    let trials = try ReaderTrials()
    defer { trials.finish() }
    var refused = 0
    for number in 0..<240 {
      let outcome = trials.outcome(of: number, try trials.file(of: number))
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

  @Test(
    "every value of a setting gives a result or is refused by name",
    arguments: [
      ("msdcsc-fig1-coherence", ["figureKernel", "randomKernels"]),
      ("mlista-fixed-point", ["dimensions"]),
    ])
  func settings(_ experiment: String, _ names: [String]) throws {
    let trials = try SettingTrials(experiment, limit: 2)
    defer { trials.finish() }
    let changes = try trials.changes().filter { names.contains($0.name) }
    let tally = try trials.run(changes, jobs: 2)
    #expect(tally.tried >= changes.count && tally.tried > 10)
    #expect(tally.refused > 5 && tally.wrong == [])
  }

  @Test("values of ordinary type are tried for every setting, those within lists and settings too")
  func variations() throws {
    let text = #"{"a": 3, "b": [0.5, 2], "c": {"d": true, "e": "x"}, "f": [[1, 2]]}"#
    let settings = try JSONDecoder().decode(SettingValue.self, from: Data(text.utf8))
    #expect(settings.leaves.map(\.name) == ["a", "b", "c.d", "c.e", "f"])
    let tried = try settings.leaves.map { try Set($0.value.variations.map { try $0.text() }) }
    #expect(tried[0].isSuperset(of: ["0", "1", "-1", "6", "1.5", "1e-12", "null"]))
    #expect(!tried[0].contains("3"))
    #expect(tried[1].isSuperset(of: ["[]", "[0.5]", "[2,0.5]", "[0.5,2,4]", "[0.5,2,0.5]"]))
    #expect(tried[1].isSuperset(of: ["[-1,2]", "[0.5,0]"]))
    #expect(tried[2] == ["false", "null"])
    #expect(tried[3] == ["another", "", "null"])
    #expect(tried[4].isSuperset(of: ["[[1,2],[2,4]]", "[[1]]", "[[1,-1]]"]))
  }

  @Test("the kernels of other processors find the same supports, objectives and losses")
  func kernels() throws {
    let trials = try KernelTrials(
      worker: RunningTool.products().appendingPathComponent("mlcsc-fault"),
      solvers: ["exact", "layered-thresholding", "omp"])
    defer { trials.finish() }
    let choices = KernelTrials.Choice.openBLAS + KernelTrials.Choice.oneDNN
    for choice in choices
    where ["Prescott", "Haswell", "SSE41", "AVX2"].contains(choice.value) && choice.canRun {
      #expect(try trials.compare(choice).wrong == [], "\(choice.value)")
    }
  }
}
