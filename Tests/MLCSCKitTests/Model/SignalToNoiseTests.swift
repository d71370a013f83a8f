// Claim: decibels are those of amplitudes, and noise is scaled to the ratio that was asked for.
import MLCSCKit
import Testing

struct SignalToNoiseTests {
  @Test("twenty decibels a factor of ten")
  func decibels() {
    #expect(SignalToNoise.decibels(amplitudeRatio: 10) == 20)
    #expect(SignalToNoise.decibels(amplitudeRatio: 3.1622776601683795) == 10)
    #expect(SignalToNoise.decibels(amplitudeRatio: 2) == 6.021)
  }

  @Test("noise of an amplitude ratio", arguments: [1.0, 3, 17])
  func noise(_ ratio: Double) throws {
    var stream = RandomStream("noise", "\(ratio)")
    let instance = try CosparseInstance(
      dimensions: [12, 16, 14], sparsity: 6, cosparsity: 4, from: &stream)
    let noise = zip(instance.noisy(amplitudeRatio: ratio, from: &stream), instance.signal)
      .map { $0 - $1 }
    let found = Double.norm2(12, instance.signal) / Double.norm2(12, noise)
    #expect(abs(found / ratio - 1) < 1e-13)
  }
}
