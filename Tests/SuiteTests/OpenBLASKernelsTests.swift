// Claim: a program asks OpenBLAS for better kernels exactly where the processor has AVX2 or AVX-512 and
// the chosen ones, those of an older processor, do not use it.
import ExperimentSuite
import Testing

struct OpenBLASKernelsTests {
  private static let plain: Set<String> = ["flags", "sse", "sse2", "pni", "ssse3", "sse4_2", "avx"]
  private static let avx2 = plain.union(["avx2", "fma"])
  private static let avx512 = avx2.union([
    "avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl",
  ])

  @Test(
    "what is better than the chosen kernels",
    arguments: [
      // A processor that the library does not know.
      ("Prescott", avx512, "SkylakeX"), ("Prescott", avx2, "Haswell"), ("Prescott", plain, nil),
      // Known ones.
      ("Haswell", avx2, nil), ("Zen", avx2, nil), ("SkylakeX", avx512, nil),
      ("Cooperlake", avx512, nil), ("SapphireRapids", avx512, nil), ("sapphirerapids", avx512, nil),
      ("Sandybridge", plain, nil),
      // A Zen 4 or 5, for a library that knows neither.
      ("Zen", avx512, "SkylakeX"),
      // AVX-512 without all its parts is not enough for the kernels that need it.
      ("Haswell", avx2.union(["avx512f", "avx512cd"]), nil),
      // Another architecture has no such flags.
      ("armv8", [], nil),
    ] as [(String, Set<String>, String?)])
  func choice(_ chosen: String, _ flags: Set<String>, _ better: String?) {
    #expect(OpenBLASKernels.better(than: chosen, flags: flags) == better)
  }
}
