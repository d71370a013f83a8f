/// The running state of `ExactSolver`: the iterates of the signals that are not certified yet.
struct ExactState {
  /// A code with its certificate.
  struct Candidate {
    let code: [Double]
    let certificate: Certificate
    /// Which stacked rows of Wγ are zero, where the active set was solved; else nil.
    let zeros: [Bool]?

    func meets(_ tolerance: Double) -> Bool {
      certificate.gap <= tolerance * certificate.objective
    }
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
    // The geometric middle of the positive eigenvalues balances both halves of the splitting.
    let positive = split.eigenvalues.filter { $0 > 1e-8 * (split.eigenvalues.last ?? 1) }
    let typical = positive.isEmpty ? 1 : positive[positive.count / 2]
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
            var (primal, change) = (0.0, 0.0)
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
              }
              start = end
            }
            primalResidual[b] = primal.squareRoot()
            dualResidual[b] = penalty[b] * change.squareRoot()
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
  mutating func candidates(tolerance: Double) throws -> [Candidate] {
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
      if signs == lastSigns[b],
        let polished = split.polish(signs, signal: active[b]),
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

extension SplitProblem {
  /// Solves the optimality conditions on an active set.
  ///
  /// With Z the zero rows of the inner layers, F the non-zero deepest entries and g the gradient of
  /// the penalty for the given signs:  A_FᵀA_F γ + g + W_{Z,F}ᵀ ν = A_Fᵀy,  W_{Z,F} γ = 0.
  func polish(_ signs: [Int8], signal b: Int) -> ExactState.Candidate? {
    let inner = stacked - m
    let free = (0..<m).filter { signs[inner + $0] != 0 }
    // A row without penalty (λ = 0) and without sign constraint binds nothing.
    let zero = (0..<inner).filter {
      signs[$0] == 0 && (penalty($0, b) > 0 || problem.nonnegative)
    }
    let (f, z) = (free.count, zero.count)
    var q = [Double](repeating: 0, count: inner)
    for row in 0..<inner where signs[row] != 0 { q[row] = penalty(row, b) * Double(signs[row]) }
    guard f > 0, z <= f else { return nil }
    var gradient = [Double](repeating: 0, count: m)
    if inner > 0 { w.withElements { Double.gemv(true, inner, m, 1, $0, m, q, 0, &gradient) } }
    let size = f + z
    var system = Matrix<Double>(zeros: size, size)
    var right = Matrix<Double>(zeros: size, 1)
    let columns = Matrix(
      shape: [a.rows, f], elements: (0..<a.rows).flatMap { i in free.map { a[i, $0] } })
    let gram = columns.multiplied(by: columns, transposingSelf: true)
    for (i, j) in free.enumerated() {
      for k in 0..<f { system[i, k] = gram[i, k] }
      right[i, 0] =
        ay[b, j] - gradient[j] - penalty(inner + j, b) * Double(signs[inner + j])
      for (k, row) in zero.enumerated() {
        system[i, f + k] = w[row, j]
        system[f + k, i] = w[row, j]
      }
    }
    guard let solved = try? system.solve(right) else { return nil }
    var code = [Double](repeating: 0, count: m)
    for (i, j) in free.enumerated() { code[j] = solved[i, 0] }
    for (k, row) in zero.enumerated() {
      let λ = penalty(row, b)
      q[row] = problem.nonnegative ? min(solved[f + k, 0], λ) : min(max(solved[f + k, 0], -λ), λ)
    }
    guard code.allSatisfy(\.isFinite) else { return nil }
    var zeros = [Bool](repeating: false, count: stacked)
    for row in zero { zeros[row] = true }
    for j in 0..<m where signs[inner + j] == 0 { zeros[inner + j] = true }
    let certificate = certificate(code, multipliers: q, signal: b)
    return certificate.gap.isFinite
      ? ExactState.Candidate(code: code, certificate: certificate, zeros: zeros) : nil
  }
}
