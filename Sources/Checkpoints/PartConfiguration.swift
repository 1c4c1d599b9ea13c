// SPDX-License-Identifier: LGPL-3.0-or-later
/// What shapes a model that is a part of a pack.
public protocol PartConfiguration: Sendable {
  static var part: PackPart { get }
  /// From the part's config.json.  Throws `CheckpointError` for what the model cannot do, naming the key.
  init(_ json: JSON) throws
  /// From the shapes of a file without configuration.  Throws `CheckpointError` for another model's tensors.
  init(inferredFrom weights: Weights) throws
}

extension PartConfiguration {
  /// That of the part's config.json, else what its tensors' shapes say.
  ///
  /// part: where a model of another kind stands in for it.  Throws `CheckpointError` if the pack has no such part, or one
  /// that cannot be used.
  public init(_ pack: OpenedPack, _ part: PackPart = Self.part) throws {
    let json = try pack.configuration(part)
    let weights = try json == nil ? pack.weights(part) : nil
    do {
      self = try json.map { try Self($0) } ?? Self(inferredFrom: weights ?? pack.weights(part))
    } catch let error as CheckpointError {
      throw CheckpointError("\(pack.path), \(part.name): \(error.message)")
    }
  }

  /// Throws `CheckpointError` with this message unless `condition` holds.
  package func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    if !condition { throw CheckpointError(message()) }
  }
}

extension JSON {
  /// One integer for all, or a list (of `count`).  Throws `CheckpointError` for anything else.
  package func integers(_ key: String, or fallback: [Int], count: Int? = nil) throws -> [Int] {
    var values = fallback
    if let member = self[key] {
      guard let list = member.int.map({ [$0] }) ?? member.array?.compactMap(\.int),
        list.count == member.array?.count ?? 1, !list.isEmpty
      else { throw CheckpointError("\"\(key)\" has an unexpected value") }
      values = list
    }
    if let count, values.count == 1 { values = Array(repeating: values[0], count: count) }
    guard values.count == count ?? values.count else {
      throw CheckpointError("\"\(key)\" has \(values.count) entries, expected \(count!)")
    }
    return values
  }

  /// Throws `CheckpointError` where a key is there with another text than the only one that is supported.
  package func require(_ key: String, _ value: String) throws {
    guard try self.value(key, or: value, \.string) == value else {
      throw CheckpointError("\"\(key)\" \"\(self[key]?.string ?? "?")\" is not supported")
    }
  }
}
