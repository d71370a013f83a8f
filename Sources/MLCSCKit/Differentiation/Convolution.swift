/// Convolutions with learned filters.
extension Tape {
  /// Dᵀ x: what networks call convolution, and pursuits analysis.
  ///
  /// - Parameters:
  ///   - x: Shape [N, C, H, W].
  ///   - filters: Shape [M, C, kernel height, kernel width].
  ///   - geometry: Stride, dilation, padding, boundary; must fit both.
  /// - Returns: Shape [N, M, H', W'].
  public func analyze(
    _ x: Variable<Scalar>, _ filters: Variable<Scalar>, _ geometry: ConvolutionGeometry
  ) -> Variable<Scalar> {
    check(filters, geometry)
    precondition(
      x.shape == geometry.signalShape(batch: x.value.batch),
      "signals of shape \(x.shape), not \(geometry.signalShape(batch: x.value.batch))")
    let result = engine.analyze(x.value, filters: filters.value, geometry)
    let kept = filters.slot == nil ? nil : x.value
    let dictionary = x.slot == nil ? nil : filters.value
    return record(result, from: [x, filters]) { [engine, x = x.slot, k = filters.slot] gradient in
      let wanted = engine.wantedAnalysisGradients(
        signals: kept, codes: gradient, filters: dictionary, geometry)
      if let signals = wanted.signals { x?.add(signals, isFresh: true) }
      if let filters = wanted.filters { k?.add(filters, isFresh: true) }
    }
  }

  /// D c: what networks call transposed convolution, and pursuits synthesis.
  ///
  /// - Parameters:
  ///   - codes: c, shape [N, M, H', W'].
  ///   - filters: Shape [M, C, kernel height, kernel width].
  ///   - geometry: Of the convolution whose adjoint this is; fixes H and W where a stride leaves
  ///     them open.
  /// - Returns: Shape [N, C, H, W].
  public func synthesize(
    _ codes: Variable<Scalar>, _ filters: Variable<Scalar>, _ geometry: ConvolutionGeometry
  ) -> Variable<Scalar> {
    check(filters, geometry)
    let expected = geometry.codeShape(batch: codes.value.batch, filters: filters.shape[0])
    precondition(codes.shape == expected, "codes of shape \(codes.shape), not \(expected)")
    let result = engine.synthesize(codes.value, filters: filters.value, geometry)
    let kept = filters.slot == nil ? nil : codes.value
    let dictionary = codes.slot == nil ? nil : filters.value
    return record(result, from: [codes, filters]) {
      [engine, c = codes.slot, k = filters.slot] gradient in
      let wanted = engine.wantedSynthesisGradients(
        signals: gradient, codes: kept, filters: dictionary, geometry)
      if let codes = wanted.codes { c?.add(codes, isFresh: true) }
      if let filters = wanted.filters { k?.add(filters, isFresh: true) }
    }
  }

  private func check(_ filters: Variable<Scalar>, _ geometry: ConvolutionGeometry) {
    let kernel = geometry.kernelSize
    precondition(
      filters.shape.dropFirst() == [geometry.channels, kernel.height, kernel.width],
      "filters of shape \(filters.shape) for \(geometry.channels) channels and kernel \(kernel)")
  }
}

extension ConvolutionEngine {
  /// What of `analysisGradients` is wanted: the filters' gradient where the signals are given, the
  /// signals' where the filters are.
  func wantedAnalysisGradients(
    signals: Activation<Scalar>?, codes: Activation<Scalar>, filters: Activation<Scalar>?,
    _ geometry: ConvolutionGeometry,
    from start: SynthesisStart<Scalar> = SynthesisStart(terms: [])
  ) -> (signals: Activation<Scalar>?, filters: Activation<Scalar>?) {
    if let signals, let filters {
      return analysisGradients(
        signals: signals, codes: codes, filters: filters, geometry, from: start)
    }
    return (
      filters.map { synthesize(codes, filters: $0, geometry, from: start) },
      signals.map { filterGradient(signals: $0, codes: codes, geometry) }
    )
  }

  /// What of `synthesisGradients` is wanted: the filters' gradient where the codes are given, the
  /// codes' where the filters are.
  func wantedSynthesisGradients(
    signals: Activation<Scalar>, codes: Activation<Scalar>?, filters: Activation<Scalar>?,
    _ geometry: ConvolutionGeometry
  ) -> (codes: Activation<Scalar>?, filters: Activation<Scalar>?) {
    if let codes, let filters {
      return synthesisGradients(signals: signals, codes: codes, filters: filters, geometry)
    }
    return (
      filters.map { analyze(signals, filters: $0, geometry) },
      codes.map { filterGradient(signals: signals, codes: $0, geometry) }
    )
  }
}
