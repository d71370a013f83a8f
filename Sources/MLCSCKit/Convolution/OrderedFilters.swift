/// Filters in another order than [M, C, kernel height, kernel width], kept with their activation.
final class OrderedFilters: EngineForm {
  /// An order of the numbers.
  enum Order {
    /// A matrix of filters × channels for every tap.
    case byTap
    /// Strips of sixteen filters, with a row for every number of a patch.
    case inStrips
  }

  /// The numbers.
  let memory: UnsafeMutablePointer<Float>
  private let order: Order
  private let byteCount: Int
  private let pool: MemoryPool

  /// The filters in an order, made once for every value of theirs.
  ///
  /// May make the copy, so it is never called from several threads at once.
  static func of(_ filters: Activation<Float>, _ order: Order) -> OrderedFilters {
    for case let known as OrderedFilters in filters.engineForms where known.order == order {
      return known
    }
    let made = OrderedFilters(filters, order)
    filters.engineForms.append(made)
    return made
  }

  private init(_ filters: Activation<Float>, _ order: Order) {
    self.order = order
    pool = filters.pool
    byteCount = filters.count * MemoryLayout<Float>.stride
    memory = pool.take(byteCount).assumingMemoryBound(to: Float.self)
    let (count, channels, taps) = (filters.shape[0], filters.channels, filters.positions)
    let (source, target) = (filters.values, memory)
    let dimension = channels * taps
    Parallelism.forEach(count) { filter in
      let source = source + filter * dimension
      switch order {
      case .byTap:
        for tap in 0..<taps {
          let row = target + (tap * count + filter) * channels
          for channel in 0..<channels { row[channel] = source[channel * taps + tap] }
        }
      case .inStrips:
        let strip = target + filter / 16 * 16 * dimension + filter % 16
        for number in 0..<dimension { strip[16 * number] = source[number] }
      }
    }
  }

  deinit { pool.give(memory, byteCount) }
}
