/// A dictionary whose atoms are the shifts of a few small filters.
///
///     x[c, p] = Σ_{o,q} K[o, c, k] γ[o, q],   p = q · stride + k · dilation − padding
///
/// An operator: patches times filters as a matrix product, never a matrix of n×m. Signals are
/// flattened C×H×W, codes M×H'×W', so the atom of filter o at position q has index o·H'W' + q.
/// - Complexity: 2·M·C·|taps|·|positions| operations a signal, both ways.
public struct ConvolutionalDictionary<Scalar: NumericScalar>: SparseDictionary {
  /// Where the atoms lie.
  public let geometry: ConvolutionGeometry

  /// The filters, shape [M, C, kernel height, kernel width].
  public let filters: Tensor<Scalar>

  /// How patches are cut: as columns, or as rows where that copies longer runs.
  private let patches: PatchMap
  private let patchRows: PatchRows?
  /// The filters in the order of `patchRows`; the same ones where there are none.
  private let patchFilters: Tensor<Scalar>
  private let sources: (rows: [[Int]], columns: [[Int]])

  /// A dictionary from its filters.
  ///
  /// - Parameters:
  ///   - filters: Shape [M, C, kernel height, kernel width].
  ///   - geometry: Must have the same channels and kernel size.
  /// - Throws: `ModelError.parameterOutOfRange` when the shapes differ.
  public init(filters: Tensor<Scalar>, geometry: ConvolutionGeometry) throws {
    let expected = [geometry.channels, geometry.kernelSize.height, geometry.kernelSize.width]
    guard filters.shape.count == 4, filters.rows > 0, Array(filters.shape.dropFirst()) == expected
    else {
      throw ModelError.parameterOutOfRange(
        name: "shape of the filters", value: "\(filters.shape)", range: "[M] + \(expected)")
    }
    self.filters = filters
    self.geometry = geometry
    sources = geometry.sourceIndices()
    patches = PatchMap(geometry: geometry, sources: sources)
    patchRows =
      geometry.isMatrixProduct ? nil : PatchRows(geometry: geometry, sources: sources)
    patchFilters = patchRows?.reordered(filters) ?? filters
  }

  /// M, the number of filters.
  public var filterCount: Int { filters.rows }

  public var signalDimension: Int { geometry.signalDimension }
  public var atomCount: Int { filterCount * geometry.codeSize.area }

  /// As many signals as give the matrix product some 256 columns.
  public var preferredBatch: Int {
    geometry.isMatrixProduct ? 64 : max(1, 256 / geometry.codeSize.area)
  }

  public func synthesize(
    _ codes: UnsafePointer<Scalar>, batch: Int, into signals: UnsafeMutablePointer<Scalar>
  ) {
    let (n, m, q, ct) = (signalDimension, atomCount, geometry.codeSize.area, filterDimension)
    patchFilters.withElements { k in
      if geometry.isMatrixProduct {
        Scalar.gemm(false, false, batch, n, m, 1, codes, m, k, n, 0, signals, n)
        return
      }
      Scalar.clear(batch * n, signals)
      forEachPatchBlock(batch) { first, count in
        let columns = count * q
        Scratch.withMemory(columns * (ct + (count > 1 ? filterCount : 0)), of: Scalar.self) { p in
          var source = codes + first * m
          if count > 1 {  // gather the block's codes as [M, count · Q]
            let gathered = p + columns * ct
            for b in 0..<count {
              for o in 0..<filterCount {
                (gathered + o * columns + b * q).update(
                  from: codes + (first + b) * m + o * q, count: q)
              }
            }
            source = UnsafePointer(gathered)
          }
          if let patchRows {
            Scalar.gemm(true, false, columns, ct, filterCount, 1, source, columns, k, ct, 0, p, ct)
            for b in 0..<count {
              patchRows.scatterAdd(p + b * q * ct, into: signals + (first + b) * n)
            }
            return
          }
          Scalar.gemm(
            true, false, ct, columns, filterCount, 1, k, ct, source, columns, 0, p, columns)
          for b in 0..<count {
            patches.scatterAdd(p + b * q, columns, into: signals + (first + b) * n)
          }
        }
      }
    }
  }

