// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging

/// Holes that are painted from one crop.
struct Island {
  let boxes: MaskBoxes
  /// Each hole's box with its context, together.
  let context: Rectangle
  let plan: RegionPlan
  /// Each hole's box, grown, with all that is blended around it; no other island's meet them.
  private(set) var territories: [Rectangle]
  /// The longer side of the largest crop that one of the holes would have alone.
  private var largestAlone: Int

  /// One hole, or several for which `context` is given.
  init(_ boxes: MaskBoxes, context: Rectangle? = nil, in image: Rectangle, _ settings: RegionPlan.Settings) {
    self.boxes = boxes
    self.context = context ?? RegionPlan.context(boxes.hole, in: image, settings)
    plan = RegionPlan(boxes, context: self.context, in: image, settings)
    territories = [RegionPlan.ramp(boxes, settings).union(boxes.visible)]
    largestAlone = plan.region.longerSide
  }

  private init(_ one: Island, _ other: Island, in image: Rectangle, _ settings: RegionPlan.Settings) {
    self.init(one.boxes.union(other.boxes), context: one.context.union(other.context), in: image, settings)
    territories = one.territories + other.territories
    largestAlone = max(one.largestAlone, other.largestAlone)
  }

  private init(_ lone: Island, with boxes: MaskBoxes, in image: Rectangle, _ settings: RegionPlan.Settings) {
    self.init(boxes, context: lone.context, in: image, settings)
    territories = lone.territories
  }

  /// Of what belongs to it in a part of the mask.
  func boxes(_ mask: UnsafePointer<Float>, stride: Int, in part: Rectangle) -> MaskBoxes {
    territories.reduce(MaskBoxes()) { $0.union(MaskBoxes(mask, stride: stride, in: $1.intersection(part))) }
  }

  /// Those of a mask, from the top, of one line from the left.
  ///
  /// Holes are one island where what is painted of them meets; where one crop shows them no worse in no more time; and where
  /// their crops overlap by half and one for both is at most `largestGrowth` times as large as a hole alone has it.
  ///
  /// boxes: of all of the mask, whose hole is not empty.
  static func islands(
    _ mask: UnsafePointer<Float>, stride: Int, _ boxes: MaskBoxes, in image: Rectangle, _ settings: RegionPlan.Settings
  ) -> [Island] {
    let pieces = pieces(mask, stride: stride, in: boxes.visible.union(boxes.hole), nearness: settings.nativeSize / 64)
    var islands: [Island] = []
    for piece in pieces {
      var island = Island(piece, in: image, settings)
      while let (index, merged) = island.partner(in: islands, image, settings) {
        islands.remove(at: index)
        island = merged
      }
      islands.append(island)
    }
    // A lone one has all of the mask, as faint as it is far from the hole.
    if islands.count == 1 { islands[0] = Island(islands[0], with: boxes, in: image, settings) }
    return islands.sorted { ($0.boxes.hole.y, $0.boxes.hole.x) < ($1.boxes.hole.y, $1.boxes.hole.x) }
  }

  /// Those of the mask's parts that have a hole; what lies nearer than about `nearness` pixels is one.
  ///
  /// area: where the mask has something.  They are found on a grid that begins there, so that a mask of noise takes no time
  /// and what lies around plays no part.
  private static func pieces(
    _ mask: UnsafePointer<Float>, stride: Int, in area: Rectangle, nearness: Int
  ) -> [MaskBoxes] {
    let cell = max(nearness, area.longerSide / largestGrid, 1)
    let (columns, rows) = ((area.width + cell - 1) / cell, (area.height + cell - 1) / cell)
    var isNew = [Bool](repeating: true, count: columns * rows)
    var pieces: [MaskBoxes] = []
    for start in isNew.indices where isNew[start] {
      var piece = MaskBoxes()
      var open = [start]
      isNew[start] = false
      while let next = open.popLast() {
        let (row, column) = (next / columns, next % columns)
        let place = Rectangle(x: area.x + column * cell, y: area.y + row * cell, width: cell, height: cell)
        let boxes = MaskBoxes(mask, stride: stride, in: place.intersection(area))
        guard !boxes.visible.isEmpty else { continue }
        piece = piece.union(boxes)
        for y in max(row - 1, 0)...min(row + 1, rows - 1) {
          for x in max(column - 1, 0)...min(column + 1, columns - 1) where isNew[y * columns + x] {
            isNew[y * columns + x] = false
            open.append(y * columns + x)
          }
        }
      }
      if !piece.hole.isEmpty { pieces.append(piece) }
    }
    return pieces
  }

  private static let largestGrid = 1024

  /// The first of `islands` that this one is painted with, and both as one.
  private func partner(
    in islands: [Island], _ image: Rectangle, _ settings: RegionPlan.Settings
  ) -> (index: Int, merged: Island)? {
    for (index, other) in islands.enumerated() {
      let meets = meets(other)
      let common = plan.region.intersection(other.plan.region).area
      let overlaps = 2 * common >= min(plan.region.area, other.plan.region.area)
      guard meets || overlaps || context.union(other.context).longerSide <= settings.ownSize else { continue }
      let merged = Island(self, other, in: image, settings)
      let growth = Double(merged.plan.region.longerSide) / Double(merged.largestAlone)
      if meets || merged.plan.isNoWorse(than: plan, other.plan) || overlaps && growth <= Self.largestGrowth {
        return (index, merged)
      }
    }
    return nil
  }

  private func meets(_ other: Island) -> Bool {
    // All that is blended lies in the crops.
    guard !plan.region.intersection(other.plan.region).isEmpty else { return false }
    return territories.contains { mine in other.territories.contains { !$0.intersection(mine).isEmpty } }
  }

  /// Of two crops of one size that overlap by half.
  private static let largestGrowth = 1.5
}

extension RegionPlan {
  /// Whether one pass over this region shows as much as two over parts of it, and takes no longer.
  fileprivate func isNoWorse(than one: RegionPlan, _ other: RegionPlan) -> Bool {
    scale >= min(1, one.scale, other.scale) && workingArea <= one.workingArea + other.workingArea
  }

  private var scale: Double { Double(max(workingWidth, workingHeight)) / Double(region.longerSide) }
  private var workingArea: Int { workingWidth * workingHeight }
}
