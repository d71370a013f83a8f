/// A `provenance.json` as an experiment writes it.
package enum RunRecord {
  /// The text of one of profile smoke.
  ///
  /// - Parameters:
  ///   - experiment: Its name.
  ///   - seed: The seed.
  ///   - changes: The settings that differ from the profile's.
  ///   - data: Lines about the data.
  ///   - trainings: The folder of another implementation's trainings, if any.
  /// - Returns: JSON.
  package static func text(
    _ experiment: String, seed: Int = 1, changes: [String] = [], data: [String] = [],
    trainings: String? = nil
  ) -> String {
    """
    {"experiment": "\(experiment)", "profile": "smoke", "seed": \(seed), "commit": "abc",
     "processor": "P", "cores": 2, "system": "S", "openBLAS": "OpenBLAS 1", "gnuplot": "none",
     "date": "2026-01-02T03:04:05Z", "wall_seconds": 5, "cells_computed": 1, "cells_cached": 0,
     "changed_settings": \(changes), "data": \(data)\(trainings.map { ", \"trainings\": \"\($0)\"" } ?? "")}
    """
  }
}
