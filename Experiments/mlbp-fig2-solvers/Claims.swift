import Algorithms
import ExperimentSuite

/// B's statements on Figure 2, at every accuracy that one of its four solvers reaches.
///
/// B names no accuracy, so a statement has to hold at each; a solver that never arrives is slower
/// than one that does.
extension Solvers {
  /// How one draw reaches one accuracy.
  struct Race {
    private let arrivals: [Method: ArrivalRow]

    init(_ arrivals: [ArrivalRow]) { self.arrivals = arrivals.keyed(by: \.method) }

    func seconds(_ method: Method) -> Double { arrivals[method]?.seconds ?? .infinity }

    func iterations(_ method: Method) -> Double {
      arrivals[method]?.iterations.map(Double.init) ?? .infinity
    }
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let splitting: [Method] = [.admmISTA, .admmFISTA]
    let direct: [Method] = [.mlISTA, .mlFISTA]
    let all: [ArrivalRow] = try tables.rows("arrivals")
    let arrivals = all.filter { (splitting + direct).contains($0.method) }
    let ends: [Method: CurveRow] = try tables.rows("curves").keyed(by: \.method)

    func test(
      _ id: String, _ statement: String, _ sentence: String, _ quantity: String,
      details: [Detail], where isSo: (Race) -> Bool
    ) -> ClaimTest {
      let parts = arrivals.grouped(by: \.accuracy).sorted { $0.key > $1.key }
        .compactMap { accuracy, rows -> ClaimTest.Part? in
          let races = rows.grouped(by: \.draw).values
            .filter { $0.contains { $0.iterations != nil } }.map(Race.init)
          return races.isEmpty
            ? nil
            : .init(
              "to a relative gap of \(Wording.number(accuracy))",
              .percent(races.count(where: isSo), of: races.count, "draws"))
        }
      return ClaimTest(
        id, decides: [statement], sentence, source: "B Sec. 2.3, Fig. 2",
        .number(quantity, unit: "%"), parts: parts, details: details, holdsWhen: .above(50))
    }
    let costs = [Method.admmFISTA, .mlFISTA].compactMap { method in
      ends[method].map { $0.seconds / Double($0.iteration) }
    }
    return [
      test(
        "ml-fista-fastest", "B20", "ML-FISTA is the fastest of the multi-layer solvers",
        "draws on which ML-FISTA arrives first",
        details: direct.compactMap { method in
          ends[method]?.gap.map { Detail("where \(method.rawValue) ends", $0.value) }
        }
      ) { race in
        (splitting + [.mlISTA]).allSatisfy { race.seconds(.mlFISTA) < race.seconds($0) }
      },
      test(
        "admm-slowest", "B19", "ADMM is slower than any other multi-layer solver",
        "draws on which ADMM arrives after ML-ISTA and ML-FISTA", details: []
      ) { race in
        product(splitting, direct).allSatisfy { race.seconds($0) > race.seconds($1) }
      },
      test(
        "admm-few-iterations", "B17",
        "ADMM converges in few iterations, which take considerably longer",
        "draws on which ADMM arrives in fewer iterations than ML-ISTA and ML-FISTA",
        details: costs.count < 2
          ? []
          : [Detail("one takes as long as", costs[0] / costs[1], unit: "iterations of ML-FISTA")]
      ) { race in
        product(splitting, direct).allSatisfy { race.iterations($0) < race.iterations($1) }
      },
      innerFISTA(all),
    ]
  }

  /// Whether FISTA inside ADMM saves time over ISTA inside, where both solve to the same accuracy.
  private static func innerFISTA(_ arrivals: [ArrivalRow]) -> ClaimTest {
    /// The ratio of FISTA inside to ISTA inside on every draw, at an accuracy.
    func ratios(
      _ accuracy: Double, _ ista: Method, _ fista: Method, _ value: (ArrivalRow) -> Double?
    ) -> [Double] {
      arrivals.filter { $0.accuracy == accuracy }.grouped(by: \.draw).sorted { $0.key < $1.key }
        .compactMap { _, rows in
          guard let slow = rows.first(where: { $0.method == ista }).flatMap(value),
            let fast = rows.first(where: { $0.method == fista }).flatMap(value), slow > 0
          else { return nil }
          return fast / slow
        }
    }
    let accuracies = arrivals.map(\.accuracy).uniqued().sorted(by: >)
    func detail(
      _ label: String, _ ista: Method, _ fista: Method, _ value: (ArrivalRow) -> Double?
    ) -> [Detail] {
      let found = accuracies.flatMap { ratios($0, ista, fista, value) }
      return found.isEmpty ? [] : [Detail(label, Statistics.median(found))]
    }
    return ClaimTest(
      "inner-fista-saves-time", decides: ["B18"],
      "The time of ADMM is reduced if FISTA rather than ISTA solves the inner problem",
      source: "B Sec. 2.3, Fig. 2", .number("time with FISTA inside over that with ISTA", unit: ""),
      parts: accuracies.compactMap { accuracy in
        let found = ratios(accuracy, .admmISTAToGap, .admmFISTAToGap, \.seconds)
        return found.isEmpty
          ? nil
          : .init(
            "to a relative gap of \(Wording.number(accuracy))",
            .geometricMean(found, of: "draws"))
      },
      details: detail(
        "inner iterations, median ratio", .admmISTAToGap, .admmFISTAToGap
      ) { $0.inner.map(Double.init) }
        + detail("time with 100 steps each, median ratio", .admmISTA, .admmFISTA, \.seconds),
      holdsWhen: .below(1))
  }
}
