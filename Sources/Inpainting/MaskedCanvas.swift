/// An image's mask and the canvas around it, from which a run's passes are planned.
///
/// The origin is the image's top left; what lies beyond the image is to be filled.
struct MaskedCanvas {
  /// Of the mask and what lies beyond the image.
  let boxes: MaskBoxes
  /// The strip is this part of the model's native size wide.
  private static let stripShare = 8

  private let mask: UnsafePointer<Float>
  private let image: Rectangle
  private let canvas: Rectangle
  private let goesByParts: Bool

  /// mask: width x height, 1 = repaint; must live as long as this.  goesByParts: what lies around the known pixels is
  /// filled in overlapping parts, not in one pass over all.
  init(_ mask: UnsafePointer<Float>, width: Int, height: Int, growth: Margins, goesByParts: Bool) {
    self.mask = mask
    self.goesByParts = goesByParts
    image = Rectangle(x: 0, y: 0, width: width, height: height)
    canvas = image.expanded(by: growth)
    boxes = canvas == image ? MaskBoxes(mask, width: width, height: height) : MaskBoxes(all: canvas)
  }

  /// What the models look at, one part after the other, each with the mask over it.  The hole is not empty.
  ///
  /// By parts: first what is missing inside the box of the known pixels, then rings around that box, for which all in
  /// it is known: beyond the overlap it stays as it is, a little transparent where it was.
  ///
  /// admit: throws what keeps a plan from being run, before memory is taken for its mask; a part's is made while it runs.
  func passes(
    _ settings: RegionPlan.Settings, admit: (RegionPlan) throws -> Void
  ) rethrows -> [(RegionPlan, PassMask)] {
    func pass(_ plan: RegionPlan, of area: Rectangle) throws -> (RegionPlan, PassMask) {
      try admit(plan)
      return (plan, .stored(mask(over: plan.region, of: area)))
    }
    let known = goesByParts && settings.cropsToMask ? knownBox : .empty
    guard !known.isEmpty else { return [try pass(RegionPlan(boxes, in: canvas, settings), of: canvas)] }
    let inside = MaskBoxes(mask, stride: image.width, in: known)
    var passes = inside.hole.isEmpty ? [] : [try pass(RegionPlan(inside, in: known, settings), of: known)]
    let strip = settings.nativeSize / Self.stripShare
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
      passes.append((RegionPlan(region: region, missing.moved(by: region), ofParts), .part(part)))
      filled.append(region)
    }
    return passes
  }

  /// The box of the pixels that are not to be filled.
  private var knownBox: Rectangle {
    var box = Rectangle.empty
    for y in 0..<image.height {
      let row = mask + y * image.width
      guard let first = (0..<image.width).first(where: { !(row[$0] >= 0.5) }) else { continue }
      let last = (first..<image.width).last { !(row[$0] >= 0.5) } ?? first
      box = box.union(Rectangle(x: first, y: y, width: last - first + 1, height: 1))
    }
    return box
  }

  /// The mask over a region, as far as it lies in `area`.
  private func mask(over region: Rectangle, of area: Rectangle) -> Picture {
    var part = Picture(width: region.width, height: region.height, filledWith: 0)
    let wanted = region.intersection(area)
    for y in wanted.y..<wanted.y + wanted.height {
      for x in wanted.x..<wanted.right {
        let isInside = x >= 0 && y >= 0 && x < image.width && y < image.height
        let value = isInside ? mask[y * image.width + x] : 1
        if value > 0 { part.values[(y - region.y) * region.width + x - region.x] = min(value, 1) }
      }
    }
    return part
  }
}

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

/// What a pass sees of a canvas that is filled by parts.
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

extension MaskBoxes {
  fileprivate init(all: Rectangle) { (hole, visible, anything) = (all, all, all) }

  fileprivate func moved(by origin: Rectangle) -> MaskBoxes {
    func moved(_ box: Rectangle) -> Rectangle {
      box.isEmpty ? box : Rectangle(x: box.x + origin.x, y: box.y + origin.y, width: box.width, height: box.height)
    }
    var result = self
    (result.hole, result.visible, result.anything) = (moved(hole), moved(visible), moved(anything))
    return result
  }
}
