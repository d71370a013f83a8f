/// One row of R's Table III.
public struct DenseModel: Codable, Sendable, Hashable {
  /// What the layers are.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Six plain layers of 32 to 512 filters; without unfoldings a feed-forward network.
    case multiLayer = "ml-csc"
    /// Layers of 32 dilated filters beside the identity; without unfoldings MSDNet.
    case mixedScale = "msd-csc"
  }

  /// What the layers are.
  public var kind: Kind
  /// Layers: 6 plain ones, or d.
  public var depth: Int
  /// Whether the pursuit is FISTA; with fewer than two unfoldings it is ISTA all the same.
  public var isAccelerated: Bool
  /// Iterations after the first.
  public var unfoldings: Int

  /// A row.
  public init(_ kind: Kind, _ depth: Int, _ unfoldings: Int, accelerated: Bool = false) {
    (self.kind, self.depth, self.unfoldings) = (kind, depth, unfoldings)
    isAccelerated = accelerated
  }

  /// R's name, without depth and unfoldings.
  public var title: String {
    let method = isAccelerated ? "FISTA" : "ISTA"
    return switch kind {
    case .multiLayer: unfoldings == 0 ? "Feed-Forward" : "ML-CSC-\(method)"
    case .mixedScale: unfoldings == 0 ? "MSDNet" : "MSD-CSC-\(method)"
    }
  }
}

/// A network of R's Table III, as a cell of an experiment names it.
public struct DenseArchitecture: NetworkArchitecture, Hashable {
  /// The row.
  public var model: DenseModel
  /// Filters of each mixed-scale layer, w.
  public var width: Int
  /// What ‖F‖ of a mixed-scale layer is about at the start.
  public var initialNorm: Double
  /// c of a mixed-scale layer at the start.
  public var initialStep: Double
  /// The plain layers; their method and unfoldings are the row's.
  public var layers: UnfoldedArchitecture
  /// What the text leaves open of a mixed-scale layer; absent: the default reading.
  public var reading: MixedScaleReading?

  /// An architecture.
  public init(
    _ model: DenseModel, width: Int, initialNorm: Double, initialStep: Double,
    layers: UnfoldedArchitecture, reading: MixedScaleReading? = nil
  ) {
    (self.model, self.width, self.layers) = (model, width, layers)
    self.reading = reading
    (self.initialNorm, self.initialStep) = (initialNorm, initialStep)
  }

  public var name: String { "\(model.title)-\(model.depth)-unfolding-\(model.unfoldings)" }

  public func network(
    channels: Int, size: Extent, classes: Int, stream: RandomStream
  ) throws -> any Network<Float> {
    switch model.kind {
    case .mixedScale:
      return try MixedScaleNetwork<Float>(
        depth: model.depth, filterCount: width,
        method: model.isAccelerated ? .layeredFISTA : .layeredISTA,
        unfoldings: model.unfoldings, initialNorm: initialNorm, initialStep: initialStep,
        reading: reading ?? MixedScaleReading(), channels: channels, size: size, classes: classes,
        stream: stream)
    case .multiLayer:
      var shape = layers
      shape.method = model.isAccelerated ? .multiLayerFISTA : .multiLayerISTA
      shape.unfoldings = model.unfoldings
      return try UnfoldedNetwork<Float>(
        shape, channels: channels, size: size, classes: classes, stream: stream)
    }
  }
}
