/// Where labelled images come from: a set that is embedded in the package, or a whole one.
public enum ImageSource: String, Codable, Sendable, CaseIterable, Hashable {
  /// 10,000 + 2,000 digits, embedded.
  case embeddedMNIST = "mnist-embedded"
  /// All of MNIST, 60,000 + 10,000 digits.
  case mnist
  /// 4,000 + 1,000 images of CIFAR-10, embedded.
  case embeddedCIFAR10 = "cifar10-embedded"
  /// The same images of 16×16 pixels, means of 2×2.
  case smallEmbeddedCIFAR10 = "cifar10-embedded-16"
  /// All of CIFAR-10, 50,000 + 10,000 images.
  case cifar10
  /// The first 45,000 of CIFAR-10's training images, tested with its other 5,000: what rates and
  /// decays are chosen on, so that no choice has seen a test image.
  case heldOutCIFAR10 = "cifar10-held-out"
  /// All of CIFAR-100, 50,000 + 10,000 images with their fine classes.
  case cifar100
  /// The cropped digits of SVHN, 73,257 + 26,032 images.
  case svhn

  /// How many training images there are.
  public var trainingImageCount: Int {
    switch self {
    case .embeddedMNIST: 10_000
    case .mnist: 60_000
    case .embeddedCIFAR10, .smallEmbeddedCIFAR10: 4_000
    case .cifar10, .cifar100: 50_000
    case .heldOutCIFAR10: 45_000
    case .svhn: 73_257
    }
  }

  /// The number of classes.
  public var classes: Int { self == .cifar100 ? 100 : 10 }

  /// The data set that this is all or a part of, as papers' tables name it.
  public var family: String {
    switch self {
    case .embeddedMNIST, .mnist: "MNIST"
    case .embeddedCIFAR10, .smallEmbeddedCIFAR10, .cifar10, .heldOutCIFAR10: "CIFAR10"
    case .cifar100: "CIFAR100"
    case .svhn: "SVHN"
    }
  }

  /// The set in a sentence, with what is special about it.
  public var title: String {
    switch self {
    case .embeddedMNIST, .mnist: "MNIST"
    case .embeddedCIFAR10, .cifar10: "CIFAR-10"
    case .smallEmbeddedCIFAR10: "CIFAR-10 at 16×16 pixels"
    case .heldOutCIFAR10: "CIFAR-10’s training images, the last tenth held out"
    case .cifar100: "CIFAR-100"
    case .svhn: "SVHN"
    }
  }

  /// Reads the images.
  ///
  /// - Parameter store: Where whole sets are looked for.
  /// - Returns: Images for training and for testing.
  /// - Throws: `DataMissing` where a whole set is not on this machine; `FileError` where a file is
  ///   damaged.
  public func load(_ store: DataStore = DataStore()) throws -> ImageSet {
    switch self {
    case .embeddedMNIST: try ImageSet(self, MNIST.embedded())
    case .mnist: try ImageSet(self, MNIST.full(store))
    case .embeddedCIFAR10: try ImageSet(self, CIFAR.embedded())
    case .smallEmbeddedCIFAR10: try ImageSet(self, CIFAR.embedded()).halved()
    case .cifar10: try ImageSet(self, CIFAR.full(.ten, store))
    case .heldOutCIFAR10:
      try ImageSet(self, CIFAR.full(.ten, store)).holdingOut(50_000 - trainingImageCount)
    case .cifar100: try ImageSet(self, CIFAR.full(.hundred, store))
    case .svhn: try ImageSet(self, SVHN.full(store))
    }
  }
}

/// Labelled images for training and for testing.
public struct ImageSet: Sendable {
  /// Images to learn from.
  public let training: LabelledImages
  /// Images to test with.
  public let test: LabelledImages
  /// The number of classes.
  public let classes: Int
  /// The data's identity: checksums.
  public let fingerprint: String
  /// Where the files came from and whether they are the canonical ones.
  public let provenance: [String]

  /// A set from its parts.
  public init(
    training: LabelledImages, test: LabelledImages, classes: Int, fingerprint: String,
    provenance: [String] = []
  ) {
    (self.training, self.test, self.classes) = (training, test, classes)
    (self.fingerprint, self.provenance) = (fingerprint, provenance)
  }

  fileprivate init(_ source: ImageSource, _ set: MNIST) {
    self.init(
      training: set.training, test: set.test, classes: source.classes,
      fingerprint: set.fingerprint, provenance: set.provenance)
  }

  fileprivate init(_ source: ImageSource, _ set: CIFAR) {
    self.init(
      training: set.training, test: set.test, classes: source.classes,
      fingerprint: set.fingerprint, provenance: set.provenance)
  }

  fileprivate init(_ source: ImageSource, _ set: SVHN) {
    self.init(
      training: set.training, test: set.test, classes: source.classes,
      fingerprint: set.fingerprint, provenance: set.provenance)
  }
}

extension ImageSet {
  /// The images at half their height and width.
  func halved() -> ImageSet {
    ImageSet(
      training: training.halved(), test: test.halved(), classes: classes,
      fingerprint: fingerprint + " halved", provenance: provenance.map { $0 + ", 2×2 means" })
  }

  /// The training images alone: the last of them become the test images.
  ///
  /// - Parameter count: How many are held out, fewer than there are.
  /// - Returns: A set whose networks have seen nothing of this one's test images.
  package func holdingOut(_ count: Int) -> ImageSet {
    let learnt = training.count - count
    return ImageSet(
      training: training[0..<learnt], test: training[learnt..<training.count], classes: classes,
      fingerprint: fingerprint + " held out \(count)", provenance: provenance)
  }
}
