/// How the patches of a signal of many channels lie in its memory: one row for every code position.
///
/// A patch's numbers are ordered by tap row, tap column and channel. With the channels innermost, a row of
/// taps is one run in memory for every position inside the signal, whatever the stride, where
/// `PatchMap` copies a short run for every channel and tap. The signal is turned for that, once for all of
/// its patches.
struct PatchRows: Sendable {
  private let channels: Int
  private let size: Extent
  private let code: Extent
  private let taps: Extent
  /// The signal row of tap row a at code row y, or −1 beyond the edge, at a · code height + y.
  private let rows: [Int]
  /// The runs of a row of taps at all code columns; those of column x lie in
  /// runStarts[x]..<runStarts[x + 1].
  private let runs: [PatchRun]
  private let runStarts: [Int]
  private let covered: [Bool]

  /// Nothing where the runs of `PatchMap` are as long.
  init?(geometry: ConvolutionGeometry, sources: (rows: [[Int]], columns: [[Int]])) {
    channels = geometry.channels
    size = geometry.signalSize
    code = geometry.codeSize
    taps = geometry.kernelSize
    guard channels > 1, channels * taps.width >= code.width else { return nil }
    rows = Array(sources.rows.joined())
    let (channels, columns) = (channels, sources.columns)
    let runs = (0..<code.width).map { x in
      columns.indices.reduce(into: [PatchRun]()) { runs, b in
        let source = columns[b][x] * channels
        guard source >= 0 else { return }
        if let last = runs.last, last.target + last.count == b * channels,
          last.source + last.count == source
        {
          runs[runs.count - 1].count += channels
        } else {
          runs.append(PatchRun(target: b * channels, source: source, count: channels))
        }
      }
    }
    self.runs = Array(runs.joined())
    runStarts = runs.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    covered = (0..<code.width).map { x in columns.allSatisfy { $0[x] >= 0 } }
  }

  /// Numbers of [M, C, height, width] in the order of patches, [M, height, width, C].
  func reordered<Scalar: NumericScalar>(_ filters: Tensor<Scalar>) -> Tensor<Scalar> {
    var result = Tensor<Scalar>(shape: filters.shape)
    let width = filters.columns
    filters.withElements { source in
      result.withMutableElements { target in
        for o in 0..<filters.rows {
          Self.transpose(source + o * width, channels, taps.area, into: target + o * width)
        }
      }
    }
    return result
  }

  /// Adds numbers in the order of patches, [M, height, width, C], to others of [M, C, height, width].
  func add<Scalar: NumericScalar>(
    _ filters: UnsafePointer<Scalar>, count: Int, to target: UnsafeMutablePointer<Scalar>
  ) {
    let width = channels * taps.area
    for o in 0..<count {
      Self.addTransposed(filters + o * width, taps.area, channels, to: target + o * width)
    }
  }

  /// Copies a signal's patches into the rows of a matrix, |positions| × C·|taps|.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func gather<Scalar: NumericScalar>(
    _ signal: UnsafePointer<Scalar>, into patches: UnsafeMutablePointer<Scalar>
  ) {
    Scratch.withMemory(channels * size.area, of: Scalar.self) { turned in
      Self.transpose(signal, channels, size.area, into: turned)
      forEachLine { place, source, count, column, covered in
        let line = patches + place
        if source < 0 || !covered { Scalar.clear(count, line) }
        guard source >= 0 else { return }
        for run in column {
          (line + run.target).update(from: turned + source + run.source, count: run.count)
        }
      }
    }
  }

  /// Adds the rows of a matrix of patches to the signal they were cut from: the adjoint of `gather`.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func scatterAdd<Scalar: NumericScalar>(
    _ patches: UnsafePointer<Scalar>, into signal: UnsafeMutablePointer<Scalar>
  ) {
    Scratch.withMemory(channels * size.area, of: Scalar.self) { turned in
      Scalar.clear(channels * size.area, turned)
      forEachLine { place, source, _, column, _ in
        guard source >= 0 else { return }
        for run in column {
          Scalar.addStrided(
            run.count, patches + place + run.target, turned + source + run.source, 1)
        }
      }
      Self.addTransposed(turned, size.area, channels, to: signal)
    }
  }

  /// Every row of taps at every code position, in the order of the patches' numbers.
  @inline(__always)
  private func forEachLine(
    _ body: (
      _ place: Int, _ source: Int, _ count: Int, _ column: Slice<UnsafeBufferPointer<PatchRun>>,
      _ covered: Bool
    ) -> Void
  ) {
    let (count, line) = (taps.width &* channels, size.width &* channels)
    var place = 0
    rows.withUnsafeBufferPointer { rows in
      runs.withUnsafeBufferPointer { runs in
        runStarts.withUnsafeBufferPointer { starts in
          covered.withUnsafeBufferPointer { covered in
            for y in 0..<code.height {
              for x in 0..<code.width {
                let column = runs[starts[x]..<starts[x &+ 1]]
                for a in 0..<taps.height {
                  body(place, rows[a &* code.height &+ y] &* line, count, column, covered[x])
                  place &+= count
                }
              }
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func transpose<Scalar: NumericScalar>(
    _ source: UnsafePointer<Scalar>, _ rows: Int, _ columns: Int,
    into target: UnsafeMutablePointer<Scalar>
  ) {
    for i in 0..<rows {
      for j in 0..<columns { target[j &* rows &+ i] = source[i &* columns &+ j] }
    }
  }

  /// target ← target + sourceᵀ, where the source has the given rows and columns.
  @inline(__always)
  private static func addTransposed<Scalar: NumericScalar>(
    _ source: UnsafePointer<Scalar>, _ rows: Int, _ columns: Int,
    to target: UnsafeMutablePointer<Scalar>
  ) {
    for j in 0..<columns {
      for i in 0..<rows { target[j &* rows &+ i] += source[i &* columns &+ j] }
    }
  }
}
