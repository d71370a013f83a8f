import RealModule

/// The shape of B's networks: a pursuit of several layers, then a classifier.
public struct UnfoldedArchitecture: Codable, Sendable, Hashable {
  /// One convolutional layer.
  public struct Layer: Codable, Sendable, Hashable {
    /// The number of filters.
    public var filters: Int
    /// The kernel's height and width.
    public var kernel: Int
    /// The distance between neighbouring atoms.
    public var stride: Int
    /// Zeros around the signal.
    public var padding: Int
    /// The factor of a max-pooling behind the layer, 1 for none.
    public var pooling: Int

    /// A layer.
    public init(_ filters: Int, kernel: Int, stride: Int = 1, padding: Int = 0, pooling: Int = 1) {
      (self.filters, self.kernel, self.stride) = (filters, kernel, stride)
      (self.padding, self.pooling) = (padding, pooling)
    }
  }

  /// The layers inside the pursuit; without pooling.
  public var layers: [Layer]
  /// Layers of a plain network behind it.
  public var following: [Layer]
  /// What is unfolded.
  public var method: UnfoldedMethod
  /// The iterations after the first.
  public var unfoldings: Int
  /// Whether there is a learned step a layer, beginning at 1; otherwise all steps are 1.
  public var learnsSteps: Bool
  /// Filters begin with the deviation `initialScale`/√(fan-in).
  public var initialScale: Double
  /// The deviation of all filters instead, whatever their fan-in; absent: `initialScale` says it.
  public var initialDeviation: Double?
  /// Filters begin larger, so that the deepest codes do as well: by the L-th root of the factor
  /// C(T + L, L) by which T unfoldings of L layers multiply them while filters are small and ρ is 0.
  ///
  /// Every iteration then adds Dᵢᵀγᵢ₋₁ to γᵢ again, and the products DᵢᵀDᵢ are negligible. For a network
  /// without unfoldings that is compared with one that has T. Absent: filters begin as they are.
  public var matchedUnfoldings: Int?

  /// A shape.
  public init(
    layers: [Layer], following: [Layer] = [], method: UnfoldedMethod, unfoldings: Int,
    learnsSteps: Bool = false, initialScale: Double = 1
  ) {
    (self.layers, self.following) = (layers, following)
    (self.method, self.unfoldings) = (method, unfoldings)
    (self.learnsSteps, self.initialScale) = (learnsSteps, initialScale)
  }

  /// What `matchedUnfoldings` multiplies the filters inside the pursuit by; 1 if it is absent.
  var gain: Double {
    guard let matchedUnfoldings else { return 1 }
    let depth = Double(layers.count)
    let factor = layers.indices.reduce(1.0) { product, i in
      product * (Double(matchedUnfoldings) + depth - Double(i)) / (depth - Double(i))
    }
    return .pow(factor, 1 / max(depth, 1))
  }

  /// B's document: three layers of kernels 6×6, 6×6 (stride 2) and one that covers the rest, so that
  /// a single position is left: 4×4 from 28×28, 5×5 from 32×32.
  ///
  /// - Parameters:
  ///   - signalSize: 28 (MNIST) or 32 (SVHN, CIFAR).
  ///   - filters: 64, 128, 512 in the document.
  ///   - method: What is unfolded.
  ///   - unfoldings: The iterations after the first.
  /// - Returns: The shape.
  public static func document(
    signalSize: Int, filters: [Int] = [64, 128, 512], _ method: UnfoldedMethod, unfoldings: Int
  ) -> UnfoldedArchitecture {
    let rest = ((signalSize - 6) / 2 + 1 - 6) / 2 + 1
    return UnfoldedArchitecture(
      layers: [
        Layer(filters[0], kernel: 6, stride: 2), Layer(filters[1], kernel: 6, stride: 2),
        Layer(filters[2], kernel: rest),
      ], method: method, unfoldings: unfoldings)
  }

  /// The authors' later public code for digits: 32, 64, 512 filters, learned steps, filters that
  /// begin ten times smaller.
  public static func digitsCode(
    filters: [Int] = [32, 64, 512], _ method: UnfoldedMethod, unfoldings: Int
  ) -> UnfoldedArchitecture {
    var shape = document(signalSize: 28, filters: filters, method, unfoldings: unfoldings)
    (shape.learnsSteps, shape.initialScale) = (true, 0.1)
    return shape
  }

  /// The authors' later public code for CIFAR-10, and R's six-layer baseline: three layers of 4×4
  /// with stride 2 inside the pursuit, three of 3×3 behind it, 3,999,232 convolution weights.
  public static func sixLayers(
    filters: [Int] = [32, 64, 128, 256, 512, 512], _ method: UnfoldedMethod, unfoldings: Int
  ) -> UnfoldedArchitecture {
    UnfoldedArchitecture(
      layers: filters.prefix(3).map { Layer($0, kernel: 4, stride: 2, padding: 1) },
      following: [
        Layer(filters[3], kernel: 3, padding: 1),
        Layer(filters[4], kernel: 3, padding: 1, pooling: 2),
        Layer(filters[5], kernel: 3, padding: 1, pooling: 2),
      ], method: method, unfoldings: unfoldings, learnsSteps: true, initialScale: 0.1)
  }
}
