import ExperimentSuite
import MLCSCKit

extension MNIST: FingerprintedInputs {
  /// The full set or the embedded subset; where its files come from goes to the provenance.
  ///
  /// - Throws: What `full` and `embedded` throw.
  public static func digits(full: Bool, _ resources: RunResources) throws -> MNIST {
    let digits = try full ? MNIST.full() : MNIST.embedded()
    digits.provenance.forEach(resources.note)
    return digits
  }
}
