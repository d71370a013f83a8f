// Claim: the projection on a union of subspaces is the nearest member of all, and the worst noise
// between two members is where the bounds of P are largest.
import Algorithms
import MLCSCKit
import Testing

struct SubspaceUnionTests {
  @Test("no support that is admitted comes closer to the signal", arguments: 0..<10)
  func nearest(_ seed: Int) throws {
    var stream = RandomStream("subspace union", "\(seed)")
    let dictionary = DenseDictionary<Double>.gaussian(5, 7, normalized: true, from: &stream)
    let supports = (0..<7).combinations(ofCount: 2).map { $0 }
    let projection = try SubspaceUnionProjection(dictionary, supports: supports)
    let y = (0..<5).map { _ in stream.normal() }
    func distance(_ code: [Double]) -> Double {
      let x = dictionary.synthesize(Matrix(shape: [1, 7], elements: code)).elements
      return Double.squaredDistance(5, x, y)
    }
    let found = distance(projection.code(of: y))
    let best =
      try supports.map {
        try SparseCode(leastSquaresOn: $0, of: dictionary, signal: y).residualNorm
      }.min() ?? 0
    // Normal equations of two nearly independent atoms, numbers of order one.
    #expect(abs(found - best * best) < 1e-10)
  }

  @Test("a member is its own projection, and noise cannot hurt orthonormal atoms twofold")
  func exactCases() throws {
    var stream = RandomStream("subspace union", "exact")
    let identity = DenseDictionary<Double>(matrix: .identity(4))
    let supports = (0..<4).combinations(ofCount: 1).map { $0 }
    let projection = try SubspaceUnionProjection(identity, supports: supports)
    #expect(projection.code(of: [0, -3, 0, 0]) == [0, -3, 0, 0])
    // P's bound for orthonormal atoms is 4: y halfway between two members.
    let worst = projection.worstError(starts: 20, steps: 200, from: &stream)
    #expect(worst > 1 && worst <= 4 + 1e-12)
  }

  @Test("the largest supports on a circle admit no further position")
  func circle() {
    func isAdmitted(_ support: Set<Int>) -> Bool {
      (0..<6).allSatisfy { i in (0..<3).count { support.contains((i + $0) % 6) } <= 2 }
    }
    let found = SubspaceUnionProjection.largestSupports(onCircleOf: 6, atMost: 2, ofAny: 3)
    #expect(Set(found).count == found.count)
    for support in found.map({ Set($0) }) {
      #expect(isAdmitted(support))
      #expect((0..<6).allSatisfy { support.contains($0) || !isAdmitted(support.union([$0])) })
    }
    let maximal = (0..<6).combinations(ofCount: 0...6).map { Set($0) }.filter { support in
      isAdmitted(support)
        && (0..<6).allSatisfy { support.contains($0) || !isAdmitted(support.union([$0])) }
    }
    #expect(found.count == maximal.count)
  }

  @Test("the worst pair of unit atoms has the eigenvalue 1 − µ", arguments: 0..<5)
  func worstPair(_ seed: Int) throws {
    var stream = RandomStream("worst noise", "\(seed)")
    let dictionary = DenseDictionary<Double>.gaussian(8, 12, normalized: true, from: &stream)
    let values = try WorstNoise.smallestEigenvalues(
      dictionary, upTo: 3, representatives: Array(0..<12))
    #expect(values.count == 3)
    #expect(abs(values[0] - (1 - dictionary.mutualCoherence())) < 1e-12)
    // Eigenvalues of a larger Gram matrix interlace.
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 >= $1 - 1e-12 })
  }
}
