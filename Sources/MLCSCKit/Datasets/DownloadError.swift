/// Why a download failed.
public enum DownloadError: ClassifiedError, Equatable, CustomStringConvertible {
  /// The text is no address of a web server.
  case badAddress(String)
  /// No answer, or none that can be used.
  case unreachable(address: String, reason: String)
  /// The server answered that it does not have the file.
  case refused(address: String, status: Int)
  /// The connection ended early; what came is kept and the next attempt goes on there.
  case truncated(address: String, received: Int, expected: Int)
  /// The server sends more than the file can have.
  case tooLarge(address: String, limit: Int)
  /// The file is not the published one; it was removed.
  case wrongContent(address: String, problem: String)

  /// Data did not come.
  public var failureKind: FailureKind { .data }

  public var description: String {
    switch self {
    case .badAddress(let text):
      "\"\(text)\" is no address of a server; it should begin with https:// or http://"
    case .unreachable(let address, let reason): "cannot fetch \(address): \(reason)"
    case .refused(let address, let status):
      "cannot fetch \(address): the server answered \(status)"
        + (status == 404 ? " (not found)" : "")
    case .truncated(let address, let received, let expected):
      "\(address): the connection ended after \(received) of \(expected) bytes; "
        + "run the same command to go on there"
    case .tooLarge(let address, let limit):
      "\(address): more than \(limit) bytes, which is more than the published file has; refused"
    case .wrongContent(let address, let problem):
      "\(address): not the published file, refused: \(problem)"
    }
  }
}
