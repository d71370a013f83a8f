// Claim: every value of a setting gives a result or exit 2 that names the setting; never a trap.
import Foundation
import TestSupport
import Testing

@Suite(.serialized)
struct SettingRuleTests {
  /// Values of ordinary type that once ended in a trap, or in a table that could not be written.
  static let refused: [(experiment: String, change: String)] = [
    ("adversarial-robustness", "randomStarts=[0]"),
    ("adversarial-robustness", "drawsWithinPremise=[20]"),
    ("adversarial-robustness", "drawsBeyondPremise=[2]"),
    ("adversarial-robustness", "digitCoherences=[0.95]"),
    ("adversarial-robustness", "digitCardinalities=[10,1,1]"),
    ("adversarial-robustness", "digitPairs=[[0,1],[0,1]]"),
    ("adversarial-robustness", "dimension=1"),
    ("adversarial-robustness", "cardinalities=[9]"),
    ("dictionary-learning-filters", "shownAtoms=[8]"),
    ("dictionary-learning-filters", "trainingDigits=1"),
    ("dictionary-learning-filters", "strides=[1]"),
    ("dictionary-learning-classification", "trainingDigits=1"),
    ("dictionary-learning-filters", "pruning=[0.1]"),
    ("holistic-uniqueness", "dimensions=[50]"),
    ("mlbp-fig1-recovery", "dimensions=[50]"), ("mlbp-fig1-recovery", "sparsity=61"),
    ("mlbp-fig2-solvers", "cosparsity=30"), ("mlbp-theory", "wideDimensions=[50,70,60]"),
    ("mlcsc-theory", "lineDelays=[18]"), ("mlista-fixed-point", "dimensions=[1,1,1,1]"),
    ("mlista-fixed-point", "lambdas=[[0.01,0.01],[0.01,0.01]]"),
    ("msdcsc-fig1-coherence", "figureKernel=[1]"),
    ("msdcsc-fig1-coherence", "figureKernel=[0,0,0,0]"),
    ("msdcsc-fig1-coherence", "dilations=[1,1]"), ("msdcsc-fig4-failures", "widths=[60]"),
    ("msdcsc-fig4-failures", "iterations=[10]"), ("msdcsc-fig4-failures", "iterations=[0,5,5]"),
    ("msdcsc-fig8-curves", "filters=[8]"),
    ("msdcsc-table3", "filters=[8]"),
    ("msdcsc-theory", "atomCounts=[5]"), ("msdcsc-theory", "signalDimensions=[10]"),
    ("msdcsc-theory", "thresholdingDimensions=[64]"), ("msdcsc-theory", "spectra=[[6,10,7]]"),
    ("network-theory", "sixFilters=[8]"), ("projection-bounds", "lineDelays=[18]"),
    ("projection-bounds", "noise=[0.01]"), ("projection-bounds", "noise=[0,1]"),
    ("projection-bounds", "narrowCoherences=[1]"),
    ("thresholding-guarantees", "pursuitNoise=[0.1]"),
    ("thresholding-guarantees", "biasDimensions=[20]"),
    ("projection-fig2-decomposition", "digits=[10000000,1]"),
    ("projection-fig3-recovery", "signals=10000000"),
    ("dictionary-learning-approximation", "testDigits=1"),
    ("rescsc-fig7-degradation", "depths=[14,9]"), ("rescsc-fig7-degradation", "furtherDepths=[8]"),
    ("rescsc-table2", "models=[\"plain\",\"plain\"]"),
  ]

