import Foundation

/// A training's whole state, and how it lies in a file.
///
/// A safetensors file: `parameter/…`, `mean/…` and `variance/…` of batch norms, `optimizer/…`, all in
/// single precision, which is exact here; metadata `position` (JSON), `fingerprint` of the training
/// it belongs to, and `sha256` of the file with zeros in that place, which finds a flipped bit.
struct TrainingCheckpoint {
  var position: TrainingPosition
  var fingerprint: String
  var tensors: [String: Tensor<Float>]

  private static let marker = Data("\"sha256\":\"".utf8)
  private static let blank = String(repeating: "0", count: 64)

  /// The file's content.
  ///
  /// - Throws: Nothing in practice.
  func encoded() throws -> Data {
    let file = SafeTensorsFile<Float>(
      tensors: tensors,
      metadata: [
        "fingerprint": fingerprint, "sha256": Self.blank,
        "position": String(decoding: try JSONText.compact(position), as: UTF8.self),
      ])
    var content = try file.encoded(.float32)
    if let place = Self.digestPlace(content) {
      content.replaceSubrange(place, with: Data(Digest.sha256(content).description.utf8))
    }
    return content
  }

  /// Reads a file's content.
  ///
  /// - Throws: `FileError.damaged` where it is not what `encoded` writes, to the bit.
  init(_ content: Data, path: String) throws {
    guard let place = Self.digestPlace(content) else {
      throw FileError.damaged(path: path, place: "__metadata__", problem: "holds no sha256")
    }
    var blanked = content
    blanked.replaceSubrange(place, with: Data(Self.blank.utf8))
    guard Digest.sha256(blanked).description == String(decoding: content[place], as: UTF8.self)
    else {
      throw FileError.damaged(
        path: path, place: "__metadata__", problem: "sha256 is not that of the file")
    }
    let file = try SafeTensorsFile<Float>(content, path: path)
    guard
      let position: TrainingPosition = file.metadata["position"].flatMap({ JSONText.decoded($0) }),
      let fingerprint = file.metadata["fingerprint"]
    else {
      throw FileError.damaged(
        path: path, place: "__metadata__", problem: "position or fingerprint absent or unreadable")
    }
    (self.position, self.fingerprint, tensors) = (position, fingerprint, file.tensors)
  }

  init(position: TrainingPosition, fingerprint: String, tensors: [String: Tensor<Float>]) {
    (self.position, self.fingerprint, self.tensors) = (position, fingerprint, tensors)
  }

  /// Where the digest's 64 digits lie.
  private static func digestPlace(_ content: Data) -> Range<Data.Index>? {
    guard let found = content.prefix(1 << 24).range(of: marker),
      found.upperBound + blank.utf8.count <= content.endIndex
    else { return nil }
    return found.upperBound..<found.upperBound + blank.utf8.count
  }
}

/// Two files that take turns, so that a damaged newer one leaves the older.
struct TrainingCheckpointFiles {
  let folder: URL

  private func file(_ sequence: Int) -> URL {
    folder.appendingPathComponent("training-\(sequence % 2 == 0 ? "a" : "b").safetensors")
  }

  /// Saves a checkpoint in place of the older of the two.
  ///
  /// - Throws: `FileError.notWritten`.
  func save(_ checkpoint: TrainingCheckpoint) throws {
    try AtomicFile.write(checkpoint.encoded(), to: file(checkpoint.position.sequence))
  }

  /// The newest whole checkpoint of a training, where there is one.
  ///
  /// - Parameters:
  ///   - fingerprint: Of the training; checkpoints of others are not taken.
  ///   - note: Hears one line a file that is not taken.
  /// - Returns: The checkpoint.
  func newest(fingerprint: String, note: (String) -> Void) -> TrainingCheckpoint? {
    var found: TrainingCheckpoint?
    var problems = [String]()
    for url in [file(0), file(1)] where FileManager.default.fileExists(atPath: url.path) {
      do {
        let candidate = try TrainingCheckpoint(AtomicFile.read(url), path: url.path)
        if candidate.fingerprint != fingerprint {
          note("\(url.path): a checkpoint of another training, not taken")
        } else if candidate.position.sequence > (found?.position.sequence ?? -1) {
          found = candidate
        }
      } catch {
        problems.append("\(error)")
      }
    }
    for problem in problems {
      note(
        "\(problem); the training goes on from "
          + (found.map { "the checkpoint in epoch \($0.position.epoch + 1)" } ?? "the beginning"))
    }
    return found
  }
}
