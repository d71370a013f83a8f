import Foundation

/// The LASSO in celer, skglm and scikit-learn, as far as Python has them.
final class LassoPeer {
  /// What the peer can do.
  struct Versions: Decodable {
    /// The version by the package's name.
    let versions: [String: String]
  }

  /// One run of one package.
  struct Run: Decodable {
    /// The time of the call alone.
    let seconds: Double
    /// The largest relative duality gap of the codes.
    let gap: Double
  }

  private let peer: PythonPeer
  /// Every package's version, by name.
  let versions: [String: String]

  /// Starts Python; nothing if there is no python3 with numpy and one of the packages in PATH.
  init?(threads: Int) {
    guard let peer = PythonPeer(Self.program, threads: threads),
      let answer = try? peer.ask("versions", for: Versions.self)
    else { return nil }
    self.peer = peer
    versions = answer.versions
  }

  /// Solves the problem of the files D.npy and Y.npy of a folder.
  ///
  /// - Parameters:
  ///   - package: celer, skglm or scikit-learn.
  ///   - shares: λ over the largest |dⱼᵀy| of each signal, one after the other.
  ///   - folder: Where the files are.
  /// - Returns: The time and the largest gap.
  /// - Throws: When the process has ended or answers something else.
  func run(_ package: String, shares: [Double], in folder: URL) throws -> Run {
    try peer.ask(
      "\(package) \(shares.map { "\($0)" }.joined(separator: ",")) \(folder.path)", for: Run.self)
  }

  private static let program = """
    import json, sys, time, warnings
    import numpy as np
    warnings.filterwarnings("ignore")
    versions = {}
    try:
        import celer
        versions["celer"] = celer.__version__
    except ImportError: pass
    try:
        import skglm
        versions["skglm"] = skglm.__version__
    except ImportError: pass
    try:
        import sklearn.linear_model
        versions["scikit-learn"] = sklearn.__version__
    except ImportError: pass
    if not versions: sys.exit(1)

    def solve(package, D, y, alphas):
        tol = 1e-10
        if package == "celer":
            return celer.celer_path(D, y, "lasso", alphas=alphas, tol=tol, max_epochs=10**6)[1]
        if package == "scikit-learn":
            return sklearn.linear_model.lasso_path(D, y, alphas=alphas, tol=tol, max_iter=10**6)[1]
        model = skglm.Lasso(alphas[0], fit_intercept=False, tol=tol, warm_start=True)
        codes = []
        for alpha in alphas:
            model.alpha = alpha
            codes.append(model.fit(D, y).coef_.copy())
        return np.stack(codes, 1)

    def gap(D, y, x, l):
        r = y - D @ x
        s = max(0, min(r @ y / (r @ r), l / np.abs(D.T @ r).max()))
        p = r @ r / 2 + l * np.abs(x).sum()
        return (p - (s * (r @ y) - s * s * (r @ r) / 2)) / p

    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() == "versions":
            print(json.dumps({"versions": versions}), flush=True)
            continue
        package, shares, folder = line.rstrip("\\n").split(" ", 2)
        shares = np.array([float(s) for s in shares.split(",")])
        D, Y = np.asfortranarray(np.load(f"{folder}/D.npy")), np.load(f"{folder}/Y.npy")
        n = len(D)
        L = [np.abs(D.T @ y).max() * shares for y in Y.T]
        signals = [np.ascontiguousarray(y) for y in Y.T]
        start = time.perf_counter()
        X = [solve(package, D, y, l / n) for y, l in zip(signals, L)]
        seconds = time.perf_counter() - start
        worst = max(gap(D, y, x[:, i], l[i])
                    for y, x, l in zip(signals, X, L) for i in range(len(shares)))
        print(json.dumps({"seconds": seconds, "gap": worst}), flush=True)
    """
}