  @Test("a value that breaks a rule is refused at once, by name", arguments: refused)
  func refusal(_ experiment: String, _ change: String) throws {
    let checkout = try TestCheckout()
    let run = try checkout.run(
      experiment, ["--profile", "smoke", "--no-plots", "--set", change])
    let name = change.prefix { $0 != "=" }
    #expect(run.status == 2, "\(run.errors)")
    #expect(run.errors.contains("--set \(name): it must "), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  /// Values that no rule of their own forbids, and what is said of them.
  static let named: [(experiment: String, change: String, words: String)] = [
    // Another setting, left as it was, does not fit.
    ("mlbp-fig1-recovery", "sparsity=15", "with this, cosparsity breaks a rule: it must be below"),
    ("mlbp-fig1-recovery", "firstExponent=1", "with this, lastExponent breaks a rule"),
    // The library refuses it.
    ("mlista-fixed-point", "lambdas=[[0.01,0]]", "there is no result, where the profile's own"),
    // Entries of lists, and fields of entries, have the range of the profile's.
    ("projection-fig3-recovery", "kasamiDegree=1", "degree is 1; it must be 4, 6, 8 or 10"),
    ("mlista-fixed-point", "lambdas=[[0.01,-1]]", "another number not negative"),
    ("msdcsc-fig8-curves", "filters=[8,8,16,16,32,0]", "a count must be at least 1"),
    ("mlista-fixed-point", "draws=1000000000", "at most 100000000"),
    ("mlista-fixed-point", "decades=1e300", "at most 1e+15"),
    // More than there is.
    ("mlista-fixed-point", "decades=1e15", "needs more memory than there is"),
    ("msdcsc-unfolding-cost", "unfoldings=[0,0]", "they ask twice for"),
  ]

  @Test(
    "a value that only the rest of the settings or the machine forbids is named", arguments: named)
  func naming(_ experiment: String, _ change: String, _ words: String) throws {
    let checkout = try TestCheckout()
    let run = try checkout.run(
      experiment, ["--profile", "smoke", "--no-plots", "--set", change])
    #expect(run.status == 2, "\(run.errors)")
    #expect(run.errors.contains("--set \(change): "), "\(run.errors)")
    #expect(run.errors.contains(words), "\(run.errors)")
  }

  @Test("tables that are too odd for a figure end in a note, and the old figure goes")
  func oddFigure() throws {
    let checkout = try TestCheckout()
    let script = checkout.folder["Experiments"]
      .appendingPathComponent("msdcsc-fig1-coherence/plot.gp")
    let options = ["--profile", "smoke", "--set", "randomKernels=2"]
    let drawn = try checkout.run("msdcsc-fig1-coherence", options)
    #expect(drawn.status == 0, "\(drawn.errors)")
    let figure = checkout.folder["Results"]
      .appendingPathComponent("custom/msdcsc-fig1-coherence/figure.svg")
    #expect(FileManager.default.fileExists(atPath: figure.path))
    try "plot [1:1] x\n".write(to: script, atomically: true, encoding: .utf8)
    let odd = try checkout.run("msdcsc-fig1-coherence", options)
    #expect(odd.status == 0, "\(odd.errors)")
    #expect(odd.errors.contains("no figure, the tables are too odd for plot.gp"))
    #expect(!FileManager.default.fileExists(atPath: figure.path))
    // With the profile's own settings a script that fails is a fault.
    let own = try checkout.run("msdcsc-fig1-coherence", ["--profile", "smoke"])
    #expect(own.status == 3, "\(own.errors)")
  }

  @Test(
    "one series, one point: a figure all the same",
    arguments: [
      (
        "mlista-fixed-point", ["lambdas=[[0.03,0.03]]", "draws=1", "decades=1"],
        ["λ = (0.03, 0.03)", "after the inner threshold"]
      ),
      ("mlbp-fig1-recovery", ["amplitudeRatios=[10]", "realisations=4"], []),
      ("msdcsc-fig4-failures", ["centres=[\"uniform\"]"], []),
    ])
  func fewSeries(_ experiment: String, _ changes: [String], _ legends: [String]) throws {
    let checkout = try TestCheckout()
    let run = try checkout.run(
      experiment, ["--profile", "smoke"] + changes.flatMap { ["--set", $0] })
    #expect(run.status == 0 && !run.errors.contains("no figure"), "\(run.errors)")
    let figure = checkout.folder["Results"].appendingPathComponent(
      "custom/\(experiment)/figure.svg")
    let drawing = try String(contentsOf: figure, encoding: .utf8)
    for series in legends { #expect(drawing.contains(series), "\(series) is not drawn") }
  }

  @Test("where a changed setting leaves nothing to compute, the change is named, exit 2")
  func notComputable() throws {
    let checkout = try TestCheckout()
    let run = try checkout.run(
      "msdcsc-theory", ["--profile", "smoke", "--no-plots", "--set", "certifiedGap=0"])
    #expect(run.status == 2, "\(run.errors)")
    #expect(run.errors.contains("--set certifiedGap=0: with these settings there is no result"))
  }
}
