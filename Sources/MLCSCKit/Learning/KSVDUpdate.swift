/// The atoms, coefficients and residuals of K-SVD while an iteration updates them.
///
/// Residuals R = Y − ΓDᵀ, shape [N, n], are kept up to date; an atom touches only the rows of the
/// signals that use it.
struct KSVDUpdate {
  private(set) var atoms: Tensor<Double>
  private var codes: [SparseCode<Double>]
  private var residuals: Tensor<Double>
  /// For every atom, the signals that use it and the place of its coefficient in their codes.
  private let uses: [[(signal: Int, place: Int)]]
  private let signals: Tensor<Double>
  private let energy: Double
  private var taken = Set<Int>()

  init(signals: Tensor<Double>, codes: [SparseCode<Double>], atoms: Tensor<Double>) {
    self.signals = signals
    self.codes = codes
    self.atoms = atoms
    energy = Double.squaredNorm(signals.count, signals.elements)
    var uses = [[(signal: Int, place: Int)]](repeating: [], count: atoms.rows)
    for (t, code) in codes.enumerated() {
      for (place, j) in code.support.enumerated() { uses[j].append((t, place)) }
    }
    self.uses = uses
    var residuals = signals
    let n = signals.columns
    residuals.withMutableElements { r in
      atoms.withElements { d in
        for (t, code) in codes.enumerated() {
          for (j, value) in zip(code.support, code.coefficients) {
            Double.axpy(n, -value, d + j * n, r + t * n)
          }
        }
      }
    }
    self.residuals = residuals
  }

  var relativeSquaredError: Double {
    energy > 0 ? Double.squaredNorm(residuals.count, residuals.elements) / energy : 0
  }

  func isUnused(_ j: Int) -> Bool { uses[j].isEmpty }

  /// Alternates between the atom and its coefficients; leaves both where they explain nothing.
  mutating func refine(
    _ j: Int, _ sweeps: Int, _ project: (UnsafeMutablePointer<Double>, Int) -> Void
  ) {
    let (users, n) = (uses[j], atoms.columns)
    let count = users.count
    var coefficients = users.map { codes[$0.signal].coefficients[$0.place] }
    var block = residuals.gathering(rows: users.map(\.signal))
    let place = j * n
    let changed = atoms.withMutableElements { d -> Bool in
      let atom = d + place
      return block.withMutableElements { e -> Bool in
        for i in 0..<count { Double.axpy(n, coefficients[i], atom, e + i * n) }
        var next = [Double](repeating: 0, count: n)
        for _ in 0..<sweeps {
          Double.gemv(true, count, n, 1, e, n, coefficients, 0, &next)
          guard Double.squaredNorm(n, next) > 0 else { return false }
          next.withUnsafeMutableBufferPointer { project($0.start, n) }
          atom.update(from: next, count: n)
          Double.gemv(false, count, n, 1, e, n, atom, 0, &coefficients)
        }
        for i in 0..<count { Double.axpy(n, -coefficients[i], atom, e + i * n) }
        return true
      }
    }
    guard changed else { return }
    block.withElements { e in
      residuals.withMutableElements { r in
        for (i, use) in users.enumerated() {
          (r + use.signal * n).update(from: e + i * n, count: n)
        }
      }
    }
    for (use, value) in zip(users, coefficients) {
      codes[use.signal].coefficients[use.place] = value
    }
  }

  /// Makes an unused atom of the signal with the largest residual; false where none is left over.
  mutating func replaceByWorstSignal(
    _ j: Int, _ project: (UnsafeMutablePointer<Double>, Int) -> Void
  ) -> Bool {
    let n = atoms.columns
    var (worst, largest) = (-1, 0.0)
    residuals.withElements { r in
      for t in 0..<signals.rows where !taken.contains(t) {
        let error = Double.squaredNorm(n, r + t * n)
        if error > largest { (worst, largest) = (t, error) }
      }
    }
    guard worst >= 0 else { return false }
    taken.insert(worst)
    signals.withElements { y in
      atoms.withMutableElements { d in
        (d + j * n).update(from: y + worst * n, count: n)
        project(d + j * n, n)
      }
    }
    return true
  }

  /// The codes with their residual norms as they are now.
  func updatedCodes() -> [SparseCode<Double>] {
    let n = atoms.columns
    return residuals.withElements { r in
      codes.enumerated().map { t, code in
        var code = code
        code.residualNorm = Double.norm2(n, r + t * n)
        return code
      }
    }
  }
}
