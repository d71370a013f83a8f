/// A property of a typed row that is an estimate with its 95 % interval: three columns.
///
/// ```swift
/// @IntervalField("error", .measured()) var error: Estimate? = nil
/// ```
/// stands for `error`, `error_lower_95` and `error_upper_95`. All are empty where nothing was measured,
/// the ends also where a single draw says nothing of them.
@propertyWrapper
public struct IntervalField: TableRow {
  private var estimate: Field<Double?>
  private var lower: Field<Double?>
  private var upper: Field<Double?>

  /// A field.
  ///
  /// - Parameters:
  ///   - wrappedValue: The estimate.
  ///   - name: The heading of the estimate.
  ///   - role: What all three columns are compared for.
  public init(wrappedValue: Estimate?, _ name: String, _ role: ColumnRole) {
    estimate = Field(wrappedValue: nil, name, role)
    lower = Field(wrappedValue: nil, "\(name)_lower_95", role)
    upper = Field(wrappedValue: nil, "\(name)_upper_95", role)
    self.wrappedValue = wrappedValue
  }

  public init() { self.init(wrappedValue: nil, "estimate", .measured()) }

  /// The estimate; ends that are not known are infinite.
  public var wrappedValue: Estimate? {
    get {
      estimate.wrappedValue.map {
        Estimate(
          value: $0, lower: lower.wrappedValue ?? -.infinity,
          upper: upper.wrappedValue ?? .infinity)
      }
    }
    set {
      estimate.wrappedValue = newValue?.value
      lower.wrappedValue = newValue.flatMap { $0.lower.isFinite ? $0.lower : nil }
      upper.wrappedValue = newValue.flatMap { $0.upper.isFinite ? $0.upper : nil }
    }
  }
}
