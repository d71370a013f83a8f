/// A value on a tape, with the place where its gradient is collected.
public struct Variable<Scalar: NumericScalar> {
  /// The numbers.
  public let value: Activation<Scalar>
  /// Where the gradient is collected; nothing where no parameter lies upstream.
  let slot: GradientSlot<Scalar>?

  /// The extent of every axis: [N, C, H, W] for a batch of images.
  public var shape: [Int] { value.shape }
  /// A copy of the numbers.
  public var tensor: Tensor<Scalar> { value.tensor }
}

/// Numbers that training changes: filters, biases, thresholds, steps.
///
/// A reference type, because a parameter has an identity: one that is used in many places of a
/// network (a dictionary in all unfoldings) has one gradient, the sum over its uses.
public final class Parameter<Scalar: NumericScalar> {
  /// The name under which it is saved.
  public let name: String
  /// The numbers; a new value is seen by the next operation that uses the parameter.
  public var value: Tensor<Scalar> {
    get { numbers }
    set {
      numbers = newValue
      version += 1
    }
  }
  private var numbers: Tensor<Scalar>
  /// Rises with every change, so that what was derived from the value can be made anew.
  private(set) var version = 0

  /// A parameter with a first value.
  public init(_ name: String, _ value: Tensor<Scalar>) {
    self.name = name
    numbers = value
  }

  /// Changes the numbers where they lie: by way of `value` they would be copied.
  func withMutableElements(_ body: (UnsafeMutablePointer<Scalar>) -> Void) {
    numbers.withMutableElements(body)
    version += 1
  }
}

/// What `Tape.backward` found: the gradient of every parameter and input that has one.
public struct Gradients<Scalar: NumericScalar> {
  var ofParameters: [ObjectIdentifier: Activation<Scalar>] = [:]
  var ofInputs: [ObjectIdentifier: Activation<Scalar>] = [:]

  /// The gradient with respect to a parameter, in its shape; nothing if it was not used.
  public subscript(parameter: Parameter<Scalar>) -> Activation<Scalar>? {
    ofParameters[ObjectIdentifier(parameter)]
  }

  /// The gradient with respect to an input that was declared to want one.
  public subscript(input: Variable<Scalar>) -> Activation<Scalar>? {
    input.slot.flatMap { ofInputs[ObjectIdentifier($0)] }
  }
}

/// Collects the gradient of one value from all of its uses.
final class GradientSlot<Scalar: NumericScalar> {
  private var gradient: Activation<Scalar>?
  /// Whether `gradient` was made here and may be written.
  private var isOwned = false

  /// Adds one use's contribution.
  ///
  /// - Parameters:
  ///   - contribution: The gradient of one use.
  ///   - isFresh: Whether nobody else has a reference to it, so that further ones may be added to it.
  func add(_ contribution: Activation<Scalar>, isFresh: Bool = false) {
    guard let present = gradient else {
      (gradient, isOwned) = (contribution, isFresh)
      return
    }
    let sum = isOwned ? present : Activation<Scalar>(like: present)
    ChannelKernels.combine(
      sum.memoryCount, 1, present.memory, 1, contribution.values(in: present.layout),
      into: sum.memory)
    (gradient, isOwned) = (sum, true)
  }

  /// Adds a contribution times a number.
  func add(_ contribution: Activation<Scalar>, scaledBy factor: Scalar) {
    if let present = gradient {
      let sum = isOwned ? present : Activation<Scalar>(like: present)
      ChannelKernels.combine(
        sum.memoryCount, 1, present.memory, factor, contribution.values(in: present.layout),
        into: sum.memory)
      (gradient, isOwned) = (sum, true)
    } else {
      let scaled = Activation<Scalar>(like: contribution)
      ChannelKernels.scale(scaled.memoryCount, factor, contribution.memory, into: scaled.memory)
      (gradient, isOwned) = (scaled, true)
    }
  }

  /// Adds a contribution to some channels only, of a value of some shape.
  func add(_ part: Activation<Scalar>, to range: ChannelRange, of shape: [Int]) {
    let layout: ChannelLayout =
      range.layout == .rowMajor(range.shape) ? .rowMajor(shape) : .blocked(shape, lanes: 16)
    let sum: Activation<Scalar>
    if let present = gradient, isOwned, present.layout == layout {
      sum = present
    } else {
      sum = Activation(shape: shape, layout: layout, pool: part.pool)
      if let present = gradient {
        sum.memory.update(from: present.values(in: layout), count: sum.memoryCount)
      } else {
        Scalar.clear(sum.memoryCount, sum.memory)
      }
      (gradient, isOwned) = (sum, true)
    }
    range.add(part.values(in: range.layout), toPartOf: sum.memory)
  }

  /// Hands the gradient over and is empty again.
  func take() -> Activation<Scalar>? {
    defer { (gradient, isOwned) = (nil, false) }
    return gradient
  }
}
