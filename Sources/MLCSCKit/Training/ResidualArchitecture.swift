/// One of R's residual networks, as a cell of an experiment names it.
public struct ResidualArchitecture: NetworkArchitecture, Hashable {
  /// Which of the four.
  public var model: ResidualModel
  /// 6n + 2.
  public var depth: Int

  /// An architecture.
  public init(_ model: ResidualModel, depth: Int) { (self.model, self.depth) = (model, depth) }

  public var name: String { "\(model.title)-\(depth)" }

  public func network(
    channels: Int, size: Extent, classes: Int, stream: RandomStream
  ) throws -> any Network<Float> {
    try ResidualNetwork<Float>(
      model, depth: depth, channels: channels, size: size, classes: classes, stream: stream)
  }
}
