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
  /// 200 + 40 images of each of CIFAR-100's fine classes, the first ones of the files.
  case cifar100Subset = "cifar100-24k"
  /// The cropped digits of SVHN, 73,257 + 26,032 images.
  case svhn
  /// The first 10,000 of SVHN's test digits: 8,000 to learn from and 2,000 to test with, which is not
  /// the official division.
  case svhnSubset = "svhn-10k"

  /// How many training images there are.
  public var trainingImageCount: Int {
    switch self {
    case .embeddedMNIST: 10_000
    case .mnist: 60_000
    case .embeddedCIFAR10, .smallEmbeddedCIFAR10: 4_000
    case .cifar10, .cifar100: 50_000
    case .heldOutCIFAR10: 45_000
    case .cifar100Subset: 100 * Self.eachClass.training
    case .svhn: 73_257
    case .svhnSubset: 8_000
    }
  }

  /// Images of each class in the subset of CIFAR-100.
  private static let eachClass = (training: 200, test: 40)

  /// The number of classes.
  public var classes: Int { self == .cifar100 || self == .cifar100Subset ? 100 : 10 }

  /// Whether the images show digits of house numbers, which mirrors and translations would falsify.
  public var showsHouseNumbers: Bool { self == .svhn || self == .svhnSubset }

  /// The data set that this is all or a part of, as papers' tables name it; a part that has no
  /// official division is named as one.
  public var family: String {
    switch self {
    case .embeddedMNIST, .mnist: "MNIST"
    case .embeddedCIFAR10, .smallEmbeddedCIFAR10, .cifar10, .heldOutCIFAR10: "CIFAR10"
    case .cifar100: "CIFAR100"
    case .cifar100Subset: "CIFAR100 (24k subset)"
    case .svhn: "SVHN"
    case .svhnSubset: "SVHN (10k subset)"
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
    case .cifar100Subset: "CIFAR-100 (24k subset)"
    case .svhn: "SVHN"
    case .svhnSubset: "SVHN (10k subset)"
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
    case .cifar100Subset:
      try ImageSet(self, CIFAR.full(.hundred, store)).firstOfEachClass(
        training: Self.eachClass.training, test: Self.eachClass.test)
    case .svhn: try ImageSet(self, SVHN.full(store))
    case .svhnSubset: try ImageSet(self, SVHN.firstTenThousand(store))
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

  /// The first images of each class, in the order of the files.
  ///
  /// - Parameters:
  ///   - training: How many of each to learn from.
  ///   - test: How many of each to test with.
  /// - Returns: A smaller set.
  /// - Throws: `FileError.damaged` where a class has fewer.
  package func firstOfEachClass(training: Int, test: Int) throws -> ImageSet {
    func first(_ each: Int, of images: LabelledImages) throws -> LabelledImages {
      let chosen = images.firstOfEachClass(each)
      guard chosen.count == classes * each else {
        throw FileError.damaged(
          path: provenance.first ?? "", place: "the labels",
          problem: "fewer than \(each) images of a class, where so many of each are needed")
      }
      return images.selecting(chosen)
    }
    return try ImageSet(
      training: first(training, of: self.training), test: first(test, of: self.test),
      classes: classes, fingerprint: fingerprint + " first \(training) and \(test) of each class",
      provenance: provenance.map { $0 + ", the first images of each class" })
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
