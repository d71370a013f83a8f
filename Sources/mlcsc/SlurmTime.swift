/// A time limit as Slurm writes it.
struct SlurmTime {
  /// How long it is; nil without limit.
  let seconds: Int?

  /// The most seconds by which Slurm sends a job's signal too early (`man sbatch`, --signal).
  static let earliness = 60

  /// Parses `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`,
  /// `days-hours:minutes`, `days-hours:minutes:seconds`, `UNLIMITED` or `INFINITE`.
  ///
  /// Zero is no limit, as for Slurm. Anything else is refused, also what is too long to count.
  init?(_ text: String) {
    if ["unlimited", "infinite"].contains(text.lowercased()) {
      seconds = nil
      return
    }
    let halves = text.split(separator: "-", omittingEmptySubsequences: false)
    let fields = halves[halves.count - 1].split(separator: ":", omittingEmptySubsequences: false)
    let numbers = (halves.dropLast() + fields).map { field in
      field.allSatisfy { $0.isASCII && $0.isNumber } ? Int(field) : nil
    }
    guard halves.count <= 2, fields.count <= 3, numbers.allSatisfy({ $0 != nil }) else {
      return nil
    }
    // Of days, hours, minutes, seconds, those that the text has.
    let units: [Int] =
      switch (halves.count, fields.count) {
      case (2, _): [86_400, 3_600, 60, 1]
      case (_, 3): [3_600, 60, 1]
      default: [60, 1]
      }
    var sum = 0
    for (number, unit) in zip(numbers.compactMap(\.self), units) {
      let (product, isTooLong) = number.multipliedReportingOverflow(by: unit)
      guard !isTooLong, product < Int.max / 8 else { return nil }
      sum += product
    }
    seconds = sum == 0 ? nil : sum
  }
}
