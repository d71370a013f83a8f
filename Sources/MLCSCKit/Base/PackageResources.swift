import Foundation

/// The files that come with the package.
public enum PackageResources {
  /// The place of a resource.
  ///
  /// SwiftPM's own accessor ends the process where the bundle is absent; this one looks first.
  /// - Throws: `FileError.notRead` where it is absent.
  public static func url(_ name: String) throws -> URL {
    let candidates = bundles.map {
      $0.appendingPathComponent("Resources").appendingPathComponent(name)
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
  private static let bundles: [URL] = {
    let executable = Bundle.main.executableURL?.resolvingSymlinksInPath()
      .deletingLastPathComponent()
    let folders = [
      executable, Bundle.main.bundleURL, Bundle(for: Anchor.self).bundleURL,
      Bundle(for: Anchor.self).bundleURL.deletingLastPathComponent(),
    ].compactMap { $0 }
    return folders.flatMap { folder in
      ["resources", "bundle"].map {
        folder.appendingPathComponent("mlcsc_MLCSCKit").appendingPathExtension($0)
      }
    }
  }()

  private final class Anchor {}
}
