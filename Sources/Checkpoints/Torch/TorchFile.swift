// SPDX-License-Identifier: LGPL-3.0-or-later
/// A file of torch.save (PyTorch 1.6 and newer), or of TorchScript: a zip archive with a pickle of the structure and the
/// raw storages.
///
/// Facts: pytorch/pytorch, torch/serialization.py, torch/_utils.py, torch/csrc/jit/serialization/pickler.cpp.  The pickle
/// is read as data (`Pickle`); what else than tensors is in it (optimizers, callbacks, hyperparameters) is passed over,
/// and so is TorchScript's code.
final class TorchFile: TensorSource {
  let tensors: [String: TensorDescription]
  var path: String { file.path }

  private let file: RegularFile
  private let views: [String: StorageView]

  /// What training programs put around a model's tensors.
  private static let wrappers = ["state_dict", "model", "module"]
  /// The name of a tensor that was saved alone.
  static let loneTensor = "tensor"
  private static let maximumName = 512
  private static let maximumAttributes = 100_000

  /// Throws `CheckpointError` where the archive or its pickle is broken, where there are no tensors, and where a tensor
  /// does not lie in its storage.
  init(_ file: RegularFile) throws {
    let archive = try StoredArchive(file)
    let path = file.path
    let pickles = archive.entries.filter { $0.key.hasSuffix("/data.pkl") }
    guard pickles.count == 1, let (name, range) = pickles.first else {
      throw CheckpointError("\(path): a zip archive without data.pkl, not a torch file; expected torch.save's")
    }
    guard range.count <= Pickle.maximumBytes else {
      throw CheckpointError("\(path): \(name) has \(range.count) bytes, more than \(Pickle.maximumBytes)")
    }
    let folder = String(name.dropLast("data.pkl".count))
    if let order = archive.entries[folder + "byteorder"], order.count == 3,
      try file.bytes(count: 3, at: order.lowerBound).elementsEqual("big".utf8)
    {
      throw CheckpointError("\(path): written on a big-endian computer; convert the checkpoint to .safetensors")
    }
    let rebuilder = TensorRebuilder(
      pickle: try Pickle(file.bytes(count: range.count, at: range.lowerBound), source: "\(path): \(name)"),
      entries: archive.entries, folder: folder)

    var views: [String: StorageView] = [:]
    for (name, value) in try Self.named(rebuilder, path: path) {
      let view: StorageView?
      do { view = try rebuilder.view(value) } catch let error as CheckpointError {
        throw CheckpointError("\(path): tensor \(name.excerpt) \(error.message)")
      }
      guard let view else { continue }
      guard (1...Self.maximumName).contains(name.utf8.count), name.isPrintable else {
        throw CheckpointError("\(path): a tensor's name has \(name.utf8.count) bytes, or control characters")
      }
      guard views.updateValue(view, forKey: name) == nil else {
        throw CheckpointError("\(path): tensor \(name) is there twice")
      }
    }
    guard !views.isEmpty else {
      throw CheckpointError(
        "\(path): no tensors in \(name); expected a dictionary of tensors, alone or as state_dict, model or module: "
          + "save the model's state_dict()")
    }
    self.file = file
    self.views = views
    tensors = views.mapValues(\.description)
  }

  /// What could be a model's tensors, with their names: the innermost of the known wrappers, or TorchScript's modules.
  private static func named(_ rebuilder: TensorRebuilder, path: String) throws -> [(key: String, value: Pickle.Value)] {
    let pickle = rebuilder.pickle
    if let attributes = pickle.attributes(pickle.root) { return try modules(attributes, pickle, path: path) }
    guard var entries = pickle.entries(pickle.root) else { return [(loneTensor, pickle.root)] }
    for _ in wrappers {
      guard let inner = wrappers.lazy.compactMap({ wrapper in entries.first { $0.key == wrapper } })
        .compactMap({ pickle.entries($0.value) }).first
      else { break }
      entries = inner
    }
    return entries
  }

  /// The attributes of modules within modules: "model.0.weight".
  ///
  /// Throws `CheckpointError` where there are more than any model has: modules that hold each other have no end.
  private static func modules(
    _ attributes: [(key: String, value: Pickle.Value)], _ pickle: Pickle, path: String
  ) throws -> [(key: String, value: Pickle.Value)] {
    var (open, found, visits) = (attributes, [(key: String, value: Pickle.Value)](), 0)
    while let (name, value) = open.popLast() {
      visits += 1  // modules without attributes, each held often, leave nothing else
      if let inner = pickle.attributes(value) {
        open += inner.map { (name + "." + $0.key, $0.value) }
      } else {
        found.append((name, value))
      }
      guard open.count + visits <= maximumAttributes, name.utf8.count <= maximumName else {
        throw CheckpointError("\(path): more modules than a model has; the file is damaged")
      }
    }
    return found
  }

  func read(_ name: String, rows: Range<Int>?) throws -> StoredTensor {
    guard let view = views[name] else { throw CheckpointError("\(path): no tensor \(name)") }
    return try (rows.map(view.rows) ?? view).read(file)
  }
}
