/// A convolution of images so small that most of a filter lies outside: a matrix product for every tap.
///
/// Of 3×3 filters on 2×2 pixels 16 of 36 taps meet a pixel, on one pixel 1 of 9. A tap multiplies the
/// signals at the positions where it lies inside with its own matrix of filters × channels, all images
/// at once, so that each filter is read once a batch; oneDNN's convolutions read them for every image
/// (512 filters of 512 channels: 9 MB). Work is cut among threads by filters or channels; the cuts do
/// not depend on the number of threads.
final class PositionProducts {
  /// Consecutive positions of the code whose signals for one tap are consecutive too.
  private struct Run {
    let tap: Int
    let code: Int
    let signal: Int
    var length: Int
  }

  private let geometry: ConvolutionGeometry
  private let filterCount: Int
  /// In the order of the taps, and of the code's positions for each.
  private let runs: [Run]
  /// Filters or channels a task.
  private let step = 64

  /// Products; nothing where at least half of the taps lie inside, at circular boundaries, or where
  /// channels or filters do not come in blocks of sixteen.
  init?(_ geometry: ConvolutionGeometry, filterCount: Int) {
    guard geometry.boundary == .zero, geometry.channels % 16 == 0, filterCount % 16 == 0
    else { return nil }
    runs = Self.runs(geometry)
    let inside = runs.reduce(0) { $0 + $1.length }
    guard 2 * inside < geometry.kernelSize.area * geometry.codeSize.area else { return nil }
    (self.geometry, self.filterCount) = (geometry, filterCount)
  }

  private static func runs(_ geometry: ConvolutionGeometry) -> [Run] {
    let (kernel, codes, signals) = (geometry.kernelSize, geometry.codeSize, geometry.signalSize)
    let (stride, dilation, padding) = (geometry.stride, geometry.dilation, geometry.padding)
    var runs = [Run]()
    for tap in 0..<kernel.area {
      let (i, j) = tap.quotientAndRemainder(dividingBy: kernel.width)
      for code in 0..<codes.area {
        let (u, v) = code.quotientAndRemainder(dividingBy: codes.width)
        let y = u * stride.height + i * dilation.height - padding.height
        let x = v * stride.width + j * dilation.width - padding.width
        guard (0..<signals.height).contains(y), (0..<signals.width).contains(x) else { continue }
        let signal = y * signals.width + x
        if let last = runs.last, last.tap == tap, last.code + last.length == code,
          last.signal + last.length == signal
        {
          runs[runs.count - 1].length += 1
        } else {
          runs.append(Run(tap: tap, code: code, signal: signal, length: 1))
        }
      }
    }
    return runs
  }

  /// Dᵀ x, as `ConvolutionEngine.analyze`.
  func analyze(_ signals: Activation<Float>, filters: Activation<Float>) -> Activation<Float> {
    let (n, c, m) = (signals.batch, geometry.channels, filterCount)
    let x = Positions(of: signals)
    let z = Positions(batch: n, positions: geometry.codeSize.area, channels: m, signals.pool)
    let k = OrderedFilters.of(filters, .byTap).memory
    forEachPart(of: m) { first, count in
      z.clear(first, count)
      for run in runs {
        Float.gemm(
          false, true, run.length * n, count, c, 1, x.memory + run.signal * n * c, c,
          k + (run.tap * m + first) * c, c, 1, z.memory + run.code * n * m + first, m)
      }
    }
    return z.activation(geometry.codeShape(batch: n, filters: m))
  }

  /// D c, as `ConvolutionEngine.synthesize`.
  func synthesize(_ codes: Activation<Float>, filters: Activation<Float>) -> Activation<Float> {
    let (n, c, m) = (codes.batch, geometry.channels, filterCount)
    let z = Positions(of: codes)
    let x = Positions(batch: n, positions: geometry.signalSize.area, channels: c, codes.pool)
    let k = OrderedFilters.of(filters, .byTap).memory
    forEachPart(of: c) { first, count in
      x.clear(first, count)
      for run in runs {
        Float.gemm(
          false, false, run.length * n, count, m, 1, z.memory + run.code * n * m, m,
          k + run.tap * m * c + first, c, 1, x.memory + run.signal * n * c + first, c)
      }
    }
    return x.activation(geometry.signalShape(batch: n))
  }

