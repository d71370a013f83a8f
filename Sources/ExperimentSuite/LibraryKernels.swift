import COneDNN

/// What the numerical libraries chose for the processor, as they say themselves.
package enum LibraryKernels {
  /// The name of OpenBLAS's kernels; `OPENBLAS_CORETYPE` chooses others.
  package static var openBLAS: String { OpenBLASKernels.chosen }

  /// The widest instruction set that oneDNN uses; `ONEDNN_MAX_CPU_ISA` limits it.
  package static var oneDNN: String {
    switch dnnl_get_effective_cpu_isa() {
    case dnnl_cpu_isa_sse41: "SSE4.1"
    case dnnl_cpu_isa_avx: "AVX"
    case dnnl_cpu_isa_avx2: "AVX2"
    case dnnl_cpu_isa_avx2_vnni: "AVX2 with VNNI"
    case dnnl_cpu_isa_avx512_core: "AVX-512"
    case dnnl_cpu_isa_avx512_core_vnni: "AVX-512 with VNNI"
    case dnnl_cpu_isa_avx512_core_bf16: "AVX-512 with bfloat16"
    case dnnl_cpu_isa_avx512_core_amx: "AVX-512 with AMX"
    case let other: "0x" + String(other.rawValue, radix: 16)
    }
  }
}
