/// Records operations on tensors so that their gradients can be computed backwards.
///
///     x̄ = Σ over the uses of x of (∂use/∂x)ᵀ · gradient of the use
///
/// One tape serves a whole training: operations of the forward pass append steps, `backward`
/// consumes them in reverse and leaves the tape empty. A step is a closure that holds exactly the
/// activations its gradient needs; what no step needs is freed during the forward pass already, and
/// the rest step by step while `backward` runs. Memory comes from a pool and is used again by the
/// next training step.
///
/// Every operation is a method in a file of its kind (convolutions, thresholds, arithmetic, batch
/// norm, pooling, classifier). Convolutions go to a `ConvolutionEngine`; element-wise work goes to
/// kernels that are compiled for `Float` and `Double` themselves. Operations check the shapes of
/// their arguments, and a mismatch is a programming error.
///
/// A pursuit that is written against these operations is a pursuit inside `withoutRecording` and a
/// network outside of it.
public final class Tape<Scalar: NumericScalar> {
  private struct Step {
    let output: GradientSlot<Scalar>
    let backward: (Activation<Scalar>) -> Void
  }

  private struct Leaf {
    let parameter: Parameter<Scalar>
    let version: Int
    let variable: Variable<Scalar>
  }

  /// Where the memory of all activations comes from.
  public let pool: MemoryPool
  /// What computes the convolutions.
  public let engine: any ConvolutionEngine<Scalar>
  /// Whether operations append steps for a backward pass.
  public private(set) var isRecording = true

  private var steps = [Step]()
  private var leaves = [ObjectIdentifier: Leaf]()
  private var inputs = [GradientSlot<Scalar>]()

  /// An empty tape.
  public init(
    engine: any ConvolutionEngine<Scalar> = ReferenceConvolution<Scalar>(),
    pool: MemoryPool = MemoryPool()
  ) {
    self.engine = engine
    self.pool = pool
  }

  /// The number of recorded steps.
  public var stepCount: Int { steps.count }

  /// A value from outside, a batch of images say.
  ///
  /// - Parameters:
  ///   - tensor: The value, which is copied.
  ///   - wantsGradient: Whether `backward` should report a gradient for it. Without it the first
  ///     layer's gradient with respect to the images is never computed.
  /// - Returns: A variable of the same shape.
  public func input(_ tensor: Tensor<Scalar>, wantsGradient: Bool = false) -> Variable<Scalar> {
    let value = Activation(tensor, pool: pool)
    guard wantsGradient, isRecording else { return Variable(value: value, slot: nil) }
    let slot = GradientSlot<Scalar>()
    inputs.append(slot)
    return Variable(value: value, slot: slot)
  }

  /// The value of a parameter: the same variable for all uses until its value changes.
  public func variable(_ parameter: Parameter<Scalar>) -> Variable<Scalar> {
    let key = ObjectIdentifier(parameter)
    if let leaf = leaves[key], leaf.version == parameter.version { return leaf.variable }
    let variable = Variable(
      value: Activation(parameter.value, pool: pool), slot: GradientSlot<Scalar>())
    leaves[key] = Leaf(parameter: parameter, version: parameter.version, variable: variable)
    return variable
  }

  /// Runs `body` without recording: inference, or a pursuit with frozen dictionaries.
  public func withoutRecording<R>(_ body: () throws -> R) rethrows -> R {
    let before = isRecording
    isRecording = false
    defer { isRecording = before }
    return try body()
  }

  /// Computes the gradients of ⟨seed, output⟩ and empties the tape.
  ///
  /// - Parameters:
  ///   - output: The value to differentiate; a loss has one element.
  ///   - seed: The shape of `output`; ones if absent.
  /// - Returns: The gradients of all parameters and of the inputs that want one.
  @discardableResult
  public func backward(
    from output: Variable<Scalar>, seed: Tensor<Scalar>? = nil
  ) -> Gradients<Scalar> {
    let seed = seed ?? Tensor(shape: output.shape, repeating: 1)
    precondition(seed.shape == output.shape, "a seed of another shape than the output")
    output.slot?.add(Activation(seed, pool: pool))
    while let step = steps.popLast() {
      if let gradient = step.output.take() { step.backward(gradient) }
    }
    var gradients = Gradients<Scalar>()
    for (key, leaf) in leaves {
      guard let gradient = leaf.variable.slot?.take() else { continue }
      gradients.ofParameters[key] = gradient
      // An optimiser changes the parameter next; shared, its numbers would be copied first.
      leaf.variable.value.forgetSource()
    }
    for slot in inputs {
      if let gradient = slot.take() { gradients.ofInputs[ObjectIdentifier(slot)] = gradient }
    }
    inputs = []
    return gradients
  }

  /// Forgets all recorded steps, as after a forward pass whose gradient nobody needs.
  public func reset() {
    steps = []
    inputs = []
  }

  /// Memory for a result.
  func allocate(_ shape: [Int]) -> Activation<Scalar> {
    Activation(shape: shape, pool: pool)
  }

  /// Memory for a result in the shape and layout of an argument.
  func allocate(like x: Variable<Scalar>) -> Activation<Scalar> {
    Activation(like: x.value)
  }

  /// The layout for a result of two arguments of one shape: an engine's blocks if either is in them.
  func chainLayout(_ x: Variable<Scalar>, _ y: Variable<Scalar>) -> ChannelLayout {
    x.value.layout == .rowMajor(x.shape) ? y.value.layout : x.value.layout
  }

  /// Appends a step if any of its inputs leads to a parameter.
  ///
  /// - Parameters:
  ///   - value: The result of the operation.
  ///   - inputs: What it was computed from.
  ///   - backward: Hands the inputs' slots their gradients, given that of the result. It must hold
  ///     activations and slots only, never variables it does not need.
  /// - Returns: The result as a variable, with a place for its gradient if a step was appended.
  func record(
    _ value: Activation<Scalar>, from inputs: [Variable<Scalar>],
    backward: @escaping (Activation<Scalar>) -> Void
  ) -> Variable<Scalar> {
    guard isRecording, inputs.contains(where: { $0.slot != nil }) else {
      return Variable(value: value, slot: nil)
    }
    let slot = GradientSlot<Scalar>()
    steps.append(Step(output: slot, backward: backward))
    return Variable(value: value, slot: slot)
  }
}