  /// As `ConvolutionEngine.filterGradient`.
  func filterGradient(
    signals: Activation<Float>, codes: Activation<Float>
  ) -> Activation<Float> {
    let (n, c, m) = (signals.batch, geometry.channels, filterCount)
    let (x, z) = (Positions(of: signals), Positions(of: codes))
    let kernel = geometry.kernelSize
    let result = Activation<Float>(shape: [m, c, kernel.height, kernel.width], pool: signals.pool)
    let (taps, step, pool) = (kernel.area, step, signals.pool)
    forEachPart(of: m) { first, count in
      // As large for the last part, so that the pool gives the same blocks.
      let byteCount = taps * step * c * MemoryLayout<Float>.stride
      let block = pool.take(byteCount)
      defer { pool.give(block, byteCount) }
      let gradients = block.assumingMemoryBound(to: Float.self)
      Float.clear(taps * count * c, gradients)
      for run in runs {
        Float.gemm(
          true, false, count, c, run.length * n, 1, z.memory + run.code * n * m + first, m,
          x.memory + run.signal * n * c, c, 1, gradients + run.tap * count * c, c)
      }
      for filter in 0..<count {
        let target = result.memory + (first + filter) * c * taps
        for tap in 0..<taps {
          let source = gradients + (tap * count + filter) * c
          for channel in 0..<c { target[channel * taps + tap] = source[channel] }
        }
      }
    }
    return result
  }

  /// Runs `body` for blocks of filters or channels, on several threads where `Parallelism` allows.
  private func forEachPart(of count: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    Parallelism.forEach((count + step - 1) / step) { part in
      body(part * step, min(step, count - part * step))
    }
  }
}

/// The numbers of a batch by position, image and channel.
private final class Positions {
  let memory: UnsafeMutablePointer<Float>
  private let batch: Int
  private let positions: Int
  private let channels: Int
  private let pool: MemoryPool

  /// Memory whose contents are undefined.
  init(batch: Int, positions: Int, channels: Int, _ pool: MemoryPool) {
    (self.batch, self.positions, self.channels, self.pool) = (batch, positions, channels, pool)
    memory = pool.take(batch * positions * channels * MemoryLayout<Float>.stride)
      .assumingMemoryBound(to: Float.self)
  }

  /// A copy of a batch.
  convenience init(of activation: Activation<Float>) {
    self.init(
      batch: activation.batch, positions: activation.positions, channels: activation.channels,
      activation.pool)
    let blocks = activation.values(in: .blocked(activation.shape, lanes: 16))
    forEachBlock { block, here in (memory + here).update(from: blocks + block, count: 16) }
  }

  deinit { pool.give(memory, batch * positions * channels * MemoryLayout<Float>.stride) }

  /// The batch in blocks of sixteen channels.
  func activation(_ shape: [Int]) -> Activation<Float> {
    let result = Activation<Float>(shape: shape, layout: .blocked(shape, lanes: 16), pool: pool)
    let blocks = result.memory
    forEachBlock { block, here in (blocks + block).update(from: memory + here, count: 16) }
    return result
  }

  /// Puts zeros into some channels of all images.
  func clear(_ first: Int, _ count: Int) {
    for row in 0..<positions * batch { Float.clear(count, memory + row * channels + first) }
  }

  /// Calls `body` with the places of sixteen channels in blocks and here.
  private func forEachBlock(_ body: (_ block: Int, _ here: Int) -> Void) {
    let groups = channels / 16
    Parallelism.forEach(batch) { image in
      for group in 0..<groups {
        for position in 0..<positions {
          body(
            ((image * groups + group) * positions + position) * 16,
            (position * batch + image) * channels + 16 * group)
        }
      }
    }
  }
}
