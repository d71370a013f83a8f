import ExperimentSuite
import MLCSCBase

extension StatementLedger {
  /// The statements of the five documents.
  ///
  /// - Throws: `FileError` where the package's file is absent or damaged.
  public static func documents() throws -> StatementLedger {
    let url = try PackageResources.url("statements.csv", of: "MLCSCStudies")
    return try StatementLedger(AtomicFile.read(url), path: url.path)
  }
}

/// The titles of the documents by their letters.
public let documentTitles = [
  "P": "Projecting onto the ML-CSC model",
  "S": "Slides on deep and convolutional sparse models",
  "B": "On multi-layer basis pursuit, efficient algorithms and CNNs",
  "R": "Residual and dilated dense networks via CSC",
  "D": "ML-CSC: pursuit and dictionary learning (abstract)",
]
