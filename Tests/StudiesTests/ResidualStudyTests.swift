// Claim: the settings of R's experiments are R's at full scale, and every profile's networks can be
// built for its images.
import ExperimentSuite
import MLCSCKit
import MLCSCStudies
import Testing

struct ResidualStudyTests {
  @Test("halved images are the rounded means of 2×2 pixels")
  func halving() {
    let images = LabelledImages(
      pixels: [0, 1, 10, 20, 2, 4, 30, 41] + [255, 255, 0, 0, 255, 255, 0, 1], labels: [3],
      channels: 2, size: Extent(2, 4))
    let half = images.halved()
    #expect(half.size == Extent(1, 2) && half.channels == 2 && half.labels == [3])
    // 7/4 = 1.75, 101/4 = 25.25, 255, 1/4.
    #expect(half.pixels == [2, 25, 255, 0])
  }

  @Test("R's protocol stands at paper: rates, steps, augmentation of photographs alone")
  func protocolOfR() {
    let residual = ResidualStudy.settings(for: .paper)
    #expect(residual.isFullScale && residual.depths == [20, 32, 44, 56, 110, 218])
    let plan = residual.plan(for: .cifar100)
    #expect(plan.schedule == .steps(at: [100, 150], factor: 0.1))
    #expect(plan.optimizer == .descent(momentum: 0.9, nesterov: true, weightDecay: 1e-4))
    #expect(plan.augmentation == MiniBatches.Augmentation(translation: 4, flips: true))
    #expect(residual.plan(for: .svhn).augmentation == MiniBatches.Augmentation())
    let dense = DenseStudy.settings(for: .paper)
    #expect(dense.isFullScale && dense.models.count == 16)
    let densePlan = dense.plan(for: .cifar10)
    #expect(densePlan.schedule == .steps(at: [75, 115], factor: 0.1))
    #expect(densePlan.optimizer == .descent(momentum: 0.9, nesterov: false, weightDecay: 1e-4))
    #expect(densePlan.batchSize == 128 && densePlan.learningRate == 0.05)
    #expect(plan.batchSize == 128 && plan.learningRate == 0.1)
    #expect(Set(DenseStudy.table).count == 16)
  }

  @Test("one seed trains the further depths, after all others; the deepest have a shortcut")
  func furtherDepths() throws {
    var study = ResidualStudy.settings(for: .smoke)
    (study.depths, study.furtherDepths, study.seeds) = ([8], [14, 218], 2)
    let images = try ImageSource.smallEmbeddedCIFAR10.load()
    let runs = study.runs([.smallEmbeddedCIFAR10: images])
    #expect(
      runs.map(\.architecture.depth) == Array(repeating: 8, count: 8) + [14, 14, 14, 14, 218, 218])
    #expect(runs.map(\.seed) == [1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1])
    #expect(runs.suffix(2).map(\.architecture.model) == [.resNet, .resCSC])
  }

  @Test("standard's sets follow one another with all seeds; CIFAR-10 alone has more depths")
  func sets() throws {
    let study = ResidualStudy.settings(for: .standard)
    let images = try ImageSource.embeddedCIFAR10.load()
    let runs = study.runs([.cifar10: images, .svhnSubset: images])
    let counts = Dictionary(grouping: runs, by: \.data).mapValues(\.count)
    #expect(counts == [.cifar10: 3 * 8 + 14, .svhnSubset: 3 * 8])
    #expect(runs.prefix(24).allSatisfy { $0.data == .cifar10 })
    #expect(runs[24..<48].allSatisfy { $0.data == .svhnSubset })
    #expect(study.plan(for: .svhnSubset).augmentation == MiniBatches.Augmentation())
    let key = ResidualStudy.key(runs[24].architecture, on: .svhnSubset)
    // It is not compared with the paper's accuracy on the whole set.
    #expect(!ResidualStudy.published.contains { $0.key == key })
  }

  @Test("networks of every profile can be built", arguments: Profile.allCases)
  func networks(_ profile: Profile) throws {
    let residual = ResidualStudy.settings(for: profile)
    let dense = DenseStudy.settings(for: profile)
    let isSmall = residual.sources == [.smallEmbeddedCIFAR10]
    let size = Extent.square(isSmall ? 16 : 32)
    let stream = RandomStream("networks")
    // The deepest ones take long to draw; they differ from those of 56 layers in their number alone.
    let residualNetworks = try residual.depths.filter { $0 <= 56 }.flatMap { depth in
      try residual.models.map {
        try ResidualArchitecture($0, depth: depth).network(
          channels: 3, size: size, classes: 10, stream: stream)
      }
    }
    let denseNetworks = try dense.models.map {
      try dense.architecture($0, isSmall: isSmall).network(
        channels: 3, size: size, classes: 10, stream: stream)
    }
    for network in residualNetworks + denseNetworks {
      let tape = Tape<Float>()
      let scores = tape.withoutRecording {
        network.scores(
          of: tape.input(Tensor(zeros: 1, 3, size.height, size.width)), on: tape, .inference)
      }
      #expect(scores.shape == [1, 10])
    }
  }
}
