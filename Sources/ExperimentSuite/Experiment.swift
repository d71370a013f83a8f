/// How much work a run does.
public enum Profile: String, Codable, Sendable, CaseIterable {
  /// Seconds each; what the tests run.
  case smoke
  /// The default: embedded data, minutes each, decides the claims.
  case quick
  /// Full data where available and a shortened schedule: the largest scale that two cores finish
  /// overnight. Where the paper's scale takes no longer, it is the paper's.
  case standard
  /// The paper's settings on the full data sets.
  case paper
}

/// What an experiment is.
public struct ExperimentIdentity: Codable, Sendable, Equatable {
  /// Folder, target, command and results folder.
  public let name: String
  /// The document, with its letter in the catalogue.
  public let paper: String
  /// The figure, table or statement reproduced.
  public let figure: String
  /// One line.
  public let title: String
  /// The question it answers, one sentence.
  public let question: String
  /// The data sets it reads.
  public let dataSets: [String]
  /// Raised whenever a change makes cached cells wrong.
  public let version: Int

  /// An identity from its parts.
  public init(
    name: String, paper: String, figure: String, title: String, question: String,
    dataSets: [String] = [], version: Int = 1
  ) {
    self.name = name
    self.paper = paper
    self.figure = figure
    self.title = title
    self.question = question
    self.dataSets = dataSets
    self.version = version
  }
}

/// An independent unit of work of an experiment.
public protocol ExperimentCell: Codable, Sendable {
  /// A stable name, unique within the experiment; the cell's random stream hangs on it.
  var id: String { get }
}

/// A cell that is one of several alike.
public struct NumberedCell: ExperimentCell {
  /// The cell's number, from zero.
  public let index: Int

  public var id: String { "block-\(index)" }

  /// Cells 0 ..< count.
  public static func cells(_ count: Int) -> [NumberedCell] {
    (0..<count).map { NumberedCell(index: $0) }
  }

  /// A cell with a number.
  public init(index: Int) { self.index = index }

  /// Cells for 0 ..< total in blocks of a size, of which the last may be smaller.
  public static func blocks(of size: Int, upTo total: Int) -> [NumberedCell] {
    cells((total + size - 1) / size)
  }

  /// What belongs to this cell of 0 ..< total in blocks of a size.
  public func block(of size: Int, upTo total: Int) -> Range<Int> {
    (index * size..<(index + 1) * size).clamped(to: 0..<total)
  }
}

/// The rows that one cell measured.
public struct CellResult<Cell: ExperimentCell, Row: Codable & Sendable>: Sendable {
  /// The cell.
  public let cell: Cell
  /// What it measured, in its own order.
  public let rows: [Row]

  /// A result.
  public init(cell: Cell, rows: [Row]) { (self.cell, self.rows) = (cell, rows) }
}

/// The inputs of an experiment that needs none.
public struct NoInputs: Sendable {
  /// Nothing.
  public init() {}
}

/// Inputs that know what identifies them, so that an experiment need not say it.
public protocol FingerprintedInputs: Sendable {
  /// Checksums of all that was read.
  var fingerprint: String { get }
}

/// One figure or table of a paper, as science only.
///
/// The runner owns everything else: cells side by side over the cores, the cache of finished cells,
/// tables on disk, plots, baselines, provenance, progress and errors.
public protocol Experiment: SendableMetatype {
  /// Every number that matters, one value a profile.
  associatedtype Settings: Codable & Sendable
  /// What all cells read: data, a learned model.
  associatedtype Inputs: Sendable = NoInputs
  /// A unit of work.
  associatedtype Cell: ExperimentCell
  /// What a cell measures.
  associatedtype Row: Codable & Sendable

  /// What the experiment is.
  static var identity: ExperimentIdentity { get }

  /// Whether a cell measures time: then it runs alone, after the others, and no cell of the
  /// experiment uses more than one thread.
  static func measuresTime(_ cell: Cell) -> Bool

  /// Whether tables and claims can be made of some of the cells, so that a table that takes weeks
  /// can be looked at while it fills.
  static var allowsMissingCells: Bool { get }

  /// The family whose cells these are, where several experiments share them; nil where the cells
  /// are the experiment's own.
  static var family: CellFamily? { get }

  /// The settings of a profile.
  static func settings(for profile: Profile) -> Settings

  /// What settings must be, beyond their types, so that they can be computed with.
  static func rules(for settings: Settings) -> [SettingRule]

  /// Reads what all cells need.
  ///
  /// - Throws: `DataMissing` where the experiment should be skipped; any other error fails it.
  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> Inputs

  /// What identifies the inputs (checksums); part of the key under which cells are cached.
  static func fingerprint(of inputs: Inputs) -> String

  /// What identifies the inputs that one cell of a family reads; part of its key.
  static func fingerprint(of cell: Cell, _ inputs: Inputs) -> String

  /// The cells, in the order of the tables.
  static func cells(_ settings: Settings, _ inputs: Inputs) -> [Cell]

  /// Computes one cell.
  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: Inputs, _ context: CellContext
  ) throws -> [Row]

  /// The tidy tables that the figure shows.
  static func tables(_ settings: Settings, _ results: [CellResult<Cell, Row>]) throws -> [Table]

  /// The documents' statements with what was measured, from the tables alone.
  ///
  /// A row that is absent voids what needs it: the measurement is then `.none`.
  static func claims(of tables: TableSet) throws -> [ClaimTest]

  /// What a reader has to know of the scale, a few words each: "2,000 images", "6 epochs", "3 seeds".
  static func scale(_ settings: Settings) -> [String]
}

extension Experiment {
  public static func claims(of tables: TableSet) throws -> [ClaimTest] { [] }

  public static func scale(_ settings: Settings) -> [String] { [] }

  public static func rules(for settings: Settings) -> [SettingRule] { [] }
}

extension Experiment {
  public static func measuresTime(_ cell: Cell) -> Bool { false }

  public static var allowsMissingCells: Bool { false }

  public static var family: CellFamily? { nil }

  public static func fingerprint(of inputs: Inputs) -> String { "" }

  public static func fingerprint(of cell: Cell, _ inputs: Inputs) -> String {
    fingerprint(of: inputs)
  }
}

extension Experiment where Inputs: FingerprintedInputs {
  public static func fingerprint(of inputs: Inputs) -> String { inputs.fingerprint }
}

extension Experiment where Inputs == NoInputs {
  public static func prepare(_ settings: Settings, _ resources: RunResources) throws -> NoInputs {
    NoInputs()
  }
}
