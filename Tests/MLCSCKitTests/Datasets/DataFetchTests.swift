// Claim: the cache holds whole and right files only, whatever the server does.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct DataFetchTests {
  /// The content of a file of a made-up data set, and the file as a server has it.
  static let content = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) })
  static let packed = Gzip.compress(content)

  static func md5(_ data: Data) -> String {
    let hasher = Digest.Hasher(.md5)
    hasher.update(data)
    return hasher.finalize().description
  }

  static func file(sha256: String? = Digest.sha256(content).description) -> DataFile {
    DataFile(
      name: "numbers.gz", url: "http://127.0.0.1:1/unused", md5: md5(packed),
      contentSize: content.count, contentSHA256: sha256, format: .idx(axes: 1), embeddedSHA256: nil)
  }

  static func set(_ file: DataFile = file()) -> DataSet {
    DataSet(name: "made-up", title: "", licence: "", files: [file], embedded: "")
  }

  /// A cache in a new folder, filled from a server.
  struct Setting {
    let folder: TemporaryFolder
    let server: LoopbackServer
    let set: DataSet
    let store: DataStore

    init(
      _ set: DataSet = DataFetchTests.set(),
      _ answer: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer
    ) throws {
      folder = try TemporaryFolder()
      server = try LoopbackServer(answer)
      self.set = set
      store = DataStore(environment: [
        "MLCSC_CACHE": folder.url.path, "MLCSC_MIRROR": server.address,
      ])
    }

    var target: URL { store.cached(set.files[0], of: set) }
    var partial: URL { URL(fileURLWithPath: target.path + ".partial") }

    func fetch() throws -> DataFetcher.Outcome {
      try DataFetcher(store).fetch(set.files[0], of: set)
    }

    var cacheNames: [String] {
      let folder = target.deletingLastPathComponent().path
      return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }
  }

  @Test("a whole file arrives, is verified, and is not fetched again")
  func whole() throws {
    let setting = try Setting { .file(Self.packed, $0) }
    #expect(try setting.fetch() == .fetched(resumedAfter: 0, state: .canonical))
    #expect(try AtomicFile.read(setting.target) == Self.packed)
    #expect(setting.cacheNames == ["numbers.gz"])
    #expect(try setting.fetch() == .present)
    #expect(setting.server.requests.map(\.path) == ["/made-up/numbers.gz"])
  }

  @Test("a file with the right content in another wrapper is accepted and so called")
  func repacked() throws {
    var other = Self.packed
    other[9] = 7  // the operating system that the wrapper names
    let answer = other
    let setting = try Setting { .file(answer, $0) }
    #expect(try setting.fetch() == .fetched(resumedAfter: 0, state: .repacked))
    let plain = try Setting { .file(Self.content, $0) }
    #expect(try plain.fetch() == .fetched(resumedAfter: 0, state: .canonical))
  }

  @Test("without a known content the checksum of the file decides")
  func md5Only() throws {
    let set = Self.set(Self.file(sha256: nil))
    let right = try Setting(set) { .file(Self.packed, $0) }
    #expect(try right.fetch() == .fetched(resumedAfter: 0, state: .canonical))
    let wrong = try Setting(set) { .file(Self.content, $0) }
    #expect(throws: DownloadError.self) { try wrong.fetch() }
  }

  @Test("a redirect is followed")
  func redirect() throws {
    let setting = try Setting { request in
      request.path.hasPrefix("/elsewhere")
        ? .file(Self.packed, request)
        : .init(status: 302, fields: ["Location": "/elsewhere/numbers.gz"])
    }
    #expect(try setting.fetch() == .fetched(resumedAfter: 0, state: .canonical))
    #expect(setting.server.requests.map(\.path).last == "/elsewhere/numbers.gz")
  }

  @Test("an answer other than the file is named and leaves nothing", arguments: [403, 404, 500])
  func refusal(_ status: Int) throws {
    let setting = try Setting { _ in .init(status: status, body: Data("no".utf8)) }
    let address = "\(setting.server.address)/made-up/numbers.gz"
    let error = #expect(throws: DownloadError.self) { try setting.fetch() }
    #expect(error == .refused(address: address, status: status))
    #expect(setting.cacheNames == [])
  }

  @Test("a truncated download is kept aside and resumed where it ended")
  func resume() throws {
    let half = Self.packed.count / 2
    let setting = try Setting { request in
      request.start == nil
        ? .init(body: Self.packed.prefix(half), announced: Self.packed.count)
        : .file(Self.packed, request)
    }
    let error = #expect(throws: DownloadError.self) { try setting.fetch() }
    #expect(
      error
        == .truncated(
          address: "\(setting.server.address)/made-up/numbers.gz", received: half,
          expected: Self.packed.count))
    #expect(setting.cacheNames == ["numbers.gz.partial"])
    #expect(setting.store.locate(setting.set.files[0], of: setting.set) == nil)
    #expect(try setting.fetch() == .fetched(resumedAfter: half, state: .canonical))
    #expect(try AtomicFile.read(setting.target) == Self.packed)
    #expect(setting.cacheNames == ["numbers.gz"])
  }

  @Test("a server that cannot resume sends the whole file again")
  func noResume() throws {
    let setting = try Setting { _ in .init(body: Self.packed) }
    try AtomicFile.write(Self.packed.prefix(1000), to: setting.partial)
    #expect(try setting.fetch() == .fetched(resumedAfter: 0, state: .canonical))
    #expect(setting.server.requests.first?.start == 1000)
  }

  @Test("remains of another file cost a second request, not an error", arguments: [1000, 500_000])
  func wrongRemains(_ count: Int) throws {
    let setting = try Setting { .file(Self.packed, $0) }
    try AtomicFile.write(Data(repeating: 1, count: count), to: setting.partial)
    #expect(try setting.fetch() == .fetched(resumedAfter: 0, state: .canonical))
    #expect(setting.server.requests.map(\.start) == [count, nil])
    #expect(setting.cacheNames == ["numbers.gz"])
  }

  @Test("a whole file that was only not renamed is not fetched twice")
  func wholeRemains() throws {
    let setting = try Setting { .file(Self.packed, $0) }
    try AtomicFile.write(Self.packed, to: setting.partial)
    #expect(try setting.fetch().isFetched)
    #expect(setting.cacheNames == ["numbers.gz"])
  }

  @Test("a wrong range is refused")
  func wrongRange() throws {
    let setting = try Setting { _ in
      .init(status: 206, fields: ["Content-Range": "bytes 7-9/10"], body: Data([1, 2, 3]))
    }
    try AtomicFile.write(Self.packed.prefix(1000), to: setting.partial)
    let error = #expect(throws: DownloadError.self) { try setting.fetch() }
    #expect(error?.description.contains("asked for bytes from 1000") == true)
  }

  @Test(
    "wrong content is refused and leaves nothing",
    arguments: [
      (Gzip.compress(Data(repeating: 1, count: 200_000)), "SHA-256 "),
      (Data("<html>log in first</html>".utf8), "SHA-256 "),
      (flipped(packed, at: packed.count - 6), "incorrect data check"),
      (Data(packed.dropLast(9)), "the file ends before its content does"),
      (packed + Data([7]), "1 bytes follow the end of the gzip data"),
      (Gzip.compress(Data(repeating: 0, count: 50_000_000)), "more than the 200000 bytes"),
    ])
  func wrongContent(_ answer: Data, _ problem: String) throws {
    let setting = try Setting { .file(answer, $0) }
    let error = #expect(throws: DownloadError.self) { try setting.fetch() }
    guard case .wrongContent = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.description.contains(problem) == true)
    #expect(setting.cacheNames == [])
  }

  static func flipped(_ data: Data, at index: Int) -> Data {
    var bytes = [UInt8](data)
    bytes[index] ^= 1
    return Data(bytes)
  }

  @Test("more bytes than the file can have are refused before they are stored")
  func tooLarge() throws {
    let setting = try Setting { _ in .init(body: Data(count: 1000), announced: 10_000_000) }
    let error = #expect(throws: DownloadError.self) { try setting.fetch() }
    guard case .tooLarge = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(setting.cacheNames == [])
  }

  @Test("a server that is not there is named")
  func unreachable() throws {
    let folder = try TemporaryFolder()
    let store = DataStore(environment: ["MLCSC_CACHE": folder.url.path])
    let file = Self.file()
    let error = #expect(throws: DownloadError.self) {
      try DataFetcher(store).fetch(file, of: Self.set())
    }
    #expect(
      error?.description
        == "cannot fetch http://127.0.0.1:1/unused: no connection to the server")
  }

  @Test("an address that is none is refused", arguments: ["ftp://host", "nonsense", "http:///"])
  func badAddress(_ mirror: String) throws {
    let folder = try TemporaryFolder()
    let store = DataStore(environment: [
      "MLCSC_CACHE": folder.url.path, "MLCSC_MIRROR": mirror,
    ])
    let error = #expect(throws: DownloadError.self) {
      try DataFetcher(store).fetch(Self.file(), of: Self.set())
    }
    #expect(error?.description.contains("no address of a server") == true)
  }

  @Test("a damaged file in the cache is replaced")
  func damagedCache() throws {
    let setting = try Setting { .file(Self.packed, $0) }
    try AtomicFile.write(Self.packed.prefix(50), to: setting.target)
    #expect(try setting.fetch() == .fetched(resumedAfter: 0, state: .canonical))
    #expect(try AtomicFile.read(setting.target) == Self.packed)
  }

  @Test("a cache that cannot be written is named")
  func unwritable() throws {
    let setting = try Setting { .file(Self.packed, $0) }
    try AtomicFile.write(Data(), to: setting.folder["made-up"])
    let error = #expect(throws: FileError.self) { try setting.fetch() }
    #expect(error?.description.hasPrefix("cannot write \(setting.target.path): ") == true)
  }
}

extension DataFetcher.Outcome {
  fileprivate var isFetched: Bool {
    if case .fetched = self { true } else { false }
  }
}
