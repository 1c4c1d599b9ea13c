// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging

/// The mask over the region of one pass.
enum PassMask: Sendable {
  /// Of an island, or of a tile of one.
  case island(IslandMask)
  /// Of a canvas that grows.
  case part(CanvasPart)

  /// What is painted, and its share in the result: all of it without `preserve`.  grow, feather: as for `HoleMask`.
  func hole(grow: Int, feather: Double, preserve: Bool) -> HoleMask {
    switch self {
    case .island(let island): island.hole(grow: grow, feather: feather, preserve: preserve)
    case .part(let part): part.hole(feather: feather, preserve: preserve)
    }
  }
}

/// What a pass sees of a mask that is painted island by island.
struct IslandMask: Sendable {
  /// 0 ... 1, from the image's mask, and 0 where earlier islands have been painted.
  let mask: Picture
  /// Of its size, 0 ... 1: in how much of the steps each pixel of a hole may change; nil where all may in all.
  let strengths: Picture?
  /// The pass's region, in the mask's pixels: around a tile the mask shows what of it grows into the tile.
  let region: Rectangle
  /// What of it later islands paint, in its pixels.  The models do not see what is there, but what they paint is not kept.
  let later: [Rectangle]
  /// Of an island that is painted in tiles.
  let tile: CanvasPart?

  fileprivate func hole(grow: Int, feather: Double, preserve: Bool) -> HoleMask {
    var own = mask
    let bounds = Rectangle(x: 0, y: 0, width: mask.width, height: mask.height)
    for rectangle in later { own.fill(rectangle, of: bounds, with: 0) }
    let painted = HoleMask(own, grow: grow, feather: feather)
    let ownHole = painted.hole.cropped(region)
    var (hole, weight) = (ownHole, painted.weight.cropped(region))
    if !preserve { weight = Picture(width: region.width, height: region.height, filledWith: 1) }
    if let fresh = tile?.hole(feather: 0, preserve: true) {
      (hole, weight) = (hole.times(fresh.hole), weight.times(fresh.weight))
    }
    if !later.isEmpty {
      let all = HoleMask(mask, grow: grow, feather: 0).hole.cropped(region)
      for index in hole.values.indices where ownHole.values[index] == 0 { hole.values[index] = all.values[index] }
    }
    guard let strengths else { return HoleMask(hole: hole, weight: weight) }
    let grown = strengths.largest(within: grow).cropped(region)
    if preserve {
      let nearest = strengths.largest(within: grow + Int(feather.rounded(.up))).cropped(region)
      for index in weight.values.indices {
        weight.values[index] *= Self.share(ofStrength: (hole.values[index] == 1 ? grown : nearest).values[index])
      }
    }
    return HoleMask(hole: hole, weight: weight, strengths: grown.times(hole))
  }

  /// A fill of little strength has the shapes of what is there, but neither its grain nor its sharpness: from a half down its
  /// share falls with the strength.
  private static func share(ofStrength strength: Float) -> Float { min(2 * strength, 1) }
}

/// What a pass or a tile sees of what is painted by parts.
///
/// Parts overlap: along its border with earlier ones, a part paints a strip of theirs anew, in which one fades into the
/// other.
struct CanvasPart: Sendable {
  let region: Rectangle
  /// The region's share of what was known from the start.
  let known: Rectangle
  /// What earlier passes have filled.
  let filled: [Rectangle]
  /// Pixels.
  let strip: Int

  static func strip(nativeSize: Int) -> Int { nativeSize / 8 }

  /// One value for each pixel of the region: 1 where nothing is yet.
  var missing: Picture {
    var picture = Picture(width: region.width, height: region.height, filledWith: 1)
    picture.fill(known, of: region, with: 0)
    for rectangle in filled { picture.fill(rectangle, of: region, with: 0) }
    return picture
  }

  fileprivate func hole(feather: Double, preserve: Bool) -> HoleMask {
    let missing = missing
    // A ramp that the region cut off would end in a step.
    let overlap = min(feather, Double(min(known.width, known.height)))
    let atKnown = HoleMask(missing, grow: 0, feather: overlap)
    let atFilled = HoleMask(missing, grow: 0, feather: Double(strip))
    var isKnown = Picture(width: region.width, height: region.height)
    isKnown.fill(known, of: region, with: 1)
    var (hole, weight) = (atFilled.blended, atFilled.weight)
    for index in isKnown.values.indices where isKnown.values[index] == 1 {
      hole.values[index] = atKnown.hole.values[index]
      weight.values[index] = preserve ? atKnown.weight.values[index] : 1
    }
    return HoleMask(hole: hole, weight: weight)
  }
}

extension Picture {
  /// Of one channel, over `region`.
  mutating func fill(_ rectangle: Rectangle, of region: Rectangle, with value: Float) {
    let common = rectangle.intersection(region)
    for y in common.y..<common.bottom {
      let start = (y - region.y) * width + common.x - region.x
      for index in start..<start + common.width { values[index] = value }
    }
  }

  /// Of two pictures of one channel and size.
  func times(_ other: Picture) -> Picture {
    Picture(width: width, height: height, values: zip(values, other.values).map(*))
  }
}
