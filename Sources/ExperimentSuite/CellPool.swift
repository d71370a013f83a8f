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
struct CellPool<E: Experiment>: Sendable {
  let options: RunOptions
  let settings: E.Settings
  let inputs: E.Inputs
  let canonical: Data
  let cache: CellCache
  /// Trainings that are stored with the checkout; nil where they are not to be taken.
  var stored: StoredCells?
  /// The checkout, where it is known.
  var root: URL?
  /// After how many seconds without a sign of life the holder of a cell counts as dead.
  var patience = LockWatch.patience

  struct Outcome {
    var results: [CellResult<E.Cell, E.Row>]
    var computed: Int
    var cached: Int
    /// Of all cells, those that a gathered table lacks.
    var missing = 0
    /// The cells of the results, with their files.
    var sources: [CellSource] = []
  }

  private struct Work {
    /// The cells that nobody has begun, by number.
    var waiting: ArraySlice<Int>
    /// Those that another process was found at, and that come last.
    var elsewhere: [Int: LockWatch] = [:]
    /// The threads that still look for cells.
    var workers: Int
    var computed = 0
    var failures: [(Int, any Error)] = []

    /// Counts what others did with it.
    mutating func add(_ other: Work) {
      computed += other.computed
      failures += other.failures
    }

    /// What waiting for another process has come to.
    enum Wait { case first, again, abandoned }

