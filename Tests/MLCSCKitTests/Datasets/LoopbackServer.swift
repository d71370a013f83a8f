import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A web server on the loopback interface that answers from a closure, one connection at a time.
final class LoopbackServer: Sendable {
  struct Request: Sendable {
    let path: String
    /// Header fields, names in lower case.
    let fields: [String: String]

    /// The first byte asked for by `Range: bytes=N-`.
    var start: Int? {
      fields["range"].flatMap { Int($0.dropFirst("bytes=".count).dropLast()) }
    }
  }

  struct Answer: Sendable {
    var status = 200
    var fields: [String: String] = [:]
    var body = Data()
    /// Sent as `Content-Length`; the body's size where absent.
    var announced: Int?

    /// The rest of a file, as a server that resumes sends it.
    static func file(_ content: Data, _ request: Request) -> Answer {
      guard let start = request.start else { return Answer(body: content) }
      guard start < content.count else {
        return Answer(status: 416, fields: ["Content-Range": "bytes */\(content.count)"])
      }
      return Answer(
        status: 206,
        fields: ["Content-Range": "bytes \(start)-\(content.count - 1)/\(content.count)"],
        body: content.dropFirst(start))
    }
  }

  let port: UInt16
  private let listener: Int32
  private let log = Log()
  private let ended = DispatchSemaphore(value: 0)
  private let isStopped = Flag()

  var address: String { "http://127.0.0.1:\(port)" }

  /// All requests so far.
  var requests: [Request] { log.requests }

  init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
    listener = Self.newSocket()
    var name = Self.loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = listener
    let isReady = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && listen(socket, 8) == 0
          && getsockname(socket, $0, &length) == 0
      }
    }
    guard isReady else { throw CocoaError(.fileNoSuchFile) }
    port = UInt16(bigEndian: name.sin_port)
    let (ended, isStopped, log) = (ended, isStopped, log)
    Thread.detachNewThread {
      defer { ended.signal() }
      while true {
        let connection = accept(socket, nil, nil)
        guard connection >= 0, !isStopped.isSet else { return }
        defer { close(connection) }
        guard let request = Self.read(connection) else { continue }
        log.append(request)
        Self.send(answer(request), connection)
      }
    }
  }

  deinit {
    // The descriptor may be given to another server once it is closed: the thread ends before.
    isStopped.set()
    let waker = Self.newSocket()
    var name = Self.loopback(port: port)
    withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = connect(waker, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    ended.wait()
    close(waker)
    close(listener)
  }

  /// The requests so far; the thread holds this and not the server, which waits for the thread.
  private final class Log: Sendable {
    private let all = Mutex<[Request]>([])
    var requests: [Request] { all.withLock { $0 } }
    func append(_ request: Request) { all.withLock { $0.append(request) } }
  }

  /// A flag that one thread sets and another reads.
  private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
  }

  private static func newSocket() -> Int32 {
    #if canImport(Glibc)
      socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      socket(AF_INET, SOCK_STREAM, 0)
    #endif
  }

  private static func loopback(port: UInt16) -> sockaddr_in {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return name
  }

  private static func read(_ connection: Int32) -> Request? {
    var text = [UInt8]()
    var piece = [UInt8](repeating: 0, count: 4096)
    let end = Array("\r\n\r\n".utf8)
    while text.suffix(4) != end[...] {
      let count = recv(connection, &piece, piece.count, 0)
      guard count > 0 else { return nil }
      text += piece[..<count]
    }
    let lines = String(decoding: text, as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count == 3 else { return nil }
    var fields = [String: String]()
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return Request(path: String(words[1]), fields: fields)
  }

  private static func send(_ answer: Answer, _ connection: Int32) {
    var head = "HTTP/1.1 \(answer.status) Answer\r\nConnection: close\r\n"
    head += "Content-Length: \(answer.announced ?? answer.body.count)\r\n"
    for (name, value) in answer.fields { head += "\(name): \(value)\r\n" }
    let bytes = [UInt8](Data((head + "\r\n").utf8) + answer.body)
    #if canImport(Glibc)
      let flags = Int32(MSG_NOSIGNAL)
    #else
      let flags: Int32 = 0
    #endif
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { raw in
        raw.baseAddress.map { Foundation.send(connection, $0 + sent, raw.count - sent, flags) }
          ?? -1
      }
      guard count > 0 else { return }
      sent += count
    }
    shutdown(connection, Int32(SHUT_WR))
    // Reading to the end first keeps the kernel from resetting a connection with unread bytes.
    var rest = [UInt8](repeating: 0, count: 512)
    while recv(connection, &rest, rest.count, 0) > 0 {}
  }
}
