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

  /// mask: width x height, 1 = repaint; must live as long as this.
  init(_ mask: UnsafePointer<Float>, width: Int, height: Int, growth: Margins) {
    self.mask = mask
    image = Rectangle(x: 0, y: 0, width: width, height: height)
    canvas = image.expanded(by: growth)
    boxes = canvas == image ? MaskBoxes(mask, width: width, height: height) : MaskBoxes(all: canvas)
  }

  /// What the models look at, one part after the other, each with the mask over it.  The hole is not empty.
  ///
  /// A canvas that grows gets first what is missing inside the box of the known pixels, then rings around that box.
  /// Parts overlap: along its border with earlier ones, a part paints a strip of theirs anew and blends into it.
  func passes(_ settings: RegionPlan.Settings) -> [(RegionPlan, PassMask)] {
    let known = canvas != image && settings.cropsToMask ? knownBox : .empty
    guard !known.isEmpty else { return [pass(RegionPlan(boxes, in: canvas, settings), of: canvas)] }
    let inside = MaskBoxes(mask, stride: image.width, in: known)
    var passes = inside.hole.isEmpty ? [] : [pass(RegionPlan(inside, in: known, settings), of: known)]
    var strips = settings
    strips.feather = max(settings.feather, Double(settings.nativeSize / Self.stripShare))
    var filled: [Rectangle] = []
    for region in OutpaintPasses(known: known, canvas: canvas, nativeSize: settings.nativeSize).regions {
      // Only what reaches into it: all that earlier passes filled would be memory that grows with their square.
      let mask = PassMask.beside(
        known: known, filled: filled.filter { !$0.intersection(region).isEmpty }, region,
        strip: settings.nativeSize / Self.stripShare)
      let missing = mask.missing.values.withUnsafeBufferPointer {
        MaskBoxes($0.baseAddress!, width: region.width, height: region.height)
      }
      // A tile that was moved in from an end may have been filled by the one before.
      guard !missing.hole.isEmpty else { continue }
      passes.append((RegionPlan(region: region, missing.moved(by: region), strips), mask))
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

  /// The mask over a plan's region, as far as it lies in `area`.
  private func pass(_ plan: RegionPlan, of area: Rectangle) -> (RegionPlan, PassMask) {
    let region = plan.region
    var part = Picture(width: region.width, height: region.height, filledWith: 0)
    let wanted = region.intersection(area)
    for y in wanted.y..<wanted.y + wanted.height {
      for x in wanted.x..<wanted.right {
        let isInside = x >= 0 && y >= 0 && x < image.width && y < image.height
        let value = isInside ? mask[y * image.width + x] : 1
        if value > 0 { part.values[(y - region.y) * region.width + x - region.x] = min(value, 1) }
      }
    }
    return (plan, .stored(part))
  }
}

/// The mask over the region of one pass.
enum PassMask: Sendable {
  /// 0 ... 1, from the image's mask.
  case stored(Picture)
  /// All of a region but what was known from the start, and what earlier passes have filled.
  case beside(known: Rectangle, filled: [Rectangle], Rectangle, strip: Int)

  /// One value for each pixel of the region: 1 where nothing is yet.
  var missing: Picture {
    switch self {
    case .stored(let picture): return picture
    case .beside(let known, let filled, let region, _):
      var picture = Picture(width: region.width, height: region.height, filledWith: 1)
      for rectangle in [known] + filled { picture.fill(rectangle, of: region, with: 0) }
      return picture
    }
  }

  /// What is painted, and its share in the result.  grow, feather: as for `HoleMask`.
  func hole(grow: Int, feather: Double) -> HoleMask {
    let usual = HoleMask(missing, grow: grow, feather: feather)
    guard case .beside(let known, let filled, let region, let strip) = self, !filled.isEmpty else { return usual }
    // Where earlier passes have painted, the weight falls inside what is painted anew: one fill fades into the other.
    let wide = HoleMask(missing, grow: grow, feather: Double(strip))
    var isKnown = Picture(width: region.width, height: region.height)
    isKnown.fill(known, of: region, with: 1)
    var (hole, weight) = (usual.hole, usual.weight)
    for index in isKnown.values.indices where isKnown.values[index] == 0 && wide.weight.values[index] > 0 {
      (hole.values[index], weight.values[index]) = (1, wide.weight.values[index])
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
