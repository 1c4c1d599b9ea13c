/// What of an image the models see, at which size, and what of it may change.
struct RegionPlan: Equatable, Sendable {
  /// What the models see, in the image's pixels.
  let region: Rectangle
  /// What may change; inside `region`.
  let paint: Rectangle
  /// The region's size for the models, before it is padded to whole latent cells.
  let workingWidth: Int
  let workingHeight: Int

  struct Settings {
    var cropsToMask = true
    var context = 0.5  // share of the box's longer side
    var workingSize = 0  // longer side that the model sees; 0 = native, or the image's own without a crop
    var grow = 0  // pixels
    var feather = 4.0  // pixels
    var preserve = true
    var nativeSize = 512
  }

  /// Around `boxes`, which are not empty.
  init(_ boxes: MaskBoxes, width: Int, height: Int, _ settings: Settings) {
    let image = Rectangle(x: 0, y: 0, width: width, height: height)
    let box = boxes.hole.expanded(by: settings.grow).intersection(image)
    let ramp = box.expanded(by: Int(settings.feather.rounded(.up)))
    if settings.cropsToMask {
      let margin = Int((settings.context * Double(box.longerSide)).rounded(.up))
      region = box.expanded(by: margin).union(ramp).intersection(image)
        .enlarged(to: settings.nativeSize, within: image)
    } else {
      region = image
    }
    paint = settings.preserve ? ramp.union(boxes.anything).intersection(region) : region

    var longer = settings.workingSize
    if longer == 0 { longer = settings.cropsToMask ? settings.nativeSize : region.longerSide }
    let scale = Double(longer) / Double(region.longerSide)
    workingWidth = max(1, Int((Double(region.width) * scale).rounded()))
    workingHeight = max(1, Int((Double(region.height) * scale).rounded()))
  }
}

/// Where a mask has something.
struct MaskBoxes: Equatable {
  /// Mask 0.5 or more.
  var hole = Rectangle.empty
  /// Mask above 0.
  var anything = Rectangle.empty

  /// One pass over `width` x `height` values.
  init(_ mask: UnsafePointer<Float>, width: Int, height: Int) {
    for y in 0..<height {
      let row = UnsafeBufferPointer(start: mask + y * width, count: width)
      guard let first = row.firstIndex(where: { $0 > 0 }), let last = row.lastIndex(where: { $0 > 0 }) else { continue }
      anything = anything.union(Rectangle(x: first, y: y, width: last - first + 1, height: 1))
      guard let first = row.firstIndex(where: { $0 >= 0.5 }), let last = row.lastIndex(where: { $0 >= 0.5 })
      else { continue }
      hole = hole.union(Rectangle(x: first, y: y, width: last - first + 1, height: 1))
    }
  }
}