  public func analyze(
    _ signals: UnsafePointer<Scalar>, batch: Int, into codes: UnsafeMutablePointer<Scalar>
  ) {
    let (n, m, q, ct) = (signalDimension, atomCount, geometry.codeSize.area, filterDimension)
    patchFilters.withElements { k in
      if geometry.isMatrixProduct {
        Scalar.gemm(false, true, batch, m, n, 1, signals, n, k, n, 0, codes, m)
        return
      }
      forEachPatchBlock(batch) { first, count in
        let columns = count * q
        Scratch.withMemory(columns * (ct + (count > 1 ? filterCount : 0)), of: Scalar.self) { p in
          for b in 0..<count {
            gatherPatches(signals + (first + b) * n, b, columns, into: p)
          }
          let target = count > 1 ? p + columns * ct : codes + first * m
          let areRows = patchRows != nil
          Scalar.gemm(
            false, areRows, filterCount, columns, ct, 1, k, ct, p, areRows ? ct : columns, 0,
            target, columns)
          guard count > 1 else { return }
          for b in 0..<count {
            for o in 0..<filterCount {
              (codes + (first + b) * m + o * q).update(
                from: target + o * columns + b * q, count: q)
            }
          }
        }
      }
    }
  }

  /// The gradient of ⟨x, Dγ⟩ with respect to the filters, summed over a batch.
  ///
  ///     G[o, c, k] = Σ_b Σ_q γ_b[o, q] · x_b[c, q · stride + k · dilation − padding]
  ///
  /// With x the residual Dγ − y this is the gradient of ½‖y − Dγ‖².
  /// - Parameters:
  ///   - signals: x, shape [B, n].
  ///   - codes: γ, shape [B, m].
  /// - Returns: The shape of `filters`.
  public func filterGradient(signals: Tensor<Scalar>, codes: Tensor<Scalar>) -> Tensor<Scalar> {
    precondition(signals.rows == codes.rows, "as many codes as signals")
    var gradient = Tensor<Scalar>(shape: filters.shape)
    signals.withElements { x in
      codes.withElements { γ in
        gradient.withMutableElements { g in
          accumulateFilterGradient(signals: x, codes: γ, batch: signals.rows, into: g)
        }
      }
    }
    return gradient
  }

  /// Adds the filters' gradient of a batch to numbers in the shape of `filters`.
  func accumulateFilterGradient(
    signals x: UnsafePointer<Scalar>, codes γ: UnsafePointer<Scalar>, batch: Int,
    into g: UnsafeMutablePointer<Scalar>
  ) {
    let (n, m, ct) = (signalDimension, atomCount, filterDimension)
    if geometry.isMatrixProduct {
      let size = 128  // filters to a thread, cut at fixed places
      Parallelism.forEach((m + size - 1) / size) { piece in
        let first = piece * size
        Scalar.gemm(
          true, false, min(size, m - first), n, batch, 1, γ + first, m, x, n, 1, g + first * n, n)
      }
      return
    }
    guard let patchRows else { return accumulatePatches(x, γ, batch, into: g) }
    Scratch.withMemory(filterCount * ct, of: Scalar.self) { sum in
      Scalar.clear(filterCount * ct, sum)
      accumulatePatches(x, γ, batch, into: sum)
      patchRows.add(sum, count: filterCount, to: g)
    }
  }

  /// Adds products of codes and patches to numbers in the shape of `patchFilters`.
  private func accumulatePatches(
    _ x: UnsafePointer<Scalar>, _ γ: UnsafePointer<Scalar>, _ batch: Int,
    into g: UnsafeMutablePointer<Scalar>
  ) {
    let (n, m, q, ct) = (signalDimension, atomCount, geometry.codeSize.area, filterDimension)
    let areRows = patchRows != nil
    forEachPatchBlock(batch) { first, count in
      let columns = count * q
      Scratch.withMemory(columns * (ct + filterCount), of: Scalar.self) { p in
        let gathered = p + columns * ct
        for b in 0..<count {
          gatherPatches(x + (first + b) * n, b, columns, into: p)
          for o in 0..<filterCount {
            (gathered + o * columns + b * q).update(from: γ + (first + b) * m + o * q, count: q)
          }
        }
        Scalar.gemm(
          false, !areRows, filterCount, ct, columns, 1, gathered, columns, p,
          areRows ? ct : columns, 1, g, ct)
      }
    }
  }

  /// The patches of signal b of a block, as rows or as columns of a matrix.
  private func gatherPatches(
    _ signal: UnsafePointer<Scalar>, _ b: Int, _ columns: Int,
    into patches: UnsafeMutablePointer<Scalar>
  ) {
    let q = geometry.codeSize.area
    if let patchRows {
      patchRows.gather(signal, into: patches + b * q * filterDimension)
    } else {
      self.patches.gather(signal, into: patches + b * q, columns)
    }
  }

