import Algorithms
import ExperimentSuite
import MLCSCKit

/// Claims on trained networks, computed from the tables `networks`, `comparisons` and `differences`.
///
/// A comparison's interval holds the seeds' spread and the test images' sampling error, both paired.
/// It says something only where all networks that enter are trained: each has to be clearly ahead of
/// a linear classifier on the pixels of the same training images.
public struct NetworkClaims<Key: NetworkKey>: Sendable {
  private let networks: [NetworkRow<Key>]
  private let comparisons: [ContrastRow]
  private let differences: [SeedDifferenceRow]
  private let trainings: [TrainingRow<Key>]

  /// The claims of an experiment's tables.
  ///
  /// - Throws: `TableError`.
  public init(_ tables: TableSet) throws {
    networks = try tables.rows("networks")
    comparisons = try tables.rows("comparisons")
    differences = try tables.rows("differences")
    trainings = try tables.rows("trainings")
  }

  /// The networks.
  public var rows: [NetworkRow<Key>] { networks }

  /// The comparisons whose identifiers begin like this, in their order.
  public func comparisons(like prefix: String) -> [ContrastRow] {
    comparisons.filter { $0.id.hasPrefix(prefix) }
  }

  /// The measurement of a comparison; nothing where it was not made.
  public func measurement(of id: String) -> Measurement {
    guard let row = comparisons.first(where: { $0.id == id }) else { return .none }
    return .mean(
      differences.filter { $0.id == id }.map(\.difference), of: "seeds",
      imageStandardError: row.imageError, images: row.images)
  }

  /// The premise that the networks of some comparisons are trained; it names those that are not.
  public func areTrained(_ ids: [String]) -> Premise {
    let names = comparisons.filter { ids.contains($0.id) }.flatMap(\.networkNames).uniqued()
    let untrained = names.filter { name in
      !networks.contains { $0.network == name && $0.isTrained }
    }
    return Premise(
      "\(untrained.joined(separator: ", ")) clearly ahead of a linear classifier on the pixels",
      isMet: untrained.isEmpty)
  }

  /// A claim that rests on one comparison.
  ///
  /// - Parameters:
  ///   - id: The claim.
  ///   - comparison: The comparison; named as the claim unless given.
  ///   - statements: The statements that it decides.
  ///   - sentence: What the document says.
  ///   - source: Where.
  ///   - rule: When it holds; above zero unless given.
  ///   - paper: The document's numbers.
  ///   - further: Premises besides that the networks are trained.
  /// - Returns: The claim.
  public func claim(
    _ id: String, comparing comparison: String? = nil, decides statements: [String],
    _ sentence: String, source: String, holdsWhen rule: VerdictRule = .above(0),
    paper: PaperValue? = nil, premises further: [Premise] = []
  ) -> ClaimTest {
    let comparison = comparison ?? id
    let row = comparisons.first { $0.id == comparison }
    let seeds = differences.filter { $0.id == comparison }
    return ClaimTest(
      id, decides: statements, sentence, source: source, quantity(of: row),
      measurement(of: comparison),
      paper: paper,
      details: row.map { row in
        (row.second.isEmpty
          ? []
          : [(row.first, seeds.map(\.first)), (row.second, seeds.map(\.second))].map {
            Detail($0, Statistics.mean($1), unit: level(of: row))
          }) + (further.allSatisfy(\.isMet) ? neededSeeds(row, rule) : [])
      } ?? [], holdsWhen: rule, premises: further + [areTrained([comparison])])
  }

  /// What would decide an open comparison, where its networks are trained and were timed, and no
  /// premise is missing that further seeds would not bring.
  private func neededSeeds(_ row: ContrastRow, _ rule: VerdictRule) -> [Detail] {
    let limit: Double
    switch rule {
    case .above(let least): limit = least
    case .below(let most): limit = most
    default: return []
    }
    let names = row.networkNames
    guard
      names.allSatisfy({ name in
        networks.contains { $0.network == name && ($0.overPixels ?? 0) > 0 }
      })
    else { return [] }
    let seconds = names.map { name in
      Statistics.mean(trainings.filter { $0.key.name == name }.map(\.seconds))
    }
    guard seconds.allSatisfy({ $0 > 0 }) else { return [] }
    let needed = NeededSeeds(
      differences.filter { $0.id == row.id }.map(\.difference), imageError: row.imageError,
      from: limit, secondsPerSeed: seconds.reduce(0, +))
    return needed?.details ?? []
  }

