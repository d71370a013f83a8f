extension DictionaryLearning: CheckpointedLearner {
  /// The whole state as tensors: filters `D1` …, Adam's moments, counters and history.
  ///
  /// - Throws: Nothing in practice: the history encodes as JSON.
  public func checkpoint() throws -> SafeTensors {
    var file = SafeTensors(metadata: [
      "epoch": "\(epoch)", "steps": "\(steps)",
      "history": String(decoding: try JSONText.compact(history), as: UTF8.self),
    ])
    for (i, layer) in layers.enumerated() {
      file.tensors["D\(i + 1)"] = layer.filters
      file.tensors["adam_first_\(i + 1)"] = moments[i].first
      file.tensors["adam_second_\(i + 1)"] = moments[i].second
    }
    return file
  }

  /// Takes up the state of a checkpoint of the same settings and geometries.
  ///
  /// - Throws: `FileError.damaged` where something is absent or has another shape.
  public mutating func restore(_ file: SafeTensors, path: String) throws {
    func tensor(_ name: String, _ shape: [Int]) throws -> Tensor<Double> {
      guard let found = file.tensors[name], found.shape == shape else {
        throw FileError.damaged(
          path: path, place: "tensor \(name)", problem: "absent or not of shape \(shape)")
      }
      return found
    }
    guard let epoch = file.metadata["epoch"].flatMap({ Int($0) }),
      let steps = file.metadata["steps"].flatMap({ Int($0) }),
      let text = file.metadata["history"],
      let history: [LearningRecord] = JSONText.decoded(text)
    else {
      throw FileError.damaged(
        path: path, place: "__metadata__", problem: "needs epoch, steps and history")
    }
    var next = self
    for i in layers.indices {
      let shape = layers[i].filters.shape
      next.layers[i] = layers[i].replacingFilters(try tensor("D\(i + 1)", shape))
      next.moments[i].first = try tensor("adam_first_\(i + 1)", shape)
      next.moments[i].second = try tensor("adam_second_\(i + 1)", shape)
    }
    next.epoch = epoch
    next.steps = steps
    next.history = history
    self = next
  }
}
