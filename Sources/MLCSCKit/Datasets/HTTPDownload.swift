import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// One request for a file, written to an open descriptor as it arrives.
final class HTTPDownload: NSObject, URLSessionDataDelegate, Sendable {
  private struct State {
    /// Bytes in the file.
    var size: Int
    /// What the file should have in the end, where the server says so.
    var expected: Int?
    /// Bytes that were there before and that the server did not send again.
    var resumedAfter = 0
    var failure: (any Error)?
  }

  private let address: String
  private let url: URL
  private let descriptor: Int32
  private let path: String
  private let limit: Int
  private let progress: @Sendable (Int, Int?) -> Void
  private let state: Mutex<State>
  private let done = DispatchSemaphore(value: 0)

  /// A request; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - address: An http or https address.
  ///   - descriptor: An open file; the request asks for what follows its content.
  ///   - path: The file, for messages.
  ///   - limit: The most bytes that the file may have.
  ///   - progress: Told how many bytes are there, and of how many where that is known.
  /// - Throws: `DownloadError.badAddress`.
  init(
    _ address: String, to descriptor: Int32, path: String, limit: Int,
    progress: @escaping @Sendable (Int, Int?) -> Void
  ) throws {
    guard let url = URL(string: address), let scheme = url.scheme?.lowercased(),
      ["http", "https"].contains(scheme), url.host?.isEmpty == false
    else { throw DownloadError.badAddress(address) }
    self.address = address
    self.url = url
    self.descriptor = descriptor
    self.path = path
    self.limit = limit
    self.progress = progress
    state = Mutex(State(size: Int(lseek(descriptor, 0, SEEK_END))))
  }

  /// The bytes that were there before and that the server did not send again.
  var resumedAfter: Int { state.withLock { $0.resumedAfter } }

  /// Fetches what is missing and waits for it; redirects are followed.
  ///
  /// A server that does not resume sends the whole file, which then replaces what was there.
  /// - Throws: `DownloadError`, or `FileError.notWritten`.
  func run() throws {
    var request = URLRequest(url: url)
    // The file is wanted as it is stored, also where the server would compress it for the way.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    let start = state.withLock { $0.size }
    if start > 0 { request.setValue("bytes=\(start)-", forHTTPHeaderField: "Range") }
    let configuration = URLSessionConfiguration.ephemeral
    configuration.urlCache = nil
    configuration.timeoutIntervalForRequest = 60
    let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
    session.dataTask(with: request).resume()
    done.wait()
    session.invalidateAndCancel()
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      if let expected = state.expected, state.size < expected {
        throw DownloadError.truncated(
          address: address, received: state.size, expected: expected)
      }
    }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    let accepted = state.withLock { state in
      do {
        try accept(response, &state)
        return true
      } catch {
        state.failure = error
        return false
      }
    }
    completionHandler(accepted ? .allow : .cancel)
  }

  private func accept(_ response: URLResponse, _ state: inout State) throws {
    guard let answer = response as? HTTPURLResponse else {
      throw DownloadError.unreachable(address: address, reason: "the answer is not HTTP")
    }
    let length = answer.expectedContentLength
    switch answer.statusCode {
    case 200:
      guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
        throw notWritten()
      }
      state.size = 0
    case 206:
      let range = answer.value(forHTTPHeaderField: "Content-Range") ?? "no range"
      guard range.lowercased().hasPrefix("bytes \(state.size)-") else {
        throw DownloadError.unreachable(
          address: address, reason: "asked for bytes from \(state.size), the answer has \(range)")
      }
      state.resumedAfter = state.size
    default: throw DownloadError.refused(address: address, status: answer.statusCode)
    }
    if length >= 0 { state.expected = state.size + Int(length) }
    if let expected = state.expected, expected > limit {
      throw DownloadError.tooLarge(address: address, limit: limit)
    }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let reached = state.withLock { state -> (Int, Int?)? in
      guard state.failure == nil else { return nil }
      do {
        guard state.size + data.count <= limit else {
          throw DownloadError.tooLarge(address: address, limit: limit)
        }
        try write(data)
        state.size += data.count
        return (state.size, state.expected)
      } catch {
        state.failure = error
        return nil
      }
    }
    if let reached { progress(reached.0, reached.1) } else { dataTask.cancel() }
  }

  private func write(_ data: Data) throws {
    try data.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count, let start = bytes.baseAddress {
        let count = Foundation.write(descriptor, start + sent, bytes.count - sent)
        if count < 0 {
          if errno == EINTR { continue }
          throw notWritten()
        }
        sent += count
      }
    }
  }

  private func notWritten() -> FileError {
    .notWritten(path: path, reason: String(cString: strerror(errno)))
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    state.withLock { state in
      if let error, state.failure == nil {
        let isShort = state.expected.map { state.size < $0 } ?? false
        // An early end is told with its numbers by `run`.
        if !isShort {
          state.failure = DownloadError.unreachable(address: address, reason: Self.reason(error))
        }
      }
    }
    done.signal()
  }

  private static func reason(_ error: any Error) -> String {
    switch (error as? URLError)?.code {
    case .cannotFindHost?, .dnsLookupFailed?: "the server's name is not known"
    case .cannotConnectToHost?: "no connection to the server"
    case .timedOut?: "the server did not answer in time"
    case .networkConnectionLost?: "the connection was lost"
    case .notConnectedToInternet?: "there is no network"
    case .secureConnectionFailed?, .serverCertificateUntrusted?: "no secure connection"
    case .httpTooManyRedirects?: "too many redirects"
    default: error.localizedDescription
    }
  }
}
