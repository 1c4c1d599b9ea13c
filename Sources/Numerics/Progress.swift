// SPDX-License-Identifier: LGPL-3.0-or-later
/// What a run is doing.
public struct Progress: Equatable, Sendable {
  /// 0 ... 1, of the whole run, done.
  public let fraction: Double
  public let stage: String
  /// What the picture is going to be, as far as it can be told; nil where nobody asked, and where nothing is new.
  public var preview: Preview?

  public init(fraction: Double, stage: String, preview: Preview? = nil) {
    self.fraction = fraction
    self.stage = stage
    self.preview = preview
  }

  /// The same as a part of a longer run, which has come to another fraction and calls the stage so.
  public func within(_ fraction: Double, stage: String? = nil) -> Progress {
    Progress(fraction: fraction, stage: stage ?? self.stage, preview: preview)
  }
}

/// A small picture on its way, R'G'B' 0 ... 1 in rows.
public struct Preview: Equatable, Sendable {
  public let width: Int
  public let height: Int
  /// width x height x 3
  public let colors: [Float]

  public init(width: Int, height: Int, colors: [Float]) {
    self.width = width
    self.height = height
    self.colors = colors
  }
}
