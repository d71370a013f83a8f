import ExperimentSuite

/// P's two bounds, (5) layer by layer and (7) of the projection, against depth and against each other.
///
/// A bound of a layer is the mean over the draws on which its own premise holds. The deepest of the
/// nested Kasami dictionaries stands for all of them.
struct BoundComparison {
  private let bounds: [BoundRow]
  private let families: [String]

  init(_ bounds: [BoundRow]) {
    let deepest = bounds.filter { $0.key.family.hasPrefix("kasami") }.map(\.key.depth).max()
    self.bounds = bounds.filter {
      $0.columns.premise > 0
        && (!$0.key.family.hasPrefix("kasami") || $0.key.depth == deepest)
    }
    families = Set(self.bounds.map(\.key.family)).sorted()
  }

  private func rows(_ theorem: String, _ family: String) -> [BoundRow] {
    bounds.filter { $0.key.theorem == theorem && $0.key.family == family }
  }

  private func layers(_ theorem: String, _ family: String) -> [Int] {
    Set(rows(theorem, family).map(\.key.layer)).sorted()
  }

  private func premises(_ theorem: String, _ family: String, _ layer: Int) -> Int {
    rows(theorem, family).filter { $0.key.layer == layer }.reduce(0) { $0 + $1.columns.premise }
  }

  private func mean(_ theorem: String, _ family: String, _ layer: Int) -> Double {
    rows(theorem, family).filter { $0.key.layer == layer }
      .reduce(0) { $0 + ($1.columns.bound ?? 0) * Double($1.columns.premise) }
      / Double(max(premises(theorem, family, layer), 1))
  }

  /// How a bound changes from layer to layer, in every family of two layers or more.
  private func growth(_ theorem: String) -> [ClaimTest.Part] {
    families.flatMap { family in
      let layers = layers(theorem, family)
      return zip(layers, layers.dropFirst()).map { upper, lower in
        ClaimTest.Part(
          "\(family), layer \(upper) to \(lower)",
          .exact(mean(theorem, family, lower) / mean(theorem, family, upper)))
      }
    }
  }

  /// (7) over (5) beyond the first layer, where both are the same but for the premises.
  private var tightness: [ClaimTest.Part] {
    families.flatMap { family in
      layers("layered", family).filter { $0 > 1 && premises("projection", family, $0) > 0 }.map {
        ClaimTest.Part(
          "\(family), layer \($0)",
          .exact(mean("projection", family, $0) / mean("layered", family, $0)))
      }
    }
  }

  /// The statements on bounds against depth and against each other.
  var claims: [ClaimTest] {
    /// How many draws have the premise of a bound in their deepest layer.
    func reach(_ theorem: String) -> Double {
      Double(
        families.reduce(0) { sum, family in
          sum + premises(theorem, family, layers(theorem, family).last ?? 0)
        })
    }
    return [
      ClaimTest(
        "layered-bound-grows", decides: ["P7"], "The bounds (5) increase with depth",
        source: "P Sec. 2.1", .number("mean bound over that of the layer above", unit: ""),
        parts: growth("layered"), holdsWhen: .above(1)),
      ClaimTest(
        "projection-bound-does-not-grow", decides: ["D1", "P9", "S40"],
        "The bound of the projection, (7), is not cumulative over the layers", source: "P Sec. 3.1",
        .number("mean bound over that of the layer above", unit: ""), parts: growth("projection"),
        // Equal but for rounding is no growth.
        holdsWhen: .below(1 + 1e-9)),
      ClaimTest(
        "projection-bound-is-tighter", decides: ["P10", "D1"],
        "Beyond the first layer the bound (7) is tighter than (5)", source: "P Sec. 3.1, Sec. 5",
        .number("mean bound (7) over mean bound (5)", unit: ""), parts: tightness,
        details: [
          Detail("draws with the premise of (7) in the deepest layer", reach("projection")),
          Detail("with that of (5)", reach("layered")),
        ], holdsWhen: .below(1)),
    ]
  }
}
