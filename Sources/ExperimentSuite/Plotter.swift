import Foundation

/// What can go wrong with a figure.
public enum PlotError: Error, Equatable, CustomStringConvertible {
  /// There is no gnuplot.
  case gnuplotMissing
  /// gnuplot refused the script.
  case failed(script: String, message: String)

  public var description: String {
    switch self {
    case .gnuplotMissing:
      "gnuplot is missing: install the package gnuplot-nox (./run_all.sh --install does), "
        + "or use --no-plots"
    case .failed(let script, let message): "gnuplot failed on \(script): \(message)"
    }
  }
}

/// Renders the tables of an experiment with its `plot.gp`.
///
/// The script is called once a format as `gnuplot -c plot.gp CSV-FOLDER/ OUTPUT-STEM svg|png`; the
/// common style has been loaded by then, so that terminal, fonts, colours and grid are the same in
/// all figures; it prints `scale` at the foot. Where quick's figure shows the stored tables of
/// `standard` beside its own, `stored` is their folder with a slash behind it and `stored_scale` what
/// they were measured on; else both are empty. The script sets `set output` itself, to `ARG2 . ".svg"` and so on, which lets one
/// experiment have several figures.
struct Plotter {
  let script: URL
  let tables: URL
  /// Profile, images, epochs, seeds: what every figure states of its scale.
  let scale: [String]
  /// Stored tables that are shown beside (`Baselines.beside`).
  var beside: URL?

  /// The path of an executable file, looked up along PATH.
  static func executable(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Renders the figure as SVG and PNG, unless script, style and tables are what they were and the
  /// figures are still there.
  ///
  /// - Returns: Whether anything was rendered.
  /// - Throws: `PlotError`, `FileError`.
  func render() throws -> Bool {
    let style = try PackageResources.url("style.gp", of: "ExperimentSuite")
    let files = try ([tables] + (beside.map { [$0] } ?? [])).flatMap { folder in
      try Comparison.csvFiles(folder).map { folder.appendingPathComponent($0) }
    }
    var content = Data()
    for file in files + [script, style] { content += try AtomicFile.read(file) }
    content += Data(caption.utf8)
    let digest = Digest.sha256(content).description
    let mark = tables.appendingPathComponent(".plotted")
    // The mark names the digest and the figures; a figure that somebody removed is rendered again.
    let known = (try? AtomicFile.read(mark)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let lines = known.split(separator: "\n").map(String.init)
    let isThere = lines.dropFirst().allSatisfy {
      FileManager.default.fileExists(atPath: tables.appendingPathComponent($0).path)
    }
    if lines.count > 1, lines[0] == digest, isThere { return false }
    guard let gnuplot = Self.executable("gnuplot") else { throw PlotError.gnuplotMissing }
    let scratch = try ScratchFolder("mlcsc-plot")
    defer { scratch.remove() }
    let work = scratch.url
    let filled = try ScratchFolder("mlcsc-plot-tables")
    defer { filled.remove() }
    let source = try PlottedTables.fill(tables, into: filled.url) ? filled.url : tables
    for format in ["svg", "png"] {
      try run(gnuplot, style, source, format, work.appendingPathComponent("figure").path)
    }
    let figures = try FileManager.default.contentsOfDirectory(atPath: work.path).sorted()
    for name in figures {
      try AtomicFile.write(
        AtomicFile.read(work.appendingPathComponent(name)), to: tables.appendingPathComponent(name))
    }
    try AtomicFile.write(
      Data(([digest] + figures).joined(separator: "\n").utf8), to: mark)
    return true
  }

  /// Removes figures of earlier tables, which would be taken for those of the present ones.
  func discard() {
    let mark = tables.appendingPathComponent(".plotted")
    let known = (try? AtomicFile.read(mark)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    for name in known.split(separator: "\n").dropFirst().map(String.init) + [".plotted"] {
      try? FileManager.default.removeItem(at: tables.appendingPathComponent(name))
    }
  }

  private var caption: String { scale.joined(separator: " · ") }

  private var besideScale: String {
    let schema = beside.flatMap { try? TableSchema.read($0) }
    return (schema?.caption ?? []).joined(separator: " · ")
  }

  /// A text in gnuplot's single quotation marks, which know no escapes but their own doubling.
  private static func quoted(_ text: String) -> String {
    "'" + text.replacingOccurrences(of: "'", with: "''") + "'"
  }

  private func run(
    _ gnuplot: String, _ style: URL, _ source: URL, _ format: String, _ stem: String
  ) throws {
    let run = try FinishedProgram(
      URL(fileURLWithPath: gnuplot),
      [
        "-e",
        "format = \(Self.quoted(format)); scale = \(Self.quoted(caption)); "
          + "stored = \(Self.quoted(beside.map { $0.path + "/" } ?? "")); "
          + "stored_scale = \(Self.quoted(besideScale)); load \(Self.quoted(style.path))",
        "-c", script.path, source.path + "/", stem, format,
      ], environment: ["LC_ALL": "C.UTF-8"], keeping: .errors)
    guard run.status == 0 else {
      let lines = String(decoding: run.kept, as: UTF8.self).split(separator: "\n")
      throw PlotError.failed(
        script: script.path,
        message: lines.isEmpty
          ? "it ended with status \(run.status) and said nothing"
          : lines.suffix(3).joined(separator: " · "))
    }
  }
}
