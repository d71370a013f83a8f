/// The iterations of a pursuit on a tape, where they become layers of a network.
///
/// Codes that are absent are zero, so that the first iteration computes layered thresholding and
/// nothing else.
struct TapeIteration<Scalar: NumericScalar>: MultiLayerIteration {
  private let tape: Tape<Scalar>
  private let pursuit: UnfoldedPursuit<Scalar>
  private let signal: Variable<Scalar>
  private let pass: ForwardPass
  private let steps: [Variable<Scalar>]
  /// The iteration, from 0.
  private var number = 0

  /// γ₁ … γ_L, from place 1.
  private(set) var codes: [Variable<Scalar>?]
  /// γ̂₁ … γ̂_L, from place 1.
  private var estimates: [Variable<Scalar>?]
  /// Dᵢ γ̂ᵢ at place i − 1.
  private var products: [Variable<Scalar>?]
  /// γ̂ᵢ₋₁ − γᵢ₋₁, or γᵢ₋₁ alone where the estimate is zero and the sign is the other one.
  private var residual: Variable<Scalar>
  /// Whether γ̂ᵢ of the residual's layer is there.
  private var hasEstimate = false
  /// The outermost layer, whose product nobody reads but its own residual.
  private var outermost = 0
  private var momentum: Momentum?
  /// The step that momentum makes when the next iteration begins.
  private var pending: (place: Int, factor: Double, previous: Variable<Scalar>)?

  init(
    _ pursuit: UnfoldedPursuit<Scalar>, of signal: Variable<Scalar>, on tape: Tape<Scalar>,
    _ pass: ForwardPass
  ) {
    (self.pursuit, self.signal, self.tape, self.pass) = (pursuit, signal, tape, pass)
    steps = pursuit.stepVariables(on: tape)
    let absent = [Variable<Scalar>?](repeating: nil, count: pursuit.dictionaries.count + 1)
    (codes, estimates, products) = (absent, absent, absent)
    residual = signal
  }

  /// Makes iterations with some of the layers, with a momentum of their own.
  mutating func run(_ layers: Range<Int>, iterations: Int) {
    momentum = pursuit.method.isAccelerated ? Momentum() : nil
    (pending, outermost) = (nil, layers.lowerBound)
    for k in 0..<iterations {
      number = k
      iterate(layers)
    }
  }

  mutating func synthesize(layer i: Int) {
    if let (place, factor, previous) = pending, place == i + 1, let code = codes[place] {
      estimates[place] = tape.combination(
        Scalar(1 + factor), code, Scalar(-factor), previous)
      pending = nil
    }
    products[i] = nil
    guard let estimate = estimates[i + 1], i != outermost, !isReplaced(i) else { return }
    products[i] = pursuit.dictionaries[i].synthesize(estimate, on: tape)
    estimates[i] = products[i]
  }

  /// Whether relaxation puts another product in this one's place before anybody reads it.
  private func isReplaced(_ i: Int) -> Bool {
    guard !pursuit.method.isLayered, pass.consistency < 1, i < pursuit.dictionaries.count - 1 else {
      return false
    }
    return pass.consistency == 0
  }

  mutating func relax(layer i: Int) {
    guard pass.consistency < 1, let code = codes[i + 1] else { return }
    let estimate =
      if pass.consistency > 0, let product = products[i + 1] {
        tape.combination(Scalar(pass.consistency), product, Scalar(1 - pass.consistency), code)
      } else {
        code
      }
    estimates[i + 1] = estimate
    guard i != outermost else { return }
    products[i] = pursuit.dictionaries[i].synthesize(estimate, on: tape)
  }

  mutating func subtractTarget(layer i: Int) {
    let target = (i == 0 ? nil : codes[i]) ?? signal
    if i == outermost, let estimate = estimates[i + 1] {
      residual = pursuit.dictionaries[i].residual(of: estimate, against: target, on: tape)
      hasEstimate = true
    } else {
      residual = products[i].map { tape.subtract($0, target) } ?? target
      hasEstimate = products[i] != nil
    }
  }

  /// The proximal step makes the product with the residual itself.
  func analyze(layer i: Int) {}

  mutating func proximalStep(layer i: Int, isLast: Bool) {
    let previous = codes[i + 1]
    let estimate = hasEstimate ? estimates[i + 1] : nil
    let step = steps.isEmpty ? nil : steps[i]
    let code =
      pursuit.normalizations.isEmpty
      ? pursuit.dictionaries[i].proximalStep(
        from: estimate, analyzing: residual, step: step,
        thresholds: pursuit.dictionaries[i].thresholds(
          tape.variable(pursuit.thresholds[i]), on: tape), pursuit.kind, on: tape)
      : normalizedStep(layer: i, from: estimate, step)
    codes[i + 1] = code
    guard isLast else { return }
    estimates[i + 1] = code
    // β₁ = 0: with the second iteration momentum has something to push.
    if let factor = momentum?.next(), factor > 0, let previous {
      pending = (i + 1, factor, previous)
    }
  }

  /// max(norm(γ̂ᵢ − cᵢ g), 0), with the statistics of this iteration.
  private func normalizedStep(
    layer i: Int, from estimate: Variable<Scalar>?, _ step: Variable<Scalar>?
  ) -> Variable<Scalar> {
    let product = pursuit.dictionaries[i].analyze(residual, on: tape)
    let scaled = step.map { tape.scale(product, by: $0) } ?? product
    return pursuit.normalizations[i][number].normalize(
      estimate.map { tape.subtract($0, scaled) } ?? scaled, on: tape, training: pass.isTraining,
      rectified: true)
  }
}
