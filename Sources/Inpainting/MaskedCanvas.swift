/// An image's mask and the canvas around it, from which a run's passes are planned.
///
/// The origin is the image's top left; what lies beyond the image is to be filled.
struct MaskedCanvas {
  /// Of the mask and what lies beyond the image.
  let boxes: MaskBoxes
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
  func passes(_ settings: RegionPlan.Settings) -> [(RegionPlan, PassMask)] {
    let known = canvas != image && settings.cropsToMask ? knownBox : .empty
    guard !known.isEmpty else { return [pass(RegionPlan(boxes, in: canvas, settings), of: canvas)] }
    let inside = MaskBoxes(mask, stride: image.width, in: known)
    var passes = inside.hole.isEmpty ? [] : [pass(RegionPlan(inside, in: known, settings), of: known)]
    var filled = [known]
    for region in OutpaintPasses(known: known, canvas: canvas, nativeSize: settings.nativeSize).regions {
      // Only what reaches into it: all that earlier passes filled would be memory that grows with their square.
      let mask = PassMask.around(filled.filter { !$0.intersection(region).isEmpty }, region)
      let missing = mask.picture.values.withUnsafeBufferPointer {
        MaskBoxes($0.baseAddress!, width: region.width, height: region.height)
      }
      // A tile that was moved in from an end may have been filled by the one before.
      guard !missing.hole.isEmpty else { continue }
      passes.append((RegionPlan(region: region, missing.moved(by: region), settings), mask))
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
  /// All but some rectangles of a region: what was known before, and what earlier passes have filled.
  case around([Rectangle], Rectangle)

  /// One value for each pixel of the region.
  var picture: Picture {
    switch self {
    case .stored(let picture): return picture
    case .around(let known, let region):
      var picture = Picture(width: region.width, height: region.height, filledWith: 1)
      for rectangle in known {
        let common = rectangle.intersection(region)
        for y in common.y..<common.y + common.height {
          let start = (y - region.y) * region.width + common.x - region.x
          for index in start..<start + common.width { picture.values[index] = 0 }
        }
      }
      return picture
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
