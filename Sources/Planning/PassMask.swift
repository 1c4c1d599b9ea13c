// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging

/// The mask over the region of one pass.
enum PassMask: Sendable {
  /// 0 ... 1, from the image's mask.
  case stored(Picture)
  case part(CanvasPart)

  /// What is painted, and its share in the result: all of it without `preserve`.  grow, feather: as for `HoleMask`.
  func hole(grow: Int, feather: Double, preserve: Bool) -> HoleMask {
    switch self {
    case .stored(let mask):
      let hole = HoleMask(mask, grow: grow, feather: feather)
      return preserve
        ? hole : HoleMask(hole: hole.hole, weight: Picture(width: mask.width, height: mask.height, filledWith: 1))
    case .part(let part): return part.hole(feather: feather, preserve: preserve)
    }
  }
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
  fileprivate mutating func fill(_ rectangle: Rectangle, of region: Rectangle, with value: Float) {
    let common = rectangle.intersection(region)
    for y in common.y..<common.bottom {
      let start = (y - region.y) * width + common.x - region.x
      for index in start..<start + common.width { values[index] = value }
    }
  }
}
