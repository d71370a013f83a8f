// Claim: settings that studies share have the names of their own settings' neighbours, in files and on
// the command line, and the same checks.
import Foundation
import MLCSCStudies
import Testing

struct JoinedSettingsTests {
  private func names(_ settings: some Encodable) throws -> Set<String> {
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(settings))
    return Set(try #require(object as? [String: Any]).keys)
  }

  @Test("names stand side by side, none twice, and what is written is read back")
  func sideBySide() throws {
    let residual = ResidualStudy.settings(for: .paper)
    let (common, own) = (try names(residual.common), try names(residual.own))
    #expect(common.isDisjoint(with: own) && own.contains("depths"))
    #expect(try names(residual) == common.union(own))
    let dense = DenseStudy.settings(for: .smoke)
    #expect(try names(dense.common).isDisjoint(with: names(dense.own)))
    let again = try JSONDecoder().decode(DenseStudy.self, from: JSONEncoder().encode(dense))
    #expect(again.own.filters == dense.own.filters && again.common.epochs == dense.common.epochs)
    #expect(again.plan(for: .svhn) == dense.plan(for: .svhn))
  }

  @Test("settings of both parts are set by their names")
  func set() throws {
    let checkout = try TestCheckout()
    let changes = [
      "seeds=1", "epochs=1", "trainingImages=10", "testImages=10", "batchSize=10", "depths=[8]",
      "models=[\"plain\"]",
    ]
    let run = try checkout.run(
      "rescsc-fig7-degradation",
      ["--profile", "smoke", "--no-plots"] + changes.flatMap { ["--set", $0] })
    #expect(run.status == 0, "\(run.errors)")
    #expect(checkout.cells("network-training").count == 1)
  }

  @Test(
    "a setting of either part out of range exits 2",
    arguments: ["epochs=0", "width=0", "sources=[]", "filters=[8,0]", "epoch=3"])
  func range(_ change: String) throws {
    let run = try TestCheckout().run(
      "msdcsc-table3", ["--profile", "smoke", "--set", change])
    #expect(run.status == 2, "\(run.errors)")
  }
}
