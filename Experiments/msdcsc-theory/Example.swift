import ExperimentSuite
import MLCSCKit

/// R's 2×3 example of an "unreasonable" code in Section V-B, solved to a certified optimum.
///
/// Its atoms are not normalised: no |dᵀX| reaches β = ⅓, so that zero is the true optimum of the LASSO
/// and nothing was lost by an algorithm. With unit atoms the code is not zero (erratum 7).
enum Example {
  static func claim(_ tolerance: Double) throws -> Claim {
    let dictionary = DenseDictionary<Double>(
      matrix: Tensor(rows: [[0.1, 0.1, 0.2], [0.1, 0.2, 0.1]]))
    let x = Tensor<Double>(rows: [[1, 1]])
    func code(_ dictionary: DenseDictionary<Double>) throws -> [Double] {
      try ExactSolver(tolerance: tolerance)
        .solve(MultiLayerProblem(dictionary: dictionary, signals: x, penalty: 1.0 / 3))
        .codes[0].elements
    }
    func list(_ values: [Double]) -> String {
      "(" + values.map { Wording.number($0, digits: 5) }.joined(separator: ", ") + ")"
    }
    let unit = dictionary.normalized()
    let asPrinted = try code(dictionary)
    return Claim(
      id: "example-2x3",
      sentence: "For the 2×3 dictionary, X = (1, 1) and β = ⅓ the code is Γ = (0, 0, 0)",
      source: "R Sec. V-B", paper: "(0, 0, 0)",
      measured: "Γ = \(list(asPrinted)), the certified optimum, since DᵀX = "
        + "\(list(dictionary.analyze(x).elements)) stays below β. With unit atoms (coherence "
        + "\(Wording.number(unit.mutualCoherence()))): \(list(try code(unit)))",
      verdict: asPrinted.allSatisfy { $0 == 0 } ? .holds : .doesNotHold)
  }
}
