// Claim: data that were asked for by name and are absent are an error, and a folder of data that
// does not exist is said.
import Foundation
import TestSupport
import Testing

struct AbsentDataTests {
  @Test("verify: a full set that was named and is absent exits 3, without a name it does not")
  func verify() throws {
    let cache = try TemporaryFolder()
    let environment = ["MLCSC_CACHE": cache.url.path, "MLCSC_DATA": "", "MLCSC_MIRROR": ""]
    let named = try ToolRun("data", "verify", "mnist", environment: environment)
    #expect(named.status == 3)
    #expect(named.output.contains("mnist\tfull set absent\t"), "\(named.output)")
    #expect(try ToolRun("data", "verify", environment: environment).status == 0)
  }

  @Test("a folder in MLCSC_DATA that does not exist is said", arguments: ["status", "verify"])
  func folder(_ command: String) throws {
    let cache = try TemporaryFolder()
    let environment = ["MLCSC_CACHE": cache.url.path, "MLCSC_DATA": cache["nowhere"].path]
    let run = try ToolRun("data", command, "mnist", environment: environment)
    #expect(run.errors.contains("MLCSC_DATA is \(cache["nowhere"].path)"), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
  }
}
