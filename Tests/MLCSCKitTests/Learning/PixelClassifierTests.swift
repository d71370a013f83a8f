// Claim: the linear classifier that networks have to beat is the ridge regression it says it is.
import MLCSCKit
import TestSupport
import Testing

struct PixelClassifierTests {
  /// Two classes of 2×2 pixels that one pixel tells apart, with noise in the others.
  private func images(_ count: Int, seed: String) -> LabelledImages {
    var stream = RandomStream(seed)
    var (pixels, labels) = ([UInt8](), [UInt8]())
    for i in 0..<count {
      labels.append(UInt8(i % 2))
      pixels.append(i % 2 == 0 ? 40 : 200)
      pixels += (0..<3).map { _ in UInt8(stream.index(below: 256)) }
    }
    return LabelledImages(pixels: pixels, labels: labels, channels: 1, size: Extent(2, 2))
  }

  @Test("classes that a pixel tells apart are told apart on images never seen")
  func separable() throws {
    let training = images(60, seed: "training")
    let classifier = try PixelClassifier(training, indices: Array(0..<60), classes: 2)
    let right = classifier.areRight(images(40, seed: "test"), indices: Array(0..<40))
    #expect(right.allSatisfy { $0 })
  }

  @Test("labels that say nothing of the pixels are guessed")
  func nothingToLearn() throws {
    var stream = RandomStream("labels")
    let other = images(400, seed: "noise")
    let training = LabelledImages(
      pixels: other.pixels, labels: (0..<400).map { _ in UInt8(stream.index(below: 2)) },
      channels: 1, size: Extent(2, 2))
    let classifier = try PixelClassifier(training, indices: Array(0..<200), classes: 2)
    let right = classifier.areRight(training, indices: Array(200..<400)).count { $0 }
    // 200 fair coins: 100 ± 4 · 7.07.
    #expect((72...128).contains(right))
  }

  @Test(
    "the fit is that of the normal equations, with fewer images than pixels and with more",
    arguments: [9, 40])
  func normalEquations(_ count: Int) throws {
    var stream = RandomStream("normal equations", "\(count)")
    let size = Extent(4, 4)
    func random(_ count: Int) -> LabelledImages {
      LabelledImages(
        pixels: (0..<count * 16).map { _ in UInt8(stream.index(below: 256)) },
        labels: (0..<count).map { UInt8($0 % 3) }, channels: 1, size: size)
    }
    let (training, test) = (random(count), random(60))
    let all = Array(0..<count)
    let classifier = try PixelClassifier(training, indices: all, classes: 3)
    // Straight from the formula.
    let x: Matrix<Double> = training.batch(all)
    let mean = (0..<16).map { j in (0..<count).reduce(0) { $0 + x[$1, j] } / Double(count) }
    var (system, right) = (Matrix<Double>(zeros: 16, 16), Matrix<Double>(zeros: 16, 3))
    for i in 0..<count {
      for j in 0..<16 {
        let value = x[i, j] - mean[j]
        for k in 0..<16 { system[j, k] += value * (x[i, k] - mean[k]) }
        right[j, Int(training.labels[i])] += value
      }
    }
    let scale = (0..<16).reduce(0) { $0 + system[$1, $1] } / 16
    for j in 0..<16 { system[j, j] += classifier.ridge * scale }
    let weights = try system.solve(right)
    let y: Matrix<Double> = test.batch(Array(0..<60))
    let expected = (0..<60).map { i in
      let scores = (0..<3).map { c in
        (0..<16).reduce(Double((0..<count).count { $0 % 3 == c }) / Double(count)) {
          $0 + (y[i, $1] - mean[$1]) * weights[$1, c]
        }
      }
      return scores.indices.max { scores[$0] < scores[$1] } == Int(test.labels[i])
    }
    #expect(classifier.areRight(test, indices: Array(0..<60)) == expected)
  }

  @Test("too few images are refused")
  func tooFew() {
    #expect(throws: ModelError.self) {
      try PixelClassifier(images(8, seed: "few"), indices: [0, 1], classes: 2)
    }
  }

  @Test("flags of images read back what was written, for any number of images")
  func flags() {
    for count in 0...17 {
      let written = (0..<count).map { $0 % 3 == 1 }
      let flags = ImageFlags(written)
      #expect((0..<count).map { flags[$0] } == written)
      #expect(!flags[count])
    }
  }
}
