/// What computes convolutions: analysis, synthesis and the gradient of the filters.
///
/// The three close under differentiation. Analysis c = Dᵀx has x̄ = D c̄; synthesis x = Dc has
/// c̄ = Dᵀ x̄; both have the filters' gradient Σ over the batch of code times patch. An engine may
/// keep buffers and compiled primitives; it is used by one thread at a time and may itself use
/// several.
public protocol ConvolutionEngine<Scalar>: AnyObject {
  /// The type of all numbers.
  associatedtype Scalar: NumericScalar

  /// Dᵀ x: cross-correlation with the filters.
  ///
  /// - Parameters:
  ///   - signals: x, shape [N, C, H, W].
  ///   - filters: Shape [M, C, kernel height, kernel width].
  ///   - geometry: Where the atoms lie.
  /// - Returns: Codes of shape [N, M, H', W'].
  func analyze(
    _ signals: Activation<Scalar>, filters: Activation<Scalar>, _ geometry: ConvolutionGeometry
  ) -> Activation<Scalar>

  /// D c: the adjoint of `analyze`, known elsewhere as transposed convolution.
  ///
  /// - Parameters:
  ///   - codes: c, shape [N, M, H', W'].
  ///   - filters: Shape [M, C, kernel height, kernel width].
  ///   - geometry: Where the atoms lie.
  /// - Returns: Signals of shape [N, C, H, W].
  func synthesize(
    _ codes: Activation<Scalar>, filters: Activation<Scalar>, _ geometry: ConvolutionGeometry
  ) -> Activation<Scalar>

  /// x₀ + D c, where x₀ is a sum of signals or of some channels of theirs; computed by `synthesize`
  /// and a pass over memory where an engine has nothing better.
  func synthesize(
    _ codes: Activation<Scalar>, filters: Activation<Scalar>, _ geometry: ConvolutionGeometry,
    from start: SynthesisStart<Scalar>
  ) -> Activation<Scalar>

  /// The gradient of ⟨x, Dc⟩ with respect to the filters, summed over the batch.
  ///
  /// - Parameters:
  ///   - signals: x, shape [N, C, H, W].
  ///   - codes: c, shape [N, M, H', W'].
  ///   - geometry: Where the atoms lie.
  /// - Returns: Shape [M, C, kernel height, kernel width].
  func filterGradient(
    signals: Activation<Scalar>, codes: Activation<Scalar>, _ geometry: ConvolutionGeometry
  ) -> Activation<Scalar>

  /// What `analysisGradients` returns, where that costs an engine less than two calls; nil elsewhere.
  func jointAnalysisGradients(
    signals: Activation<Scalar>, codes: Activation<Scalar>, filters: Activation<Scalar>,
    _ geometry: ConvolutionGeometry, from start: SynthesisStart<Scalar>
  ) -> (signals: Activation<Scalar>, filters: Activation<Scalar>)?

  /// What `synthesisGradients` returns, where that costs an engine less than two calls; nil elsewhere.
  func jointSynthesisGradients(
    signals: Activation<Scalar>, codes: Activation<Scalar>, filters: Activation<Scalar>,
    _ geometry: ConvolutionGeometry
  ) -> (codes: Activation<Scalar>, filters: Activation<Scalar>)?
}

extension ConvolutionEngine {
  public func jointAnalysisGradients(
    signals: Activation<Scalar>, codes: Activation<Scalar>, filters: Activation<Scalar>,
    _ geometry: ConvolutionGeometry, from start: SynthesisStart<Scalar>
  ) -> (signals: Activation<Scalar>, filters: Activation<Scalar>)? { nil }

  public func jointSynthesisGradients(
    signals: Activation<Scalar>, codes: Activation<Scalar>, filters: Activation<Scalar>,
    _ geometry: ConvolutionGeometry
  ) -> (codes: Activation<Scalar>, filters: Activation<Scalar>)? { nil }

  /// What the backward pass of an analysis needs: x₀ + D c, and the filters' gradient of x and c.
  public func analysisGradients(
    signals: Activation<Scalar>, codes: Activation<Scalar>, filters: Activation<Scalar>,
    _ geometry: ConvolutionGeometry, from start: SynthesisStart<Scalar>
  ) -> (signals: Activation<Scalar>, filters: Activation<Scalar>) {
    jointAnalysisGradients(
      signals: signals, codes: codes, filters: filters, geometry, from: start)
      ?? (
        synthesize(codes, filters: filters, geometry, from: start),
        filterGradient(signals: signals, codes: codes, geometry)
      )
  }

