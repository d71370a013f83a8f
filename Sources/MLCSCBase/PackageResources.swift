import Foundation

/// The files that come with the package.
package enum PackageResources {
  /// The place of a resource.
  ///
  /// SwiftPM's own accessor ends the process where the bundle is absent; this one looks first.
  ///
  /// - Parameters:
  ///   - name: The file's name.
  ///   - target: The target that it belongs to.
  /// - Returns: The file.
  /// - Throws: `FileError.notRead` where it is absent.
  package static func url(_ name: String, of target: String) throws -> URL {
    let candidates = folders.flatMap { folder in
      ["resources", "bundle"].map {
        folder.appendingPathComponent("mlcsc_\(target).\($0)/Resources/\(name)")
      }
    }
    guard
      let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0.path) })
    else {
      throw FileError.notRead(
        path: candidates.first?.path ?? name, reason: "the resource is missing; build again")
    }
    return found
  }

  /// Beside the executable, where SwiftPM puts it, or beside the code that the tests load.
  private static let folders: [URL] = {
    let executable = Bundle.main.executableURL?.resolvingSymlinksInPath()
      .deletingLastPathComponent()
    return [
      executable, Bundle.main.bundleURL, Bundle(for: Anchor.self).bundleURL,
      Bundle(for: Anchor.self).bundleURL.deletingLastPathComponent(),
    ].compactMap { $0 }
  }()

  private final class Anchor {}
}
