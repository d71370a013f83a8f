// Claim: what R says of the depth is asked of every set whose networks were trained, of CIFAR-10 always,
// and each set's own networks decide it.
import ExperimentSuite
import MLCSCKit
import MLCSCStudies
import Testing

struct ResidualComparisonTests {
  private let study = ResidualStudy.settings(for: .standard)

  /// Three seeds of a network that get a share of a thousand test images right, and lose the rest.
  private func trainings(
    _ model: ResidualModel, _ depth: Int, on source: ImageSource, _ accuracy: Double
  ) -> ResidualStudy.Results {
    (1...3).map { seed in
      // Seeds differ by a tenth of a point.
      let share = accuracy + 0.001 * Double(seed - 2)
      var record = EpochRecord(
        epoch: 1, trainingLoss: 1 - share, trainingAccuracy: share, testLoss: 1,
        testAccuracy: share,
        right: ImageFlags((0..<1_000).map { Double($0) < 1_000 * share - 0.5 }),
        learningRate: 0.1, consistency: 1)
      record.rightFromPixels = ImageFlags((0..<1_000).map { $0 < 200 })
      return CellResult(
        cell: TrainingRun(
          data: source, architecture: ResidualArchitecture(model, depth: depth),
          plan: study.plan(for: source), seed: seed),
        rows: [record])
    }
  }

  private func claims(
    _ results: ResidualStudy.Results, on source: ImageSource, depths: [Int] = [20, 56]
  ) throws -> [Claim] {
    let comparisons = ResidualComparisons(on: source)
    let tables = TableSet(
      try study.trainings(results).tables(comparisons.contrasts(depths)))
    return ClaimTest.judge(comparisons.claims(try NetworkClaims(tables)))
  }

  @Test("a part of SVHN is asked what its networks can answer, and answers it")
  func part() throws {
    let source = ImageSource.svhnSubset
    let results =
      trainings(.plain, 20, on: source, 0.9) + trainings(.plain, 56, on: source, 0.5)
      + trainings(.resNet, 20, on: source, 0.92) + trainings(.resNet, 56, on: source, 0.8)
    let found = try claims(results, on: source)
    let verdicts = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0.verdict) })
    #expect(
      verdicts == [
        "plain-degrades-in-test-svhn-10k": .holds, "plain-degrades-in-training-svhn-10k": .holds,
        "resNet-overcomes-degradation-svhn-10k": .holds,
        "resNet-does-not-degrade-svhn-10k": .doesNotHold,
        "resNet-gains-from-depth-svhn-10k": .doesNotHold,
      ])
    // CIFAR-10 has none of these networks.
    let others = try claims(results, on: .cifar10)
    #expect(others.count == 12 && others.allSatisfy { $0.verdict == .undecided })
    #expect(try claims(results, on: .cifar100Subset).isEmpty)
  }

  @Test("what is lost of a training's images widens its interval, and never narrows it")
  func lost() throws {
    let source = ImageSource.svhnSubset
    let known =
      trainings(.resNet, 20, on: source, 0.9) + trainings(.resNet, 56, on: source, 0.9)
    let lost = known.map { result in
      var record = result.rows[0]
      record.right = nil
      return CellResult(cell: result.cell, rows: [record])
    }
    func error(_ results: ResidualStudy.Results) throws -> Double {
      let contrasts = ResidualComparisons(on: source).contrasts([20, 56])
      let rows: [ContrastRow] = try TableSet(study.trainings(results).tables(contrasts))
        .rows("comparisons")
      return try #require(rows.first { $0.id == "resNet-gains-from-depth-svhn-10k" }).imageError
    }
    // The same images are right in both, so that a paired error is next to nothing.
    #expect(try error(known) < 0.1)
    // Twice the binomial error of one network.
    #expect(try abs(error(lost) - 200 * (0.9 * 0.1 / 1_000).squareRoot()) < 0.01)
  }

  @Test("where one depth alone is trained, nothing is said of depth")
  func oneDepth() throws {
    let source = ImageSource.cifar10
    let results = ResidualModel.allCases.flatMap { trainings($0, 20, on: source, 0.9) }
    let found = try claims(results, on: source, depths: [20])
    let decided = found.filter { $0.verdict != .undecided }.map(\.id)
    #expect(
      Set(decided).isSubset(of: [
        "simplified-softens", "simplified-softens-in-training", "shortcut-matters-more",
        "rescsc-beats-resnet",
      ]), "\(decided)")
    #expect(decided.contains("rescsc-beats-resnet"))
  }

  @Test("on CIFAR-10 the claims have R's numbers and no suffix")
  func photographs() throws {
    let source = ImageSource.cifar10
    let results =
      trainings(.resNet, 56, on: source, 0.9) + trainings(.resCSC, 56, on: source, 0.9)
    let found = try claims(results, on: source)
    let equal = try #require(found.first { $0.id == "rescsc-beats-resnet" })
    #expect(equal.verdict == .holds && equal.paper != nil)
  }
}
