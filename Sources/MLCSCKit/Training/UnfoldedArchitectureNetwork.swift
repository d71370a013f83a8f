extension UnfoldedArchitecture: NetworkArchitecture {
  public var name: String {
    unfoldings == 0 ? "feed-forward" : "\(method.rawValue)-\(unfoldings)"
  }

  public func network(
    channels: Int, size: Extent, classes: Int, stream: RandomStream
  ) throws -> any Network<Float> {
    try UnfoldedNetwork<Float>(
      self, channels: channels, size: size, classes: classes, stream: stream)
  }
}
