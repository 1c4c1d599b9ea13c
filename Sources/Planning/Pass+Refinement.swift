// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging

extension Pass {
  /// What was painted, at working size, as R'G'B' of what may change, painted again in tiles of the region.
  ///
  /// A tile sees the known pixels as they are, and in the hole the fill with what earlier tiles have made of it, which is
  /// known to it but for the strip that it fades in over.  Where the picture keeps the models' own around the hole, that
  /// stays, too.
  func refined(
    _ painted: Picture, _ colors: UnsafePointer<Float>, _ mask: HoleMask, _ tiles: [Rectangle], _ paint: Paint
  ) rethrows -> Picture {
    let area = size.detail
    let box = area.seen(from: seen)
    var fill = painted.resized(width: seen.width, height: seen.height, part: box).mapped(clamped)
    let known = Picture(colors, width: seen.width, part: box)
    let (hole, strengths) = (mask.hole.cropped(box), mask.strengths?.cropped(box))
    let blend = settings.preserve
      ? mask : self.mask.hole(grow: settings.grow, feather: settings.feather, preserve: true)
    let share = (settings.preserve ? blend.blended : blend.weight).cropped(box)
    var finished: [Rectangle] = []
    for (number, tile) in tiles.enumerated() {
      let part = CanvasPart(
        region: tile, known: .empty, filled: finished.filter { !$0.intersection(tile).isEmpty },
        strip: CanvasPart.strip(nativeSize: tile.longerSide))
      let fresh = PassMask.part(part).hole(grow: 0, feather: 0, preserve: true)
      let place = tile.seen(from: area)
      let (holeHere, shareHere) = (hole.cropped(place), share.cropped(place))
      let tileHole = holeHere.times(fresh.hole)
      guard tileHole.values.contains(1) else { continue }
      let picture = known.cropped(place).with(fill.cropped(place), in: holeHere)
      let result = try self.painted(
        picture, tileHole, { shareHere.times(fresh.hole).mapped { $0 > 0 ? 1 : 0 } },
        strengths?.cropped(place).times(tileHole),
        PassPart(tile: number + 1, tiles: tiles.count), paint)
      fill.lay(result.mapped(clamped), weight: shareHere.times(fresh.weight), at: place)
      finished.append(tile)
    }
    return fill.cropped(self.painted.seen(from: area))
  }
}

extension Picture {
  /// Blends `other` over a part; weight: 0 ... 1.
  fileprivate mutating func lay(_ other: Picture, weight: Picture, at part: Rectangle) {
    for y in 0..<part.height {
      for x in 0..<part.width where weight.values[y * part.width + x] > 0 {
        let (share, target) = (weight.values[y * part.width + x], ((part.y + y) * width + part.x + x) * channels)
        for channel in 0..<channels {
          let value = other.values[(y * part.width + x) * channels + channel]
          values[target + channel] += share * (value - values[target + channel])
        }
      }
    }
  }
}
