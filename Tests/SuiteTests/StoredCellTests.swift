// Claim: trainings that are stored with a checkout are found by a run whose cache has nothing, say
// which machines made them, and are left alone where they are damaged or not wanted.
import ExperimentSuite
import Foundation
import MLCSCBase
import Synchronization
import TestSupport
import Testing

/// Two cells that experiments share; how often they are computed is counted by folder.
private enum Shared: TwoCells {
  static let identity = ExperimentIdentity(
    name: "shared", paper: "T", figure: "Table 1", title: "t", question: "q")
  static let family: CellFamily? = CellFamily("shared-work", version: 1)
  static let allowsMissingCells = true

  static func measure(
    _ cell: NumberedCell, _ settings: [String: Int], _ inputs: NoInputs, _ context: CellContext
  ) throws -> [UInt64] {
    var stream = context.stream
    try context.keep(Data("weights \(cell.index)".utf8), as: "\(cell.id).weights")
    return [stream.next()]
  }
}

struct StoredCellTests {
  private let folder: TemporaryFolder
  private var root: URL { folder["checkout"] }
  private var stored: URL { root.appendingPathComponent("Results/trainings") }

  init() throws { folder = try TemporaryFolder() }

  /// Runs into one folder of results; a checkout holds what is stored.
  private func compute(_ machine: String, _ more: [String]) throws -> URL {
    let options = try RunOptions.parse(
      ["--profile", "standard", "--no-plots", "--jobs", "1"] + more)
    let results = folder[machine]
    let output = results.appendingPathComponent("standard/shared")
    _ = try Runner<Shared>(options: options, results: results, root: root, output: output).run()
    return output
  }

  /// Runs, and reads what was written.
  private func run(
    _ machine: String, _ more: String...
  ) throws -> (table: String, cells: Provenance) {
    let output = try compute(machine, more)
    return try (
      String(contentsOf: output.appendingPathComponent("numbers.csv"), encoding: .utf8),
      JSONDecoder().decode(
        Provenance.self, from: Data(contentsOf: output.appendingPathComponent("provenance.json")))
    )
  }

  private func store(_ machine: String) throws -> [String] {
    try StoredCells(root: root).store(cellsOf: folder[machine + "/standard/shared"])
    return try FileManager.default.contentsOfDirectory(atPath: stored.path).sorted()
  }

  @Test("another machine goes on with what one machine has finished and stored")
  func goingOn() throws {
    _ = try compute("first", ["--shard", "1/2"])
    let part = try run("first", "--gather").table
    let names = try store("first")
    #expect(names.count == 1)
    #expect(try run("second", "--gather").table == part)
    let whole = try run("second")
    #expect(whole.cells.cells_computed == 1 && whole.cells.cells_cached == 1)
    #expect(try whole.table == run("alone", "--recompute").table)
    // What was found here is not stored again; what is new is.
    let both = try store("second")
    #expect(both.count == 2 && both.contains(names[0]))
    #expect(try run("third", "--gather").table == whole.table)
  }

