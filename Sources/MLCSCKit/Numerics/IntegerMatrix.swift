import RealModule

/// A matrix of integers, whose rank can be had without rounding.
public struct IntegerMatrix: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// All entries in row-major order.
  public private(set) var elements: [Int]

  /// A matrix of zeros.
  public init(zeros rows: Int, _ columns: Int) {
    self.init(rows, columns, elements: Array(repeating: 0, count: rows * columns))
  }

  /// A matrix of the given entries in row-major order.
  public init(_ rows: Int, _ columns: Int, elements: [Int]) {
    precondition(
      elements.count == rows * columns, "\(elements.count) entries do not fill \(rows)×\(columns)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// Independent entries, uniform on −`largest` … `largest`, drawn in row-major order.
  public static func uniform(
    _ rows: Int, _ columns: Int, upTo largest: Int, from stream: inout RandomStream
  ) -> IntegerMatrix {
    let entries = (0..<rows * columns).map { _ in stream.index(below: 2 * largest + 1) - largest }
    return IntegerMatrix(rows, columns, elements: entries)
  }

  /// An entry.
  public subscript(row: Int, column: Int) -> Int {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// The entries in the given rows and columns, in the given orders.
  public func selecting(rows chosen: [Int], columns wanted: [Int]) -> IntegerMatrix {
    IntegerMatrix(
      chosen.count, wanted.count,
      elements: chosen.flatMap { row in wanted.map { elements[row * columns + $0] } })
  }

  /// The matrix product.
  ///
  /// - Throws: `LinearAlgebraError.integerRange` where an entry does not fit 64 bits.
  public func multiplied(by other: IntegerMatrix) throws -> IntegerMatrix {
    precondition(
      columns == other.rows, "product of \(rows)×\(columns) and \(other.rows)×\(other.columns)")
    var product = IntegerMatrix(zeros: rows, other.columns)
    for i in 0..<rows {
      for j in 0..<other.columns {
        var sum = 0
        for k in 0..<columns {
          let (term, wide) = self[i, k].multipliedReportingOverflow(by: other[k, j])
          let (next, high) = sum.addingReportingOverflow(term)
          guard !wide, !high else { throw LinearAlgebraError.integerRange(operation: "product") }
          sum = next
        }
        product[i, j] = sum
      }
    }
    return product
  }

  /// The same numbers as floating-point ones.
  public var reals: Matrix<Double> {
    Matrix(shape: [rows, columns], elements: elements.map { Double($0) })
  }

  // MARK: Rank

  /// The rank over the rationals, exactly.
  ///
  /// The rank modulo a prime never exceeds the true one, and it is smaller only where the prime
  /// divides every largest non-zero minor. A minor is at most the product of the rows' (or the
  /// columns') norms (Hadamard), so among primes whose product is larger there is one that does not
  /// divide it: the largest of the ranks modulo these primes is the true rank.
  /// - Parameter bound: A number that the rank is known not to exceed: once a prime reaches it, no other is
  ///   tried.
  /// - Returns: The rank.
  /// - Throws: `LinearAlgebraError.integerRange` where minors may exceed 2⁹⁰⁰.
  /// - Complexity: O(rows · columns · rank) for every prime of 31 bits that the minors need; one
  ///   prime where the rank is full or reaches `bound`.
  public func rank(atMost bound: Int = .max) throws -> Int {
    let largest = min(rows, columns, bound)
    guard largest > 0 else { return 0 }
    let needed = Int(hadamardBits / Self.bitsOfPrime) + 1
    guard needed <= Self.primes.count else {
      throw LinearAlgebraError.integerRange(operation: "exact rank")
    }
    var best = 0
    for prime in Self.primes[..<needed] where best < largest {
      best = max(best, rank(modulo: prime))
    }
    return best
  }

  /// log₂ of a number that no minor exceeds; above the exact value by far more than its rounding.
  private var hadamardBits: Double {
    func bits(_ count: Int, _ entry: (Int, Int) -> Int, _ length: Int) -> Double {
      (0..<count).reduce(1) { sum, i in
        let square = (0..<length).reduce(0.0) { $0 + Double(entry(i, $1)) * Double(entry(i, $1)) }
        return sum + Double.log2(max(square, 1)) / 2
      }
    }
    return min(bits(rows, { self[$0, $1] }, columns), bits(columns, { self[$1, $0] }, rows))
  }

  /// Every prime below is larger than two to this power.
  private static let bitsOfPrime = 30.9

  /// The 30 largest primes below 2³¹, by trial division.
  private static let primes: [UInt64] = {
    var found = [UInt64]()
    var candidate: UInt64 = (1 << 31) - 1
    while found.count < 30 {
      var divisor: UInt64 = 3
      while divisor * divisor <= candidate, candidate % divisor != 0 { divisor += 2 }
      if divisor * divisor > candidate { found.append(candidate) }
      candidate -= 2
    }
    return found
  }()

  private func rank(modulo prime: UInt64) -> Int {
    let p = Int(prime)
    var a = elements.map { UInt64(($0 % p + p) % p) }
    let (height, width) = (rows, columns)
    return a.withUnsafeMutableBufferPointer { a in
      var rank = 0
      for column in 0..<width where rank < height {
        guard let pivot = (rank..<height).first(where: { a[$0 * width + column] != 0 }) else {
          continue
        }
        if pivot != rank {
          for j in column..<width { a.swapAt(pivot * width + j, rank * width + j) }
        }
        let head = a[rank * width + column]
        for i in (rank + 1)..<max(height, rank + 1) {
          // Row i ← head · row i − factor · pivot row: no inverse is needed for a rank.
          let factor = prime - a[i * width + column]
          guard factor != prime else { continue }
          for j in column..<width {
            a[i * width + j] =
              (head * a[i * width + j] % prime + factor * a[rank * width + j] % prime) % prime
          }
        }
        rank += 1
      }
      return rank
    }
  }
}
