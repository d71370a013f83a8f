/// Cells that several experiments share: the first that needs one computes it, the others find it.
///
/// A cell of a family is keyed by the family, the seed, the cell's own content (its JSON) and the
/// fingerprint of the data it reads, and by no experiment or its settings; its random stream hangs
/// on family, cell and seed. So the content must say everything that the result depends on, and all
/// experiments of a family must measure the same kind of rows.
public struct CellFamily: Sendable, Equatable {
  /// The name, which is also that of its folder in the cache; no experiment has it.
  public let name: String
  /// Raised whenever a change makes cached cells wrong.
  public let version: Int

  /// A family.
  public init(_ name: String, version: Int) {
    (self.name, self.version) = (name, version)
  }
}
