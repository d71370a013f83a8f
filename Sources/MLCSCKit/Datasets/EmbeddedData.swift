import Foundation

extension PackageResources {
  /// A file of the data that are embedded in this module.
  ///
  /// - Throws: `FileError.notRead` where it is absent.
  package static func data(_ name: String) throws -> URL { try url(name, of: "MLCSCKit") }
}
