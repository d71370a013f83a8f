// Claim: B's three experiments train each network once, by either protocol, and settings within
// settings can be changed.
import Foundation
import TestSupport
import Testing

struct UnfoldedExperimentTests {
  static let names = [
    "mlbp-fig3-mnist-unfolding", "mlbp-fig4-svhn", "mlbp-table1-classification",
  ]
  static let tiny = [
    "--profile", "smoke", "--no-plots", "--set", "seeds=1", "--set", "unfoldings=1",
  ]

  /// Ten images of each set and one epoch, by a protocol.
  static func changes(_ recipes: String) -> [String] {
    ["digits", "photographs"].flatMap { set in
      ["trainingImages=10", "testImages=10", "plan.batchSize=10", "plan.epochs=1"].flatMap {
        ["--set", "\(recipes).\(set).\($0)"]
      }
    }
  }

  @Test("figures and table share their trainings", arguments: ["document", "code"])
  func sharing(_ recipes: String) throws {
    let checkout = try TestCheckout()
    for name in Self.names {
      let run = try checkout.run(
        name, Self.tiny + ["--protocol", recipes] + Self.changes(recipes))
      #expect(run.status == 0, "\(run.errors)")
    }
    // Fig. 3: 0 and 1 unfoldings, and of the document's second plan a matched network more; Table 1 adds
    // Layered BP and ML-FISTA on digits, and shares its four models on photographs with Fig. 4.
    let second = recipes == "document" ? 3 : 0
    #expect(checkout.cells("network-training").count == 2 + second + 2 + 4)
    let table = try checkout.table(
      "Results/custom/mlbp-table1-classification", "networks.csv")
    #expect(table.split(separator: "\n").count == 1 + 8)
    let protocols = try checkout.table(
      "Results/custom/mlbp-table1-classification", "protocols.csv")
    #expect(protocols.contains("Adam"))
  }

  @Test("a setting within a setting that does not exist exits 2 and names its neighbours")
  func unknown() throws {
    let run = try TestCheckout().run(
      Self.names[0], Self.tiny + ["--set", "document.digits.plan.epoch=3"])
    #expect(run.status == 2)
    #expect(run.errors.contains("learningRate"), "\(run.errors)")
  }

  @Test("a setting within a setting out of range exits 2")
  func range() throws {
    let run = try TestCheckout().run(
      Self.names[0], Self.tiny + ["--set", "document.digits.plan.epochs=0"])
    #expect(run.status == 2)
  }

  @Test("a protocol that does not exist exits 2")
  func unknownProtocol() throws {
    let run = try TestCheckout().run(Self.names[0], Self.tiny + ["--protocol", "paper"])
    #expect(run.status == 2)
  }
}
