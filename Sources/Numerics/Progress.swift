// SPDX-License-Identifier: LGPL-3.0-or-later
/// What a run is doing.
public struct Progress: Equatable, Sendable {
  /// 0 ... 1, of the whole run, done.
  public let fraction: Double
  public let stage: String

  public init(fraction: Double, stage: String) {
    self.fraction = fraction
    self.stage = stage
  }
}
