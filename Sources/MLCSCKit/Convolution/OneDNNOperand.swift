import COneDNN

/// An argument of a primitive: the layout it wants, and the ways there from an activation's.
final class OneDNNOperand {
  /// Where the numbers of an activation are in the layout.
  private enum Form {
    /// In its row-major memory, or in blocks of sixteen channels.
    case native(ChannelLayout)
    /// In a copy that only oneDNN understands; with the layout that it is copied from and to.
    case foreign(ChannelLayout, into: OneDNNReorder, from: OneDNNReorder)
  }

  let argument: Int32
  let memory: dnnl_memory_t
  private let shape: [Int]
  private let form: Form
  private let layout: dnnl_memory_desc_t
  private let byteCount: Int
  private let context: OneDNNContext

  /// An argument of some shape in a layout that oneDNN chose.
  init?(
    _ argument: Int32, _ layout: dnnl_memory_desc_t, _ shape: [Int], mayBeBlocked: Bool,
    _ context: OneDNNContext
  ) {
    var layout = layout
    func description(_ tag: dnnl_format_tag_t) -> dnnl_memory_desc_t? {
      var result = dnnl_memory_desc_t()
      let status = dnnl_memory_desc_init_by_tag(&result, 4, shape.map(Int64.init), dnnl_f32, tag)
      return status == dnnl_success ? result : nil
    }
    guard var plain = description(dnnl_abcd) else { return nil }
    let blocked = mayBeBlocked && shape[1] % 16 == 0 ? description(dnnl_aBcd16b) : nil
    if dnnl_memory_desc_equal(&layout, &plain) != 0 {
      form = .native(.rowMajor(shape))
    } else if var sixteen = blocked, dnnl_memory_desc_equal(&layout, &sixteen) != 0 {
      form = .native(.blocked(shape, lanes: 16))
    } else {
      // Blocks of eight channels, which processors without AVX-512 want, are made directly from blocks
      // of sixteen, in which most activations lie.
      let own = blocked ?? plain
      guard let into = OneDNNReorder(from: own, to: layout, context),
        let from = OneDNNReorder(from: layout, to: own, context)
      else { return nil }
      form = .foreign(
        blocked == nil ? .rowMajor(shape) : .blocked(shape, lanes: 16), into: into, from: from)
    }
    var memory: dnnl_memory_t?
    guard dnnl_memory_create(&memory, &layout, context.engine, nil) == dnnl_success, let memory
    else { return nil }
    self.memory = memory
    self.argument = argument
    self.shape = shape
    self.layout = layout
    self.context = context
    byteCount = dnnl_memory_desc_get_size(&layout)
  }

  deinit { dnnl_memory_destroy(memory) }

  /// The numbers of an activation in this layout, copied at most once.
  func read(_ activation: Activation<Float>) -> UnsafeMutableRawPointer {
    switch form {
    case .native(let layout): return UnsafeMutableRawPointer(activation.values(in: layout))
    case .foreign(let own, let into, _):
      for case let known as OneDNNForm in activation.engineForms where known.has(layout) {
        return known.memory
      }
      let copy = OneDNNForm(layout, byteCount, activation.pool)
      into.run(activation.values(in: own), copy.memory)
      activation.engineForms.append(copy)
      return copy.memory
    }
  }

  /// An activation with what `body` writes in this layout.
  func write(
    pool: MemoryPool, _ body: (UnsafeMutableRawPointer) -> Void
  ) -> Activation<Float> {
    switch form {
    case .native(let layout):
      let result = Activation<Float>(shape: shape, layout: layout, pool: pool)
      body(UnsafeMutableRawPointer(result.memory))
      return result
    case .foreign(let own, _, let from):
      let result = Activation<Float>(shape: shape, layout: own, pool: pool)
      let copy = OneDNNForm(layout, byteCount, pool)
      body(copy.memory)
      from.run(copy.memory, result.memory)
      return result
    }
  }
}

/// A copy of an activation in a layout of oneDNN's.
final class OneDNNForm: EngineForm {
  let memory: UnsafeMutableRawPointer
  private let layout: dnnl_memory_desc_t
  private let byteCount: Int
  private let pool: MemoryPool

  /// Memory for a layout, not yet written.
  init(_ layout: dnnl_memory_desc_t, _ byteCount: Int, _ pool: MemoryPool) {
    self.layout = layout
    self.byteCount = byteCount
    self.pool = pool
    memory = pool.take(byteCount)
  }

  deinit { pool.give(memory, byteCount) }

  func has(_ other: dnnl_memory_desc_t) -> Bool {
    var (a, b) = (layout, other)
    return dnnl_memory_desc_equal(&a, &b) != 0
  }
}

/// A compiled copy from one layout to another.
final class OneDNNReorder {
  private let context: OneDNNContext
  private let primitive: dnnl_primitive_t
  private let source: dnnl_memory_t
  private let target: dnnl_memory_t

  /// Nothing if oneDNN has no such copy.
  init?(from: dnnl_memory_desc_t, to: dnnl_memory_desc_t, _ context: OneDNNContext) {
    var (from, to) = (from, to)
    var description: dnnl_primitive_desc_t?
    guard
      dnnl_reorder_primitive_desc_create(
        &description, &from, context.engine, &to, context.engine, nil) == dnnl_success,
      let description
    else { return nil }
    defer { dnnl_primitive_desc_destroy(description) }
    var primitive: dnnl_primitive_t?
    var source: dnnl_memory_t?
    var target: dnnl_memory_t?
    dnnl_primitive_create(&primitive, description)
    dnnl_memory_create(&source, &from, context.engine, nil)
    dnnl_memory_create(&target, &to, context.engine, nil)
    guard let primitive, let source, let target else {
      dnnl_primitive_destroy(primitive)
      dnnl_memory_destroy(source)
      dnnl_memory_destroy(target)
      return nil
    }
    (self.context, self.primitive) = (context, primitive)
    (self.source, self.target) = (source, target)
  }

  deinit {
    dnnl_memory_destroy(source)
    dnnl_memory_destroy(target)
    dnnl_primitive_destroy(primitive)
  }

  /// Copies; both places hold as many bytes as their layouts need.
  func run(_ from: UnsafeMutableRawPointer, _ to: UnsafeMutableRawPointer) {
    dnnl_memory_set_data_handle(source, from)
    dnnl_memory_set_data_handle(target, to)
    let list = [
      dnnl_exec_arg_t(arg: DNNL_ARG_SRC_0, memory: source),
      dnnl_exec_arg_t(arg: DNNL_ARG_DST_0, memory: target),
    ]
    let status = dnnl_primitive_execute(primitive, context.stream, Int32(list.count), list)
    precondition(status == dnnl_success, "oneDNN refuses to reorder: status \(status.rawValue)")
    dnnl_stream_wait(context.stream)
  }
}
