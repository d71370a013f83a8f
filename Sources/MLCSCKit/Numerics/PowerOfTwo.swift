extension BinaryFloatingPoint {
  /// The number times 2ᵉ, without rounding as long as the result is a normal number.
  func scaled(byPowerOfTwo e: Int) -> Self {
    Self(sign: .plus, exponent: Exponent(e), significand: self)
  }
}
