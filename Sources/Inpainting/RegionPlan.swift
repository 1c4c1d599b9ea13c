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

  /// Around `boxes`, whose hole is not empty and lies in `image`.
  init(_ boxes: MaskBoxes, in image: Rectangle, _ settings: Settings) {
    guard settings.cropsToMask else {
      self.init(region: image, boxes, settings)
      return
    }
    let box = boxes.hole.expanded(by: settings.grow).intersection(image)
    let margin = Int((settings.context * Double(box.longerSide)).rounded(.up))
    // A soft mask's skirt is blended too and must not end at the region's border.
    let region = box.expanded(by: margin).union(Self.ramp(boxes, settings)).union(boxes.visible).intersection(image)
      .enlarged(to: settings.nativeSize, within: image)
    self.init(region: region, boxes, settings)
  }

  /// In a region that is given.
  init(region: Rectangle, _ boxes: MaskBoxes, _ settings: Settings) {
    self.region = region
    paint = settings.preserve ? Self.ramp(boxes, settings).union(boxes.anything).intersection(region) : region
    var longer = settings.workingSize
    if longer == 0 { longer = settings.cropsToMask ? settings.nativeSize : region.longerSide }
    let scale = Double(longer) / Double(region.longerSide)
    workingWidth = max(1, Int((Double(region.width) * scale).rounded()))
    workingHeight = max(1, Int((Double(region.height) * scale).rounded()))
  }

  /// The hole, grown, and what is blended around it.
  private static func ramp(_ boxes: MaskBoxes, _ settings: Settings) -> Rectangle {
    boxes.hole.expanded(by: settings.grow + Int(settings.feather.rounded(.up)))
  }
}

/// Where a mask has something.
struct MaskBoxes: Equatable {
  /// Mask 0.5 or more.
  var hole = Rectangle.empty
  /// Mask above what lossy compression leaves around a shape.
  var visible = Rectangle.empty
  /// Mask above 0.
  var anything = Rectangle.empty

  static let visibleThreshold: Float = 0.05

  /// One pass over `width` x `height` values; what is not a number counts as 0.
  init(_ mask: UnsafePointer<Float>, width: Int, height: Int) {
    self.init(mask, stride: width, in: Rectangle(x: 0, y: 0, width: width, height: height))
  }

  /// The same for a part of a mask whose rows are `stride` long; the boxes are in the whole mask's pixels.
  init(_ mask: UnsafePointer<Float>, stride: Int, in part: Rectangle) {
    let width = part.width
    for y in part.y..<part.bottom {
      let row = mask + y * stride + part.x
      var largest: Float = 0
      for x in 0..<width { largest = row[x] > largest ? row[x] : largest }
      guard largest > 0 else { continue }
      func extend(_ box: inout Rectangle, _ counts: (Float) -> Bool) {
        guard counts(largest) else { return }
        var (first, last) = (0, width - 1)
        while !counts(row[first]) { first += 1 }
        while !counts(row[last]) { last -= 1 }
        box = box.union(Rectangle(x: part.x + first, y: y, width: last - first + 1, height: 1))
      }
      extend(&anything) { $0 > 0 }
      extend(&visible) { $0 >= Self.visibleThreshold }
      extend(&hole) { $0 >= 0.5 }
    }
  }
}
