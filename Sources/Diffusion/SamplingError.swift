// SPDX-License-Identifier: LGPL-3.0-or-later
/// Why steps cannot be taken as they are asked for.
public struct SamplingError: Error, CustomStringConvertible, Equatable {
  public let description: String

  init(_ description: String) { self.description = description }

  /// Throws unless there are steps, and a share of them, which may be none.
  static func check(steps: Int, strength: Double) throws {
    guard steps >= 1, (0...1).contains(strength) else {
      throw SamplingError("\(steps) steps of strength \(strength); there must be 1 or more, of strength 0 to 1")
    }
  }
}
