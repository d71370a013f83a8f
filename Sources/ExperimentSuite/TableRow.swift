/// A typed row of a table: every property is declared beside the column that shows it.
///
/// ```swift
/// struct ErrorRow: TableRow {
///   @Field("layer", .key) var layer = 0
///   @Field("error_relative_l2", .measured()) var error = 0.0
/// }
/// ```
/// Rows are written to CSV files and read back from them by the same declaration, so that claims can
/// be computed from the files alone. A property that is itself a `TableRow` stands for its columns;
/// other properties are not shown.
public protocol TableRow: Sendable {
  /// A row whose properties are to be filled.
  init()
}

/// A property of a typed row, with the column that shows it.
@propertyWrapper
public struct Field<Content: ValueConvertible & Sendable>: Sendable {
  /// Where a field that was found by reflection can be set: reflection gives copies.
  private final class Storage: @unchecked Sendable {
    // Written only while a row is being read, before anybody else has it, or when it is not shared.
    var content: Content

    init(_ content: Content) { self.content = content }
  }

  private var storage: Storage
  /// Heading and role.
  public let column: Column

  /// A field.
  public init(wrappedValue: Content, _ name: String, _ role: ColumnRole) {
    (storage, column) = (Storage(wrappedValue), Column(name, role))
  }

  /// The value.
  public var wrappedValue: Content {
    get { storage.content }
    set {
      if isKnownUniquelyReferenced(&storage) {
        storage.content = newValue
      } else {
        storage = Storage(newValue)
      }
    }
  }
}

extension Field: Equatable where Content: Equatable {
  public static func == (a: Field, b: Field) -> Bool { a.wrappedValue == b.wrappedValue }
}

extension Field: Hashable where Content: Hashable {
  public func hash(into hasher: inout Hasher) { hasher.combine(wrappedValue) }
}

/// What reflection finds of a field.
protocol AnyField {
  var column: Column { get }
  var value: Value { get }
  /// Sets the value of a row that nobody else has; false where the text holds something else.
  func read(_ content: String) -> Bool
}

extension Field: AnyField {
  var value: Value { wrappedValue.value }

  func read(_ content: String) -> Bool {
    guard let found = Content(content: content) else { return false }
    storage.content = found
    return true
  }
}

extension TableRow {
  /// The row's fields in the order of declaration.
  var fields: [any AnyField] {
    Mirror(reflecting: self).children.flatMap { child -> [any AnyField] in
      switch child.value {
      case let field as any AnyField: [field]
      case let row as any TableRow: row.fields
      default: []
      }
    }
  }
}
