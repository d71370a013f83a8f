/// The running state of `ExactSolver`: the iterates of the signals that are not certified yet.
struct ExactState {
  /// A code with its certificate.
  struct Candidate {
    let code: [Double]
    let certificate: Certificate
    /// Which stacked rows of Wγ are zero, where the active set was solved; else nil.
    let zeros: [Bool]?
  }

  private let split: SplitProblem
  /// The signals that the rows stand for.
  private(set) var active: [Int]
  private var auxiliary: Matrix<Double>
  private var dual: Matrix<Double>
  private var penalty: [Double]
  private var primalResidual: [Double]
  private var dualResidual: [Double]
  private var spectral: Matrix<Double>
  private var coded: Matrix<Double>
  private var difference: Matrix<Double>
  private var lastSigns: [[Int8]]

  private let relaxation = 1.7

  init(_ split: SplitProblem) {
    self.split = split
    let batch = split.problem.batch
    active = Array(0..<batch)
    auxiliary = Matrix(zeros: batch, split.stacked)
    dual = auxiliary
    coded = auxiliary
    difference = auxiliary
    spectral = Matrix(zeros: batch, split.m)
    // A tenth of the middle of the positive eigenvalues: found best or close to it over four decades
    // of λ on Gaussian instances; residual balancing goes on from there.
    let positive = split.eigenvalues.filter { $0 > 1e-8 * (split.eigenvalues.last ?? 1) }
    let typical = positive.isEmpty ? 1 : 0.1 * positive[positive.count / 2]
    penalty = Array(repeating: typical, count: batch)
    primalResidual = Array(repeating: 0, count: batch)
    dualResidual = primalResidual
    lastSigns = Array(repeating: [], count: batch)
  }

  /// One iteration for all active signals.
  mutating func iterate() {
    let (m, p, rows) = (split.m, split.stacked, active.count)
    auxiliary.withElements { a in
      dual.withElements { u in
        difference.withMutableElements { q in
          for b in 0..<rows {
            for i in b * p..<(b + 1) * p { q[i] = penalty[b] * (a[i] - u[i]) }
          }
        }
      }
    }
    split.wv.withElements { wv in
      difference.withElements { q in
        spectral.withMutableElements { d in
          Double.gemm(false, false, rows, m, p, 1, q, p, wv, m, 0, d, m)
          split.vay.withElements { vay in
            split.eigenvalues.withUnsafeBufferPointer { λ in
              for b in 0..<rows {
                let source = vay + active[b] * m
                for j in 0..<m {
                  d[b * m + j] = (d[b * m + j] + source[j]) / (λ[j] + penalty[b])
                }
              }
            }
          }
        }
      }
      spectral.withElements { d in
        coded.withMutableElements { w in
          Double.gemm(false, true, rows, p, m, 1, d, m, wv, m, 0, w, p)
        }
      }
    }
    threshold()
  }

  private mutating func threshold() {
    let (p, rows) = (split.stacked, active.count)
    let nonnegative = split.problem.nonnegative
    let α = relaxation
    coded.withElements { w in
      auxiliary.withMutableElements { a in
        dual.withMutableElements { u in
          for b in 0..<rows {
            var (primal, change, size, multiplier) = (0.0, 0.0, 0.0, 0.0)
            var start = 0
            while start < p {
              let layer = split.layerOfRow[start]
              var end = start
              while end < p, split.layerOfRow[end] == layer { end += 1 }
              let t = split.problem.penalty(layer, active[b]) / penalty[b]
              for i in b * p + start..<b * p + end {
                let relaxed = α * w[i] + (1 - α) * a[i]
                let x = relaxed + u[i]
                let new =
                  nonnegative
                  ? ElementwiseKernels.oneSided(x, t) : ElementwiseKernels.soft(x, t)
                primal += (w[i] - new) * (w[i] - new)
                change += (new - a[i]) * (new - a[i])
                u[i] = x - new
                a[i] = new
                size += new * new
                multiplier += u[i] * u[i]
              }
              start = end
            }
            // Relative, as codes and multipliers may be in very different units.
            primalResidual[b] = size > 0 ? (primal / size).squareRoot() : 0
            dualResidual[b] = multiplier > 0 ? (change / multiplier).squareRoot() : 0
          }
        }
      }
    }
  }

  /// Balances primal and dual residuals by each signal's own penalty.
  mutating func adaptPenalties() {
    let p = split.stacked
    for b in active.indices where primalResidual[b] > 0 && dualResidual[b] > 0 {
      let ratio = (primalResidual[b] / dualResidual[b]).squareRoot()
      guard ratio > 2 || ratio < 0.5 else { continue }
      let factor = min(max(ratio, 0.2), 5)
      penalty[b] *= factor
      dual.withMutableElements { u in Double.scale(p, 1 / factor, u + b * p) }
    }
  }

  /// Keeps only some of the rows.
  mutating func keep(rows: [Int]) {
    guard rows.count < active.count else { return }
    active = rows.map { active[$0] }
    auxiliary = auxiliary.gathering(rows: rows)
    dual = dual.gathering(rows: rows)
    penalty = rows.map { penalty[$0] }
    primalResidual = rows.map { primalResidual[$0] }
    dualResidual = rows.map { dualResidual[$0] }
    lastSigns = rows.map { lastSigns[$0] }
    spectral = Matrix(zeros: rows.count, split.m)
    coded = Matrix(zeros: rows.count, split.stacked)
    difference = coded
  }

  /// The present codes with certificates, polished where the signs are those of the last check.
  mutating func candidates(tolerance: Double, iterations: Int) throws -> [Candidate] {
    let (m, p) = (split.m, split.stacked)
    let codes = spectral.multiplied(by: split.v, transposingOther: true)
    var all = [Candidate]()
    for b in active.indices {
      let q = (b * p..<(b + 1) * p).map { penalty[b] * dual.elements[$0] }
      let signs = (b * p..<(b + 1) * p).map { i -> Int8 in
        auxiliary.elements[i] == 0 ? 0 : auxiliary.elements[i] > 0 ? 1 : -1
      }
      // The deepest auxiliary has exact zeros where the code only comes close to them.
      let sparse = (p - m..<p).map { auxiliary.elements[b * p + $0] }
      let options = [codes.row(b), sparse].map { code in
        Candidate(
          code: code, certificate: split.certificate(code, multipliers: q, signal: active[b]),
          zeros: nil)
      }
      var best = options[0].certificate.gap < options[1].certificate.gap ? options[0] : options[1]
      let isClose = best.certificate.gap < 1e-2 * best.certificate.objective
      if isClose || signs == lastSigns[b],
        let polished = split.polish(
          signs, from: (best.code, q), signal: active[b], tolerance: tolerance,
          isThorough: iterations > 600),
        polished.certificate.gap < best.certificate.gap
      {
        best = polished
      }
      lastSigns[b] = signs
      all.append(best)
    }
    return all
  }
}