  @Test("a stored training has its description and its machine, and not its weights")
  func content() throws {
    _ = try run("first")
    let cell = try FinishedCell(stored.appendingPathComponent(#require(store("first").first)))
    #expect(cell.files == nil)
    let description = try JSONDecoder().decode(
      NumberedCell.self, from: #require(cell.description))
    #expect(description.index == 0)
    let machines = try #require(cell.machines)
    #expect(machines.count == 1)
    #expect(!machines[0].processor.isEmpty && machines[0].threads >= 1)
    #expect(machines[0].libraries.keys.contains("oneDNN"))
  }

  @Test("what another machine had begun is said")
  func machines() throws {
    let whole = try run("first")
    let key = try #require(store("first").first).split(separator: ".")[1]
    let file = folder["second/.cache/shared-work/\(key).checkpoints/machines.json"]
    let cell = try FinishedCell(stored.appendingPathComponent(store("first")[0]))
    try AtomicFile.write(JSONText.pretty(#require(cell.machines)), to: file)
    #expect(try run("second", "--recompute").table == whole.table)
    let finished = try FinishedCell(folder["second/.cache/shared-work/\(key).cell"])
    #expect(finished.machines?.count == 2 && finished.machines?.first == cell.machines?.first)
    #expect(!FileManager.default.fileExists(atPath: file.path))
  }

  @Test("a checkpoint of a run that takes no stored training outlives one that does")
  func checkpoints() throws {
    _ = try run("first")
    let key = try #require(store("first").first).split(separator: ".")[1]
    let file = folder["second/.cache/shared-work/\(key).checkpoints/training-a.safetensors"]
    try AtomicFile.write(Data("half".utf8), to: file)
    _ = try run("second", "--gather")
    #expect(FileManager.default.fileExists(atPath: file.path))
  }

  @Test("a file that is named as another cell is not taken, nor stored where it says nothing")
  func otherCell() throws {
    let whole = try run("first")
    let names = try store("first")
    let (one, two) = (
      stored.appendingPathComponent(names[0]), stored.appendingPathComponent(names[1])
    )
    try Data(contentsOf: one).write(to: two)
    let again = try run("second")
    #expect(again.cells.cells_computed == 1 && again.table == whole.table)
    // A cell as earlier versions wrote them.
    let key = names[0].split(separator: ".")[1]
    try CellCache(results: folder["first"], experiment: "shared-work").store(
      FinishedCell(body: FinishedCell(one).body), for: String(key))
    let error = #expect(throws: FileError.self) { try store("first") }
    #expect("\(error as Any)".contains("which machines made it"))
  }

  @Test("a damaged one and one that is not wanted are computed")
  func notTaken() throws {
    let whole = try run("first")
    let names = try store("first")
    #expect(try run("second", "--recompute").cells.cells_computed == 2)
    let file = stored.appendingPathComponent(names[0])
    var content = try Data(contentsOf: file)
    content[content.count - 3] ^= 1
    #expect(try StoredCells(root: root).problems() == [])
    try content.write(to: file)
    #expect(try StoredCells(root: root).problems().first?.hasPrefix(file.path) == true)
    let again = try run("third")
    #expect(again.cells.cells_computed == 1 && again.table == whole.table)
  }

  @Test("trainings of another implementation stand alone, whatever their files are called")
  func anotherImplementation() throws {
    let suite = try run("first")
    let names = try store("first")
    // Another implementation has the second cell alone, with a number of its own.
    let other = folder["other"]
    var cell = try FinishedCell(stored.appendingPathComponent(names[1]))
    cell.body = Data("[42]".utf8)
    try CellCache(results: folder["writer"], experiment: "any").store(cell, for: "key")
    try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
    let file = other.appendingPathComponent("its-own-name.cell")
    try FileManager.default.copyItem(at: folder["writer/.cache/any/key.cell"], to: file)
    let found = try run("first", "--trainings", other.path)
    #expect(found.cells.cells_computed == 0 && found.cells.cells_cached == 1)
    #expect(found.cells.trainings == other.path)
    #expect(found.cells.command.contains("--trainings \(other.path) "))
    #expect(found.table != suite.table && found.table.contains("42"))
    let schema = try TableSchema.read(folder["first/standard/shared"])
    #expect(schema.missingCells == 1 && schema.scale.contains("another implementation"))
    let output = folder["first/standard/shared"]
    func check(_ profile: Profile, _ implementation: Implementation) throws {
      try Provenance.check(
        output, experiment: "shared", profile: profile, implementation: implementation)
    }
    try check(.standard, .pytorch)
    #expect(throws: OtherResults.self) { try check(.standard, .suite) }
    #expect(throws: OtherResults.self) { try check(.paper, .pytorch) }
    _ = try run("first", "--trainings", other.path, "--seed", "2")
    #expect(throws: OtherResults.self) { try check(.standard, .pytorch) }
    _ = try run("first", "--trainings", other.path)
    // Its cells are not the suite's, and the suite's own are left as they were.
    let sources = try String(
      contentsOf: folder["first/standard/shared/cells.json"], encoding: .utf8)
    #expect(sources.contains("its-own-name.cell") && !sources.contains("stored"))
    #expect(try run("first").table == suite.table)
    try check(.standard, .suite)
    #expect(throws: OtherResults.self) { try check(.standard, .pytorch) }

    // The same training twice, a damaged one, none.
    let twin = other.appendingPathComponent("twin.cell")
    try FileManager.default.copyItem(at: file, to: twin)
    #expect(throws: FileError.self) { try StoredCells(folder: other) }
    try FileManager.default.removeItem(at: twin)
    try Data("no cell".utf8).write(to: file)
    #expect(throws: FileError.self) { try StoredCells(folder: other) }
    try FileManager.default.removeItem(at: file)
    #expect(throws: FileError.self) { try StoredCells(folder: other) }
    #expect(throws: FileError.self) { try StoredCells(folder: folder["absent"]) }
  }
}
