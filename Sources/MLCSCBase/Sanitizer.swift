import Foundation

/// Whether a sanitizer watches this process.
///
/// Its own memory, of terabytes that are never used, is none that a limit should count.
package enum Sanitizer {
  /// Built with the address or the thread sanitizer.
  package static let isPresent =
    dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
}
