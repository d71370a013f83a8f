// Claim: pooling takes the largest entry of each window; signs apart keep all information; intervals
// of error rates are Wilson's.
import MLCSCKit
import Testing

struct FeaturePoolingTests {
  @Test(
    "Every pooled entry is the largest of its window",
    arguments: [Extent(1, 1), Extent(2, 2), Extent(4, 2), Extent(4, 6)])
  func pooledEntryIsTheLargest(_ window: Extent) throws {
    var stream = RandomStream("pooling", "\(window)")
    let (channels, size) = (3, Extent(4, 6))
    let codes = Tensor<Double>.normal(2, channels * size.area, from: &stream)
    let pooling = try MaxPooling(channels: channels, size: size, window: window)
    let pooled = try pooling.pooled(codes)
    let small = pooling.pooledSize
    #expect(pooled.shape == [2, channels * small.area])
    for b in 0..<2 {
      for c in 0..<channels {
        for y in 0..<small.height {
          for x in 0..<small.width {
            let inside = (0..<window.area).map { k in
              let row = y * window.height + k / window.width
              let column = x * window.width + k % window.width
              return codes[b, (c * size.height + row) * size.width + column]
            }
            #expect(pooled[b, (c * small.height + y) * small.width + x] == inside.max())
          }
        }
      }
    }
  }

  @Test("Windows that do not fill the grid, and codes of another size, are refused")
  func wrongSizesAreRefused() throws {
    for window in [Extent(3, 2), Extent(0, 1), Extent(8, 8)] {
      #expect(throws: ModelError.self) {
        try MaxPooling(channels: 1, size: .square(4), window: window)
      }
    }
    let pooling = try MaxPooling(channels: 2, size: .square(4), window: .square(2))
    #expect(throws: ModelError.signalDimension(expected: 32, found: 16)) {
      try pooling.pooled(Tensor(zeros: 1, 16))
    }
  }

  @Test("Signs set apart are non-negative, never both, and their difference is the code")
  func signsApartKeepTheCode() {
    var stream = RandomStream("pooling", "signs")
    let codes = Tensor<Double>.normal(3, 5, from: &stream)
    let apart = codes.signsApart
    #expect(apart.shape == [3, 10])
    for b in 0..<3 {
      for i in 0..<5 {
        let (up, down) = (apart[b, i], apart[b, 5 + i])
        #expect(up >= 0 && down >= 0 && up * down == 0)
        #expect(up - down == codes[b, i])
      }
    }
  }

  @Test("Joined batches stand side by side")
  func joinedBatchesStandSideBySide() {
    let joined = Tensor<Double>.joiningColumns([
      Tensor(rows: [[1, 2], [3, 4]]), Tensor(rows: [[5], [6]]),
    ])
    #expect(joined == Tensor(rows: [[1, 2, 5], [3, 4, 6]]))
  }

  // Published: Wilson's interval of 81 of 263 is (0.255, 0.366), of 0 of 20 (0, 0.161), of 1 of 29
  // (0.006, 0.172)  [Newcombe, Stat. Med. 17, 1998, Table I, method 3].
  @Test(
    "A share's interval is Wilson's, as published",
    arguments: [(81, 263, 0.2553, 0.3662), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)])
  func shareIntervalIsWilsons(_ successes: Int, _ count: Int, _ lower: Double, _ upper: Double) {
    let share = Statistics.share(successes, of: count)
    #expect(abs(share.lower - lower) < 5e-5)
    #expect(abs(share.upper - upper) < 5e-5)
    #expect(share.value == Double(successes) / Double(count))
  }

  @Test("Wilson's interval mirrors where successes and failures change places")
  func intervalMirrors() {
    let (few, many) = (Statistics.share(3, of: 50), Statistics.share(47, of: 50))
    #expect(abs(few.lower - (1 - many.upper)) < 1e-15)
    #expect(abs(few.upper - (1 - many.lower)) < 1e-15)
    #expect(Statistics.share(0, of: 0) == Estimate(value: 0, lower: 0, upper: 1))
  }
}
