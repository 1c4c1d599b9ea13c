// SPDX-License-Identifier: LGPL-3.0-or-later
/// A type of values that properties have.
///
/// `text` is a value as graphs, command lines and the ABI have it.
package protocol PropertyValue: Equatable, Sendable {
  /// nil where the text is no such value.
  init?(text: String)
  var text: String { get }
}

extension String: PropertyValue {
  package init?(text: String) { self = text }
  package var text: String { self }
}

extension Bool: PropertyValue {
  package init?(text: String) { self.init(text) }
  package var text: String { String(self) }
}

extension PropertyValue where Self: LosslessStringConvertible & Numeric {
  package init?(text: String) { self.init(text) }
  package var text: String { description }
}

extension Int: PropertyValue {}
extension Double: PropertyValue {}
extension UInt64: PropertyValue {}

/// One of several names; the raw values are the nicks.
package protocol PropertyChoice: PropertyValue, CaseIterable, RawRepresentable<String> {}

extension PropertyChoice {
  package init?(text: String) { self.init(rawValue: text) }
  package var text: String { rawValue }
}
