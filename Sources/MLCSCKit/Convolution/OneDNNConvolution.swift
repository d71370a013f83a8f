import COneDNN

/// Convolutions in Float by oneDNN.
///
/// Primitives are compiled once for a geometry, batch and number of threads and kept, as are the
/// reorders they need. Each primitive chooses the layouts it is fastest in. Where that is blocks of
/// sixteen channels, signals and codes stay in them along a chain of element-wise operations and
/// further convolutions; the filters' own layout is made once a step, since a parameter keeps the
/// copy until its value changes.
///
/// What computes a convolution is chosen by a rule, not by a clock, so that the same program has the
/// same bits:
/// - a filter that covers the whole signal is a matrix product (`CoveringFilters`);
/// - signals of up to four channels are cut into patches for the analysis and the filters' gradient
///   (`PatchProducts`);
/// - where most of a filter lies outside of the signal there is a product for every tap
///   (`PositionProducts`);
/// - kernels of 3×3 at any dilation and of 6×6 with stride 2 go through Winograd's transform to small
///   matrix products (`WinogradConvolution`), of fewer than sixteen channels the synthesis alone;
/// - everything oneDNN has no primitive for, circular boundaries foremost, goes to the library's own
///   dictionaries; the rest are oneDNN's convolutions.
public final class OneDNNConvolution: ConvolutionEngine {
  public typealias Scalar = Float

  private struct Key: Hashable {
    let operation: OneDNNPrimitive.Operation
    let geometry: ConvolutionGeometry
    let batch: Int
    let filterCount: Int
    let threads: Int
  }

  private struct MethodKey: Hashable {
    let geometry: ConvolutionGeometry
    let filterCount: Int
  }

  /// What computes a convolution.
  private enum Method {
    case product(CoveringFilters)
    case positions(PositionProducts)
    case winograd(WinogradConvolution)
    /// Too few channels for Winograd's method, except in the synthesis.
    case fewChannels(analysis: PatchProducts?, synthesis: FewChannelSynthesis)
    case direct

    init(_ geometry: ConvolutionGeometry, _ filterCount: Int, _ context: OneDNNContext) {
      if let product = CoveringFilters(geometry, filterCount: filterCount, context) {
        self = .product(product)
      } else if geometry.channels < 16 {
        self = .fewChannels(
          analysis: PatchProducts(geometry, filterCount: filterCount),
          synthesis: FewChannelSynthesis(geometry, filterCount: filterCount))
      } else if let positions = PositionProducts(geometry, filterCount: filterCount) {
        self = .positions(positions)
      } else if let winograd = WinogradConvolution(geometry, filterCount: filterCount) {
        self = .winograd(winograd)
      } else {
        self = .direct
      }
    }
  }

  /// What computes the synthesis of signals of few channels.
  private enum FewChannelSynthesis {
    case phases(PackedPhases)
    case winograd(WinogradConvolution)
    case direct

    init(_ geometry: ConvolutionGeometry, filterCount: Int) {
      if let phases = PackedPhases(geometry, filterCount: filterCount) {
        self = .phases(phases)
      } else if let winograd = WinogradConvolution(geometry, filterCount: filterCount) {
        self = .winograd(winograd)
      } else {
        self = .direct
      }
    }
  }

  private let context: OneDNNContext?
  private let reference = ReferenceConvolution<Float>()
  private var primitives = [Key: OneDNNPrimitive?]()
  private var methods = [MethodKey: Method]()

  /// An engine without any primitives yet.
  public init() {
    context = OneDNNContext()
  }

  public func analyze(
    _ signals: Activation<Float>, filters: Activation<Float>, _ geometry: ConvolutionGeometry
  ) -> Activation<Float> {
    switch method(geometry, filters.shape[0]) {
    case .product(let product): return product.analyze(signals, filters: filters)
    case .positions(let positions): return positions.analyze(signals, filters: filters)
    case .winograd(let winograd): return winograd.analyze(signals, filters: filters)
    case .fewChannels(let patches?, _): return patches.analyze(signals, filters: filters)
    default: break
    }
    guard let primitive = primitive(.analysis, geometry, signals.batch, filters.shape[0]) else {
      return reference.analyze(signals, filters: filters, geometry)
    }
    return primitive.run([signals, filters], pool: signals.pool)
  }

