// SPDX-License-Identifier: LGPL-3.0-or-later
/// What a model family is to paint.  Plain values: another process could be sent them.
package struct PaintJob: Hashable, Sendable {
  /// What the models see, R'G'B' 0 ... 1, at working size.
  package let picture: Picture
  /// One channel of that size: 1 where to paint, else 0.
  package let hole: Picture
  /// What a painter that puts known pixels into its result must not take for known: the hole, or more.
  package let unknown: Picture
  package let seed: UInt64

  package init(picture: Picture, hole: Picture, unknown: Picture, seed: UInt64) {
    self.picture = picture
    self.hole = hole
    self.unknown = unknown
    self.seed = seed
  }
}

/// What the pictures are that a painter gives, at the job's size.
package enum PaintKind: Sendable {
  /// R'G'B', about 0 ... 1: it takes the place of what was there.
  case fill
  /// Three channels that are added to what was there.
  case change
  /// One channel, 0 ... 1, as a mask or a depth: it is shown instead of the picture.
  case map
}

/// What a painter's results are like, known before it paints.
package struct PaintTraits: Sendable {
  package var kind = PaintKind.fill
  /// The longer side of the pictures that the models were trained on, in pixels.
  package var nativeSize: Int
  /// Up to which longer side a part of a picture is seen at its own size; nil where each is brought to the native size.
  package var largestOwnSize: Int?
  /// Whether the result's colours are matched to the known pixels around the hole.
  package var matchesColor = false
  /// Whether the result's detail comes from the known pixels around the hole.
  package var matchesDetail = false

  package init(nativeSize: Int) { self.nativeSize = nativeSize }
}

/// How much a pass looks at, in pixels.
package struct PaintSize: Equatable, Sendable {
  /// Working size.
  package let width: Int
  package let height: Int
  /// What is brought to working size, and what of it is looked at for detail.
  package let region: Rectangle
  package let detail: Rectangle

  package init(width: Int, height: Int, region: Rectangle, detail: Rectangle = .empty) {
    self.width = width
    self.height = height
    self.region = region
    self.detail = detail
  }
}

/// A finished result: what a host lays over its pixels.
package struct Fill: Sendable {
  /// R'G'B' in sRGB.
  package let picture: Picture
  /// One channel of the same size: the fill's share, 0 ... 1; 0 keeps a pixel as it is.
  package let weight: Picture

  package init(picture: Picture, weight: Picture) {
    self.picture = picture
    self.weight = weight
  }
}
