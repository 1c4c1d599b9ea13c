// SPDX-License-Identifier: LGPL-3.0-or-later
/// What a model family is to paint.  Plain values: another process could be sent them.
package struct PaintJob: Equatable, Sendable {
  /// What the models see, R'G'B' 0 ... 1, at working size.
  package let picture: Picture
  /// One channel of that size: 1 where to paint, else 0.
  package let hole: Picture
  /// What a painter that puts known pixels into its result must not take for known: the hole, or more.
  package let unknown: Picture
  /// One channel of that size, 0 ... 1: in how much of the steps each pixel of the hole may change, and 0 outside; nil where
  /// all of the hole may in all.
  package let strengths: Picture?
  package let seed: UInt64
  /// 0 ... 1: how far from noise the picture may be painted at most.  1 leaves it to the request.
  package let strength: Double

  package init(
    picture: Picture, hole: Picture, unknown: Picture, strengths: Picture? = nil, seed: UInt64, strength: Double = 1
  ) {
    self.picture = picture
    self.hole = hole
    self.unknown = unknown
    self.strengths = strengths
    self.seed = seed
    self.strength = strength
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

/// Where a fill's detail comes from.
package enum DetailSource: Sendable {
  /// What the models painted, enlarged where the region is larger than they saw it.
  case model
  /// The known pixels around the hole.
  case surroundings
  /// The models again, over tiles of the region at its own size.
  case refined
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
  /// Of a fill.
  package var detail = DetailSource.model

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
  /// The size of the tiles that are painted again; empty without any.
  package let tile: Rectangle

  package init(width: Int, height: Int, region: Rectangle, detail: Rectangle = .empty, tile: Rectangle = .empty) {
    self.width = width
    self.height = height
    self.region = region
    self.detail = detail
    self.tile = tile
  }

  /// Floats that `detail` takes at once.
  package var detailFloats: Int { detail.area * (tile.isEmpty ? DetailMatch.floatsPerPixel : Self.floatsPerRefinedPixel) }

  /// The fill, what is known, and where each counts; a tile is no larger than what the models have seen before.
  private static let floatsPerRefinedPixel = 14
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
