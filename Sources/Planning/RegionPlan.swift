// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging

/// What of an image the models see, at which size, and what of it may change.
struct RegionPlan: Equatable, Sendable {
  /// What the models see, in the image's pixels.
  let region: Rectangle
  /// What may change; inside `region`.
  let paint: Rectangle
  /// The hole with its blend; inside `region`.
  let blend: Rectangle
  /// The region's size for the models, before it is padded to whole latent cells.
  let workingWidth: Int
  let workingHeight: Int

  struct Settings: Sendable {
    var cropsToMask: Bool
    var context: Double  // share of the box's longer side
    var workingSize: Int  // longer side that the model sees; 0 = the model's choice, or the image's own without a crop
    var grow: Int  // pixels
    var feather: Double  // pixels
    var preserve: Bool
    var nativeSize: Int
    var largestOwnSize: Int?  // as of `PaintTraits`
    var splits = true  // into islands and tiles; a subject that is changed stays one

    /// Up to which longer side a region is seen at its own size, or larger.
    var ownSize: Int { max(nativeSize, workingSize > 0 ? workingSize : largestOwnSize ?? nativeSize) }

    /// Pixels of context around a hole whose box has this longer side.
    func margin(_ side: Int) -> Int { Int((context * Double(side)).rounded(.up)) }
  }

  /// Around `boxes`, whose hole is not empty and lies in `image`.  context: of several holes together.
  init(_ boxes: MaskBoxes, context: Rectangle? = nil, in image: Rectangle, _ settings: Settings) {
    guard settings.cropsToMask else {
      self.init(region: image, boxes, settings)
      return
    }
    let context = context ?? Self.context(boxes.hole, in: image, settings)
    let region = Self.surroundings(boxes, context, in: image, settings).enlarged(to: settings.nativeSize, within: image)
    self.init(region: region, boxes, settings)
  }

  /// In a region that is given.
  init(region: Rectangle, _ boxes: MaskBoxes, _ settings: Settings) {
    self.region = region
    blend = Self.ramp(boxes, settings).union(boxes.visible).intersection(region)
    paint = settings.preserve ? Self.ramp(boxes, settings).union(boxes.anything).intersection(region) : region
    var longer = settings.workingSize
    if longer == 0, settings.cropsToMask {
      longer = settings.largestOwnSize.map { min($0, region.longerSide) } ?? settings.nativeSize
    } else if longer == 0 {
      longer = region.longerSide
    }
    let scale = Double(longer) / Double(region.longerSide)
    workingWidth = max(1, Int((Double(region.width) * scale).rounded()))
    workingHeight = max(1, Int((Double(region.height) * scale).rounded()))
  }

  /// The part of `image` over which alone the plan of any mask that is 0 outside `box` is the same as over all of it.
  ///
  /// All of `image` where the box lies beside it.
  static func window(around box: Rectangle, in image: Rectangle, _ settings: Settings) -> Rectangle {
    let box = box.intersection(image)
    guard settings.cropsToMask, !box.isEmpty else { return image }
    // Smaller boxes have smaller surroundings, which `enlarged` widens by less than the native size to any side.
    return surroundings(MaskBoxes(all: box), context(box, in: image, settings), in: image, settings)
      .expanded(by: settings.nativeSize).intersection(image)
  }

  /// A hole's box, grown, with the context that it asks for.
  static func context(_ hole: Rectangle, in image: Rectangle, _ settings: Settings) -> Rectangle {
    let box = hole.expanded(by: settings.grow).intersection(image)
    return box.expanded(by: settings.margin(box.longerSide))
  }

  /// The context, and what is blended.
  private static func surroundings(
    _ boxes: MaskBoxes, _ context: Rectangle, in image: Rectangle, _ settings: Settings
  ) -> Rectangle {
    // A soft mask's skirt is blended too and must not end at the region's border.
    context.union(ramp(boxes, settings)).union(boxes.visible).intersection(image)
  }

  /// The hole, grown, and what is blended around it.
  static func ramp(_ boxes: MaskBoxes, _ settings: Settings) -> Rectangle {
    boxes.hole.expanded(by: settings.grow + Int(settings.feather.rounded(.up)))
  }
}
