import Foundation

/// The instruction set that a run keeps to.
enum InstructionSet {
  /// Its name (`avx2`); nothing where all that the processor has may be used.
  ///
  /// `run_all.sh --instruction-set` says it in `MLCSC_INSTRUCTION_SET`, beside the switches of the
  /// compiler, of oneDNN and of OpenBLAS.
  static var chosen: String? {
    let name = ProcessInfo.processInfo.environment["MLCSC_INSTRUCTION_SET"] ?? ""
    return name.isEmpty ? nil : name
  }
}
