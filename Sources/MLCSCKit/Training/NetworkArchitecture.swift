/// A description of a network from which it is built: what an experiment's settings hold.
public protocol NetworkArchitecture: Codable, Sendable {
  /// A short readable name; it need not be unique.
  var name: String { get }

  /// A network with its first weights.
  ///
  /// - Parameters:
  ///   - channels: Of the images.
  ///   - size: Of the images.
  ///   - classes: The number of scores.
  ///   - stream: Where the weights come from. Architectures compared with each other should draw
  ///     what they have in common first, and in the same order.
  /// - Returns: The network.
  /// - Throws: `ModelError` where the description does not fit the images.
  func network(
    channels: Int, size: Extent, classes: Int, stream: RandomStream
  ) throws -> any Network<Float>
}
