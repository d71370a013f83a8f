// Claim: on the page of a profile's results every number leads to where it comes from: the field of the
// table that holds it, and the run with its command, commit and machine.
import ExperimentSuite
import Foundation
import MLCSCBase
import MLCSCStudies
import TestSupport
import Testing

/// The links of a page and where they may lead on it.
struct ReportPage {
  struct Link {
    /// The file; empty for a place on the page.
    let file: String
    /// What stands behind `#`.
    let fragment: String
    /// The words of the link, as HTML.
    let text: String

    var isOnPage: Bool { file.isEmpty }
  }

  /// The rows of tables by their identifier.
  let rows: [String: Substring]
  let links: [Link]
  /// All identifiers on the page.
  let places: [String]

  init(_ page: String) {
    links = Self.links(in: page[...])
    places = page.matches(of: /\bid="([^"]+)"/).map { String($0.1) }
    rows = [String: Substring](
      page.matches(of: /<tr id="([^"]+)">.*?<\/tr>/.dotMatchesNewlines()).map {
        (String($0.1), $0.0)
      }
    ) { first, _ in first }
  }

  static func links(in text: Substring) -> [Link] {
    text.matches(of: /<a\b[^>]*?href="([^"#]*)#?([^"]*)"[^>]*>(.*?)<\/a>/.dotMatchesNewlines()).map
    {
      Link(file: String($0.1), fragment: String($0.2), text: String($0.3))
    }
  }
}

extension URL {
  /// Whether there is such a file.
  var isThere: Bool { FileManager.default.fileExists(atPath: path) }
}

struct ReportTests {
  private static let baselines = TestCheckout.source.appendingPathComponent(
    "Results/baselines/smoke")

  /// The stored results of every experiment as if a run had just made them, and their page.
  private static func page(in folder: TemporaryFolder) throws -> (String, [ExperimentIdentity]) {
    let results = folder["Results"]
    try FileManager.default.createDirectory(at: results, withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: baselines, to: results.appendingPathComponent("smoke"))
    let letters = Array(documentTitles.keys.sorted())
    let names = try FileManager.default.contentsOfDirectory(atPath: baselines.path).sorted()
    let identities = names.enumerated().map { number, name in
      ExperimentIdentity(
        name: name, paper: "\(letters[number % letters.count]): a paper", figure: "Fig. 1",
        title: "Title of \(name)", question: "Why?")
    }
    let report = try HTMLReport(
      profile: .smoke, results: results, ledger: .documents(), documents: documentTitles,
      in: results.appendingPathComponent("smoke"))
    return (try String(decoding: report.page(identities), as: UTF8.self), identities)
  }

  /// What the field that a fragment names holds; the first one where it names several.
  private static func field(_ fragment: String, of lines: [[String]]) -> String? {
    guard let match = fragment.wholeMatch(of: /cell=(\d+),(\d+)(-\d+,\d+)?/),
      let row = Int(match.1), let column = Int(match.2), lines.indices.contains(row - 1),
      lines[row - 1].indices.contains(column - 1)
    else { return nil }
    return lines[row - 1][column - 1]
  }

