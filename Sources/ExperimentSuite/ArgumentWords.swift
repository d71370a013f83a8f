import MLCSCBase

/// The words of a command line as the parser should get them.
enum ArgumentWords {
  /// The words with `--name -1` written as `--name=-1`, and none of them a value that is empty.
  ///
  /// The parser takes a negative number for an option of its own and says that a value is missing;
  /// joined, the number reaches the check that says what would be right. Of `--name=` with nothing
  /// behind it (an unset variable of a script) the parser takes the next word for the value.
  ///
  /// - Parameter words: What stands behind the program's name.
  /// - Returns: As many words, or fewer.
  /// - Throws: `UsageError` where an option's value is empty.
  static func checked(_ words: [String]) throws -> [String] {
    var joined = [String]()
    var option: String?
    for word in words {
      if word.isEmpty, let option, joined.last == option { throw emptyValue(option) }
      if let option, word.hasPrefix("-"), Double(word) != nil {
        if joined.last == option { joined.removeLast() }
        joined.append("\(option)=\(word)")
        continue
      }
      if word.hasPrefix("--") {
        let end = word.firstIndex(of: "=")
        if let end, word.index(after: end) == word.endIndex {
          throw emptyValue(String(word[..<end]))
        }
        option = end == nil ? word : nil
      }
      joined.append(word)
    }
    return joined
  }

  private static func emptyValue(_ option: String) -> UsageError {
    UsageError("the value of \(option) is empty; write one, or leave \(option) out")
  }
}
