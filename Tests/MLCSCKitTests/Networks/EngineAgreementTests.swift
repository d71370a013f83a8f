// Claim: what tells oneDNN's gradients from right ones knows a wrong kernel from rounding.
import MLCSCKit
import Testing

struct EngineAgreementTests {
  private func worst(_ engine: any ConvolutionEngine<Float>) throws -> Double {
    func network<Scalar: NumericScalar>() throws -> ResidualNetwork<Scalar> {
      try ResidualNetwork(
        .resNet, depth: 8, size: .square(12), classes: 10, stream: RandomStream("engines"))
    }
    let worst = try #require(
      try EngineAgreement.difference(
        of: engine, in: network() as ResidualNetwork<Float>, from: network(),
        images: [2, 3, 12, 12], labels: [1, 5]))
    return worst.ratio
  }

  @Test("a kernel that is wrong in one place is seen", arguments: Fault.allCases)
  func faults(_ fault: Fault) throws {
    #expect(try worst(FaultyConvolution(fault)) > 5)
  }

  @Test("the library's own convolutions are right")
  func reference() throws {
    #expect(try worst(ReferenceConvolution()) <= 1)
  }
}

/// What is wrong with a convolution.
enum Fault: CaseIterable {
  /// Analysis, synthesis or the filters' gradient does not see the last row of what it is given.
  case analysisBorder, synthesisBorder, gradientBorder
  /// One tap of one filter is a hundredth too large in analysis or synthesis, or in the gradient.
  case analysisTap, synthesisTap, gradientTap
}

/// oneDNN's convolutions with a fault.
private final class FaultyConvolution: ConvolutionEngine {
  private let right = OneDNNConvolution()
  private let tape = Tape<Float>()
  private let fault: Fault

  init(_ fault: Fault) { self.fault = fault }

  func analyze(
    _ signals: Activation<Float>, filters: Activation<Float>, _ geometry: ConvolutionGeometry
  ) -> Activation<Float> {
    right.analyze(
      fault == .analysisBorder ? withoutLastRow(signals) : signals,
      filters: fault == .analysisTap ? withWrongTap(filters) : filters, geometry)
  }

  func synthesize(
    _ codes: Activation<Float>, filters: Activation<Float>, _ geometry: ConvolutionGeometry
  ) -> Activation<Float> {
    right.synthesize(
      fault == .synthesisBorder ? withoutLastRow(codes) : codes,
      filters: fault == .synthesisTap ? withWrongTap(filters) : filters, geometry)
  }

  func filterGradient(
    signals: Activation<Float>, codes: Activation<Float>, _ geometry: ConvolutionGeometry
  ) -> Activation<Float> {
    let result = right.filterGradient(
      signals: fault == .gradientBorder ? withoutLastRow(signals) : signals, codes: codes, geometry)
    return fault == .gradientTap ? withWrongTap(result) : result
  }

  private func withoutLastRow(_ x: Activation<Float>) -> Activation<Float> {
    var result = x.tensor
    let (height, width) = (result.shape[2], result.shape[3])
    result.withMutableElements { p in
      for i in 0..<x.count where i / width % height == height - 1 { p[i] = 0 }
    }
    return tape.input(result).value
  }

  private func withWrongTap(_ filters: Activation<Float>) -> Activation<Float> {
    var result = filters.tensor
    result.withMutableElements { $0[0] *= 1.01 }
    return tape.input(result).value
  }
}
