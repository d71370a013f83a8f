/// Changes parameters along their gradients.
///
/// An optimiser keeps one or more tensors for every parameter, by the parameter's name; `state` holds
/// them all, so that training goes on from a checkpoint as if it had not been interrupted.
public protocol Optimizer<Scalar>: AnyObject {
  /// The type of all numbers.
  associatedtype Scalar: NumericScalar

  /// Makes one step.
  ///
  /// - Parameters:
  ///   - parameters: Those without a gradient stay as they are.
  ///   - gradients: Of the loss.
  ///   - rate: The learning rate η.
  func step(_ parameters: [Parameter<Scalar>], _ gradients: Gradients<Scalar>, rate: Scalar)

  /// Everything that the next step depends on, by name.
  var state: [String: Tensor<Scalar>] { get set }
}

/// Stochastic gradient descent with momentum and weight decay.
///
///     g ← g + δ x,  v ← ν v + g  (v = g in the first step),
///     x ← x − η v,  or with Nesterov's momentum  x ← x − η (g + ν v).
///
/// B's later public code uses ν = 0.9 and δ = 10⁻⁵, R ν = 0.9 (Nesterov's for its residual networks);
/// R says nothing of δ, and `ResidualStudy` and `DenseStudy` take 10⁻⁴. Decay acts on every
/// parameter, as it does in the usual frameworks: on scales, thresholds and steps too, unless asked
/// otherwise.
public final class GradientDescent<Scalar: NumericScalar>: Optimizer {
  /// ν.
  public let momentum: Scalar
  /// Whether Nesterov's form is used.
  public let isNesterov: Bool
  /// δ.
  public let weightDecay: Scalar
  /// Whether only filters and a classifier's weights decay, and not biases, thresholds, steps, scales.
  public let decaysWeightsAlone: Bool
  public var state: [String: Tensor<Scalar>] = [:]

  /// A descent without state.
  public init(
    momentum: Scalar = 0, nesterov: Bool = false, weightDecay: Scalar = 0,
    decayingWeightsAlone: Bool = false
  ) {
    self.momentum = momentum
    isNesterov = nesterov
    self.weightDecay = weightDecay
    decaysWeightsAlone = decayingWeightsAlone
  }

  public func step(
    _ parameters: [Parameter<Scalar>], _ gradients: Gradients<Scalar>, rate: Scalar
  ) {
    for parameter in parameters {
      guard let gradient = gradients[parameter] else { continue }
      // A first velocity of zero gives v = g in the first step.
      var velocity =
        state.removeValue(forKey: parameter.name)
        ?? Tensor(shape: parameter.value.shape)
      let (count, shape) = (parameter.value.count, parameter.value.shape)
      // One number a filter has shape [C] or [1, C].
      let isWeight = shape.count > 1 && shape[0] > 1
      let decay = decaysWeightsAlone && !isWeight ? 0 : weightDecay
      gradient.withElements { g in
        velocity.withMutableElements { v in
          parameter.withMutableElements { x in
            Self.update(count, x, g, v, rate, momentum, isNesterov, decay)
          }
        }
      }
      state[parameter.name] = velocity
    }
  }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  private static func update(
    _ count: Int, _ x: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    _ v: UnsafeMutablePointer<Scalar>, _ η: Scalar, _ ν: Scalar, _ nesterov: Bool, _ δ: Scalar
  ) {
    ChannelKernels.forEachPiece(count) { range in
      if nesterov {
        for i in range {
          let gradient = g[i] + δ * x[i]
          v[i] = ν * v[i] + gradient
          x[i] -= η * (gradient + ν * v[i])
        }
      } else {
        for i in range {
          v[i] = ν * v[i] + (g[i] + δ * x[i])
          x[i] -= η * v[i]
        }
      }
    }
  }
}

/// Adam (Kingma, Ba, ICLR 2015) with its bias corrections.
///
///     m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,
///     x ← x − η (m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε).
///
/// B's document uses ε = 10⁻⁴.
public final class Adam<Scalar: NumericScalar>: Optimizer {
  /// β₁ and β₂.
  public let decays: (first: Scalar, second: Scalar)
  /// ε.
  public let epsilon: Scalar
  /// t, the steps made.
  private var steps = 0
  private var moments: [String: (first: Tensor<Scalar>, second: Tensor<Scalar>)] = [:]

  /// An optimiser without state.
  public init(firstDecay: Scalar = 0.9, secondDecay: Scalar = 0.999, epsilon: Scalar = 1e-8) {
    decays = (firstDecay, secondDecay)
    self.epsilon = epsilon
  }

  public var state: [String: Tensor<Scalar>] {
    get {
      var state = ["steps": Tensor(shape: [1], elements: [Scalar(steps)])]
      for (name, moment) in moments {
        state["first/" + name] = moment.first
        state["second/" + name] = moment.second
      }
      return state
    }
    set {
      steps = newValue["steps"].flatMap { Int(exactly: $0.elements[0]) } ?? 0
      moments = [:]
      for (key, first) in newValue where key.hasPrefix("first/") {
        let name = String(key.dropFirst("first/".count))
        if let second = newValue["second/" + name] { moments[name] = (first, second) }
      }
    }
  }

  public func step(
    _ parameters: [Parameter<Scalar>], _ gradients: Gradients<Scalar>, rate: Scalar
  ) {
    steps += 1
    let corrections = (1 - Scalar.pow(decays.first, steps), 1 - Scalar.pow(decays.second, steps))
    for parameter in parameters {
      guard let gradient = gradients[parameter] else { continue }
      let shape = parameter.value.shape
      var (first, second) =
        moments.removeValue(forKey: parameter.name)
        ?? (Tensor(shape: shape), Tensor(shape: shape))
      let count = parameter.value.count
      gradient.withElements { g in
        first.withMutableElements { m in
          second.withMutableElements { v in
            parameter.withMutableElements { x in
              Self.update(
                count, x, g, m, v, rate / corrections.0, 1 / corrections.1, decays.first,
                decays.second, epsilon)
            }
          }
        }
      }
      moments[parameter.name] = (first, second)
    }
  }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  private static func update(
    _ count: Int, _ x: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    _ m: UnsafeMutablePointer<Scalar>, _ v: UnsafeMutablePointer<Scalar>, _ step: Scalar,
    _ correction: Scalar, _ β1: Scalar, _ β2: Scalar, _ ε: Scalar
  ) {
    ChannelKernels.forEachPiece(count) { range in
      for i in range {
        m[i] = β1 * m[i] + (1 - β1) * g[i]
        v[i] = β2 * v[i] + (1 - β2) * g[i] * g[i]
        x[i] -= step * m[i] / (Scalar.vectorizableSquareRoot(v[i] * correction) + ε)
      }
    }
  }
}
