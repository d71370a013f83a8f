/// How the patches of a signal lie in its memory: the copying half of a convolution.
///
/// The patch matrix has one row for every channel and tap and one column for every code position.
/// Along a line of code positions each tap reads a few runs of equidistant signal entries: one run
/// with a zero boundary, more where a circular one wraps around. Both copies are compiled for `Float`
/// and `Double` themselves: as generic code, a run's bookkeeping costs more than its numbers.
struct PatchMap: Sendable {
  private let channels: Int
  private let size: Extent
  private let code: Extent
  private let taps: Extent
  private let step: Int
  /// The signal row of tap row a at code row y, or −1 beyond the edge, at a · code height + y.
  ///
  /// Flat, as are the runs: to read an array of arrays costs a reference count every time.
  private let rows: [Int]
  /// The runs of all tap columns; those of column b lie in runStarts[b]..<runStarts[b + 1].
  private let runs: [PatchRun]
  private let runStarts: [Int]
  private let covered: [Bool]

  init(geometry: ConvolutionGeometry, sources: (rows: [[Int]], columns: [[Int]])) {
    channels = geometry.channels
    size = geometry.signalSize
    code = geometry.codeSize
    taps = geometry.kernelSize
    step = geometry.stride.width
    rows = Array(sources.rows.joined())
    let step = geometry.stride.width
    let runs = sources.columns.map { line in
      var runs = [PatchRun]()
      for (target, source) in line.enumerated() where source >= 0 {
        if let last = runs.last, last.target + last.count == target,
          last.source + last.count * step == source
        {
          runs[runs.count - 1].count += 1
        } else {
          runs.append(PatchRun(target: target, source: source, count: 1))
        }
      }
      return runs
    }
    self.runs = Array(runs.joined())
    runStarts = runs.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    covered = sources.columns.map { line in line.allSatisfy { $0 >= 0 } }
  }

  /// Copies a signal's patches into a matrix with the given distance between its rows.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func gather<Scalar: NumericScalar>(
    _ signal: UnsafePointer<Scalar>, into patches: UnsafeMutablePointer<Scalar>, _ distance: Int
  ) {
    var row = patches
    withLayout { rows, runs, starts, covered in
      for c in 0..<channels {
        let channel = signal + c &* size.area
        for a in 0..<taps.height {
          for b in 0..<taps.width {
            for y in 0..<code.height {
              let line = row + y &* code.width
              let source = rows[a &* code.height &+ y]
              if source < 0 {
                Scalar.clear(code.width, line)
                continue
              }
              if !covered[b] { Scalar.clear(code.width, line) }
              let from = channel + source &* size.width
              for r in starts[b]..<starts[b &+ 1] {
                let run = runs[r]
                if step == 1 {
                  ShortRuns.move(
                    run.count, from + run.source, into: line + run.target, adding: false)
                } else {
                  Scalar.copyStrided(run.count, from + run.source, step, line + run.target)
                }
              }
            }
            row += distance
          }
        }
      }
    }
  }

  /// Adds a matrix of patches to the signal they were cut from: the adjoint of `gather`.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func scatterAdd<Scalar: NumericScalar>(
    _ patches: UnsafePointer<Scalar>, _ distance: Int, into signal: UnsafeMutablePointer<Scalar>
  ) {
    var row = patches
    withLayout { rows, runs, starts, _ in
      for c in 0..<channels {
        let channel = signal + c &* size.area
        for a in 0..<taps.height {
          for b in 0..<taps.width {
            for y in 0..<code.height where rows[a &* code.height &+ y] >= 0 {
              let line = row + y &* code.width
              let to = channel + rows[a &* code.height &+ y] &* size.width
              for r in starts[b]..<starts[b &+ 1] {
                let run = runs[r]
                if step == 1 {
                  ShortRuns.move(
                    run.count, line + run.target, into: to + run.source, adding: true)
                } else {
                  Scalar.addStrided(run.count, line + run.target, to + run.source, step)
                }
              }
            }
            row += distance
          }
        }
      }
    }
  }

  @inline(__always)
  private func withLayout(
    _ body: (
      UnsafeBufferPointer<Int>, UnsafeBufferPointer<PatchRun>, UnsafeBufferPointer<Int>,
      UnsafeBufferPointer<Bool>
    ) -> Void
  ) {
    rows.withUnsafeBufferPointer { rows in
      runs.withUnsafeBufferPointer { runs in
        runStarts.withUnsafeBufferPointer { starts in
          covered.withUnsafeBufferPointer { body(rows, runs, starts, $0) }
        }
      }
    }
  }
}

/// Numbers that lie one after the other in patches and, at equal distances, in a signal.
struct PatchRun: Sendable {
  var target: Int
  var source: Int
  var count: Int
}
