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
      if let x, let dictionary {
        x.add(engine.synthesize(gradient, filters: dictionary, geometry), isFresh: true)
      }
      if let k, let kept {
        k.add(engine.filterGradient(signals: kept, codes: gradient, geometry), isFresh: true)
      }
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
      if let c, let dictionary {
        c.add(engine.analyze(gradient, filters: dictionary, geometry), isFresh: true)
      }
      if let k, let kept {
        k.add(engine.filterGradient(signals: gradient, codes: kept, geometry), isFresh: true)
      }
    }
  }

  private func check(_ filters: Variable<Scalar>, _ geometry: ConvolutionGeometry) {
    let kernel = geometry.kernelSize
    precondition(
      filters.shape.dropFirst() == [geometry.channels, kernel.height, kernel.width],
      "filters of shape \(filters.shape) for \(geometry.channels) channels and kernel \(kernel)")
  }
}