  /// What the backward pass of a synthesis needs: Dᵀ x, and the filters' gradient of x and c.
  public func synthesisGradients(
    signals: Activation<Scalar>, codes: Activation<Scalar>, filters: Activation<Scalar>,
    _ geometry: ConvolutionGeometry
  ) -> (codes: Activation<Scalar>, filters: Activation<Scalar>) {
    jointSynthesisGradients(signals: signals, codes: codes, filters: filters, geometry)
      ?? (
        analyze(signals, filters: filters, geometry),
        filterGradient(signals: signals, codes: codes, geometry)
      )
  }
}

/// The library's own `ConvolutionalDictionary` as an engine: patches times filters.
///
/// For Float and Double and every geometry, circular boundaries too; what other engines are tested
/// against, and, since it is the operator that pursuits use, what makes a network equal its pursuit.
public final class ReferenceConvolution<Scalar: NumericScalar>: ConvolutionEngine {
  private struct Key: Hashable {
    let geometry: ConvolutionGeometry
    let filterCount: Int
  }

  /// Dictionaries by geometry: their index tables are made once, filters are put in at every call.
  private var dictionaries = [Key: ConvolutionalDictionary<Scalar>]()

  /// An engine without any tables yet.
  public init() {}

  public func analyze(
    _ signals: Activation<Scalar>, filters: Activation<Scalar>, _ geometry: ConvolutionGeometry
  ) -> Activation<Scalar> {
    let dictionary = dictionary(filters.tensor, geometry)
    let result = Activation<Scalar>(
      shape: geometry.codeShape(batch: signals.batch, filters: dictionary.filterCount),
      pool: signals.pool)
    // Asked for before threads begin: an activation may have to make its row-major copy.
    let (x, c) = (signals.values, result.values)
    dictionary.forEachBlock(of: signals.batch) { first, count in
      dictionary.analyze(
        x + first * dictionary.signalDimension, batch: count,
        into: c + first * dictionary.atomCount)
    }
    return result
  }

  public func synthesize(
    _ codes: Activation<Scalar>, filters: Activation<Scalar>, _ geometry: ConvolutionGeometry
  ) -> Activation<Scalar> {
    let dictionary = dictionary(filters.tensor, geometry)
    let result = Activation<Scalar>(
      shape: geometry.signalShape(batch: codes.batch), pool: codes.pool)
    let (c, x) = (codes.values, result.values)
    dictionary.forEachBlock(of: codes.batch) { first, count in
      dictionary.synthesize(
        c + first * dictionary.atomCount, batch: count,
        into: x + first * dictionary.signalDimension)
    }
    return result
  }

  public func filterGradient(
    signals: Activation<Scalar>, codes: Activation<Scalar>, _ geometry: ConvolutionGeometry
  ) -> Activation<Scalar> {
    let shape = [
      codes.channels, geometry.channels, geometry.kernelSize.height, geometry.kernelSize.width,
    ]
    let result = Activation<Scalar>(shape: shape, pool: signals.pool)
    Scalar.clear(result.count, result.values)
    dictionary(Tensor(shape: shape), geometry).accumulateFilterGradient(
      signals: signals.values, codes: codes.values, batch: signals.batch, into: result.values)
    return result
  }

  private func dictionary(
    _ filters: Tensor<Scalar>, _ geometry: ConvolutionGeometry
  ) -> ConvolutionalDictionary<Scalar> {
    let key = Key(geometry: geometry, filterCount: filters.rows)
    if let known = dictionaries[key] { return known.replacingFilters(filters) }
    do {
      let made = try ConvolutionalDictionary(filters: filters, geometry: geometry)
      dictionaries[key] = made.replacingFilters(Tensor(shape: filters.shape))
      return made
    } catch {
      preconditionFailure("\(error)")
    }
  }
}

extension ConvolutionGeometry {
  /// The shape of a batch of signals.
  func signalShape(batch: Int) -> [Int] {
    [batch, channels, signalSize.height, signalSize.width]
  }

  /// The shape of a batch of codes.
  func codeShape(batch: Int, filters: Int) -> [Int] {
    [batch, filters, codeSize.height, codeSize.width]
  }
}
