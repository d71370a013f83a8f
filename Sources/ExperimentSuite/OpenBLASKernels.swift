import COpenBLAS
import Foundation

/// Which of OpenBLAS's kernels multiply.
///
/// OpenBLAS chooses them when a program is loaded, by the processor's family and model. One that is newer
/// than the library it takes for a much older one: version 0.3.21, which Debian 12 has, calls a Xeon of
/// 2023 (family 6, model 207) a "Prescott", a Pentium 4 of 2004 without AVX, and a Zen 4 or 5 a "Zen",
/// without AVX-512.
package enum OpenBLASKernels {
  /// The variable of the environment by which OpenBLAS lets its user choose.
  private static let variable = "OPENBLAS_CORETYPE"
  /// Set beside it where the program has set it itself.
  private static let mark = "MLCSC_CHOSE_OPENBLAS_CORETYPE"
  /// What kernels with AVX-512 need, as Linux names it.
  package static let avx512 = ["avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"]
  /// What kernels with AVX2 need.
  package static let avx2 = ["avx2", "fma"]

  /// The name of the kernels that were chosen.
  package static var chosen: String { String(cString: openblas_get_corename()) }

  /// Kernels that use more of a processor than the chosen ones do; nil where there are none.
  ///
  /// - Parameters:
  ///   - chosen: The name of the chosen ones.
  ///   - flags: What the processor has, as Linux names it.
  /// - Returns: A value of `OPENBLAS_CORETYPE`.
  package static func better(than chosen: String, flags: Set<String>) -> String? {
    let wide = ["SkylakeX", "Cooperlake", "SapphireRapids"]
    func isAny(_ names: [String]) -> Bool {
      names.contains { $0.caseInsensitiveCompare(chosen) == .orderedSame }
    }
    if flags.isSuperset(of: avx512) { return isAny(wide) ? nil : "SkylakeX" }
    if flags.isSuperset(of: avx2) { return isAny(wide + ["Haswell", "Zen"]) ? nil : "Haswell" }
    return nil
  }

  /// What this processor has, as Linux names it; nothing elsewhere.
  package static var processorFlags: Set<String> {
    Set((Provenance.processorInfo("flags") ?? "").split(separator: " ").map(String.init))
  }

  /// This process's environment for a program with an OpenBLAS of its own: without a choice that this
  /// program has made for its.
  package static var environmentForOthers: [String: String] {
    var environment = ProcessInfo.processInfo.environment
    if environment.removeValue(forKey: mark) != nil { environment[variable] = nil }
    return environment
  }

  /// Starts the program again with better kernels where there are some.
  ///
  /// A library that is loaded does not change its choice. Whoever has set the variable keeps theirs.
  static func restartWithBetterOnes() {
    #if os(Linux)
      guard getenv(variable) == nil, let name = better(than: chosen, flags: processorFlags)
      else { return }
      setenv(variable, name, 1)
      setenv(mark, "1", 1)
      // Returns only where it fails; then the program goes on as it is.
      execv("/proc/self/exe", CommandLine.unsafeArgv)
    #endif
  }
}
