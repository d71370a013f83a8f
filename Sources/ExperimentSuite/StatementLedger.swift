import Foundation

/// A statement of one of the documents that can be checked, and what decides it besides claims.
///
/// The claims that decide it name its identifier; a statement without one points to a test or says
/// why it is not decided here.
public struct Statement: Sendable, Equatable, Identifiable {
  /// A test function, as `File/function`.
  public struct Test: Sendable, Equatable, CustomStringConvertible {
    /// The file's name under `Tests/`, without its extension.
    public let file: String
    /// The function's name.
    public let function: String

    public var description: String { "\(file)/\(function)" }

    /// A pointer from its text; nil where that is not two names with a slash between them.
    public init?(_ text: some StringProtocol) {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2,
        parts.allSatisfy({
          !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        })
      else { return nil }
      (file, function) = (String(parts[0]), String(parts[1]))
    }
  }

  /// The document's letter and a number, such as `B14`.
  public let id: String
  /// The document's letter.
  public let document: String
  /// Section, equation, figure or title of the slide.
  public let place: String
  /// What the document says, in one sentence.
  public let text: String
  /// The unit tests that decide it.
  public let tests: [Test]
  /// Why neither a claim nor a test decides it; nil where one does.
  public let reason: String?
}

/// The statements of the documents, in their order, as the tracked file `statements.csv` has them.
///
/// Columns: `id`, `document`, `place`, `statement`, `test` (pointers separated by semicolons) and
/// `reason`. What claims decide is derived from the claims and does not stand in the file.
public struct StatementLedger: Sendable {
  /// The columns of the file.
  public static let columns = ["id", "document", "place", "statement", "test", "reason"]

  /// All statements, document by document.
  public let statements: [Statement]

  /// Reads and checks a ledger.
  ///
  /// Identifiers are the document's letter and a number that counts from 1 within the document, in
  /// order; the statements of a document stand together; a statement has a test or a reason or
  /// neither, in which case a claim decides it.
  /// - Parameters:
  ///   - data: The file's content.
  ///   - path: Its place, for messages.
  /// - Throws: `FileError.damaged` naming the line and what is wrong there.
  public init(_ data: Data, path: String) throws {
    let lines = try CSVFile.lines(data, path: path)
    guard lines.first == Self.columns else {
      throw FileError.damaged(
        path: path, place: "line 1",
        problem: "the columns are not \(Self.columns.joined(separator: ","))")
    }
    var statements = [Statement]()
    var counts = [String: Int]()
    for (index, fields) in lines.enumerated().dropFirst() {
      func damaged(_ problem: String) -> FileError {
        .damaged(path: path, place: "line \(index + 1)", problem: problem)
      }
      let (id, document) = (fields[0], fields[1])
      if let count = counts[document], count > 0, statements.last?.document != document {
        throw damaged("\(id) stands apart from the other statements of \(document)")
      }
      counts[document, default: 0] += 1
      let expected = "\(document)\(counts[document] ?? 0)"
      guard id == expected else {
        throw damaged("the identifier is \"\(id)\", not \(expected)")
      }
      let (place, text, reason) = (fields[2], fields[3], fields[5])
      guard !place.isEmpty, !text.isEmpty else { throw damaged("\(id) has no place or no text") }
      let pointers = fields[4].split(separator: ";").map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard pointers.isEmpty || reason.isEmpty else {
        throw damaged("\(id) has both a test and a reason why it is not decided")
      }
      let tests = try pointers.map { pointer in
        guard let test = Statement.Test(pointer) else {
          throw damaged("\"\(pointer)\" is no test; File/function is expected")
        }
        return test
      }
      statements.append(
        Statement(
          id: id, document: document, place: place, text: text, tests: tests,
          reason: reason.isEmpty ? nil : reason))
    }
    self.statements = statements
  }
}
