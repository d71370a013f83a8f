import COneDNN

/// A compiled batch of matrix products of oneDNN, run by one thread.
///
///     Cᵢ ← Aᵢ Bᵢ  or  Cᵢ ← Cᵢ + Aᵢ Bᵢ
///
/// Several threads may run the same product on memory of their own. It is used besides BLAS because
/// small products run near the machine's peak: 36 products of 32×112 and 112×32 at 230 GFLOP/s,
/// where OpenBLAS has 95 (one thread of a Zen 5, OpenBLAS without AVX-512).
final class OneDNNProduct {
  /// One of the three matrices of every product: distances between its entries.
  struct Matrix: Hashable {
    /// From one row to the next.
    let row: Int
    /// From one column to the next; this or `row` is 1.
    let column: Int
    /// From one matrix of the batch to the next.
    let plane: Int
  }

  /// What distinguishes two products.
  struct Key: Hashable {
    let count: Int
    let rows: Int
    let columns: Int
    let inner: Int
    let a: Matrix
    let b: Matrix
    let c: Matrix
    let accumulates: Bool
  }

  /// The bytes of scratch memory that a run needs.
  let scratchByteCount: Int
  private let context: OneDNNContext
  private let primitive: dnnl_primitive_t
  private let layouts: [(argument: Int32, layout: dnnl_memory_desc_t)]

  /// Compiles products; nothing if oneDNN has none of the kind.
  init?(_ key: Key, _ context: OneDNNContext) {
    // A primitive is compiled for the width that OpenMP has in this thread.
    omp_set_num_threads(1)
    defer { omp_set_num_threads(Int32(Parallelism.width)) }
    func layout(_ rows: Int, _ columns: Int, _ matrix: Matrix) -> dnnl_memory_desc_t {
      var result = dnnl_memory_desc_t()
      dnnl_memory_desc_init_by_strides(
        &result, 3, [Int64(key.count), Int64(rows), Int64(columns)], dnnl_f32,
        [Int64(matrix.plane), Int64(matrix.row), Int64(matrix.column)])
      return result
    }
    var a = layout(key.rows, key.inner, key.a)
    var b = layout(key.inner, key.columns, key.b)
    var c = layout(key.rows, key.columns, key.c)
    var attributes: dnnl_primitive_attr_t?
    var operations: dnnl_post_ops_t?
    guard dnnl_primitive_attr_create(&attributes) == dnnl_success else { return nil }
    defer { dnnl_primitive_attr_destroy(attributes) }
    dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user)
    if key.accumulates {
      guard dnnl_post_ops_create(&operations) == dnnl_success else { return nil }
      dnnl_post_ops_append_sum(operations, 1)
      dnnl_primitive_attr_set_post_ops(attributes, operations)
      dnnl_post_ops_destroy(operations)
    }
    var product = dnnl_matmul_desc_t()
    var description: dnnl_primitive_desc_t?
    guard dnnl_matmul_desc_init(&product, &a, &b, nil, &c) == dnnl_success,
      dnnl_primitive_desc_create(&description, &product, attributes, context.engine, nil)
        == dnnl_success, let description
    else { return nil }
    defer { dnnl_primitive_desc_destroy(description) }
    var primitive: dnnl_primitive_t?
    guard
      let scratch = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0),
      dnnl_primitive_create(&primitive, description) == dnnl_success, let primitive
    else { return nil }
    self.context = context
    self.primitive = primitive
    scratchByteCount = dnnl_memory_desc_get_size(scratch)
    layouts = [
      (DNNL_ARG_SRC_0, a), (DNNL_ARG_WEIGHTS_0, b), (DNNL_ARG_DST_0, c),
      (DNNL_ARG_SCRATCHPAD, scratch.pointee),
    ]
  }

  deinit { dnnl_primitive_destroy(primitive) }

  /// Runs the products in the calling thread.
  func run(
    _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer, _ c: UnsafeMutableRawPointer,
    scratch: UnsafeMutableRawPointer
  ) {
    omp_set_num_threads(1)
    var arguments = [dnnl_exec_arg_t]()
    for ((argument, layout), pointer) in zip(layouts, [a, b, c, scratch]) {
      var (layout, memory) = (layout, dnnl_memory_t?.none)
      let status = dnnl_memory_create(&memory, &layout, context.engine, pointer)
      precondition(status == dnnl_success, "oneDNN refuses memory: status \(status.rawValue)")
      arguments.append(dnnl_exec_arg_t(arg: argument, memory: memory))
    }
    defer { for argument in arguments { dnnl_memory_destroy(argument.memory) } }
    let status = dnnl_primitive_execute(
      primitive, context.stream, Int32(arguments.count), arguments)
    precondition(status == dnnl_success, "oneDNN refuses to multiply: status \(status.rawValue)")
    dnnl_stream_wait(context.stream)
  }
}
