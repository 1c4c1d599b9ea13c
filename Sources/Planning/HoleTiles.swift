// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging

/// How a long thin hole is painted: tiles along it, one after the other.
enum HoleTiles {
  /// A hole is long where its crop is so many times as large as tiles along it would be.
  static let leastGain = 3

  /// What the models see in each pass over an island, in rows from the top, each from left to right; one region, its crop,
  /// where it is not long.
  ///
  /// A tile has as much context as the hole is thick.  Along its border with an earlier one it sees a strip as that has
  /// painted it, and fades in over the next.
  static func regions(
    _ mask: UnsafePointer<Float>, stride: Int, _ island: Island, _ settings: RegionPlan.Settings
  ) -> [Rectangle] {
    let (crop, hole) = (island.plan.region, island.boxes.hole)
    guard crop.longerSide >= leastGain * settings.ownSize else { return [crop] }
    let squares = island.territories.map { largestSquare(mask, stride: stride, in: $0.intersection(hole)) }
    let thickness = (squares.max() ?? 0) + 2 * settings.grow
    let side = max(settings.ownSize, thickness + 2 * settings.margin(thickness))
    guard crop.longerSide >= leastGain * side, hole.longerSide > side else { return [crop] }
    var regions: [Rectangle] = []
    let longest = max(1, side - 2 * CanvasPart.strip(nativeSize: side))
    for rows in even(hole.y, hole.height, longest) {
      for columns in even(hole.x, hole.width, longest) {
        let cell = Rectangle(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
        let piece = island.boxes(mask, stride: stride, in: cell)
        guard !piece.hole.isEmpty else { continue }
        let painted = RegionPlan.ramp(piece, settings).intersection(crop)
        guard !regions.contains(where: { $0.intersection(painted) == painted }) else { continue }
        regions.append(painted.enlarged(to: side, within: crop))
      }
    }
    return regions
  }

  /// Parts of one length, none longer than `longest`.
  private static func even(_ start: Int, _ length: Int, _ longest: Int) -> [Range<Int>] {
    let count = (length + longest - 1) / longest
    return (0..<count).map { start + $0 * length / count..<start + ($0 + 1) * length / count }
  }

  /// The side of the largest square of which all is hole.
  private static func largestSquare(_ mask: UnsafePointer<Float>, stride: Int, in box: Rectangle) -> Int {
    // Of each pixel of a line, the largest square that ends there; those of the line above become this one's.
    var sides = [Int32](repeating: 0, count: box.width + 1)
    var largest: Int32 = 0
    for y in box.y..<box.bottom {
      let row = mask + y * stride + box.x
      var corner: Int32 = 0  // above, one to the left
      for x in 0..<box.width {
        let above = sides[x + 1]
        sides[x + 1] = row[x] >= MaskBoxes.holeThreshold ? 1 + min(above, corner, sides[x]) : 0
        largest = max(largest, sides[x + 1])
        corner = above
      }
    }
    return Int(largest)
  }
}
