// SPDX-License-Identifier: LGPL-3.0-or-later
import Synchronization

/// Values that are made when they are first asked for, by key.  Each is made once, whatever the thread, and so is an
/// error.
final class Once<Value: Sendable>: Sendable {
  private let results = Mutex<[String: Result<Value, any Error>]>([:])

  /// `make` must not ask the same `Once`.
  func callAsFunction(_ key: String, _ make: () throws -> Value) throws -> Value {
    let result = results.withLock { results in
      if let result = results[key] { return result }
      let result = Result { try make() }
      results[key] = result
      return result
    }
    return try result.get()
  }
}
