/// A classifier on layered thresholding with dense dictionaries, with or without the identity.
///
///     γᵢ = max(Fᵢ γ_{i−1} + bᵢ, 0),                   Dᵢ = Fᵢᵀ         plain: ML-CSC
///     γᵢ = [γ_{i−1}; max(Fᵢ γ_{i−1} + bᵢ, 0)],        Dᵢ = [I Fᵢᵀ]     dense connections: MSD-CSC
///
/// with γ₀ = x and scores W γ_L + c. This is the network of R's simulated experiment (Fig. 4). By R's
/// Proposition 1 the codes are those of `LayeredThresholding`; with the identity that holds for
/// x ≥ 0 only, because the pursuit cuts x itself at zero and the network passes it on.
public final class DenseThresholdingNetwork<Scalar: NumericScalar>: Network {
  /// One layer.
  public struct Layer {
    /// F, shape [units, dimension of the input].
    public let filters: Parameter<Scalar>
    /// b, one a unit.
    public let biases: Parameter<Scalar>
  }

  /// The layers, outermost first.
  public let layers: [Layer]
  /// W and c.
  public let classifier: Layer
  /// Whether every layer hands its input on beside its own units.
  public let keepsInput: Bool

  /// A network whose numbers are uniform in ±1/√(dimension of the layer's input), as PyTorch begins
  /// a linear layer.
  ///
  /// - Parameters:
  ///   - signalDimension: n.
  ///   - widths: The units of every layer.
  ///   - classes: The number of scores.
  ///   - keepsInput: Whether the dictionaries have the identity.
  ///   - stream: Where the numbers are drawn from, layer by layer.
  public init(
    signalDimension: Int, widths: [Int], classes: Int, keepsInput: Bool,
    stream: inout RandomStream
  ) {
    func layer(_ name: String, _ units: Int, _ dimension: Int) -> Layer {
      let bound = 1 / Double(dimension).squareRoot()
      func uniform(_ shape: [Int]) -> Tensor<Scalar> {
        Tensor(
          shape: shape,
          elements: (0..<shape.reduce(1, *)).map { _ in
            Scalar(bound * (2 * stream.uniform() - 1))
          })
      }
      return Layer(
        filters: Parameter("\(name).filters", uniform([units, dimension])),
        biases: Parameter("\(name).biases", uniform([units])))
    }
    var dimension = signalDimension
    var layers = [Layer]()
    for (i, width) in widths.enumerated() {
      layers.append(layer("layer\(i + 1)", width, dimension))
      dimension = keepsInput ? dimension + width : width
    }
    self.layers = layers
    classifier = layer("classifier", classes, dimension)
    self.keepsInput = keepsInput
  }

  public var parameters: [Parameter<Scalar>] {
    (layers + [classifier]).flatMap { [$0.filters, $0.biases] }
  }

  /// γ₁ … γ_L of a batch.
  ///
  /// - Parameters:
  ///   - signals: Shape [N, n].
  ///   - tape: What records the operations.
  /// - Returns: One variable a layer, shape [N, mᵢ].
  public func codes(of signals: Variable<Scalar>, on tape: Tape<Scalar>) -> [Variable<Scalar>] {
    var codes = [Variable<Scalar>]()
    for layer in layers {
      let input = codes.last ?? signals
      let units = tape.relu(affine(input, layer, on: tape))
      codes.append(keepsInput ? tape.concatenate([input, units]) : units)
    }
    return codes
  }

  public func scores(
    of images: Variable<Scalar>, on tape: Tape<Scalar>, _ pass: ForwardPass
  ) -> Variable<Scalar> {
    affine(codes(of: images, on: tape).last ?? images, classifier, on: tape)
  }

  /// The same codes as a pursuit: D₁ … D_L with the biases as thresholds, zeros for the identity's.
  ///
  /// - Throws: `ModelError` where a bias is not finite.
  public func layeredThresholding() throws -> LayeredThresholding<Scalar> {
    let dictionaries = layers.map { layer -> any SparseDictionary<Scalar> in
      let own = DenseDictionary(atomRows: layer.filters.value)
      return keepsInput ? IdentityAugmentedDictionary(own) : own
    }
    return try LayeredThresholding(
      model: MultiLayerModel(dictionaries),
      biases: layers.map { layer in
        let kept = keepsInput ? layer.filters.value.columns : 0
        return [Scalar](repeating: 0, count: kept) + layer.biases.value.elements
      })
  }

  private func affine(
    _ x: Variable<Scalar>, _ layer: Layer, on tape: Tape<Scalar>
  ) -> Variable<Scalar> {
    tape.addBias(
      tape.dense(x, tape.variable(layer.filters)), tape.variable(layer.biases))
  }
}