    /// Puts a cell that another process has behind all others.
    mutating func wait(for cell: Int, _ lock: URL, _ now: Double, _ patience: Double) -> Wait {
      waiting.append(cell)
      guard var watch = elsewhere[cell] else {
        elsewhere[cell] = LockWatch(lock, at: now)
        return .first
      }
      defer { elsewhere[cell] = watch }
      return watch.isAbandoned(lock, at: now, patience: patience) ? .abandoned : .again
    }
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
            experiment: family.name, version: family.version, seed: options.experiment.seed,
            settings: try JSONText.pretty(cell),
            fingerprint: E.fingerprint(of: cell, inputs), cell: cell.id))
      }
    }
    let fingerprint = E.fingerprint(of: inputs)
    return E.cells(settings, inputs).map { cell in
      Job(
        cell: cell,
        key: CellCache.key(
          experiment: E.identity.name, version: E.identity.version, seed: options.experiment.seed,
          settings: canonical, fingerprint: fingerprint, cell: cell.id))
    }
  }

  /// What the cache has of a cell; nothing where the trainings of another implementation stand alone.
  private func cached(_ job: Job) -> CellCache.Entry {
    options.trainings == nil ? cache.entry(job.key) : .absent
  }

  /// A finished cell's rows, with the place of its file, where it can be read.
  private func finished(_ job: Job) -> (rows: [E.Row], source: CellSource)? {
    let name = E.family == nil ? nil : StoredCells.name(job.cell.id, job.key)
    if case .finished(let cell) = cached(job), let rows = decode(cell.body) {
      return (rows, CellSource(cell: job.cell.id, file: cache.path(job.key), stored: name))
    }
    guard let name, let stored, let description = try? JSONText.compact(job.cell),
      let cell = try? stored.cell(job.cell.id, job.key, description), let rows = decode(cell.body)
    else { return nil }
    let file = stored.path(job.cell.id, job.key, description)
    return (
      rows,
      CellSource(
        cell: job.cell.id, file: options.trainings.map { "\($0)/\(file)" } ?? file,
        stored: options.trainings == nil ? name : nil)
    )
  }

  /// The stored training of a cell; nil where there is none.
  private func storedCell(_ job: Job) throws -> FinishedCell? {
    guard E.family != nil, let stored else { return nil }
    return try stored.cell(job.cell.id, job.key, JSONText.compact(job.cell))
  }

  /// Whether there is a stored training of a cell that can be taken; says why one cannot.
  private func isStored(_ job: Job) -> Bool {
    do {
      guard let cell = try storedCell(job) else { return false }
      if decode(cell.body) != nil { return true }
      Terminal.note(
        "\(E.identity.name): the stored training \(job.cell.id) holds other rows than this version "
          + "measures; it is not taken")
    } catch {
      Terminal.note("\(error); the stored training is not taken")
    }
    return false
  }

  /// The files that the finished cells kept.
  func artefacts() throws -> [KeptFile] {
    try jobs().flatMap { job -> [KeptFile] in
      guard case .finished(let cell) = cached(job) else { return [] }
      return cache.files(cell, job.key)
    }
  }

  /// Computes what is neither in the cache nor stored.
  ///
  /// - Throws: The first failure in the order of the cells, after all others were saved;
  ///   `Interrupted` where the process was asked to stop; `CellsMissing` where cells are only to be
  ///   gathered and the experiment needs all of them.
  func run() throws -> Outcome {
    let name = E.identity.name
    let all = try jobs()
    // What a changed setting names twice would be measured once and counted twice.
    if !options.experiment.changes.isEmpty {
      var ids = Set<String>()
      for job in all where !ids.insert(job.key).inserted { throw RepeatedCell(id: job.cell.id) }
    }
    let mine = all.enumerated().filter { options.shard?.contains($0.offset) ?? true }
      .map(\.element)
    func again(_ job: Job, _ problem: String, _ isStored: Bool) {
      Terminal.note(
        "\(name): the cached cell \(job.cell.id) \(problem)"
          + (isStored
            ? "; taking the stored one" : options.computesNothing ? "" : "; computing it again"))
    }
    let todo = mine.filter { job in
      let entry = cached(job)
      if case .finished(let cell) = entry, decode(cell.body) != nil {
        cache.removeRemains(job.key)
        return false
      }
      // Checkpoints stay: they are those of a run that does not take what is stored.
      let isStored = isStored(job)
      switch entry {
      case .absent: break
      case .finished: again(job, "holds other rows than this version measures", isStored)
      case .damaged(let what): again(job, "is damaged (\(what))", isStored)
      }
      return !isStored
    }
    if options.computesNothing, !E.allowsMissingCells, !todo.isEmpty {
      throw CellsMissing(missing: todo.count, all: all.count)
    }
    if options.trainings != nil, let stored {
      let unused = stored.filesOfOthers(try all.map { try JSONText.compact($0.cell) })
      if unused > 0 {
        Terminal.note(
          "\(name): \(unused) of the trainings in \(stored.folder.path) are of no cell of it")
      }
    }
    let computed =
      options.computesNothing
      ? 0
      : try compute(todo, of: mine.count, timed: all.contains { E.measuresTime($0.cell) })
    var outcome = Outcome(
      results: [], computed: computed,
      cached: mine.count - (options.computesNothing ? todo.count : computed))
    guard options.shard == nil else { return outcome }
    for job in all {
      guard let (rows, source) = finished(job) else {
        if options.computesNothing {
          outcome.missing += 1
          continue
        }
        throw FileError.notRead(
          path: cache.file(job.key).path, reason: "a finished cell disappeared during the run")
      }
      outcome.results.append(CellResult(cell: job.cell, rows: rows))
      outcome.sources.append(source)
    }
    return outcome
  }

  private func decode(_ body: Data) -> [E.Row]? {
    try? JSONDecoder().decode([E.Row].self, from: body)
  }

  /// - Returns: How many were computed here and not, meanwhile, by another process.
  private func compute(_ todo: [Job], of total: Int, timed: Bool) throws -> Int {
    guard !todo.isEmpty else { return 0 }
    let progress = CellProgress(of: E.identity.name, total: total, finished: total - todo.count)
    progress.show()
    let ticking = progress.showRegularly()
    let beside = todo.indices.filter { !E.measuresTime(todo[$0].cell) }
    let alone = todo.indices.filter { E.measuresTime(todo[$0].cell) }
    // The last bits of a training depend on the number of threads, so that there it does not depend
    // on how many cells an interrupted run had finished.
    let cells = E.family == nil ? beside.count : total
    let workers = min(options.jobs ?? Parallelism.availableCores, cells)
    var ended = compute(todo, beside, workers, timed, progress)
    ended.add(compute(todo, alone, 1, timed, progress))
    ticking.cancel()
    Terminal.clear()
    if Interruption.isRequested { throw Interrupted() }
    if let first = ended.failures.min(by: { $0.0 < $1.0 }) {
      if first.1 is FileError { throw first.1 }
      throw CellFailure(cell: todo[first.0].cell.id, reason: first.1)
    }
    return ended.computed
  }

  /// Computes the jobs at some places, so many at a time.
  private func compute(
    _ todo: [Job], _ places: [Int], _ workers: Int, _ timed: Bool, _ progress: CellProgress
  ) -> Work {
    let name = E.identity.name
    let work = Mutex(Work(waiting: places[...], workers: workers))
    guard !places.isEmpty else { return work.withLock { $0 } }
    Parallelism.setWidth(width(beside: workers, timed))
    // Experiments share what takes long: where a training was made is part of what is known of it.
    let machine = E.family == nil ? nil : CellMachine(root: root)
    let group = DispatchGroup()
    for _ in 0..<workers {
      group.enter()
      let thread = Thread {
        defer {
          // Where a training's bits depend on the number of threads, they must not depend on which
          // cell ends first; the results of all else are the same for any number.
          let left = work.withLock { work in
            work.workers -= 1
            return work.workers
          }
          if E.family == nil, left > 0 { Parallelism.setWidth(width(beside: left, timed)) }
          group.leave()
        }
        while !Interruption.isRequested {
          guard let next = work.withLock({ $0.waiting.popFirst() }) else { return }
          let job = todo[next]
          do {
            // What another process finished needs no right, which another user may not have.
            if isFinished(job) {
              if let right = try? cache.hold(job.key) { right.remove() }
              progress.finish(job.cell.id, isComputed: false)
              continue
            }
            guard let right = try cache.hold(job.key) else {
              let now = Double(DispatchTime.now().uptimeNanoseconds) * 1e-9
              switch work.withLock({ $0.wait(for: next, cache.lock(job.key), now, patience) }) {
              case .first:
                Terminal.note("\(name): another process computes \(job.cell.id); it comes last")
              case .again: Thread.sleep(forTimeInterval: 0.5)
              case .abandoned:
                Terminal.note(
                  "\(name): whoever computed \(job.cell.id) has given no sign of life for "
                    + "\(Int(patience)) seconds; taking it over")
                try cache.dropLock(job.key)
              }
              continue
            }
            defer { right.remove() }
            // Another process may have finished it since this one looked.
            let isNew = !isFinished(job)
            if isNew {
              try cache.store(compute(job, on: machine, progress), for: job.key)
              work.withLock { $0.computed += 1 }
            }
            progress.finish(job.cell.id, isComputed: isNew)
          } catch {
            work.withLock { $0.failures.append((next, error)) }
          }
          progress.show("")
        }
      }
      thread.stackSize = 16 << 20
      thread.start()
    }
    group.wait()
    return work.withLock { $0 }
  }

  /// How many threads a cell may use while so many are computed: the cores that others leave idle.
  private func width(beside workers: Int, _ timed: Bool) -> Int {
    timed ? 1 : max(1, (options.jobs ?? Parallelism.availableCores) / workers)
  }

  /// One cell as it is stored.
  private func compute(
    _ job: Job, on machine: CellMachine?, _ progress: CellProgress
  ) throws -> FinishedCell {
    let kept = KeptDigests()
    let checkpoints = cache.checkpoints(job.key)
    let machines = try machine?.joining(checkpoints)
    let context = CellContext(
      stream: RandomStream(
        E.family?.name ?? E.identity.name, job.cell.id, "\(options.experiment.seed)"),
      seed: options.experiment.seed, checkpoints: checkpoints,
      report: { share, note in
        progress.reach(share, of: job.cell.id)
        progress.show("\(job.cell.id): \(note)")
      },
      artefacts: cache.artefacts(job.key), kept: kept)
    let rows = try E.measure(job.cell, settings, inputs, context)
    let body: Data
    do {
      body = try JSONText.compact(rows)
    } catch {
      throw CellValueError(reason: "a measured value is not finite")
    }
    return FinishedCell(
      body: body, files: kept.all.isEmpty ? nil : kept.all,
      description: machine == nil ? nil : try JSONText.compact(job.cell), machines: machines)
  }

  private func isFinished(_ job: Job) -> Bool {
    if case .finished(let cell) = cached(job) { decode(cell.body) != nil } else { false }
  }
}

/// The settings ask twice for the same.
struct RepeatedCell: ClassifiedError, CustomStringConvertible {
  /// The cell.
  let id: String

  /// The settings are at fault.
  var failureKind: FailureKind { .usage }

  var description: String { "they ask twice for \(id); name nothing twice" }
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
