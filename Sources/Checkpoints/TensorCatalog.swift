// SPDX-License-Identifier: LGPL-3.0-or-later
/// The tensors of one part of a model under their newest names.
final class TensorCatalog: Sendable {
  /// Where a tensor's values come from.
  struct Location: Sendable {
    let source: any TensorSource
    let name: String  // in the file
    let description: TensorDescription
    /// A cut of the first dimension (OpenCLIP's joined projections).
    let rows: Range<Int>?

    /// `rows` must be within the first dimension.
    init(_ source: any TensorSource, _ name: String, _ stored: TensorDescription, rows: Range<Int>? = nil) {
      self.source = source
      self.name = name
      self.rows = rows
      description = rows.map(stored.rows) ?? stored
    }
  }

  /// The file that messages name: the checkpoint, or the shards' index.
  let path: String
  let locations: [String: Location]
  /// Texts that a single file has beside its tensors.
  let metadata: [String: String]

  init(path: String, _ locations: [String: Location], metadata: [String: String] = [:]) {
    self.path = path
    self.locations = locations
    self.metadata = metadata
  }

  var byteCount: Int { locations.values.reduce(0) { $0 + $1.description.byteCount } }

  /// Every tensor of a file under its stored name.
  static func locations(_ source: any TensorSource) -> [String: Location] {
    Dictionary(uniqueKeysWithValues: source.tensors.map { ($0.key, Location(source, $0.key, $0.value)) })
  }

  /// Every tensor under its newest name, without buffers that are no weights.
  ///
  /// Throws where two stored names are the same tensor's.
  static func canonical(_ stored: [String: Location], of part: PackPart, path: String) throws -> TensorCatalog {
    var locations: [String: Location] = [:]
    for (storedName, location) in stored {
      guard let name = part.canonicalName(storedName) else { continue }
      guard locations.updateValue(location, forKey: name) == nil else {
        throw CheckpointError("\(path): two tensors for \(part.name) \(name)")
      }
    }
    return TensorCatalog(path: path, locations)
  }
}