  private var filterDimension: Int { geometry.filterDimension }

  private func forEachPatchBlock(_ batch: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    var first = 0
    while first < batch {
      let count = min(preferredBatch, batch - first)
      body(first, count)
      first += count
    }
  }

  public func atoms(_ support: [Int]) -> Matrix<Scalar> {
    let (n, area) = (signalDimension, geometry.codeSize.area)
    let (kernel, size) = (geometry.kernelSize, geometry.signalSize)
    var result = Matrix<Scalar>(zeros: support.count, n)
    let isRun = geometry.holdsWholeAtoms && geometry.dilation.width == 1
    let (rows, columns) = (sources.rows, sources.columns)
    filters.withElements { k in
      result.withMutableElements { target in
        for (row, j) in support.enumerated() {
          let (o, q) = (j / area, j % area)
          let (y, x) = (q / geometry.codeSize.width, q % geometry.codeSize.width)
          for a in 0..<kernel.height where rows[a][y] >= 0 {
            for c in 0..<geometry.channels {
              let taps = k + ((o * geometry.channels + c) * kernel.height + a) * kernel.width
              let line = target + row * n + (c * size.height + rows[a][y]) * size.width
              if isRun {
                (line + columns[0][x]).update(from: taps, count: kernel.width)
                continue
              }
              for b in 0..<kernel.width where columns[b][x] >= 0 {
                line[columns[b][x]] += taps[b]
              }
            }
          }
        }
      }
    }
    return result
  }

  public var representativeAtoms: [Int] {
    let (size, stride) = (geometry.signalSize, geometry.stride)
    guard geometry.boundary == .circular, size.height % stride.height == 0,
      size.width % stride.width == 0
    else { return Array(0..<atomCount) }
    return (0..<filterCount).map { $0 * geometry.codeSize.area }
  }

  public var atomNorms: [Scalar] {
    if geometry.holdsWholeAtoms {
      let width = filterDimension
      return filters.withElements { k in
        (0..<filterCount).flatMap { o in
          repeatElement(Scalar.norm2(width, k + o * width), count: geometry.codeSize.area)
        }
      }
    }
    let representatives = representativeAtoms
    if representatives.count == filterCount {
      let n = signalDimension
      let block = atoms(representatives)
      return block.withElements { p in
        (0..<filterCount).flatMap { o in
          repeatElement(Scalar.norm2(n, p + o * n), count: geometry.codeSize.area)
        }
      }
    }
    return (0..<atomCount).reduce(into: [Scalar]()) { norms, j in
      if j % 256 == 0 {
        let block = atoms(Array(j..<min(j + 256, atomCount)))
        let n = signalDimension
        block.withElements { p in
          for i in 0..<block.rows { norms.append(Scalar.norm2(n, p + i * n)) }
        }
      }
    }
  }

  /// The same geometry with every filter scaled to unit norm; zero filters stay zero.
  ///
  /// Atoms that a zero boundary cuts off are then shorter than one.
  public func normalizingFilters() -> ConvolutionalDictionary {
    var scaled = filters
    let n = filterDimension
    scaled.withMutableElements { p in
      for o in 0..<filterCount {
        let norm = Scalar.norm2(n, p + o * n)
        if norm > 0 { Scalar.scale(n, 1 / norm, p + o * n) }
      }
    }
    return replacingFilters(scaled)
  }

  /// The same geometry with other filters of the same shape.
  public func replacingFilters(_ filters: Tensor<Scalar>) -> ConvolutionalDictionary {
    precondition(filters.shape == self.filters.shape, "filters of another shape")
    return ConvolutionalDictionary(self, filters)
  }

  /// The same dictionary in another precision.
  public func converted<Other: NumericScalar>(
    to type: Other.Type
  ) -> ConvolutionalDictionary<Other> {
    ConvolutionalDictionary<Other>(self, filters.converted(to: type))
  }

  private init<Other>(_ other: ConvolutionalDictionary<Other>, _ filters: Tensor<Scalar>) {
    geometry = other.geometry
    patches = other.patches
    patchRows = other.patchRows
    patchFilters = patchRows?.reordered(filters) ?? filters
    sources = other.sources
    self.filters = filters
  }
}