  /// A claim that rests on several comparisons, all of which have to hold.
  ///
  /// - Parameters:
  ///   - id: The claim.
  ///   - comparisons: Its comparisons, each with what it is of.
  ///   - statements: The statements that it decides.
  ///   - sentence: What the document says.
  ///   - source: Where.
  ///   - quantity: What each comparison measures.
  ///   - rule: When each holds; above zero unless given.
  ///   - paper: The document's numbers.
  ///   - further: Premises besides that the networks are trained.
  /// - Returns: The claim.
  public func claim(
    _ id: String, of comparisons: [(label: String, id: String)], decides statements: [String],
    _ sentence: String, source: String, _ quantity: Quantity,
    holdsWhen rule: VerdictRule = .above(0),
    paper: PaperValue? = nil, premises further: [Premise] = []
  ) -> ClaimTest {
    ClaimTest(
      id, decides: statements, sentence, source: source, quantity,
      parts: comparisons.map { ClaimTest.Part($0.label, measurement(of: $0.id)) }, paper: paper,
      holdsWhen: rule, premises: further + [areTrained(comparisons.map(\.id))])
  }

  /// The claim that the paper's accuracies are reached, within a point on both sides.
  ///
  /// Only trainings of the paper's scale, with two seeds at least, decide.
  /// - Parameters:
  ///   - id: The claim.
  ///   - statements: The statements that it decides.
  ///   - sentence: What the document says.
  ///   - source: Where.
  ///   - margin: How far an accuracy may be from the paper's, in points.
  ///   - isOfClaim: Which networks it is about.
  /// - Returns: The claim.
  public func levels(
    _ id: String, decides statements: [String], _ sentence: String, source: String,
    margin: Double = 1, where isOfClaim: (Key) -> Bool = { _ in true }
  ) -> ClaimTest {
    let rows = networks.compactMap { row in
      row.paper.flatMap(Double.init).flatMap { isOfClaim(row.key) ? (row, $0) : nil }
    }
    let run = rows.filter { $0.0.accuracy != nil }
    return ClaimTest(
      id, decides: statements, sentence, source: source,
      .number("test accuracy minus the paper’s", unit: "points"),
      parts: run.map { row, paper in ClaimTest.Part(row.network, row.difference(from: paper)) },
      paper: rows.map(\.1).min().flatMap { least in
        rows.map(\.1).max().map { PaperValue(least, to: $0, unit: "%") }
      },
      details: [Detail("cells run", Double(run.count), unit: "of \(rows.count)")],
      holdsWhen: .within(-margin, margin),
      premises: [
        Premise(Self.fullScale, isMet: !run.isEmpty && run.allSatisfy(\.0.isFullScale)),
        Premise("every cell of the paper was run", isMet: run.count == rows.count),
      ])
  }

  private static var fullScale: String { "images, epochs and rates are the paper’s" }

  /// The premise that all networks were trained at the paper's scale, without which a compressed plan
  /// would be tested.
  public var isOfFullScale: Premise {
    let run = networks.filter { $0.accuracy != nil }
    return Premise(Self.fullScale, isMet: !run.isEmpty && run.allSatisfy(\.isFullScale))
  }

  private func quantity(of row: ContrastRow?) -> Quantity {
    guard let row else { return .number("comparison", unit: "") }
    if row.second.isEmpty { return .number(row.first, unit: row.unit) }
    return .difference(of: row.of, row.first, minus: row.second, unit: row.unit)
  }

  private func level(of row: ContrastRow) -> String { row.unit == "points" ? "%" : row.unit }
}

extension NetworkRow {
  /// The accuracy in percent; it has no interval with one seed.
  public var measurement: Measurement { difference(from: 0) }

  /// How far the accuracy is from the paper's; it has no interval with one seed.
  func difference(from paper: Double) -> Measurement {
    guard let accuracy else { return .none }
    let sample = [Sample(seeds, "seeds")] + (testImages.map { [Sample($0, "test images")] } ?? [])
    return .mean(
      accuracy - paper, seedStandardError: seedError ?? 0, seeds: seeds,
      imageStandardError: imageError ?? 0, sample: sample)
  }
}
