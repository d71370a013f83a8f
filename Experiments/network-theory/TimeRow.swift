import Algorithms
import ExperimentSuite
import MLCSCKit

/// The networks whose training steps are timed.
enum TimedNetwork: String, Codable, CaseIterable, ValueConvertible {
  case feedForward = "feed-forward"
  case mlISTA = "ml-csc-ista"
  case mlFISTA = "ml-csc-fista"
  case msdNet = "msdnet"
  case msdISTA = "msd-csc-ista"
  case msdFISTA = "msd-csc-fista"
  case resNet = "resnet"
  case resCSC = "res-csc"

  /// The network; R's two unfoldings where it unfolds.
  ///
  /// - Throws: `ModelError` where the settings do not fit the images.
  func network(_ settings: NetworkTheory.Settings) throws -> any Network<Float> {
    func dense(_ kind: DenseModel.Kind, _ unfoldings: Int, _ accelerated: Bool) throws
      -> any Network<Float>
    {
      try build(
        DenseArchitecture(
          DenseModel(
            kind, kind == .mixedScale ? settings.denseDepth : 6, unfoldings,
            accelerated: accelerated),
          width: settings.denseWidth, initialNorm: 0.5, initialStep: 0.8,
          layers: .sixLayers(filters: settings.sixFilters, .multiLayerISTA, unfoldings: 0)))
    }
    func build(_ architecture: some NetworkArchitecture) throws -> any Network<Float> {
      try architecture.network(
        channels: 3, size: .square(settings.timedSide), classes: 10,
        stream: RandomStream(NetworkTheory.identity.name, "timed", rawValue))
    }
    return switch self {
    case .feedForward: try dense(.multiLayer, 0, false)
    case .mlISTA: try dense(.multiLayer, 2, false)
    case .mlFISTA: try dense(.multiLayer, 2, true)
    case .msdNet: try dense(.mixedScale, 0, false)
    case .msdISTA: try dense(.mixedScale, 2, false)
    case .msdFISTA: try dense(.mixedScale, 2, true)
    case .resNet: try build(ResidualArchitecture(.resNet, depth: settings.residualDepth))
    case .resCSC: try build(ResidualArchitecture(.resCSC, depth: settings.residualDepth))
    }
  }
}

/// The time of one training step of one network: forward pass, backward pass and step.
///
/// Rounds take the networks in turn, so that what else the machine does falls on all of them.
struct TimeRow: MeasuredRow {
  @Field("round", .key) var round = 0
  @Field("network", .key) var network = TimedNetwork.feedForward
  @Field("seconds", .timing) var seconds = 0.0
  @Field("parameters", .exact) var parameters = 0

  static func rows(
    _ settings: NetworkTheory.Settings, _ context: CellContext
  ) throws -> [TimeRow] {
    var stream = context.stream
    let (count, side) = (settings.timedImages, settings.timedSide)
    let images = Tensor<Float>(
      shape: [count, 3, side, side],
      elements: (0..<count * 3 * side * side).map { _ in Float(stream.uniform()) })
    let labels = (0..<count).map { $0 % 10 }
    let runs = try TimedNetwork.allCases.map { network in
      (
        network, try network.network(settings),
        GradientDescent<Float>(momentum: 0.9, nesterov: false, weightDecay: 0),
        Tape<Float>(engine: OneDNNConvolution())
      )
    }
    var rows = [TimeRow]()
    for round in 0..<settings.warmUpRounds + settings.rounds {
      for (name, network, optimizer, tape) in runs {
        try context.checkInterruption()
        let start = context.seconds()
        let scores = network.scores(
          of: tape.input(images), on: tape, ForwardPass(isTraining: true))
        let gradients = tape.backward(from: tape.crossEntropy(scores, labels: labels))
        // So small a rate that no network leaves its start.
        optimizer.step(network.parameters, gradients, rate: 1e-6)
        let seconds = context.seconds() - start
        if round >= settings.warmUpRounds {
          rows.append(
            TimeRow(
              round: round - settings.warmUpRounds + 1, network: name, seconds: seconds,
              parameters: network.parameterCount))
        }
      }
    }
    return rows
  }

  static func claims(_ rows: [TimeRow]) -> [ClaimTest] {
    let rounds = rows.grouped(by: \.round).sorted { $0.key < $1.key }.map {
      $0.value.keyed(by: \.network)
    }
    /// The median of a network over that of another: what else the machine does lengthens some rounds
    /// many times.
    func ratio(_ first: TimedNetwork, _ second: TimedNetwork) -> Measurement {
      let pairs = rounds.compactMap { round in
        round[first].flatMap { a in round[second].map { (a.seconds, $0.seconds) } }
      }
      return .bootstrap(pairs.count, of: "rounds") { chosen in
        Statistics.median(chosen.map { pairs[$0].0 })
          / Statistics.median(chosen.map { pairs[$0].1 })
      }
    }
    func parameters(_ network: TimedNetwork, _ label: String) -> [Detail] {
      rows.first { $0.network == network }.map { [Detail(label, Double($0.parameters))] } ?? []
    }
    func quantity(_ network: String, over other: String) -> Quantity {
      .number("median time of a training step, \(network) divided by \(other)", unit: "")
    }
    // Fewer rounds say what the machine did meanwhile.
    let premises = [Premise("at least 30 rounds", isMet: rounds.count >= 30)]
    return [
      ClaimTest(
        "fista-costs-as-much-as-ista", decides: ["R24"],
        "The main computational effort of MSD-CSC by ISTA and by FISTA is the same",
        source: "R Sec. VI", quantity("FISTA", over: "ISTA"), ratio(.msdFISTA, .msdISTA),
        details: ratio(.mlFISTA, .mlISTA).value.map { [Detail("for ML-CSC", $0)] } ?? [],
        // A tenth of the time is no main effort.
        holdsWhen: .within(0.9, 1.1), premises: premises),
      ClaimTest(
        "res-csc-takes-a-little-more-time", decides: ["R34"],
        "Res-CSC takes a little more time than ResNet", source: "R Sec. VII-A",
        quantity("Res-CSC", over: "ResNet"),
        ratio(.resCSC, .resNet),
        // "A little": up to a quarter.
        holdsWhen: .within(1, 1.25), premises: premises),
      ClaimTest(
        "msd-csc-takes-more-time", decides: ["R49"],
        "MSD-CSC takes more time to train than networks of more parameters", source: "R Sec. VII-B",
        quantity("MSD-CSC", over: "another network"),
        parts: [
          .init("by feed-forward", ratio(.msdISTA, .feedForward)),
          .init("by ML-CSC-ISTA", ratio(.msdISTA, .mlISTA)),
        ],
        details: parameters(.msdISTA, "parameters of MSD-CSC")
          + parameters(.mlISTA, "of the others"), holdsWhen: .above(1),
        premises: premises),
    ]
  }
}
