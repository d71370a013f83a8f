import Algorithms
import ExperimentSuite
import MLCSCKit

/// Codes or pixels of all digits, one a row.
public struct CodedDigits: Sendable {
  /// Of the training digits.
  public let training: Tensor<Double>
  /// Of the test digits.
  public let test: Tensor<Double>

  /// Codes or pixels that are known.
  public init(training: Tensor<Double>, test: Tensor<Double>) {
    (self.training, self.test) = (training, test)
  }

  /// Codes digits, five hundred at a time.
  ///
  /// - Parameters:
  ///   - digits: All digits.
  ///   - training: Numbers of training digits.
  ///   - test: Numbers of test digits.
  ///   - context: The cell that codes.
  ///   - code: The codes of the images with some numbers, one a row.
  /// - Throws: What `code` throws, `Interrupted`.
  public init(
    _ digits: DigitModel, training: [Int], test: some Collection<Int>, _ context: CellContext,
    code: (LabelledImages, ArraySlice<Int>) throws -> Tensor<Double>
  ) throws {
    func all(_ images: LabelledImages, _ numbers: [Int]) throws -> Tensor<Double> {
      var elements = [Double]()
      for part in numbers.chunks(ofCount: 500) {
        try context.checkInterruption()
        elements += try code(images, part).elements
        context.progress(Double(part.startIndex) / Double(numbers.count), "coding digits")
      }
      return Tensor(
        shape: [numbers.count, elements.count / max(numbers.count, 1)], elements: elements)
    }
    self.init(
      training: try all(digits.training, training), test: try all(digits.test, Array(test)))
  }

  /// Both changed in the same way.
  public func map(_ change: (Tensor<Double>) throws -> Tensor<Double>) rethrows -> CodedDigits {
    CodedDigits(training: try change(training), test: try change(test))
  }

  /// Scaled so that a training digit's squared norm is one on average.
  public func normalized() -> CodedDigits {
    let square = training.withElements { Double.squaredNorm(training.count, $0) }
    let factor = square > 0 ? (Double(training.rows) / square).squareRoot() : 1
    return map { codes in
      var scaled = codes
      let count = codes.count
      scaled.withMutableElements { Double.scale(count, factor, $0) }
      return scaled
    }
  }
}
