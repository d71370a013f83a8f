import Foundation

/// Brings the files of data sets into the cache.
///
/// A file arrives under the name `<file>.partial`, is compared with the published checksum,
/// synchronised and renamed: the cache holds whole and right files only. An interrupted download
/// goes on where it ended, if the server can.
public struct DataFetcher: Sendable {
  /// What became of a file.
  public enum Outcome: Equatable, Sendable {
    /// It was there already, whole and right.
    case present
    /// It was fetched, after the bytes that an earlier attempt had left.
    case fetched(resumedAfter: Int, state: DataFileState)
  }

  private let store: DataStore
  private let progress: @Sendable (String, Int, Int?) -> Void

  /// A fetcher into a store's cache.
  ///
  /// - Parameters:
  ///   - store: Names the cache and, if wanted, another server.
  ///   - progress: Told the file's name, the bytes there, and of how many where that is known.
  public init(
    _ store: DataStore, progress: @escaping @Sendable (String, Int, Int?) -> Void = { _, _, _ in }
  ) {
    self.store = store
    self.progress = progress
  }

  /// Brings one file into the cache.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - set: Its data set.
  /// - Returns: What became of it.
  /// - Throws: `DownloadError` where it cannot be had or is not the published one,
  ///   `FileError.notWritten` where it cannot be stored.
  public func fetch(_ file: DataFile, of set: DataSet) throws -> Outcome {
    let target = store.cached(file, of: set)
    if isWhole(target, file) { return .present }
    let partial: PartialFile
    do {
      partial = try PartialFile(for: target)
    } catch FileError.notWritten(let path, let reason) {
      throw FileError.notWritten(
        path: path, reason: "\(reason); MLCSC_CACHE can name another folder for downloads")
    }
    // Another process may have finished it in the meantime.
    if isWhole(target, file) {
      partial.remove()
      return .present
    }
    let address = store.address(of: file, in: set)
    do {
      let kept = partial.size
      do {
        return try attempt(file, from: address, into: partial)
      } catch let error as DownloadError where kept > 0 && isCausedByRemains(error) {
        // What an earlier attempt left may be of another file: once more from the start.
        try partial.truncate()
        return try attempt(file, from: address, into: partial)
      }
    } catch {
      if partial.size == 0 || !isWorthKeepingRemains(after: error) { partial.remove() }
      throw error
    }
  }

  private func attempt(
    _ file: DataFile, from address: String, into partial: PartialFile
  ) throws -> Outcome {
    let name = file.name
    // Compressed data that do not shrink grow by a few bytes in each block of 32 kB.
    let limit = file.contentSize + file.contentSize / 1000 + 4096
    let download = try HTTPDownload(
      address, to: partial.descriptor, path: partial.path, limit: limit,
      progress: { [progress] in progress(name, $0, $1) })
    try download.run()
    let state: DataFileState
    do {
      let bytes = try AtomicFile.read(URL(fileURLWithPath: partial.path))
      state = try file.state(of: bytes, path: name)
    } catch FileError.damaged(_, let place, let problem) {
      throw DownloadError.wrongContent(address: address, problem: "\(place): \(problem)")
    }
    if case .different(let found, let expected) = state {
      throw DownloadError.wrongContent(address: address, problem: "\(found), not \(expected)")
    }
    try partial.finish()
    return .fetched(resumedAfter: download.resumedAfter, state: state)
  }

  private func isCausedByRemains(_ error: DownloadError) -> Bool {
    switch error {
    case .wrongContent, .tooLarge, .refused(_, 416): true
    default: false
    }
  }

  private func isWorthKeepingRemains(after error: any Error) -> Bool {
    switch error {
    case DownloadError.truncated, DownloadError.unreachable, DownloadError.refused: true
    default: false
    }
  }

  private func isWhole(_ url: URL, _ file: DataFile) -> Bool {
    guard let bytes = try? AtomicFile.read(url) else { return false }
    return (try? file.state(of: bytes, path: url.path))?.isCanonical ?? false
  }
}
