// SPDX-License-Identifier: LGPL-3.0-or-later
/// A property of operations: its name, what it may be, where it starts, which operations have it, what it does.
package struct Property<Value: PropertyValue>: AnyProperty {
  package let name: String
  package let kind: PropertyKind
  package let operations: [Operation]
  private let initial: Value
  private let initialOn: [Operation: Value]
  private let help: String
  private let helpOn: [Operation: String]

  /// initialOn, helpOn: of operations that differ.
  fileprivate init(
    _ name: String, _ kind: PropertyKind, _ operations: [Operation], default initial: Value, _ initialOn: [Operation: Value],
    _ help: String, _ helpOn: [Operation: String]
  ) {
    self.name = name
    self.kind = kind
    self.operations = operations
    self.initial = initial
    self.initialOn = initialOn
    self.help = help
    self.helpOn = helpOn
  }

  package func `default`(on operation: Operation) -> Value { initialOn[operation] ?? initial }
  package func defaultText(on operation: Operation) -> String { self.default(on: operation).text }
  package func help(on operation: Operation) -> String { helpOn[operation] ?? help }

  package func value(of text: String) throws(PropertyError) -> any PropertyValue {
    guard let value = Value(text: text), kind.contains(value) else {
      let shown = kind.isQuoted ? "\"\(text.prefix(100))\"" : Value(text: text)?.text ?? "\"\(text.prefix(100))\""
      throw PropertyError("\(name) is \(shown); it may be \(kind.valuesText)")
    }
    return value
  }
}

/// A property whose values' type is not at hand.
package protocol AnyProperty: Sendable {
  var name: String { get }
  var kind: PropertyKind { get }
  var operations: [Operation] { get }
  func defaultText(on operation: Operation) -> String
  func help(on operation: Operation) -> String
  /// Throws where the text is no value of this property.
  func value(of text: String) throws(PropertyError) -> any PropertyValue
}

/// What a property may be.
package enum PropertyKind: Equatable, Sendable {
  case text
  /// A path; empty for none.
  case file
  case boolean
  case integer(ClosedRange<Int>)
  case number(ClosedRange<Double>)
  case seed
  case choice([String])

  /// Not a number is in no range.
  fileprivate func contains(_ value: any PropertyValue) -> Bool {
    switch (self, value) {
    case (.integer(let range), let value as Int): range.contains(value)
    case (.number(let range), let value as Double): range.contains(value)
    case (.seed, let value as UInt64): value <= UInt64(UInt32.max)
    default: true
    }
  }

  fileprivate var isQuoted: Bool { if case .choice = self { true } else { false } }

  /// For messages and tables.
  package var valuesText: String {
    switch self {
    case .text: "any text"
    case .file: "a file's path"
    case .boolean: "true or false"
    case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
    case .number(let range): "\(range.lowerBound) to \(range.upperBound)"
    case .seed: "0 to \(UInt32.max)"
    case .choice(let nicks): nicks.joined(separator: ", ")
    }
  }
}

/// Why a property cannot be what it was set to.
package struct PropertyError: Error, CustomStringConvertible, Equatable {
  package let description: String
  package init(_ description: String) { self.description = description }
}

// MARK: - By the type of their values

extension Property<Int> {
  init(
    _ name: String, _ range: ClosedRange<Int>, default initial: Int, _ initialOn: [Operation: Int] = [:],
    on operations: [Operation], _ help: String, _ helpOn: [Operation: String] = [:]
  ) { self.init(name, .integer(range), operations, default: initial, initialOn, help, helpOn) }
}

extension Property<Double> {
  init(
    _ name: String, _ range: ClosedRange<Double>, default initial: Double, _ initialOn: [Operation: Double] = [:],
    on operations: [Operation], _ help: String, _ helpOn: [Operation: String] = [:]
  ) { self.init(name, .number(range), operations, default: initial, initialOn, help, helpOn) }
}

extension Property<Bool> {
  init(_ name: String, default initial: Bool, on operations: [Operation], _ help: String) {
    self.init(name, .boolean, operations, default: initial, [:], help, [:])
  }
}

extension Property<UInt64> {
  init(seed name: String, on operations: [Operation], _ help: String) {
    self.init(name, .seed, operations, default: 0, [:], help, [:])
  }
}

extension Property<String> {
  init(_ name: String, on operations: [Operation], _ help: String, _ helpOn: [Operation: String] = [:]) {
    self.init(name, .text, operations, default: "", [:], help, helpOn)
  }

  init(file name: String, on operations: [Operation], _ help: String, _ helpOn: [Operation: String] = [:]) {
    self.init(name, .file, operations, default: "", [:], help, helpOn)
  }
}

extension Property where Value: PropertyChoice {
  init(
    _ name: String, default initial: Value, on operations: [Operation], _ help: String, _ helpOn: [Operation: String] = [:]
  ) {
    let nicks = Value.allCases.map(\.rawValue)
    self.init(name, .choice(nicks), operations, default: initial, [:], help, helpOn)
  }
}
