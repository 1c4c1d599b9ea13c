/// The tensors of one part of a model under its own names.
final class TensorCatalog: Sendable {
  /// Where a tensor's values come from.
  struct Location: Sendable {
    let file: SafetensorsFile
    let name: String  // in the file
    let entry: SafetensorsFile.Entry
    /// A part of the first dimension (OpenCLIP's joined projections).
    var rows: Range<Int>?

    var shape: [Int] { rows.map { [$0.count] + entry.shape.dropFirst() } ?? entry.shape }
    var byteCount: Int { shape.reduce(1, *) * entry.type.byteCount }
  }

  let source: String  // for messages
  let locations: [String: Location]

  init(source: String, _ locations: [String: Location]) {
    self.source = source
    self.locations = locations
  }

  var byteCount: Int { locations.values.reduce(0) { $0 + $1.byteCount } }

  /// Every tensor of a file under its stored name.
  static func locations(_ file: SafetensorsFile) -> [String: Location] {
    Dictionary(uniqueKeysWithValues: file.entries.map { ($0.key, Location(file: file, name: $0.key, entry: $0.value)) })
  }
}

/// A view of a model part's tensors below a name path, pushed where each layer is made:
/// `weights["down_blocks"][0]["resnets"][1]`.
public struct Weights {
  /// The names that were asked for, by this view and all that came from the same one.
  private final class Asked { var names: Set<String> = [] }

  private let catalog: TensorCatalog
  private let asked: Asked
  /// The path so far, for messages and look-ups: `down_blocks.0.resnets.1`.
  public let path: String

  init(_ catalog: TensorCatalog) { self.init(catalog, Asked(), path: "") }

  private init(_ catalog: TensorCatalog, _ asked: Asked, path: String) {
    self.catalog = catalog
    self.asked = asked
    self.path = path
  }

  public subscript(_ name: String) -> Weights { Weights(catalog, asked, path: full(name)) }
  public subscript(_ index: Int) -> Weights { self[String(index)] }

  private func full(_ name: String) -> String { path.isEmpty ? name : path + "." + name }

  /// Whether the tensor is there: `contains("conv_shortcut.weight")`.
  public func contains(_ name: String) -> Bool { catalog.locations[full(name)] != nil }

  /// A tensor's shape, for finding out a model's configuration; does not count as asking for it.
  public func shape(of name: String) -> [Int]? { catalog.locations[full(name)]?.shape }

  /// How many of `name.0`, `name.1`, ... have tensors, counted until the first that has none.
  public func count(of name: String) -> Int {
    let prefix = full(name) + "."
    let indices = Set(
      catalog.locations.keys.lazy.filter { $0.hasPrefix(prefix) }
        .compactMap { Int($0.dropFirst(prefix.count).prefix { $0 != "." }) })
    var count = 0
    while indices.contains(count) { count += 1 }
    return count
  }

  /// Reads a tensor of float32, float16 or bfloat16.  Shapes may differ by ones at the end: a 1x1 convolution is a
  /// linear layer.
  ///
  /// Throws if there is none, if its shape is another, or if a value is not finite.
  public func tensor(_ name: String, shape: [Int]) throws -> StoredTensor {
    let name = full(name)
    guard let location = catalog.locations[name] else {
      throw CheckpointError("\(catalog.source): tensor \(name) \(shape) is missing")
    }
    func withoutOnes(_ shape: [Int]) -> [Int] { Array(shape.reversed().drop { $0 == 1 }.reversed()) }
    guard withoutOnes(location.shape) == withoutOnes(shape) else {
      throw CheckpointError("\(catalog.source): tensor \(name) has shape \(location.shape), expected \(shape)")
    }
    guard location.entry.type.isWeight else {
      throw CheckpointError(
        "\(catalog.source): tensor \(name) has type \(location.entry.type.rawValue), expected F32, F16 or BF16")
    }
    asked.names.insert(name)
    return try location.file.read(location.entry, name: location.name, rows: location.rows)
  }

  /// Throws if the checkpoint has tensors that nobody asked for: the model would not be what the file holds.
  public func finish() throws {
    let extra = catalog.locations.keys.filter { !asked.names.contains($0) }.sorted()
    guard extra.isEmpty else {
      let names = extra.prefix(3).joined(separator: ", ") + (extra.count > 3 ? ", ..." : "")
      throw CheckpointError("\(catalog.source): \(extra.count) tensors that this model does not have: \(names)")
    }
  }
}

extension Weights {
  /// All tensors of one safetensors file under their stored names.
  public init(file path: String) throws {
    let file = try SafetensorsFile(path)
    self.init(TensorCatalog(source: path, TensorCatalog.locations(file)))
  }
}
