import ExperimentSuite
import MLCSCKit

extension ImageSource {
  /// Reads several sets and says in the provenance where they come from.
  ///
  /// - Parameters:
  ///   - sources: Those that are needed.
  ///   - resources: Of the run.
  /// - Returns: The sets by source.
  /// - Throws: What `load` throws.
  public static func load(
    _ sources: some Sequence<ImageSource>, _ resources: RunResources
  ) throws -> [ImageSource: ImageSet] {
    var sets = [ImageSource: ImageSet]()
    for source in sources where sets[source] == nil {
      let set = try source.load()
      set.provenance.forEach(resources.note)
      sets[source] = set
    }
    return sets
  }

  /// Reads several sets, leaving out whole sets that are not on this machine.
  ///
  /// For tables whose cells stay empty where data are absent; an absent set is said in the
  /// provenance.
  /// - Parameters:
  ///   - sources: Those that are wanted.
  ///   - resources: Of the run.
  /// - Returns: The sets by source.
  /// - Throws: `FileError` where a file is damaged.
  public static func loadPresent(
    _ sources: some Sequence<ImageSource>, _ resources: RunResources
  ) throws -> [ImageSource: ImageSet] {
    var sets = [ImageSource: ImageSet]()
    for source in sources where sets[source] == nil {
      do {
        sets.merge(try load([source], resources)) { $1 }
      } catch let missing as DataMissing {
        resources.note("\(missing)")
      }
    }
    return sets
  }

  /// Reads those of several sets that are on this machine, at least one.
  ///
  /// - Parameters:
  ///   - sources: Those that are wanted.
  ///   - resources: Of the run.
  /// - Returns: The sets by source.
  /// - Throws: `DataMissing` where none is; `FileError` where a file is damaged.
  public static func loadSome(
    _ sources: [ImageSource], _ resources: RunResources
  ) throws -> [ImageSource: ImageSet] {
    let sets = try loadPresent(sources, resources)
    return sets.isEmpty ? try load(sources.prefix(1), resources) : sets
  }
}
