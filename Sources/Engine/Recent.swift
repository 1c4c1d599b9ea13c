// SPDX-License-Identifier: LGPL-3.0-or-later
/// What was made last, by what it was made from; the one that was not used for longest goes first.
package final class Recent {
  private struct Entry {
    let key: any Equatable
    let value: any Sendable
    let bytes: Int
  }

  private let limit: Int
  private var entries: [Entry] = []  // the last one was used last

  /// limit: bytes of all together.
  package init(limit: Int = 64 << 20) { self.limit = limit }

  package subscript<Value: Sendable>(key: some Equatable, as type: Value.Type = Value.self) -> Value? {
    guard let index = index(of: key) else { return nil }
    entries.append(entries.remove(at: index))
    return entries.last?.value as? Value
  }

  /// Keeps a value, unless it is larger than the limit.  bytes: what it takes together with its key.
  package func keep(_ value: some Sendable, for key: some Equatable, bytes: Int) {
    if let index = index(of: key) { entries.remove(at: index) }
    entries.append(Entry(key: key, value: value, bytes: bytes))
    var total = entries.reduce(0) { $0 + $1.bytes }
    while total > limit { total -= entries.removeFirst().bytes }
  }

  private func index<Key: Equatable>(of key: Key) -> Int? { entries.firstIndex { $0.key as? Key == key } }
}
