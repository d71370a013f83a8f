import Foundation

/// A part of a README that is written from the stored baselines, between two markers.
///
/// ```
/// <!-- generated: claims -->
/// …
/// <!-- end: claims -->
/// ```
public enum GeneratedBlock {
  private static func markers(_ name: String) -> (begin: String, end: String) {
    ("<!-- generated: \(name) -->", "<!-- end: \(name) -->")
  }

  /// A text with the content of a block replaced.
  ///
  /// - Parameters:
  ///   - name: The block.
  ///   - text: The text, with both markers.
  ///   - content: What is to stand between the markers.
  ///   - path: The text's file, for messages.
  /// - Returns: The text.
  /// - Throws: `FileError.damaged` where a marker is absent, stands twice or in the wrong order.
  public static func replacing(
    _ name: String, in text: String, with content: String, path: String
  ) throws -> String {
    let (begin, end) = markers(name)
    let (starts, ends) = (text.ranges(of: begin), text.ranges(of: end))
    guard starts.count == 1, ends.count == 1, starts[0].upperBound <= ends[0].lowerBound else {
      throw FileError.damaged(
        path: path, place: "the block \(name)",
        problem: "needs the line \(begin) and below it the line \(end), each once")
    }
    return text[..<starts[0].upperBound] + "\n" + content + "\n" + text[ends[0].lowerBound...]
  }
}

/// Tables in Markdown.
enum Markdown {
  /// A table; cells may hold anything but line breaks.
  static func table(_ heading: [String], _ rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String {
      "| "
        + cells.map {
          $0.replacingOccurrences(of: "|", with: "\\|").replacingOccurrences(of: "\n", with: " ")
        }.joined(separator: " | ") + " |"
    }
    return ([line(heading), "|" + heading.map { _ in "---|" }.joined()] + rows.map(line))
      .joined(separator: "\n")
  }
}
