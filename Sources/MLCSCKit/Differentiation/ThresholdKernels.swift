/// Which threshold a layer applies.
public enum ThresholdKind: Sendable, CaseIterable {
  /// max(x − t, 0): a ReLU with bias −t. The threshold may have any sign.
  case oneSided
  /// sign(x) max(|x| − t, 0). A negative threshold acts as zero.
  case soft
}

/// The proximal step of a layer and its gradient, each in one pass over memory.
///
///     y = S(z − c g; t_c̄)
///
/// with one threshold a channel c̄ and the step c for all. The backward pass reads y instead of the
/// argument: y is zero exactly where the threshold is active, and its sign is the argument's.
enum ThresholdKernels {
  /// out ← S(x; t).
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func threshold<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ kind: ThresholdKind, _ x: UnsafeMutablePointer<Scalar>,
    _ t: UnsafeMutablePointer<Scalar>, into out: UnsafeMutablePointer<Scalar>
  ) {
    switch kind {
    case .oneSided:
      ChannelKernels.forEachSample(layout) { sample in
        ChannelKernels.forEachElement(layout, sample, t) { i, t in
          out[i] = ElementwiseKernels.oneSided(x[i], t)
        }
      }
    case .soft:
      ChannelKernels.forEachSample(layout) { sample in
        ChannelKernels.forEachElement(layout, sample, t) { i, t in
          out[i] = ElementwiseKernels.soft(x[i], t > 0 ? t : 0)
        }
      }
    }
  }

  /// out ← S(z − c g; t).
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func proximalStep<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ kind: ThresholdKind, _ z: UnsafeMutablePointer<Scalar>,
    _ c: Scalar, _ g: UnsafeMutablePointer<Scalar>, _ t: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    switch kind {
    case .oneSided:
      ChannelKernels.forEachSample(layout) { sample in
        ChannelKernels.forEachElement(layout, sample, t) { i, t in
          out[i] = ElementwiseKernels.oneSided(z[i] - c * g[i], t)
        }
      }
    case .soft:
      ChannelKernels.forEachSample(layout) { sample in
        ChannelKernels.forEachElement(layout, sample, t) { i, t in
          out[i] = ElementwiseKernels.soft(z[i] - c * g[i], t > 0 ? t : 0)
        }
      }
    }
  }

  /// out ← gradient where y ≠ 0, else 0.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func mask<Scalar: NumericScalar>(
    _ count: Int, _ gradient: UnsafeMutablePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    ChannelKernels.forEachPiece(count) { range in
      for i in range { out[i] = y[i] != 0 ? gradient[i] : 0 }
    }
  }

  /// out ← max(x, 0).
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func rectify<Scalar: NumericScalar>(
    _ count: Int, _ x: UnsafeMutablePointer<Scalar>, into out: UnsafeMutablePointer<Scalar>
  ) {
    ChannelKernels.forEachPiece(count) { range in
      for i in range { out[i] = x[i] > 0 ? x[i] : 0 }
    }
  }

  /// The gradient with respect to the thresholds, −Σ m sign(y) with m the masked gradient.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func thresholdGradient<Scalar: NumericScalar>(
    _ layout: ChannelLayout, _ kind: ThresholdKind, _ m: UnsafeMutablePointer<Scalar>,
    _ y: UnsafeMutablePointer<Scalar>, _ t: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>
  ) {
    let sums = ChannelKernels.channelSums(layout) { group, totals in
      switch kind {
      case .oneSided:
        ChannelKernels.groupSums(layout, group, t, totals) { i, _ in -m[i] }
      case .soft:
        ChannelKernels.groupSums(layout, group, t, totals) { i, t in
          t > 0 ? (y[i] > 0 ? -m[i] : m[i]) : 0
        }
      }
    }
    for (c, sum) in sums.enumerated() { out[c] = Scalar(sum) }
  }
}
