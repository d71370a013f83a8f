import CCrypto
import Foundation

/// A message digest, computed by OpenSSL's libcrypto.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
  /// The digest's bytes, in the order in which they are printed.
  public let bytes: [UInt8]

  /// The algorithms that published checksums of data sets use.
  public enum Algorithm: String, Sendable, Codable {
    case md5, sha256
  }

  /// The SHA-256 digest of some bytes.
  public static func sha256(_ data: Data) -> Digest {
    let hasher = Hasher(.sha256)
    hasher.update(data)
    return hasher.finalize()
  }

  /// Lower-case hexadecimal digits.
  public var description: String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// The bytes as 32-bit words, little endian.
  public var words: [UInt32] {
    stride(from: 0, to: bytes.count - 3, by: 4).map { i in
      (0..<4).reduce(0) { $0 | UInt32(bytes[i + $1]) << (8 * $1) }
    }
  }

  /// A digest in the making, for data that come in pieces.
  public final class Hasher {
    private let context = EVP_MD_CTX_new()

    /// Starts an empty digest.
    public init(_ algorithm: Algorithm) {
      let kind = algorithm == .md5 ? EVP_md5() : EVP_sha256()
      precondition(EVP_DigestInit_ex(context, kind, nil) == 1, "libcrypto lacks \(algorithm)")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds the next piece.
    public func update(_ data: Data) {
      data.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }

    /// The digest of all pieces.
    public func finalize() -> Digest {
      var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
      var count: UInt32 = 0
      EVP_DigestFinal_ex(context, &bytes, &count)
      return Digest(bytes: Array(bytes[..<Int(count)]))
    }
  }
}
