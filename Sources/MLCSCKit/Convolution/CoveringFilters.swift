/// A convolution whose filters cover the whole signal: a matrix product of signals and filters.
///
/// Signals in blocks of sixteen channels are multiplied as they lie, with the filters' numbers in
/// the same order, so that nothing is reordered along a chain. Work is cut among threads by images,
/// and for the filters' gradient by filters; the cuts do not depend on the number of threads.
final class CoveringFilters {
  private let geometry: ConvolutionGeometry
  private let filterCount: Int
  private let context: OneDNNContext
  private var products = [OneDNNProduct.Key: OneDNNProduct]()
  /// Images or filters a task.
  private let step = 64

  /// A product; nothing where a filter leaves out a part of the signal.
  init?(_ geometry: ConvolutionGeometry, filterCount: Int, _ context: OneDNNContext) {
    guard geometry.isMatrixProduct else { return nil }
    (self.geometry, self.filterCount, self.context) = (geometry, filterCount, context)
  }

  /// The numbers of one signal.
  private var dimension: Int { geometry.signalDimension }

  /// Dᵀ x, as `ConvolutionEngine.analyze`.
  func analyze(_ signals: Activation<Float>, filters: Activation<Float>) -> Activation<Float> {
    let batch = signals.batch
    let result = Activation<Float>(
      shape: geometry.codeShape(batch: batch, filters: filterCount), pool: signals.pool)
    let (layout, n, m) = (layout(batch, signals.layout), dimension, filterCount)
    let (x, k, c) = (
      signals.values(in: layout), ordered(filters, layout), result.memory
    )
    forEachPart(of: batch, signals.pool) { count in
      OneDNNProduct.Key(
        count: 1, rows: count, columns: m, inner: n,
        a: .init(row: n, column: 1, plane: count * n), b: .init(row: 1, column: n, plane: m * n),
        c: .init(row: m, column: 1, plane: count * m), accumulates: false)
    } run: { first, product, scratch in
      product.run(x + first * n, k, c + first * m, scratch: scratch)
    }
    return result
  }

  /// D c, as `ConvolutionEngine.synthesize`.
  func synthesize(_ codes: Activation<Float>, filters: Activation<Float>) -> Activation<Float> {
    let batch = codes.batch
    let layout = layout(batch, nil)
    let result = Activation<Float>(
      shape: geometry.signalShape(batch: batch), layout: layout, pool: codes.pool)
    let (n, m) = (dimension, filterCount)
    let (x, k, c) = (result.memory, ordered(filters, layout), codes.values)
    forEachPart(of: batch, codes.pool) { count in
      OneDNNProduct.Key(
        count: 1, rows: count, columns: n, inner: m,
        a: .init(row: m, column: 1, plane: count * m), b: .init(row: n, column: 1, plane: m * n),
        c: .init(row: n, column: 1, plane: count * n), accumulates: false)
    } run: { first, product, scratch in
      product.run(c + first * m, k, x + first * n, scratch: scratch)
    }
    return result
  }

  /// As `ConvolutionEngine.filterGradient`.
  func filterGradient(
    signals: Activation<Float>, codes: Activation<Float>
  ) -> Activation<Float> {
    let (batch, pool) = (signals.batch, signals.pool)
    let shape = [
      filterCount, geometry.channels, geometry.kernelSize.height, geometry.kernelSize.width,
    ]
    let layout = layout(batch, signals.layout)
    let rows = filterLayout(layout)
    // The gradient has the order of the signals; whoever reads it row-major gets a copy.
    let result = Activation<Float>(shape: shape, layout: rows, pool: pool)
    let (n, m) = (dimension, filterCount)
    let (x, c, k) = (signals.values(in: layout), codes.values, result.memory)
    forEachPart(of: m, pool) { count in
      OneDNNProduct.Key(
        count: 1, rows: count, columns: n, inner: batch,
        a: .init(row: 1, column: m, plane: batch * m),
        b: .init(row: n, column: 1, plane: batch * n),
        c: .init(row: n, column: 1, plane: count * n), accumulates: false)
    } run: { first, product, scratch in
      product.run(c + first, x, k + first * n, scratch: scratch)
    }
    return result
  }

  /// Blocks where there are enough channels, unless the signals come row-major.
  private func layout(_ batch: Int, _ present: ChannelLayout?) -> ChannelLayout {
    let shape = geometry.signalShape(batch: batch)
    if let present, present == .rowMajor(shape) { return present }
    return geometry.channels % 16 == 0 ? .blocked(shape, lanes: 16) : .rowMajor(shape)
  }

  /// The layout of signals for as many of them as there are filters.
  private func filterLayout(_ layout: ChannelLayout) -> ChannelLayout {
    ChannelLayout(
      batch: filterCount, groups: layout.groups, positions: layout.positions, lanes: layout.lanes)
  }

  /// The filters' numbers in the order of the signals'.
  private func ordered(
    _ filters: Activation<Float>, _ layout: ChannelLayout
  ) -> UnsafeMutablePointer<Float> {
    filters.values(in: filterLayout(layout))
  }

  /// Runs products for pieces of a range, on several threads where `Parallelism` allows.
  private func forEachPart(
    of count: Int, _ pool: MemoryPool, _ key: (Int) -> OneDNNProduct.Key,
    run: (Int, OneDNNProduct, UnsafeMutableRawPointer) -> Void
  ) {
    let parts = (count + step - 1) / step
    var compiled = [OneDNNProduct]()
    for part in 0..<parts {
      let key = key(min(step, count - part * step))
      if products[key] == nil { products[key] = OneDNNProduct(key, context) }
      guard let product = products[key] else {
        preconditionFailure("oneDNN has no matrix product for \(key)")
      }
      compiled.append(product)
    }
    Parallelism.forEach(parts) { part in
      let scratch = pool.take(compiled[part].scratchByteCount)
      defer { pool.give(scratch, compiled[part].scratchByteCount) }
      run(part * step, compiled[part], scratch)
    }
  }
}
