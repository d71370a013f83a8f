/// A penalty on filters that resemble each other, or their own shifts.
///
///     (ρ/2) Σ max(0, |⟨d_o, T_s d_o'⟩| − c)²
///
/// over the pairs of filters o, o' and the shifts T_s by multiples of the stride that let them
/// overlap, each pair of atoms once.
/// The filters have unit norm, so that the inner products are those of atoms. Below the limit c
/// nothing is penalised. The penalty is ours: the documents' guarantees need a low coherence, but
/// their learning does not ask for it.
public struct CoherencePenalty: Codable, Sendable, Equatable {
  /// c, the coherence from which on a pair is penalised.
  public var limit: Double
  /// ρ, the weight of the penalty beside ½‖y − D₁⋯D_Lγ‖² of a signal.
  public var weight: Double

  /// A penalty from its parts.
  public init(limit: Double, weight: Double) { (self.limit, self.weight) = (limit, weight) }

  /// The penalty's value and its gradient with respect to the filters.
  ///
  /// - Parameter layer: Unit filters without dilation.
  /// - Returns: The value, and a tensor of the filters' shape.
  /// - Complexity: O(M² C k² s) for the s overlapping shifts of M filters of C·k² entries.
  public func gradient(
    of layer: ConvolutionalDictionary<Double>
  ) -> (value: Double, gradient: Tensor<Double>) {
    let filters = layer.filters
    let count = filters.rows
    var gradient = Tensor<Double>(shape: filters.shape)
    var value = 0.0
    for overlap in FilterOverlap.all(of: layer.geometry) {
      let a = overlap.stayingColumns(of: filters)
      let b = overlap.shiftedColumns(of: filters)
      var excess = a.multiplied(by: b, transposingOther: true)
      for o in 0..<count {
        for other in 0..<count {
          let product = excess[o, other]
          let beyond = o == other && overlap.isWhole ? 0 : max(abs(product) - limit, 0)
          value += 0.25 * weight * beyond * beyond  // every pair comes twice
          excess[o, other] = weight * (product < 0 ? -beyond : beyond)
        }
      }
      let moved = excess.multiplied(by: b)
      gradient.withMutableElements { g in
        for o in 0..<count {
          for (place, entry) in overlap.first.enumerated() {
            g[o * filters.columns + entry] += moved[o, place]
          }
        }
      }
    }
    return (value, gradient)
  }
}
