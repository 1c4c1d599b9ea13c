// SPDX-License-Identifier: LGPL-3.0-or-later
/// An operation and its properties' values: `request.steps`.  Those that come as text are in their ranges.
@dynamicMemberLookup
package struct Request: Equatable, Sendable {
  package var operation: Operation
  /// Whether the host shows what becomes of the picture.  No part of what is painted: two requests are equal whatever it is.
  package var wantsPreviews = false
  private var values: [String: any PropertyValue] = [:]

  /// Every property at its default.
  package init(_ operation: Operation) { self.operation = operation }

  /// A property's value; its default where the operation does not have it.  Values that are set are not checked.
  package subscript<Value>(dynamicMember property: KeyPath<PropertyTable, Property<Value>>) -> Value {
    get {
      let property = PropertyTable.shared[keyPath: property]
      return values[property.name] as? Value ?? property.default(on: operation)
    }
    set { values[PropertyTable.shared[keyPath: property].name] = newValue }
  }

  /// Whether the operation has a property.
  package func has<Value>(_ property: KeyPath<PropertyTable, Property<Value>>) -> Bool {
    PropertyTable.shared[keyPath: property].operations.contains(operation)
  }

  /// Whether the operation is one that paints beyond the picture, by however many pixels.
  package var growsCanvas: Bool { has(\.overlap) }

  /// Sets a property by its text.  Throws where the operation has none of that name, or where it takes no such value.
  package mutating func set(_ name: String, _ text: String) throws(PropertyError) {
    guard let property = PropertyTable.properties(of: operation).first(where: { $0.name == name }) else {
      throw PropertyError("there is no property \(name)")
    }
    values[name] = try property.value(of: text)
  }

  /// The same asked of another operation.  lost: the properties that it does not have, and that are not at their default.
  package func asked(of other: Operation) -> (request: Request, lost: [String]) {
    var request = Request(other)
    request.wantsPreviews = wantsPreviews
    let taken = Set(PropertyTable.properties(of: other).map(\.name))
    request.values = values.filter { taken.contains($0.key) }
    let lost = PropertyTable.properties(of: operation).filter { property in
      guard !taken.contains(property.name), let value = values[property.name] else { return false }
      return value.text != property.defaultText(on: operation)
    }
    return (request, lost.map(\.name))
  }

  // MARK: Equatable

  private var texts: [String: String] { values.mapValues(\.text) }

  package static func == (one: Request, other: Request) -> Bool {
    one.operation == other.operation && one.texts == other.texts
  }
}
