extension KSVD: CheckpointedLearner {
  public var epoch: Int { history.count }

  /// The whole state as tensors: atoms, codes (supports filled up with −1) and history.
  ///
  /// - Throws: Nothing in practice: the history encodes as JSON.
  public func checkpoint() throws -> SafeTensors {
    var file = SafeTensors(metadata: [
      "history": String(decoding: try JSONText.compact(history), as: UTF8.self)
    ])
    var supports = Tensor<Double>(shape: [codes.count, sparsity], repeating: -1)
    var coefficients = Tensor<Double>(zeros: codes.count, sparsity)
    for (t, code) in codes.enumerated() {
      for (place, (j, value)) in zip(code.support, code.coefficients).enumerated() {
        supports[t, place] = Double(j)
        coefficients[t, place] = value
      }
    }
    file.tensors["D"] = dictionary.atomRows
    file.tensors["supports"] = supports
    file.tensors["coefficients"] = coefficients
    file.tensors["residual_norms"] = Tensor(
      shape: [codes.count], elements: codes.map(\.residualNorm))
    return file
  }

  public mutating func restore(_ file: SafeTensors, path: String) throws {
    func damaged(_ place: String, _ problem: String) -> FileError {
      .damaged(path: path, place: place, problem: problem)
    }
    func tensor(_ name: String, _ shape: [Int]) throws -> Tensor<Double> {
      guard let found = file.tensors[name], found.shape == shape else {
        throw damaged("tensor \(name)", "absent or not of shape \(shape)")
      }
      return found
    }
    guard let text = file.metadata["history"], let history: [KSVDRecord] = JSONText.decoded(text)
    else {
      throw damaged("__metadata__", "needs the history")
    }
    let (m, n) = (dictionary.atomCount, dictionary.signalDimension)
    let count = file.tensors["supports"]?.rows ?? 0
    guard count == (history.isEmpty ? 0 : signalCount) else {
      throw damaged("tensor supports", "\(count) codes for \(signalCount) signals")
    }
    let atoms = try tensor("D", [m, n])
    let supports = try tensor("supports", [count, sparsity])
    let coefficients = try tensor("coefficients", [count, sparsity])
    let norms = try tensor("residual_norms", [count])
    guard supports.elements.allSatisfy({ $0 >= -1 && $0 < Double(m) }) else {
      throw damaged("tensor supports", "an atom that is not below \(m)")
    }
    codes = (0..<count).map { t in
      let support = supports.row(t).prefix { $0 >= 0 }.map { Int($0) }
      return SparseCode(
        support: support, coefficients: Array(coefficients.row(t).prefix(support.count)),
        residualNorm: norms.elements[t], iterations: support.count)
    }
    dictionary = DenseDictionary(atomRows: atoms)
    self.history = history
  }
}
