extension String {
  /// The text with control characters, and what changes the direction of writing, as `\\u{1B}`.
  ///
  /// What a file holds stands in messages; it must not move the cursor, change colours or begin a
  /// line of its own.
  /// - Parameter kept: Characters that stay.
  /// - Returns: The same text where it holds none of these.
  package func escapingControls(except kept: Set<Unicode.Scalar> = []) -> String {
    func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: kept.contains(scalar)
      default: true
      }
    }
    guard !unicodeScalars.allSatisfy(isHarmless) else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if isHarmless(scalar) {
        text.unicodeScalars.append(scalar)
      } else {
        text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      }
    }
  }
}
