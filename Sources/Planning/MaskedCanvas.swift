// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging

/// An image's mask and the canvas around it, from which a run's passes are planned.
///
/// The origin is the image's top left; what lies beyond the image is to be filled.
package struct MaskedCanvas {
  /// Of the mask and what lies beyond the image.
  let boxes: MaskBoxes
  /// Whether there is nothing to paint.
  package var isEmpty: Bool { boxes.hole.isEmpty }
  private let mask: UnsafePointer<Float>
  private let strengths: UnsafePointer<Float>?
  private let image: Rectangle
  private let canvas: Rectangle
  private let goesByParts: Bool

  /// mask: width x height, 1 = repaint; must live as long as this.  goesByParts: what lies around the known pixels is
  /// filled in overlapping parts, not in one pass over all.  strengths: of the mask's size, as long as that, in how much of
  /// the steps each pixel of a hole may change; without it all may in all.
  init(
    _ mask: UnsafePointer<Float>, strengths: UnsafePointer<Float>? = nil, width: Int, height: Int, growth: Margins,
    goesByParts: Bool
  ) {
    self.mask = mask
    self.strengths = strengths
    self.goesByParts = goesByParts
    image = Rectangle(x: 0, y: 0, width: width, height: height)
    canvas = image.expanded(by: growth)
    boxes = canvas == image ? MaskBoxes(mask, width: width, height: height) : MaskBoxes(all: canvas)
  }

  /// What the models look at, one part after the other, each with the mask over it.  The hole is not empty.
  ///
  /// First what is missing inside the picture, or inside the box of the known pixels, island by island.  By parts, then,
  /// rings around that box, for which all in it is known: beyond the overlap it stays as it is, a little transparent where
  /// it was.
  ///
  /// admit: throws what keeps a plan from being run, before memory is taken for its mask; a part's is made while it runs.
  func passes(_ settings: RegionPlan.Settings, admit: (RegionPlan) throws -> Void) rethrows -> [PlannedPass] {
    let known = !settings.cropsToMask ? .empty : goesByParts ? knownBox : image
    guard !known.isEmpty else {
      let plan = RegionPlan(boxes, in: canvas, settings)
      try admit(plan)
      let all = IslandMask(
        mask: part(mask, over: canvas), strengths: strengths.map { part($0, over: canvas) },
        region: canvas.seen(from: canvas), later: [], tile: nil)
      return [PlannedPass(region: plan, mask: .island(all), number: 0)]
    }
    let inside = goesByParts ? MaskBoxes(mask, stride: image.width, in: known) : boxes
    var passes = inside.hole.isEmpty ? [] : try islandPasses(inside, in: known, settings, admit: admit)
    guard goesByParts else { return passes }
    let strip = CanvasPart.strip(nativeSize: settings.nativeSize)
    var ofParts = settings
    ofParts.feather = max(settings.feather, Double(strip))
    var filled: [Rectangle] = []
    for region in OutpaintPasses(known: known, canvas: canvas, nativeSize: settings.nativeSize).regions {
      // Only what reaches into it: all that earlier passes filled would be memory that grows with their square.
      let part = CanvasPart(
        region: region, known: known.intersection(region), filled: filled.filter { !$0.intersection(region).isEmpty },
        strip: strip)
      let missing = part.missing.values.withUnsafeBufferPointer {
        MaskBoxes($0.baseAddress!, width: region.width, height: region.height)
      }
      // A tile that was moved in from an end may have been filled by the one before.
      guard !missing.hole.isEmpty else { continue }
      passes.append(PlannedPass(
        region: RegionPlan(region: region, missing.moved(by: region), ofParts), mask: .part(part), number: passes.count))
      filled.append(region)
    }
    return passes
  }

  /// One pass for each island of the hole in `area`, or several tiles.
  private func islandPasses(
    _ boxes: MaskBoxes, in area: Rectangle, _ settings: RegionPlan.Settings, admit: (RegionPlan) throws -> Void
  ) rethrows -> [PlannedPass] {
    let islands = settings.splits
      ? Island.islands(mask, stride: image.width, boxes, in: area, settings) : [Island(boxes, in: area, settings)]
    var passes: [PlannedPass] = []
    for (index, island) in islands.enumerated() {
      let regions = settings.splits ? HoleTiles.regions(mask, stride: image.width, island, settings) : [island.plan.region]
      for (number, region) in regions.enumerated() {
        let isTile = regions.count > 1
        let around = isTile ? RegionPlan.ramp(MaskBoxes(all: region), settings) : region
        let own = island.boxes(mask, stride: image.width, in: around.intersection(area))
        let plan = isTile ? RegionPlan(region: region, own, settings) : island.plan
        try admit(plan)
        let tile = CanvasPart(
          region: region, known: .empty, filled: regions[..<number].filter { !$0.intersection(region).isEmpty },
          strip: CanvasPart.strip(nativeSize: region.longerSide))
        let later = islands[(index + 1)...].flatMap(\.territories).filter { !$0.intersection(around).isEmpty }
          .map { $0.seen(from: around) }
        let unpainted = part(mask, over: around, of: area, without: islands[..<index].flatMap(\.territories))
        let islandMask = IslandMask(
          mask: unpainted, strengths: strengths.map { part($0, over: around, of: area) }, region: region.seen(from: around),
          later: later, tile: isTile ? tile : nil)
        passes.append(PlannedPass(region: plan, mask: .island(islandMask), number: number))
      }
    }
    return passes
  }

  /// The box of the pixels that are not to be filled.
  private var knownBox: Rectangle {
    var box = Rectangle.empty
    for y in 0..<image.height {
      let row = mask + y * image.width
      guard let first = (0..<image.width).first(where: { !(row[$0] >= MaskBoxes.holeThreshold) }) else { continue }
      let last = (first..<image.width).last { !(row[$0] >= MaskBoxes.holeThreshold) } ?? first
      box = box.union(Rectangle(x: first, y: y, width: last - first + 1, height: 1))
    }
    return box
  }

  /// A mask over a region, as far as it lies in `area`, and 0 in some rectangles.
  private func part(
    _ mask: UnsafePointer<Float>, over region: Rectangle, of area: Rectangle? = nil, without painted: [Rectangle] = []
  ) -> Picture {
    var part = Picture(width: region.width, height: region.height, filledWith: 0)
    let wanted = region.intersection(area ?? region)
    for y in wanted.y..<wanted.y + wanted.height {
      for x in wanted.x..<wanted.right {
        let isInside = x >= 0 && y >= 0 && x < image.width && y < image.height
        let value = isInside ? mask[y * image.width + x] : 1
        if value > 0 { part.values[(y - region.y) * region.width + x - region.x] = min(value, 1) }
      }
    }
    for rectangle in painted { part.fill(rectangle, of: region, with: 0) }
    return part
  }
}

/// A pass before it is known who paints it.
struct PlannedPass {
  let region: RegionPlan
  let mask: PassMask
  /// Of its noise: 0 for an island's first pass, so that an island alone is painted as it is among others; each tile and
  /// each part of a canvas that grows has one of its own.
  let number: Int
}
