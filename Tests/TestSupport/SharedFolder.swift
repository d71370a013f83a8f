import Foundation

/// The folder of solved cases, papers' values and data that lie outside the package.
public enum SharedFolder {
  /// The folder that `MLCSC_SHARED` names, or the one beside the checkout; nothing where it is absent.
  public static let url: URL? = {
    let named = ProcessInfo.processInfo.environment["MLCSC_SHARED"].map {
      URL(fileURLWithPath: $0)
    }
    var checkout = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { checkout.deleteLastPathComponent() }
    let folder = named ?? checkout.deletingLastPathComponent().appendingPathComponent("shared")
    return FileManager.default.fileExists(atPath: folder.appendingPathComponent("fixtures").path)
      ? folder : nil
  }()

  /// Why tests that need it are skipped where they are.
  public static let absence =
    "skipped: the shared fixtures are not beside the checkout (set MLCSC_SHARED to their parent)"
}
