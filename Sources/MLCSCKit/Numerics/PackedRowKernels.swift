/// The bodies of the products with packed rows, inlined into the concrete `Float` and `Double`
/// entry points, where `V` is 64 bytes: a register, or as many smaller ones as the machine needs.
///
/// Products are added as `a + x * y`: a fused `addingProduct` is a call of a library function for
/// every number on a target without that instruction, and was no faster where it exists.
enum PackedRowKernels {
  /// out ← Σᵢ wᵢ · rowᵢ over the rows with wᵢ ≠ 0.
  ///
  /// There are `count` ≤ 256 rows of ⌈`columns`/lanes⌉ vectors; `out` need not be aligned.
  @inline(__always)
  static func weightedSum<V: SIMD>(
    _ rows: UnsafePointer<V>, _ count: Int, _ weights: UnsafePointer<V.Scalar>,
    _ out: UnsafeMutablePointer<V.Scalar>, _ columns: Int
  ) where V.Scalar: BinaryFloatingPoint {
    let vectors = (columns &+ V.scalarCount &- 1) / V.scalarCount
    // 1,024 bytes: as much as stays on the stack.
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 256) { memory in
      guard let nonzero = memory.baseAddress else { return }
      // Without a branch: which weights are zero cannot be predicted.
      var used = 0
      for i in 0..<count {
        nonzero[used] = Int32(truncatingIfNeeded: i)
        used &+= weights[i] != 0 ? 1 : 0
      }
      var v = 0
      while v &+ 4 <= vectors {
        let sums = sumPanel(rows + v, vectors, used, weights, nonzero)
        store(sums.0, out, v, columns)
        store(sums.1, out, v &+ 1, columns)
        store(sums.2, out, v &+ 2, columns)
        store(sums.3, out, v &+ 3, columns)
        v &+= 4
      }
      while v < vectors {
        store(sumVector(rows + v, vectors, used, weights, nonzero), out, v, columns)
        v &+= 1
      }
    }
  }

  /// `weightedSum` for a batch, four signals and two vectors at a time.
  ///
  /// The weights are `batch` rows of `count` numbers, the results `batch` rows of `columns`.
  @inline(__always)
  static func weightedSums<V: SIMD>(
    _ rows: UnsafePointer<V>, _ count: Int, _ weights: UnsafePointer<V.Scalar>, _ batch: Int,
    _ out: UnsafeMutablePointer<V.Scalar>, _ columns: Int
  ) where V.Scalar: BinaryFloatingPoint {
    let vectors = (columns &+ V.scalarCount &- 1) / V.scalarCount
    let blocked = batch &- batch % 4
    var v = 0
    while v < vectors {
      let isPair = v &+ 1 < vectors
      var b = 0
      while b < blocked {
        let w0 = weights + b &* count
        let (w1, w2, w3) = (w0 + count, w0 + 2 &* count, w0 + 3 &* count)
        var (a0, a1, a2, a3) = (V.zero, V.zero, V.zero, V.zero)
        var p = rows + v
        if isPair {
          var (b0, b1, b2, b3) = (V.zero, V.zero, V.zero, V.zero)
          for i in 0..<count {
            let (x, y) = (p[0], p[1])
            a0 += w0[i] * x
            b0 += w0[i] * y
            a1 += w1[i] * x
            b1 += w1[i] * y
            a2 += w2[i] * x
            b2 += w2[i] * y
            a3 += w3[i] * x
            b3 += w3[i] * y
            p += vectors
          }
          store(b0, out + b &* columns, v &+ 1, columns)
          store(b1, out + (b &+ 1) &* columns, v &+ 1, columns)
          store(b2, out + (b &+ 2) &* columns, v &+ 1, columns)
          store(b3, out + (b &+ 3) &* columns, v &+ 1, columns)
        } else {
          for i in 0..<count {
            let x = p[0]
            a0 += w0[i] * x
            a1 += w1[i] * x
            a2 += w2[i] * x
            a3 += w3[i] * x
            p += vectors
          }
        }
        store(a0, out + b &* columns, v, columns)
        store(a1, out + (b &+ 1) &* columns, v, columns)
        store(a2, out + (b &+ 2) &* columns, v, columns)
        store(a3, out + (b &+ 3) &* columns, v, columns)
        b &+= 4
      }
      v &+= 2
    }
    for b in blocked..<batch {
      weightedSum(rows, count, weights + b &* count, out + b &* columns, columns)
    }
  }

  /// Writes the part of a vector that lies within the columns.
  @inline(__always)
  private static func store<V: SIMD>(
    _ vector: V, _ out: UnsafeMutablePointer<V.Scalar>, _ v: Int, _ columns: Int
  ) {
    let first = v &* V.scalarCount
    if first &+ V.scalarCount <= columns {
      UnsafeMutableRawPointer(out + first).storeBytes(of: vector, as: V.self)
    } else {
      withUnsafeBytes(of: vector) { bytes in
        UnsafeMutableRawPointer(out + first).copyMemory(
          from: bytes.baseAddress.unsafelyUnwrapped,
          byteCount: (columns &- first) &* MemoryLayout<V.Scalar>.stride)
      }
    }
  }

  /// Four neighbouring vectors of a weighted sum, two rows at a time: eight sums in registers hide
  /// the latency of an addition.
  @inline(__always)
  private static func sumPanel<V: SIMD>(
    _ rows: UnsafePointer<V>, _ vectors: Int, _ used: Int, _ weights: UnsafePointer<V.Scalar>,
    _ nonzero: UnsafePointer<Int32>
  ) -> (V, V, V, V) where V.Scalar: BinaryFloatingPoint {
    var (a0, a1, a2, a3) = (V.zero, V.zero, V.zero, V.zero)
    var (b0, b1, b2, b3) = (V.zero, V.zero, V.zero, V.zero)
    var i = 0
    while i &+ 2 <= used {
      let (r, s) = (Int(nonzero[i]), Int(nonzero[i &+ 1]))
      let (x, y) = (V(repeating: weights[r]), V(repeating: weights[s]))
      let (p, q) = (rows + r &* vectors, rows + s &* vectors)
      a0 += x * p[0]
      a1 += x * p[1]
      a2 += x * p[2]
      a3 += x * p[3]
      b0 += y * q[0]
      b1 += y * q[1]
      b2 += y * q[2]
      b3 += y * q[3]
      i &+= 2
    }
    if i < used {
      let r = Int(nonzero[i])
      let (x, p) = (V(repeating: weights[r]), rows + r &* vectors)
      a0 += x * p[0]
      a1 += x * p[1]
      a2 += x * p[2]
      a3 += x * p[3]
    }
    return (a0 + b0, a1 + b1, a2 + b2, a3 + b3)
  }

  /// One vector of a weighted sum, four rows at a time.
  @inline(__always)
  private static func sumVector<V: SIMD>(
    _ rows: UnsafePointer<V>, _ vectors: Int, _ used: Int, _ weights: UnsafePointer<V.Scalar>,
    _ nonzero: UnsafePointer<Int32>
  ) -> V where V.Scalar: BinaryFloatingPoint {
    var (a0, a1, a2, a3) = (V.zero, V.zero, V.zero, V.zero)
    var i = 0
    while i &+ 4 <= used {
      let (r0, r1) = (Int(nonzero[i]), Int(nonzero[i &+ 1]))
      let (r2, r3) = (Int(nonzero[i &+ 2]), Int(nonzero[i &+ 3]))
      a0 += V(repeating: weights[r0]) * rows[r0 &* vectors]
      a1 += V(repeating: weights[r1]) * rows[r1 &* vectors]
      a2 += V(repeating: weights[r2]) * rows[r2 &* vectors]
      a3 += V(repeating: weights[r3]) * rows[r3 &* vectors]
      i &+= 4
    }
    while i < used {
      let r = Int(nonzero[i])
      a0 += V(repeating: weights[r]) * rows[r &* vectors]
      i &+= 1
    }
    return (a0 + a1) + (a2 + a3)
  }

  /// outᵢ ← ⟨rowᵢ, x⟩, four rows at a time so that x is loaded once for four.
  ///
  /// There are `count` rows of ⌈`columns`/lanes⌉ vectors, padded with zeros; x need not be aligned.
  /// `total` sums the lanes of a vector.
  @inline(__always)
  static func products<V: SIMD>(
    _ rows: UnsafePointer<V>, _ count: Int, _ x: UnsafePointer<V.Scalar>, _ columns: Int,
    _ out: UnsafeMutablePointer<V.Scalar>, total: (V) -> V.Scalar
  ) where V.Scalar: BinaryFloatingPoint {
    let whole = columns / V.scalarCount
    let rest = columns &- whole &* V.scalarCount
    let vectors = whole &+ (rest > 0 ? 1 : 0)
    var last = V.zero
    if rest > 0 {
      withUnsafeMutableBytes(of: &last) {
        $0.copyMemory(
          from: UnsafeRawBufferPointer(
            start: x + whole &* V.scalarCount, count: rest &* MemoryLayout<V.Scalar>.stride))
      }
    }
    let source = UnsafeRawPointer(x)
    var p = rows
    var i = 0
    while i &+ 4 <= count {
      var (a0, a1, a2, a3) = (V.zero, V.zero, V.zero, V.zero)
      let (p1, p2, p3) = (p + vectors, p + 2 &* vectors, p + 3 &* vectors)
      for v in 0..<whole {
        let t = source.loadUnaligned(fromByteOffset: v &* 64, as: V.self)
        a0 += t * p[v]
        a1 += t * p1[v]
        a2 += t * p2[v]
        a3 += t * p3[v]
      }
      if rest > 0 {
        a0 += last * p[whole]
        a1 += last * p1[whole]
        a2 += last * p2[whole]
        a3 += last * p3[whole]
      }
      out[i] = total(a0)
      out[i &+ 1] = total(a1)
      out[i &+ 2] = total(a2)
      out[i &+ 3] = total(a3)
      p += 4 &* vectors
      i &+= 4
    }
    while i < count {
      var a = rest > 0 ? last * p[whole] : V.zero
      for v in 0..<whole {
        a += source.loadUnaligned(fromByteOffset: v &* 64, as: V.self) * p[v]
      }
      out[i] = total(a)
      p += vectors
      i &+= 1
    }
  }
}
