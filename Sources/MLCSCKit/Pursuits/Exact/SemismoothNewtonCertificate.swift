/// Dual points and the solution on known zeros.
extension SemismoothNewton {
  /// What counts of a correlation: its size, or for non-negative codes what is above zero.
  func size(_ correlation: Double) -> Double {
    problem.nonnegative ? correlation : abs(correlation)
  }

  /// Atoms by falling size of their correlations, equal ones by index.
  func ordered(_ atoms: [Int], by correlations: [Double]) -> [Int] {
    atoms.sorted {
      let (x, y) = (size(correlations[$0]), size(correlations[$1]))
      return x == y ? $0 < $1 : x > y
    }
  }

  /// Deepest multipliers within their bounds.
  func clipped(_ values: [Double]) -> [Double] {
    let λ = problem.penalty(problem.model.depth - 1, signal)
    return values.map { problem.nonnegative ? min($0, λ) : max(-λ, min($0, λ)) }
  }

  /// The atoms outside the working set that violate their bound.
  func violators(_ correlations: [Double]) -> [Int] {
    let λ = problem.penalty(problem.model.depth - 1, signal)
    return correlations.indices.filter { !set.contains[$0] && size(correlations[$0]) > λ }
  }

  /// Aᵀν − Σ Wᵢᵀqᵢ over the inner layers, for all atoms.
  func correlations(residual: [Double], multipliers: [Double]) -> [Double] {
    func analyze(_ d: some SparseDictionary<Double>, _ x: [Double]) -> [Double] {
      d.analyze(Tensor(shape: [1, x.count], elements: x)).elements
    }
    var value = residual
    var offset = 0
    for layer in problem.model.layers.dropLast() {
      value = analyze(layer, value)
      for r in value.indices { value[r] -= multipliers[offset + r] }
      offset += value.count
    }
    let deepest = problem.model.layers[problem.model.depth - 1]
    return analyze(deepest, value)
  }

  /// The certificate of a code on the working set with its stacked codes and feasible multipliers.
  func certified(_ code: [Double], _ stacked: [Double], _ multipliers: [Double]) -> Candidate {
    let residual = set.residual(code)
    let all = correlations(residual: residual, multipliers: multipliers)
    var objective = 0.5 * Double.squaredNorm(residual.count, residual)
    let negligible = 1e-12 * stacked.reduce(0) { max($0, abs($1)) }
    for layer in penalty.layers {
      for i in layer.range {
        if layer.penalty > 0 { objective += layer.penalty * abs(stacked[i]) }
        if problem.nonnegative, stacked[i] < -negligible { objective = .infinity }
      }
    }
    let largest = all.reduce(0) { max($0, size($1)) }
    return Candidate(
      code: code,
      certificate: Certificate(
        objective: objective, dual: dualValue(residual: residual, largest: largest),
        residualIsZero: residual.allSatisfy { $0 == 0 }),
      correlations: all)
  }

  /// The largest dual value along the ray of feasible points s(ν, q), 0 ≤ s ≤ 1.
  private func dualValue(residual: [Double], largest: Double) -> Double {
    let λ = problem.penalty(problem.model.depth - 1, signal)
    let n = residual.count
    let square = Double.squaredNorm(n, residual)
    let product = Double.dot(n, residual, problem.signals.row(signal))
    let feasible = largest > λ ? λ / largest : 1
    let s = square > 0 ? max(0, min(feasible, product / square)) : 0
    return s * product - 0.5 * s * s * square
  }

  /// The gap of a candidate if only some atoms existed.
  func gap(of candidate: Candidate, among atoms: [Int]) -> Double {
    let largest = atoms.reduce(0) { max($0, size(candidate.correlations[$1])) }
    let residual = set.residual(candidate.code)
    return candidate.certificate.objective - dualValue(residual: residual, largest: largest)
  }

