import CArchive
import CCrypto
import CMatIO
import COneDNN
import COpenBLAS
import CZlib

/// The versions of the system libraries that this process runs with, as they say themselves.
///
/// libLBFGS tells no version.
enum LibraryVersions {
  /// Versions by the library's name.
  static var all: [String: String] {
    var versions = [
      "OpenBLAS": openBLAS, "libarchive": numbers(archive_version_string()),
      "MatIO": matIO, "OpenSSL": numbers(OpenSSL_version(OPENSSL_VERSION)),
      "zlib": String(cString: zlibVersion()),
    ]
    if let version = dnnl_version()?.pointee {
      versions["oneDNN"] = "\(version.major).\(version.minor).\(version.patch)"
    }
    return versions
  }

  private static var openBLAS: String { numbers(openblas_get_config()) }

  private static var matIO: String {
    var (major, minor, release) = (Int32(0), Int32(0), Int32(0))
    Mat_GetLibraryVersion(&major, &minor, &release)
    return "\(major).\(minor).\(release)"
  }

  /// The second word of "NAME 1.2.3 …".
  private static func numbers(_ text: UnsafePointer<CChar>?) -> String {
    let words = text.map { String(cString: $0) }?.split(separator: " ") ?? []
    return words.count > 1 ? String(words[1]) : "unknown"
  }
}
