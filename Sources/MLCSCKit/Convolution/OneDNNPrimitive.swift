import COneDNN

/// One compiled convolution of oneDNN: an operation for a geometry, a batch and a thread count.
final class OneDNNPrimitive {
  /// The three convolutions, as `ConvolutionEngine` names them.
  enum Operation: Hashable {
    case analysis
    case synthesis
    case filterGradient
  }

  private let context: OneDNNContext
  private let inputs: [OneDNNOperand]
  private let output: OneDNNOperand
  private let primitive: dnnl_primitive_t
  private let scratch: dnnl_memory_t
  private let scratchByteCount: Int

  /// Compiles a convolution; nothing if oneDNN has no primitive for it.
  init?(
    _ operation: Operation, _ geometry: ConvolutionGeometry, _ batch: Int, _ filterCount: Int,
    _ context: OneDNNContext
  ) {
    guard
      let description = OneDNNDescription(operation, geometry, batch, filterCount, context)
    else { return nil }
    defer { dnnl_primitive_desc_destroy(description.handle) }
    let kernel = geometry.kernelSize
    let signals = geometry.signalShape(batch: batch)
    let codes = geometry.codeShape(batch: batch, filters: filterCount)
    let filters = [filterCount, geometry.channels, kernel.height, kernel.width]
    func operand(
      _ argument: Int32, _ query: dnnl_query_t, _ shape: [Int], blocks: Bool = true
    ) -> OneDNNOperand? {
      dnnl_primitive_desc_query_md(description.handle, query, 0).flatMap {
        OneDNNOperand(argument, $0.pointee, shape, mayBeBlocked: blocks, context)
      }
    }
    let operands: [OneDNNOperand?]
    switch operation {
    case .analysis:
      operands = [
        operand(DNNL_ARG_SRC_0, dnnl_query_src_md, signals),
        operand(DNNL_ARG_WEIGHTS_0, dnnl_query_weights_md, filters, blocks: false),
        operand(DNNL_ARG_DST_0, dnnl_query_dst_md, codes),
      ]
    case .synthesis:
      operands = [
        operand(DNNL_ARG_DIFF_DST_0, dnnl_query_diff_dst_md, codes),
        operand(DNNL_ARG_WEIGHTS_0, dnnl_query_weights_md, filters, blocks: false),
        operand(DNNL_ARG_DIFF_SRC_0, dnnl_query_diff_src_md, signals),
      ]
    case .filterGradient:
      operands = [
        operand(DNNL_ARG_SRC_0, dnnl_query_src_md, signals),
        operand(DNNL_ARG_DIFF_DST_0, dnnl_query_diff_dst_md, codes),
        operand(DNNL_ARG_DIFF_WEIGHTS_0, dnnl_query_diff_weights_md, filters, blocks: false),
      ]
    }
    guard let first = operands[0], let second = operands[1], let third = operands[2],
      let scratchLayout = dnnl_primitive_desc_query_md(
        description.handle, dnnl_query_scratchpad_md, 0)
    else { return nil }
    var primitive: dnnl_primitive_t?
    var scratch: dnnl_memory_t?
    guard dnnl_primitive_create(&primitive, description.handle) == dnnl_success, let primitive
    else { return nil }
    guard dnnl_memory_create(&scratch, scratchLayout, context.engine, nil) == dnnl_success,
      let scratch
    else {
      dnnl_primitive_destroy(primitive)
      return nil
    }
    self.context = context
    inputs = [first, second]
    output = third
    self.primitive = primitive
    self.scratch = scratch
    scratchByteCount = dnnl_memory_desc_get_size(scratchLayout)
  }

  deinit {
    dnnl_memory_destroy(scratch)
    dnnl_primitive_destroy(primitive)
  }

