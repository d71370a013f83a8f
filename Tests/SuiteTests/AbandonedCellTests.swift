// Claim: a node that dies in mid-cell holds up nobody for ever and costs no more than that cell.
import ExperimentSuite
import Foundation
import MLCSCBase
import TestSupport
import Testing

/// Lets an open file look as if nobody had touched it since the year 2001.
private func age(_ descriptor: Int32) {
  let then = timespec(tv_sec: 1_000_000_000, tv_nsec: 0)
  #expect(futimens(descriptor, [then, then]) == 0)
}

/// An experiment of two short cells, the first of which keeps a file.
private enum Pair: TwoCells {
  static let identity = ExperimentIdentity(
    name: "pair", paper: "T", figure: "Fig. 1", title: "t", question: "q")

  static func measure(
    _ cell: NumberedCell, _ settings: [String: Int], _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Int] {
    if cell.index == 0 { try context.keep(Data("whole".utf8), as: "model") }
    return [cell.index]
  }
}

struct AbandonedCellTests {
  private static let key = CellCache.key(
    experiment: "pair", version: 1, seed: 1, settings: Data("{\n  \"count\" : 2\n}".utf8),
    fingerprint: "", cell: "block-0")

  /// A cell's lock as another node has it, and what the node had written of the cell.
  private final class OtherNode {
    let cache: CellCache
    let lock: URL
    let descriptor: Int32

    init(_ folder: TemporaryFolder) throws {
      cache = CellCache(results: folder["Results"], experiment: "pair")
      lock = cache.folder.appendingPathComponent("\(key).lock")
      for folder in [cache.folder, cache.checkpoints(key), cache.artefacts(key)] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      }
      try Data("half".utf8).write(to: cache.artefacts(key).appendingPathComponent("model"))
      try Data("epoch 3".utf8).write(to: cache.checkpoints(key).appendingPathComponent("3"))
      descriptor = open(lock.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      let words = Data("node7.cluster, process 4711\n".utf8)
      #expect(words.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == words.count)
      age(descriptor)
      #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    }

    deinit { close(descriptor) }
  }

  /// Runs with a patience and checks that both cells are there and nothing else.
  private func run(_ folder: TemporaryFolder, patience: Double) throws {
    let options = try RunOptions.parse(["--profile", "smoke", "--no-plots", "--jobs", "1"])
    var runner = Runner<Pair>(
      options: options, results: folder["Results"], root: nil, output: folder["pair"])
    runner.lockPatience = patience
    #expect(try runner.run().status == .ok)
    let table = try String(contentsOf: folder["pair/numbers.csv"], encoding: .utf8)
    #expect(table == "cell,number\nblock-0,0\nblock-1,1\n")
    #expect(try String(contentsOf: folder["pair/model"], encoding: .utf8) == "whole")
    let cache = CellCache(results: folder["Results"], experiment: "pair").folder
    let left = try FileManager.default.contentsOfDirectory(atPath: cache.path)
    #expect(left.count { $0.hasSuffix(".cell") } == 2)
    #expect(!left.contains { $0.hasSuffix(".lock") || $0.hasSuffix(".checkpoints") }, "\(left)")
  }

  @Test("a lock that died with its node is free: its cell is computed at once")
  func gone() throws {
    let folder = try TemporaryFolder()
    // The file is there, with another node's words and an old time; the kernel's lock is not.
    _ = try OtherNode(folder)
    try run(folder, patience: .infinity)
  }

  @Test("a lock that a file server keeps for a dead node is taken over when nobody renews it")
  func kept() throws {
    let folder = try TemporaryFolder()
    let node = try OtherNode(folder)
    try run(folder, patience: 0)
    // Should the node come back, it does not remove what others hold by then.
    #expect(flock(node.descriptor, LOCK_EX | LOCK_NB) == 0)
  }

  @Test("only a lock that stays as it is for so long counts as abandoned")
  func watch() throws {
    let folder = try TemporaryFolder()
    let held = try #require(try HeldFile(folder["lock"]))
    age(held.descriptor)
    var watch = LockWatch(folder["lock"], at: 100)
    func isAbandoned(at now: Double) -> Bool {
      watch.isAbandoned(folder["lock"], at: now, patience: 600)
    }
    #expect(!isAbandoned(at: 699))
    #expect(isAbandoned(at: 700))
    // One sign of life, and the time begins anew.
    #expect(held.renew())
    #expect(!isAbandoned(at: 701))
    #expect(!isAbandoned(at: 1_300))
    #expect(isAbandoned(at: 1_301))
    // Another holder's file of that name is another lock.
    held.remove()
    let other = try #require(try HeldFile(folder["lock"]))
    #expect(!isAbandoned(at: 2_000))
    // None at all is nobody's.
    other.remove()
    #expect(!isAbandoned(at: 3_000) && !isAbandoned(at: 4_000))
  }

  @Test("a holder renews its lock, and does not remove one that has taken its place")
  func holder() throws {
    let folder = try TemporaryFolder()
    var hold = try CellHold(folder["lock"], every: .milliseconds(1))
    let first = HeldFile.Mark(folder["lock"])
    let limit = Date(timeIntervalSinceNow: 60)
    while HeldFile.Mark(folder["lock"]) == first, Date() < limit { sched_yield() }
    #expect(HeldFile.Mark(folder["lock"]) != first)
    #expect(try CellHold(folder["lock"]) == nil)
    try FileManager.default.removeItem(at: folder["lock"])
    let successor = try #require(try CellHold(folder["lock"]))
    hold?.remove()
    hold = nil
    #expect(FileManager.default.fileExists(atPath: folder["lock"].path))
    #expect(try CellHold(folder["lock"]) == nil)
    successor.remove()
    #expect(!FileManager.default.fileExists(atPath: folder["lock"].path))
  }
}
