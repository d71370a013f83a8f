import RealModule

/// The level of a signal above its noise.
public enum SignalToNoise {
  /// The level in decibels, 20 log₁₀ of the amplitude ratio, rounded to a thousandth: it names rows.
  ///
  /// - Parameter ratio: ‖x‖₂/‖w‖₂, positive.
  /// - Returns: Decibels.
  public static func decibels(amplitudeRatio ratio: Double) -> Double {
    (20_000 * Double.log10(ratio)).rounded() / 1000
  }
}