  public func synthesize(
    _ codes: Activation<Float>, filters: Activation<Float>, _ geometry: ConvolutionGeometry
  ) -> Activation<Float> {
    switch method(geometry, filters.shape[0]) {
    case .product(let product): return product.synthesize(codes, filters: filters)
    case .positions(let positions): return positions.synthesize(codes, filters: filters)
    case .winograd(let winograd), .fewChannels(_, .winograd(let winograd)):
      return winograd.synthesize(codes, filters: filters)
    case .fewChannels(_, .phases(let phases)): return phases.synthesize(codes, filters: filters)
    case .fewChannels(_, .direct), .direct: break
    }
    guard let primitive = primitive(.synthesis, geometry, codes.batch, filters.shape[0]) else {
      return reference.synthesize(codes, filters: filters, geometry)
    }
    return primitive.run([codes, filters], pool: codes.pool)
  }

  public func synthesize(
    _ codes: Activation<Float>, filters: Activation<Float>, _ geometry: ConvolutionGeometry,
    from start: SynthesisStart<Float>
  ) -> Activation<Float> {
    switch method(geometry, filters.shape[0]) {
    case .winograd(let winograd), .fewChannels(_, .winograd(let winograd)):
      return winograd.synthesize(codes, filters: filters, from: start)
    default:
      let result = synthesize(codes, filters: filters, geometry)
      start.add(to: result)
      return result
    }
  }

  public func filterGradient(
    signals: Activation<Float>, codes: Activation<Float>, _ geometry: ConvolutionGeometry
  ) -> Activation<Float> {
    switch method(geometry, codes.channels) {
    case .product(let product): return product.filterGradient(signals: signals, codes: codes)
    case .positions(let positions):
      return positions.filterGradient(signals: signals, codes: codes)
    case .winograd(let winograd): return winograd.filterGradient(signals: signals, codes: codes)
    case .fewChannels(let patches?, _):
      return patches.filterGradient(signals: signals, codes: codes)
    default: break
    }
    guard
      let primitive = primitive(.filterGradient, geometry, signals.batch, codes.channels)
    else { return reference.filterGradient(signals: signals, codes: codes, geometry) }
    return primitive.run([signals, codes], pool: signals.pool)
  }

  public func jointAnalysisGradients(
    signals: Activation<Float>, codes: Activation<Float>, filters: Activation<Float>,
    _ geometry: ConvolutionGeometry, from start: SynthesisStart<Float>
  ) -> (signals: Activation<Float>, filters: Activation<Float>)? {
    guard case .winograd(let winograd) = method(geometry, codes.channels) else { return nil }
    return winograd.gradients(.signals(start), signals: signals, codes: codes, filters: filters)
  }

  public func jointSynthesisGradients(
    signals: Activation<Float>, codes: Activation<Float>, filters: Activation<Float>,
    _ geometry: ConvolutionGeometry
  ) -> (codes: Activation<Float>, filters: Activation<Float>)? {
    guard case .winograd(let winograd) = method(geometry, codes.channels) else { return nil }
    return winograd.gradients(.codes, signals: signals, codes: codes, filters: filters)
  }

  private func method(_ geometry: ConvolutionGeometry, _ filterCount: Int) -> Method {
    guard let context else { return .direct }
    let key = MethodKey(geometry: geometry, filterCount: filterCount)
    if let known = methods[key] { return known }
    let made = Method(geometry, filterCount, context)
    methods[key] = made
    return made
  }

  /// The primitive for an operation; nothing where BLAS is the engine.
  private func primitive(
    _ operation: OneDNNPrimitive.Operation, _ geometry: ConvolutionGeometry, _ batch: Int,
    _ filterCount: Int
  ) -> OneDNNPrimitive? {
    guard let context, geometry.boundary == .zero, !geometry.isMatrixProduct,
      operation != .synthesis || geometry.channels > 1
    else { return nil }
    // OpenMP keeps its width by thread, and a primitive is compiled for one.
    let threads = Parallelism.width
    omp_set_num_threads(Int32(threads))
    let key = Key(
      operation: operation, geometry: geometry, batch: batch, filterCount: filterCount,
      threads: threads)
    if let known = primitives[key] { return known }
    let made = OneDNNPrimitive(operation, geometry, batch, filterCount, context)
    primitives[key] = .some(made)
    return made
  }
}

/// oneDNN's engine for this processor, and the stream its primitives run in.
final class OneDNNContext {
  let engine: dnnl_engine_t
  let stream: dnnl_stream_t

  /// Nothing if oneDNN refuses.
  init?() {
    var engine: dnnl_engine_t?
    var stream: dnnl_stream_t?
    guard dnnl_engine_create(&engine, dnnl_cpu, 0) == dnnl_success, let engine else { return nil }
    guard
      dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_default_flags.rawValue))
        == dnnl_success, let stream
    else {
      dnnl_engine_destroy(engine)
      return nil
    }
    (self.engine, self.stream) = (engine, stream)
  }

  deinit {
    dnnl_stream_destroy(stream)
    dnnl_engine_destroy(engine)
  }
}