  /// Runs the convolution on its two arguments, in the order of `ConvolutionEngine`.
  func run(_ arguments: [Activation<Float>], pool: MemoryPool) -> Activation<Float> {
    for (operand, argument) in zip(inputs, arguments) {
      dnnl_memory_set_data_handle(operand.memory, operand.read(argument))
    }
    let work = pool.take(scratchByteCount)
    defer { pool.give(work, scratchByteCount) }
    dnnl_memory_set_data_handle(scratch, work)
    return output.write(pool: pool) { target in
      dnnl_memory_set_data_handle(output.memory, target)
      let list = [
        dnnl_exec_arg_t(arg: inputs[0].argument, memory: inputs[0].memory),
        dnnl_exec_arg_t(arg: inputs[1].argument, memory: inputs[1].memory),
        dnnl_exec_arg_t(arg: output.argument, memory: output.memory),
        dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: scratch),
      ]
      let status = dnnl_primitive_execute(primitive, context.stream, Int32(list.count), list)
      precondition(status == dnnl_success, "oneDNN refuses to convolve: status \(status.rawValue)")
      dnnl_stream_wait(context.stream)
    }
  }
}

/// What oneDNN makes of a convolution before it is compiled: its kernel and its layouts.
private struct OneDNNDescription {
  let handle: dnnl_primitive_desc_t

  init?(
    _ operation: OneDNNPrimitive.Operation, _ geometry: ConvolutionGeometry, _ batch: Int,
    _ filterCount: Int, _ context: OneDNNContext
  ) {
    func any(_ shape: [Int]) -> dnnl_memory_desc_t {
      var layout = dnnl_memory_desc_t()
      dnnl_memory_desc_init_by_tag(
        &layout, 4, shape.map(Int64.init), dnnl_f32, dnnl_format_tag_any)
      return layout
    }
    let kernel = geometry.kernelSize
    var signals = any(geometry.signalShape(batch: batch))
    var codes = any(geometry.codeShape(batch: batch, filters: filterCount))
    var filters = any([filterCount, geometry.channels, kernel.height, kernel.width])
    func pair(_ extent: Extent, minus offset: Int = 0) -> [Int64] {
      [Int64(extent.height - offset), Int64(extent.width - offset)]
    }
    let strides = pair(geometry.stride)
    // oneDNN counts the positions between two taps, so that no dilation is 0.
    let gaps = pair(geometry.dilation, minus: 1)
    let padding = pair(geometry.padding)
    var attributes: dnnl_primitive_attr_t?
    guard dnnl_primitive_attr_create(&attributes) == dnnl_success else { return nil }
    defer { dnnl_primitive_attr_destroy(attributes) }
    dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user)
    var forward = dnnl_convolution_desc_t()
    var analysis: dnnl_primitive_desc_t?
    guard
      dnnl_dilated_convolution_forward_desc_init(
        &forward, dnnl_forward_training, dnnl_convolution_direct, &signals, &filters, nil, &codes,
        strides, gaps, padding, padding) == dnnl_success,
      dnnl_primitive_desc_create(&analysis, &forward, attributes, context.engine, nil)
        == dnnl_success, let analysis
    else { return nil }
    if operation == .analysis {
      handle = analysis
      return
    }
    defer { dnnl_primitive_desc_destroy(analysis) }
    var backward = dnnl_convolution_desc_t()
    let status =
      operation == .synthesis
      ? dnnl_dilated_convolution_backward_data_desc_init(
        &backward, dnnl_convolution_direct, &signals, &filters, &codes, strides, gaps, padding,
        padding)
      : dnnl_dilated_convolution_backward_weights_desc_init(
        &backward, dnnl_convolution_direct, &signals, &filters, nil, &codes, strides, gaps,
        padding, padding)
    var result: dnnl_primitive_desc_t?
    guard status == dnnl_success,
      dnnl_primitive_desc_create(&result, &backward, attributes, context.engine, analysis)
        == dnnl_success, let result
    else { return nil }
    handle = result
  }
}
