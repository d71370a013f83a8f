// Claim: a table that takes weeks can be written while it fills: gathering computes nothing, leaves
// out what is not finished, and refuses where an experiment needs all its cells.
import ExperimentSuite
import Foundation
import TestSupport
import Testing

/// Cells that square their number.
private protocol Squares: Experiment
where Settings == [String: Int], Inputs == NoInputs, Cell == NumberedCell, Row == Int {}

extension Squares {
  static func settings(for profile: Profile) -> [String: Int] { ["count": 4] }

  static func cells(_ settings: [String: Int], _ inputs: NoInputs) -> [NumberedCell] {
    NumberedCell.cells(4)
  }

  static func measure(
    _ cell: NumberedCell, _ settings: [String: Int], _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Int] { [cell.index * cell.index] }

  static func tables(
    _ settings: [String: Int], _ results: [CellResult<NumberedCell, Int>]
  ) throws -> [Table] {
    [try Table("squares", results.map { SquareRow(number: $0.cell.index, square: $0.rows[0]) })]
  }
}

private struct SquareRow: TableRow {
  @Field("number", .key) var number = 0
  @Field("square", .exact) var square = 0
}

private enum Patient: Squares {
  static let identity = ExperimentIdentity(
    name: "patient", paper: "T", figure: "Table 1", title: "t", question: "q")
  static let allowsMissingCells = true
}

private enum Strict: Squares {
  static let identity = ExperimentIdentity(
    name: "strict", paper: "T", figure: "Table 1", title: "t", question: "q")
}

struct GatherTests {
  private func run<E: Experiment>(
    _ type: E.Type, _ folder: TemporaryFolder, shard: Shard? = nil, gather: Bool = false
  ) throws -> String? {
    let options = try RunOptions.parse(
      ["--profile", "smoke", "--no-plots", "--jobs", "1"] + (gather ? ["--gather"] : [])
        + (shard.map { ["--shard", "\($0.index)/\($0.count)"] } ?? []))
    let runner = Runner<E>(
      options: options, results: folder["Results"], root: nil, output: folder["output"])
    _ = try runner.run()
    return try? String(contentsOf: folder["output/squares.csv"], encoding: .utf8)
  }

  @Test("gathering shows what shards have finished, then all of it")
  func gathering() throws {
    let folder = try TemporaryFolder()
    #expect(try run(Patient.self, folder, gather: true) == "number,square\n")
    #expect(try run(Patient.self, folder, shard: Shard(argument: "2/2")) == "number,square\n")
    #expect(try run(Patient.self, folder, gather: true) == "number,square\n1,1\n3,9\n")
    #expect(try run(Patient.self, folder, shard: Shard(argument: "1/2")) != nil)
    #expect(try run(Patient.self, folder, gather: true) == "number,square\n0,0\n1,1\n2,4\n3,9\n")
  }

  @Test("the provenance is that of the tables: new with every cell, kept where nothing is new")
  func provenance() throws {
    let folder = try TemporaryFolder()
    func cells() throws -> Int {
      _ = try run(Patient.self, folder, gather: true)
      return try JSONDecoder().decode(
        Provenance.self, from: Data(contentsOf: folder["output/provenance.json"])
      ).cells_cached
    }
    #expect(try cells() == 0)
    _ = try run(Patient.self, folder, shard: Shard(argument: "2/2"))
    #expect(try cells() == 2)
    let stored = try Data(contentsOf: folder["output/provenance.json"])
    #expect(try cells() == 2)
    #expect(try Data(contentsOf: folder["output/provenance.json"]) == stored)
  }

  @Test("an experiment that needs all its cells refuses to gather some")
  func refusal() throws {
    let folder = try TemporaryFolder()
    _ = try run(Strict.self, folder, shard: Shard(argument: "1/2"))
    let error = #expect(throws: CellsMissing.self) {
      try run(Strict.self, folder, gather: true)
    }
    #expect(error?.missing == 2 && error?.all == 4)
    _ = try run(Strict.self, folder, shard: Shard(argument: "2/2"))
    #expect(try run(Strict.self, folder, gather: true)?.hasSuffix("3,9\n") == true)
  }

  @Test("gathering a shard is refused")
  func usage() {
    #expect(throws: (any Error).self) {
      try RunOptions.parse(["--gather", "--shard", "1/2"])
    }
  }
}