  @Test("every number of every claim leads to the field of claims.csv that holds it")
  func claims() throws {
    let folder = try TemporaryFolder()
    let (text, identities) = try Self.page(in: folder)
    let page = ReportPage(text)
    for identity in identities {
      let table = "\(identity.name)/claims.csv"
      let url = folder["Results/smoke/\(table)"]
      let lines = try CSVFile.lines(AtomicFile.read(url), path: url.path)
      let rows: [ClaimRow] = try TableSet.read(url.deletingLastPathComponent()).rows("claims")
      #expect(!rows.isEmpty)
      for claim in rows {
        let name = "\(identity.name)--\(claim.id)"
        let row = try #require(page.rows[name], "\(name)")
        let links = ReportPage.links(in: row)
        let fields = links.filter { $0.file == table }.compactMap {
          Self.field($0.fragment, of: lines)
        }
        #expect(fields.contains(claim.measured) && fields.contains(claim.verdict), "\(name)")
        if let paper = claim.paper { #expect(fields.contains(paper), "\(name)") }
        if !claim.judgement.isEmpty { #expect(fields.contains(claim.judgement), "\(name)") }
        for number in [claim.estimate, claim.lower, claim.significance].compactMap(\.self) {
          #expect(fields.contains { Double($0) == number }, "\(name): \(number)")
        }
        // Nothing measured, judged or given by a paper stands there without a link.
        let bare = row.replacing(/<a\b.*?<\/a>/.dotMatchesNewlines(), with: "")
        for cell in bare.matches(of: /<td data-label[^>]*>(.*?)<\/td>/) { #expect(cell.1.isEmpty) }
        #expect(bare.contains(/<td class="[a-z]+"><\/td><\/tr>$/), "\(name)")
        // And from there on to the run.
        let places = Set(links.filter(\.isOnPage).map(\.fragment))
        #expect(places.isSuperset(of: ["run-\(identity.name)", "tables-\(identity.name)"]))
        let provenance = try JSONDecoder().decode(
          Provenance.self,
          from: AtomicFile.read(folder["Results/smoke/\(identity.name)/provenance.json"]))
        #expect(row.contains(provenance.command) && row.contains(provenance.commit.prefix(12)))
        #expect(row.contains("\(provenance.processor), "))
        #expect(row.contains(" \(provenance.wall_seconds) s"))
      }
    }
  }

  @Test("whatever a link names is there, once")
  func targets() throws {
    let folder = try TemporaryFolder()
    let (text, identities) = try Self.page(in: folder)
    let page = ReportPage(text)
    #expect(Set(page.places).count == page.places.count)
    #expect(page.links.count > 10 * identities.count)
    for link in page.links {
      if link.isOnPage {
        #expect(page.places.contains(link.fragment), "\(link)")
      } else {
        #expect(folder["Results/smoke/\(link.file)"].isThere, "\(link)")
      }
    }
  }

  @Test("a count of statements and a statement's standing lead to what decides them")
  func ledger() throws {
    let folder = try TemporaryFolder()
    let (text, _) = try Self.page(in: folder)
    let page = ReportPage(text)
    let counts = text.matches(of: /<td class="count">(.*?)<\/td>/).map(\.1)
    #expect(counts.count == 6 * documentTitles.count)
    for count in counts where count != "0" {
      let link = try #require(ReportPage.links(in: count).first, "\(count)")
      let row = try #require(page.rows[link.fragment], "\(link)")
      #expect(Int(link.text) != nil && row.contains("<td class="))
    }
    let decided = page.rows.filter {
      $0.key.hasPrefix("statement-") && $0.value.contains(">holds<")
    }
    #expect(!decided.isEmpty)
    for (name, row) in decided {
      #expect(ReportPage.links(in: row).contains { $0.text == "holds" && $0.isOnPage }, "\(name)")
    }
  }

  @Test("a page elsewhere names the files where they are")
  func elsewhere() throws {
    let folder = try TemporaryFolder()
    _ = try Self.page(in: folder)
    let report = try HTMLReport(
      profile: .smoke, results: folder["Results"], ledger: .documents(), documents: documentTitles,
      in: folder["elsewhere"])
    let identity = ExperimentIdentity(
      name: "mlbp-fig1-recovery", paper: "B: a paper", figure: "", title: "", question: "")
    let page = try ReportPage(String(decoding: report.page([identity]), as: UTF8.self))
    let files = Set(page.links.filter { !$0.isOnPage }.map(\.file))
    #expect(!files.isEmpty)
    for file in files { #expect(URL(string: file)?.isFileURL == true, "\(file)") }
    for file in files { #expect(URL(string: file)?.isThere == true, "\(file)") }
  }
}
