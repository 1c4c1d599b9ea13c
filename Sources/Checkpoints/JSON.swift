// SPDX-License-Identifier: LGPL-3.0-or-later
/// A JSON value (RFC 8259).  Objects have no repeated keys; keys that `String` counts as equal (the same characters in
/// another encoding) are repeated too.
public enum JSON: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// The value of a key; nil if there is none, if it is null, or if this is not an object.
  public subscript(_ key: String) -> JSON? {
    guard case .object(let members) = self, let value = members[key], value != .null else { return nil }
    return value
  }

  public var int: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  public var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }

  /// The value of `key` read by `reader`, or `fallback` where the key is absent.  Throws where it has another type.
  public func value<Value>(_ key: String, or fallback: Value, _ reader: KeyPath<JSON, Value?>) throws -> Value {
    guard let member = self[key] else { return fallback }
    guard let value = member[keyPath: reader] else {
      throw CheckpointError("\"\(key)\" has an unexpected value")
    }
    return value
  }
}
