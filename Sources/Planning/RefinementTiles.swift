// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging

/// Where a fill that was enlarged is painted again, at the region's own size: tiles, one after the other, each over what
/// those before have left.
enum RefinementTiles {
  /// How far from noise a tile is painted: shapes and colours stay, detail is made anew.
  static let strength = 0.35

  /// Tiles of one size, in rows from the top, each from left to right, spread evenly over the hole and a strip around it.
  ///
  /// Neighbours have at least two strips in common: along its border with an earlier tile a later one sees a strip as it
  /// is, and fades in over the next.  hole: inside `region`.  side: pixels, 1 or more; smaller where the region is.
  static func tiles(over hole: Rectangle, in region: Rectangle, side: Int) -> [Rectangle] {
    let strip = CanvasPart.strip(nativeSize: side)
    let area = hole.expanded(by: strip).intersection(region).enlarged(to: side, within: region)
    let (width, height) = (min(side, area.width), min(side, area.height))
    return starts(area.y, area.height, tile: height, overlap: 2 * strip).flatMap { y in
      starts(area.x, area.width, tile: width, overlap: 2 * strip).map { x in
        Rectangle(x: x, y: y, width: width, height: height)
      }
    }
  }

  private static func starts(_ first: Int, _ length: Int, tile: Int, overlap: Int) -> [Int] {
    guard length > tile else { return [first] }
    let step = tile - overlap
    let count = (length - overlap + step - 1) / step
    return (0..<count).map { first + $0 * (length - tile) / (count - 1) }
  }
}

extension RegionPlan {
  /// In the picture's pixels; none where the models have seen the region at its own size, or larger.
  func tiles(_ traits: PaintTraits) -> [Rectangle] {
    let working = max(workingWidth, workingHeight)
    guard traits.kind == .fill, traits.detail == .refined, region.longerSide > working else { return [] }
    return RefinementTiles.tiles(over: blend, in: region, side: min(traits.nativeSize, working))
  }
}
