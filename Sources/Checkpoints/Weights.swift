// SPDX-License-Identifier: LGPL-3.0-or-later
/// A view of a model part's tensors below a name path, pushed where each layer is made:
/// `weights["down_blocks"][0]["resnets"][1]`.
public struct Weights {
  /// What this view, and all that came from the same one, were asked for.
  private final class Asked { var names: Set<String> = [] }

  private let catalog: TensorCatalog
  private let asked: Asked
  /// The path so far, for messages and look-ups: `down_blocks.0.resnets.1`.
  public let path: String
  /// The file that messages name.
  package var file: String { catalog.path }

  init(_ catalog: TensorCatalog) { self.init(catalog, Asked(), path: "") }

  private init(_ catalog: TensorCatalog, _ asked: Asked, path: String) {
    self.catalog = catalog
    self.asked = asked
    self.path = path
  }

  /// All tensors of one file under their stored names.  Throws `CheckpointError` if it cannot be read.
  public init(file path: String) throws {
    let source = try openTensorSource(path)
    self.init(TensorCatalog(path: path, TensorCatalog.locations(source), metadata: source.metadata))
  }

  /// The names of all tensors, sorted, with their whole paths; for finding out what a file is.
  public var names: [String] { catalog.locations.keys.sorted() }

  /// Texts that a single file has beside its tensors.
  public var metadata: [String: String] { catalog.metadata }

  public subscript(_ name: String) -> Weights { Weights(catalog, asked, path: full(name)) }
  public subscript(_ index: Int) -> Weights { self[String(index)] }

  private func full(_ name: String) -> String { path.isEmpty ? name : path + "." + name }

  /// Whether the tensor is there: `contains("conv_shortcut.weight")`.
  public func contains(_ name: String) -> Bool { catalog.locations[full(name)] != nil }

  /// A tensor's shape, for finding out a model's configuration; does not count as asking for it.
  public func shape(of name: String) -> [Int]? { catalog.locations[full(name)]?.description.shape }

  /// Of a tensor in the file; 0 where there is none.
  public func byteCount(of name: String) -> Int { catalog.locations[full(name)]?.description.byteCount ?? 0 }

  /// How many of `name.0`, `name.1`, ... have tensors, counted until the first that has none.
  public func count(of name: String) -> Int {
    let prefix = full(name) + "."
    let indices = Set(
      catalog.locations.keys.lazy.compactMap { $0.removingPrefix(prefix) }
        .compactMap { Int($0.prefix { $0 != "." }) })
    var count = 0
    while indices.contains(count) { count += 1 }
    return count
  }

  /// Reads a tensor of float32, float16 or bfloat16, with the file's shape.  That may differ from `shape` by ones at
  /// the end: a 1x1 convolution is a linear layer.
  ///
  /// Throws `CheckpointError` if there is none, if its shape or type is another, or if a value is not finite.
  public func tensor(_ name: String, shape: [Int]) throws -> StoredTensor {
    let name = full(name)
    guard let location = catalog.locations[name] else {
      throw CheckpointError(
        "\(catalog.path): tensor \(name) \(shape) is missing; the checkpoint is incomplete or of another model")
    }
    let description = location.description
    // The original name helps where the checkpoint has others.
    let full = location.name == name ? name : "\(name) (there \(location.name))"
    func error(_ what: String) -> CheckpointError { CheckpointError("\(location.source.path): tensor \(full) \(what)") }
    guard description.shape.withoutTrailingOnes == shape.withoutTrailingOnes else {
      throw error("has shape \(description.shape), expected \(shape)")
    }
    guard description.type.isWeight else {
      throw error("has type \(description.type.rawValue), expected F32, F16 or BF16; convert the checkpoint")
    }
    asked.names.insert(name)
    let tensor = try location.source.read(location.name, rows: location.rows)
    guard tensor.isFinite else { throw error("has values that are not finite; the file is damaged") }
    return tensor
  }

  /// Throws `CheckpointError` if the part has tensors that nobody asked for: the model would not be what the file holds.
  public func finish() throws {
    let extra = catalog.locations.keys.filter { !asked.names.contains($0) }.sorted()
    guard extra.isEmpty else {
      let names = extra.prefix(3).joined(separator: ", ") + (extra.count > 3 ? ", ..." : "")
      throw CheckpointError(
        "\(catalog.path): the model has no place for \(extra.count) tensors, so it is another model's: \(names)")
    }
  }
}

extension [Int] {
  var withoutTrailingOnes: ArraySlice<Int> { prefix((lastIndex { $0 != 1 } ?? -1) + 1) }
}
