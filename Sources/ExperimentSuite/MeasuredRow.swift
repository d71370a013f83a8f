/// A row that a cell measures and a table shows as it is, so that a quantity is declared once.
///
/// It is kept in the cache of finished cells as the contents of its fields by heading; other
/// properties are not kept. A measured row whose headings change needs a new version of its experiment.
public protocol MeasuredRow: TableRow, Codable {}

extension MeasuredRow {
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.singleValueContainer()
    let contents = try container.decode([String: String].self)
    for field in fields {
      let name = field.column.name
      guard let content = contents[name], field.read(content) else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "the field \(name) is absent or cannot be read")
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var contents = [String: String]()
    for field in fields {
      let value = field.value
      if case .real(let x) = value, !x.isFinite {
        throw EncodingError.invalidValue(
          x, .init(codingPath: [], debugDescription: "\(field.column.name) is not finite"))
      }
      contents[field.column.name] = value.content
    }
    var container = encoder.singleValueContainer()
    try container.encode(contents)
  }
}
