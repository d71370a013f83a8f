// Claim: the ledger reads, is refused where it is damaged, and points to tests that exist.
import ExperimentSuite
import MLCSCStudies
import Foundation
import TestSupport
import Testing

struct StatementLedgerTests {
  static let heading = StatementLedger.columns.joined(separator: ",")

  static func ledger(_ lines: String...) throws -> StatementLedger {
    try StatementLedger(
      Data((([heading] + lines).joined(separator: "\n") + "\n").utf8), path: "statements.csv")
  }

  @Test("a statement has a test or a reason, or neither, and then a claim decides it")
  func reading() throws {
    let ledger = try Self.ledger(
      "P1,P,Sec. 1,\"One, two.\",,", "P2,P,Sec. 2,Three.,A/b; C/d,", "S1,S,A slide,Four.,,Why.")
    #expect(ledger.statements.map(\.id) == ["P1", "P2", "S1"])
    #expect(ledger.statements.map(\.text) == ["One, two.", "Three.", "Four."])
    #expect(ledger.statements.map { $0.tests.map(\.description) } == [[], ["A/b", "C/d"], []])
    #expect(ledger.statements.map(\.reason) == [nil, nil, "Why."])
  }

  @Test(
    "damage is named with its line",
    arguments: [
      ("P2,P,Sec. 1,Text.,,", "not P1"), ("S1,P,Sec. 1,Text.,,", "not P1"),
      ("P1,P,,Text.,,", "no place"), ("P1,P,Sec. 1,,,", "no text"),
      ("P1,P,Sec. 1,Text.,A/b,Why.", "both"), ("P1,P,Sec. 1,Text.,A.b,", "A.b"),
      ("P1,P,Sec. 1,Text.,A/b c,", "A/b c"), ("P1,P,Sec. 1,Text.,/b,", "/b"),
      ("P1,P,Sec. 1,Text.,", "5 fields"),
    ])
  func damage(_ line: String, _ problem: String) {
    expectDamage("line 2", problem) { try Self.ledger(line) }
  }

  @Test("a repeated identifier, a document in two parts and another heading are refused")
  func order() {
    let (one, other) = ("P1,P,Sec. 1,Text.,,", "S1,S,A slide,Text.,,")
    expectDamage("line 3", "\"P1\", not P2") { try Self.ledger(one, one) }
    expectDamage("line 4", "apart") { try Self.ledger(one, other, "P2,P,Sec. 2,Text.,,") }
    expectDamage("line 1", Self.heading) {
      try StatementLedger(Data("id,document\nP1,P\n".utf8), path: "statements.csv")
    }
  }

  private func expectDamage(
    _ place: String, _ problem: String, _ read: () throws -> StatementLedger
  ) {
    let error = #expect(throws: FileError.self) { try read() }
    let message = error.map { "\($0)" } ?? ""
    #expect(message.contains(place) && message.contains(problem), "\(message)")
  }

  @Test("every document has its statements, and every test that one points to exists")
  func pointers() throws {
    let statements = try StatementLedger.documents().statements
    #expect(Set(statements.map(\.document)) == ["P", "S", "B", "R", "D"])
    let sources = try Self.testSources()
    for statement in statements {
      for test in statement.tests {
        let source = try #require(sources[test.file], "\(statement.id): no file \(test.file).swift")
        // A test is a function with the attribute; a helper would decide nothing.
        let declaration = try Regex(
          "@Test\\b(?:(?!\\bfunc\\b)[\\s\\S])*\\bfunc \(test.function)\\(")
        let isThere = source.contains(declaration)
        #expect(isThere, "\(statement.id): no test \(test)")
      }
    }
  }

  /// The sources under `Tests/` by file name without extension.
  private static func testSources() throws -> [String: String] {
    let folder = TestCheckout.source.appendingPathComponent("Tests")
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    var sources = [String: String]()
    for case let url as URL in try #require(files) where url.pathExtension == "swift" {
      let name = url.deletingPathExtension().lastPathComponent
      #expect(sources[name] == nil, "two test files are called \(name).swift")
      sources[name] = try String(contentsOf: url, encoding: .utf8)
    }
    return sources
  }
}
