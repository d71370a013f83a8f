/// The bodies of the products with few rows of a matrix, inlined into the concrete `Float` and
/// `Double` entry points.
enum SparseRows {
  /// The i with xᵢ ≠ 0, ascending.
  @inline(__always)
  static func nonzeroIndices<Scalar: BinaryFloatingPoint>(
    _ n: Int, _ x: UnsafePointer<Scalar>
  ) -> [Int] {
    Array(unsafeUninitializedCapacity: n + 1) { memory, used in
      // Without a branch: which numbers are zero cannot be predicted.
      for i in 0..<n {
        memory[used] = i
        used &+= x[i] != 0 ? 1 : 0
      }
    }
  }

  /// out ← Σ w_j rowⱼ over the j of a list, four rows at a time, so that sums pass through memory
  /// once for four.
  @inline(__always)
  static func sum<Scalar: BinaryFloatingPoint>(
    _ rows: UnsafePointer<Scalar>, _ stride: Int, _ list: [Int], _ weights: UnsafePointer<Scalar>,
    _ count: Int, _ out: UnsafeMutablePointer<Scalar>
  ) {
    for i in 0..<count { out[i] = 0 }
    var k = 0
    while k &+ 4 <= list.count {
      let (a, b, c, d) = (list[k], list[k &+ 1], list[k &+ 2], list[k &+ 3])
      let (p, q, r, s) = (
        rows + a &* stride, rows + b &* stride, rows + c &* stride, rows + d &* stride
      )
      let (wa, wb, wc, wd) = (weights[a], weights[b], weights[c], weights[d])
      for i in 0..<count {
        out[i] = out[i] + (wa * p[i] + wb * q[i]) + (wc * r[i] + wd * s[i])
      }
      k &+= 4
    }
    while k < list.count {
      let (p, w) = (rows + list[k] &* stride, weights[list[k]])
      for i in 0..<count { out[i] += w * p[i] }
      k &+= 1
    }
  }
}
