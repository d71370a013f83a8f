/// Some channels of a batch that follow each other in a layout of all channels.
struct ChannelRange {
  /// The shape of the part alone.
  let shape: [Int]
  /// The layout of the part alone.
  let layout: ChannelLayout
  /// The layout of all channels.
  let allLayout: ChannelLayout
  /// Where the part begins among the numbers of a sample of all channels.
  let offset: Int
  /// The numbers of a sample of all channels.
  var whole: Int { allLayout.sampleCount }

  /// Parts of so many channels each, one after another.
  ///
  /// - Parameters:
  ///   - shape: Of all channels.
  ///   - counts: The channels of every part; all but the first fill their blocks.
  ///   - layout: Row-major or blocked.
  /// - Returns: The parts.
  static func cut(_ shape: [Int], _ counts: [Int], _ layout: ChannelLayout) -> [ChannelRange] {
    var offset = 0
    return counts.map { count in
      var part = shape
      part[1] = count
      let isPlain = layout == .rowMajor(shape)
      let own: ChannelLayout = isPlain ? .rowMajor(part) : .blocked(part, lanes: layout.lanes)
      defer { offset += own.sampleCount }
      return ChannelRange(shape: part, layout: own, allLayout: layout, offset: offset)
    }
  }

  private init(shape: [Int], layout: ChannelLayout, allLayout: ChannelLayout, offset: Int) {
    (self.shape, self.layout, self.allLayout, self.offset) = (shape, layout, allLayout, offset)
  }

  /// Copies the part from memory of its own into that of all channels.
  func copy<Scalar: NumericScalar>(
    _ part: UnsafeMutablePointer<Scalar>, intoPartOf all: UnsafeMutablePointer<Scalar>
  ) {
    let (count, whole, offset) = (layout.sampleCount, whole, offset)
    Parallelism.forEach(layout.batch) { n in
      (all + (n * whole + offset)).update(from: part + n * count, count: count)
    }
  }

  /// Copies the part from memory of all channels into its own.
  func copyPart<Scalar: NumericScalar>(
    of all: UnsafeMutablePointer<Scalar>, into part: UnsafeMutablePointer<Scalar>
  ) {
    let (count, whole, offset) = (layout.sampleCount, whole, offset)
    Parallelism.forEach(layout.batch) { n in
      (part + n * count).update(from: all + (n * whole + offset), count: count)
    }
  }

  /// Adds the part to memory of all channels.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func add<Scalar: NumericScalar>(
    _ part: UnsafeMutablePointer<Scalar>, toPartOf all: UnsafeMutablePointer<Scalar>
  ) {
    let (count, whole, offset) = (layout.sampleCount, whole, offset)
    Parallelism.forEach(layout.batch) { n in
      let (part, all) = (part + n &* count, all + (n &* whole &+ offset))
      for i in 0..<count { all[i] += part[i] }
    }
  }
}
