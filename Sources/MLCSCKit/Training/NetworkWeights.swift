import Foundation

/// The weights of a network as a safetensors file that other tools load.
///
/// Every parameter is a tensor of its own name, shape and row-major order, in single precision:
/// filters `[M, C, kernel height, kernel width]` (atoms × channels of the signal), one number a
/// channel for thresholds and for scales and shifts of batch norms, `[classes, features]` for a
/// classifier. The running statistics of a batch norm NAME are `NAME.mean` and `NAME.variance`. The
/// metadata say what was trained, how and on what. Where other programs have names of their own for
/// the tensors of a network, the file has these (see `ResidualNetwork`). In Python:
///
///     from safetensors import safe_open
///     with safe_open("NAME.safetensors", framework="np") as file:   # or "pt"
///         about = file.metadata()                                   # a dict of texts
///         weights = {name: file.get_tensor(name) for name in file.keys()}
///
/// An analysis Dᵀx is then `torch.nn.functional.conv2d(x, weights["filters.1"], stride=…)`, a
/// synthesis Dγ `conv_transpose2d` with the same filters.
public enum NetworkWeights {
  /// The file's content.
  ///
  /// - Parameters:
  ///   - network: Whose weights.
  ///   - metadata: Free text by name.
  /// - Returns: A safetensors file.
  /// - Throws: Nothing in practice.
  public static func encoded(
    _ network: any Network<Float>, metadata: [String: String] = [:]
  ) throws -> Data {
    let published = tensors(of: network, prefixed: false).map { name, tensor in
      (network.publishedName(of: name), tensor)
    }
    return try SafeTensorsFile<Float>(
      tensors: [String: Tensor<Float>](uniqueKeysWithValues: published), metadata: metadata
    ).encoded(.float32)
  }

  /// Gives a network the weights of a file.
  ///
  /// - Parameters:
  ///   - url: A file that `encoded` made, or one with tensors of the same shapes and of the published
  ///     names or those of the network's own parameters; other tensors are passed over.
  ///   - network: Whose weights are replaced; unchanged where an error is thrown.
  /// - Returns: The file's metadata.
  /// - Throws: `FileError` where the file is absent, damaged or of another network.
  @discardableResult
  public static func load(
    _ url: URL, into network: any Network<Float>
  ) throws -> [String: String] {
    let file = try SafeTensorsFile<Float>(AtomicFile.read(url), path: url.path)
    var known = file.tensors
    for name in tensors(of: network, prefixed: false).keys {
      known[name] = file.tensors[network.publishedName(of: name)] ?? file.tensors[name]
    }
    if let problem = restore(known, to: network, prefixed: false) {
      throw FileError.damaged(path: url.path, place: problem.name, problem: problem.reason)
    }
    return file.metadata
  }

  /// All numbers of a network by name; with a prefix for their kind in checkpoints.
  static func tensors(
    of network: any Network<Float>, prefixed: Bool
  ) -> [String: Tensor<Float>] {
    var tensors = [String: Tensor<Float>]()
    for parameter in network.parameters {
      let name = prefixed ? "parameter/\(parameter.name)" : parameter.name
      precondition(
        tensors.updateValue(parameter.value, forKey: name) == nil, "two parameters \(name)")
    }
    for (name, statistics) in network.statistics {
      tensors[prefixed ? "mean/\(name)" : "\(name).mean"] = statistics.mean
      tensors[prefixed ? "variance/\(name)" : "\(name).variance"] = statistics.variance
    }
    return tensors
  }

  /// Puts numbers into a network; changes nothing where one is absent or of another shape.
  ///
  /// - Returns: What does not fit.
  static func restore(
    _ tensors: [String: Tensor<Float>], to network: any Network<Float>, prefixed: Bool
  ) -> (name: String, reason: String)? {
    for (name, present) in Self.tensors(of: network, prefixed: prefixed) {
      guard let found = tensors[name] else {
        return ("tensor \(name)", "absent, where the network has one of shape \(present.shape)")
      }
      guard found.shape == present.shape else {
        return ("tensor \(name)", "has the shape \(found.shape), the network's \(present.shape)")
      }
      guard found.withElements({ Float.allFinite(found.count, $0) }) else {
        return ("tensor \(name)", "holds numbers not finite")
      }
    }
    func tensor(_ kind: String, _ suffix: String, _ name: String) -> Tensor<Float> {
      tensors[prefixed ? "\(kind)/\(name)" : name + suffix] ?? Tensor(zeros: 0)
    }
    for parameter in network.parameters {
      parameter.value = tensor("parameter", "", parameter.name)
    }
    for (name, statistics) in network.statistics {
      statistics.mean = tensor("mean", ".mean", name)
      statistics.variance = tensor("variance", ".variance", name)
    }
    return nil
  }
}