  /// The solution of the optimality conditions for given zeros of all layers, certified.
  ///
  /// With F the deepest entries that are not zero, Z the inner rows that are and N an orthonormal
  /// basis of the null space of W_{Z,F}:  γ_F = Nc,  NᵀA_FᵀA_F N c = Nᵀ(A_Fᵀy − g) for the gradient
  /// g of the penalties elsewhere. The multipliers on Z change least so that stationarity holds.
  /// - Complexity: O(|F|³).
  func polished(_ zero: [Bool]) -> Candidate? {
    let inner = set.innerCount
    let free = (0..<set.count).filter { !zero[inner + $0] }
    let rows = (0..<inner).filter { zero[$0] && set.isTouched[$0] }
    let f = free.count
    var code = [Double](repeating: 0, count: set.count)
    var q = multipliers
    if f > 0 {
      var outside = q
      for r in 0..<inner where zero[r] { outside[r] = 0 }
      let pull = set.innerProducts(Array(outside[..<inner]))
      let right = free.map { set.products[$0] - pull[$0] - q[inner + $0] }
      let w = Matrix(
        shape: [f, rows.count],
        elements: set.innerEntries(
          rows: rows, scales: Array(repeating: 1, count: rows.count), atoms: free))
      let gram = Matrix(
        shape: [f, f],
        elements: free.flatMap { i in free.map { set.gram[i * set.count + $0] } })
      guard let (values, vectors) = try? w.gramOfRows.symmetricEigen() else { return nil }
      let cutoff = 1e-9 * max(values.last ?? 0, 1e-300)
      // Eigenvalues ascend: the null space comes first.
      let nullity = rows.isEmpty ? f : values.prefix { $0 <= cutoff }.count
      guard let solved = onNullSpace(vectors, nullity, gram, right) else { return nil }
      for (i, j) in free.enumerated() { code[j] = solved[i] }
      let solution = Matrix(shape: [f, 1], elements: solved)
      let present = Matrix(shape: [rows.count, 1], elements: rows.map { q[$0] })
      var rest = Matrix(shape: [f, 1], elements: right)
      for (i, x) in gram.multiplied(by: solution).elements.enumerated() { rest[i, 0] -= x }
      if !rows.isEmpty {
        for (i, x) in w.multiplied(by: present).elements.enumerated() { rest[i, 0] -= x }
        var spectral = vectors.multiplied(by: rest, transposingSelf: true)
        for i in 0..<f { spectral[i, 0] = i < nullity ? 0 : spectral[i, 0] / values[i] }
        let change = w.multiplied(
          by: vectors.multiplied(by: spectral), transposingSelf: true)
        for (k, row) in rows.enumerated() { q[row] += change[k, 0] }
      }
    }
    guard code.allSatisfy(\.isFinite) else { return nil }
    for layer in penalty.layers.dropLast() {
      for i in layer.range {
        q[i] = min(q[i], layer.penalty)
        if !problem.nonnegative { q[i] = max(q[i], -layer.penalty) }
      }
    }
    return certified(code, set.innerCodes(code) + code, q)
  }

  /// N (NᵀGN)⁻¹ Nᵀ b for the first columns N of a matrix.
  private func onNullSpace(
    _ vectors: Matrix<Double>, _ nullity: Int, _ gram: Matrix<Double>, _ right: [Double]
  ) -> [Double]? {
    let f = gram.rows
    guard nullity > 0 else { return [Double](repeating: 0, count: f) }
    let basis = Matrix(
      shape: [f, nullity],
      elements: (0..<f).flatMap { i in (0..<nullity).map { vectors[i, $0] } })
    var reduced = basis.multiplied(by: gram.multiplied(by: basis), transposingSelf: true).elements
    let trace = (0..<nullity).reduce(0.0) { $0 + reduced[$1 * nullity + $1] }
    for i in 0..<nullity { reduced[i * nullity + i] += 1e-14 * trace / Double(nullity) }
    guard BlockedProducts.factorize(order: nullity, &reduced) else { return nil }
    let b = basis.multiplied(
      by: Matrix(shape: [f, 1], elements: right), transposingSelf: true)
    let c = BlockedProducts.solve(order: nullity, factor: reduced, b.elements)
    return basis.multiplied(by: Matrix(shape: [nullity, 1], elements: c)).elements
  }
}
