import Dispatch
import Foundation
import Synchronization

/// A computation that failed in one cell.
public struct CellFailure: Error, CustomStringConvertible {
  /// The cell's identifier.
  public let cell: String
  /// Why.
  public let reason: any Error

  public var description: String { "cell \(cell): \(reason)" }
}

/// Computes the cells of an experiment side by side and keeps what is finished.
struct CellPool<E: Experiment> {
  let options: RunOptions
  let settings: E.Settings
  let inputs: E.Inputs
  let canonical: Data
  let cache: CellCache

  struct Outcome {
    var results: [CellResult<E.Cell, E.Row>]
    var computed: Int
    var cached: Int
  }

  private struct Work {
    var next = 0
    var done = 0
    var failures: [(Int, any Error)] = []
  }

  private struct Job: Sendable {
    let cell: E.Cell
    let key: String
  }

  private func jobs() throws -> [Job] {
    if let family = E.family {
      return try E.cells(settings, inputs).map { cell in
        Job(
          cell: cell,
          key: CellCache.key(
            experiment: family.name, version: family.version, seed: options.seed,
            settings: try SettingsOverride.canonical(cell),
            fingerprint: E.fingerprint(of: cell, inputs), cell: cell.id))
      }
    }
    let fingerprint = E.fingerprint(of: inputs)
    return E.cells(settings, inputs).map { cell in
      Job(
        cell: cell,
        key: CellCache.key(
          experiment: E.identity.name, version: E.identity.version, seed: options.seed,
          settings: canonical, fingerprint: fingerprint, cell: cell.id))
    }
  }

  /// The files that the cells kept, by name.
  func artefacts() throws -> [(String, URL)] {
    try jobs().flatMap { job -> [(String, URL)] in
      let folder = cache.artefacts(job.key)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
      return names.filter { !$0.hasPrefix(".") }.sorted()
        .map { ($0, folder.appendingPathComponent($0)) }
    }
  }

  /// Computes what is not in the cache.
  ///
  /// - Throws: The first failure in the order of the cells, after all others were saved;
  ///   `Interrupted` where the process was asked to stop; `CellsMissing` where cells are only to be
  ///   gathered and the experiment needs all of them.
  func run() throws -> Outcome {
    let name = E.identity.name
    let all = try jobs()
    let mine = all.enumerated().filter { options.shard?.contains($0.offset) ?? true }
      .map(\.element)
    let todo = mine.filter { job in
      switch cache.entry(job.key) {
      case .finished(let body): return decode(body) == nil
      case .absent: return true
      case .damaged:
        Terminal.note("\(name): the cached cell \(job.cell.id) is damaged; computing it again")
        return true
      }
    }
    if options.gather, !E.allowsMissingCells, !todo.isEmpty {
      throw CellsMissing(missing: todo.count, all: all.count)
    }
    if !options.gather { try compute(todo, of: mine.count) }
    var outcome = Outcome(
      results: [], computed: options.gather ? 0 : todo.count, cached: mine.count - todo.count)
    guard options.shard == nil else { return outcome }
    for job in all {
      guard case .finished(let body) = cache.entry(job.key), let rows = decode(body) else {
        if options.gather { continue }
        throw FileError.notRead(
          path: cache.file(job.key).path, reason: "a finished cell disappeared during the run")
      }
      outcome.results.append(CellResult(cell: job.cell, rows: rows))
    }
    return outcome
  }

  private func decode(_ body: Data) -> [E.Row]? {
    try? JSONDecoder().decode([E.Row].self, from: body)
  }

  private func compute(_ todo: [Job], of total: Int) throws {
    guard !todo.isEmpty else { return }
    let name = E.identity.name
    let cores = ProcessInfo.processInfo.activeProcessorCount
    // The last bits of a training depend on the number of threads, so that there it does not depend
    // on how many cells an interrupted run had finished.
    let cells = E.family == nil ? todo.count : total
    let workers = E.runsCellsSerially ? 1 : min(options.jobs ?? cores, cells)
    // Inside a cell the work may use the cores that other cells leave idle; the results of all else
    // do not depend on it (see Parallelism).
    let spare = E.runsCellsSerially ? 1 : max(1, (options.jobs ?? cores) / workers)
    Parallelism.setWidth(spare)
    let work = Mutex(Work())
    let started = DispatchTime.now().uptimeNanoseconds
    let show: @Sendable (String) -> Void = { note in
      let done = work.withLock { $0.done } + total - todo.count
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - started) * 1e-9
      Terminal.progress(
        "\(name): \(done) of \(total) cells, \(Int(seconds)) s" + (note.isEmpty ? "" : ", \(note)"))
    }
    show("")
    let task = Transfer(settings: settings, inputs: inputs)
    let (seed, cache) = (options.seed, cache)
    let group = DispatchGroup()
    for _ in 0..<workers {
      group.enter()
      let thread = Thread {
        defer { group.leave() }
        while !Interruption.isRequested {
          let next = work.withLock { state -> Int? in
            guard state.next < todo.count else { return nil }
            state.next += 1
            return state.next - 1
          }
          guard let next else { return }
          let job = todo[next]
          do {
            let context = CellContext(
              stream: RandomStream(
                E.family?.name ?? E.identity.name, job.cell.id, "\(seed)"), seed: seed,
              checkpoints: cache.checkpoints(job.key),
              report: { show("\(Int($0 * 100)) % \($1) (\(job.cell.id))") },
              artefacts: cache.artefacts(job.key))
            let rows = try E.measure(job.cell, task.settings, task.inputs, context)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let body: Data
            do {
              body = try encoder.encode(rows)
            } catch {
              throw CellValueError(reason: "a measured value is not finite")
            }
            try cache.store(body, for: job.key)
            work.withLock { $0.done += 1 }
          } catch {
            work.withLock { $0.failures.append((next, error)) }
          }
          show("")
        }
      }
      thread.stackSize = 16 << 20
      thread.start()
    }
    group.wait()
    Terminal.clear()
    if Interruption.isRequested { throw Interrupted() }
    let failures = work.withLock { $0.failures }
    if let first = failures.min(by: { $0.0 < $1.0 }) {
      if first.1 is FileError { throw first.1 }
      throw CellFailure(cell: todo[first.0].cell.id, reason: first.1)
    }
  }

  private struct Transfer: Sendable {
    let settings: E.Settings
    let inputs: E.Inputs
  }
}

/// A cell measured something that cannot be stored.
public struct CellValueError: Error, CustomStringConvertible {
  /// Why.
  public let reason: String

  public var description: String { reason }
}

/// Cells were only to be gathered, but some are not finished and the experiment needs them all.
public struct CellsMissing: Error, CustomStringConvertible {
  /// How many are not finished.
  public let missing: Int
  /// How many there are.
  public let all: Int

  public var description: String {
    "\(missing) of \(all) cells are not finished; without --gather they are computed"
  }
}
