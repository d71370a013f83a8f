extension ConvolutionalDictionary {
  /// The product with the next layer's dictionary, again convolutional, as explicit filters.
  ///
  /// Lemma 1 of Sulam et al. (cited as [13] in P): a product of convolutional dictionaries is
  /// convolutional. With strides s and dilations d, filter o of the product is
  ///
  ///     K[o, c, ·] = Σ_{c', k₂} K₂[o, c', k₂] · K₁[c', c, ·] shifted by k₂ d₂ s₁
  ///
  /// of size (n₁ − 1) d₁ + (n₂ − 1) d₂ s₁ + 1 and stride s₁ s₂. Exact only where no code of the
  /// first layer is cut off: the inner padding must be zero, and a circular signal must hold a
  /// whole number of strides.
  ///
  /// - Parameter inner: The next layer, whose signal is this layer's code.
  /// - Returns: The product, with explicit filters.
  /// - Throws: `ModelError.notConvolutional`, or `shapesDoNotChain`.
  public func product(with inner: ConvolutionalDictionary) throws -> ConvolutionalDictionary {
    let (g1, g2) = (geometry, inner.geometry)
    guard g2.channels == filterCount, g2.signalSize == g1.codeSize else {
      throw ModelError.shapesDoNotChain(
        layer: 1, atoms: atomCount, nextLayerRows: inner.signalDimension)
    }
    guard g1.boundary == g2.boundary else {
      throw ModelError.notConvolutional(reason: "one layer is circular, the other is not")
    }
    guard g2.padding == .square(0) else {
      throw ModelError.notConvolutional(
        reason: "the inner layer is padded by \(g2.padding), so its border atoms are cut off "
          + "between the layers")
    }
    if g1.boundary == .circular {
      guard g1.signalSize.height % g1.stride.height == 0,
        g1.signalSize.width % g1.stride.width == 0
      else {
        throw ModelError.notConvolutional(
          reason: "the stride \(g1.stride) does not divide the circular signal \(g1.signalSize)")
      }
    }
    let spread = Extent(g2.dilation.height * g1.stride.height, g2.dilation.width * g1.stride.width)
    let kernel = Extent(
      (g1.kernelSize.height - 1) * g1.dilation.height
        + (g2.kernelSize.height - 1) * spread.height + 1,
      (g1.kernelSize.width - 1) * g1.dilation.width
        + (g2.kernelSize.width - 1) * spread.width + 1)
    let product = try ConvolutionGeometry(
      channels: g1.channels, signalSize: g1.signalSize, kernelSize: kernel,
      stride: Extent(g1.stride.height * g2.stride.height, g1.stride.width * g2.stride.width),
      padding: g1.padding, boundary: g1.boundary)
    return try ConvolutionalDictionary(
      filters: filtersOfProduct(with: inner, kernel: kernel, spread: spread), geometry: product)
  }

  private func filtersOfProduct(
    with inner: ConvolutionalDictionary, kernel: Extent, spread: Extent
  ) -> Tensor<Scalar> {
    let (g1, g2) = (geometry, inner.geometry)
    let (outputs, middle, width1) = (inner.filterCount, filterCount, g1.filterDimension)
    let taps2 = g2.kernelSize
    var result = Tensor<Scalar>(zeros: outputs, g1.channels, kernel.height, kernel.width)
    var weights = Matrix<Scalar>(zeros: outputs, middle)
    let size = g1.channels * kernel.area
    for a2 in 0..<taps2.height {
      for b2 in 0..<taps2.width {
        inner.filters.withElements { k2 in
          weights.withMutableElements { w in
            for i in 0..<outputs * middle {
              w[i] = k2[i * taps2.area + a2 * taps2.width + b2]
            }
          }
        }
        let sums = weights.multiplied(by: filters.reshaped(middle, width1))
        sums.withElements { source in
          result.withMutableElements { target in
            for o in 0..<outputs {
              for c in 0..<g1.channels {
                for a1 in 0..<g1.kernelSize.height {
                  let y = a2 * spread.height + a1 * g1.dilation.height
                  let line =
                    target + o * size + (c * kernel.height + y) * kernel.width + b2 * spread.width
                  let from =
                    source + o * width1 + (c * g1.kernelSize.height + a1) * g1.kernelSize.width
                  Scalar.addStrided(g1.kernelSize.width, from, line, g1.dilation.width)
                }
              }
            }
          }
        }
      }
    }
    return result
  }
}

extension MultiLayerModel {
  /// The effective dictionary D⁽ⁱ⁾ = D₁ ⋯ Dᵢ as one convolutional dictionary with explicit filters.
  ///
  /// - Throws: `ModelError.notConvolutional` where a layer is not, or the product is not.
  public func effectiveConvolution(_ layer: Int) throws -> ConvolutionalDictionary<Scalar> {
    let factors = try layers[..<layer].map { dictionary in
      guard let convolution = dictionary as? ConvolutionalDictionary<Scalar> else {
        throw ModelError.notConvolutional(reason: "a layer is a dense matrix")
      }
      return convolution
    }
    return try factors.dropFirst().reduce(factors[0]) { try $0.product(with: $1) }
  }
}
