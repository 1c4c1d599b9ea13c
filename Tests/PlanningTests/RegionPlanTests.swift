// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging
import Properties
import Testing

@testable import Planning

/// What the models look at.
@Suite struct RegionPlanTests {
  /// A mask that is 1 in `box`.
  private func mask(_ width: Int, _ height: Int, _ box: Rectangle, value: Float = 1) -> Picture {
    var mask = Picture(width: width, height: height)
    for y in box.y..<box.bottom { for x in box.x..<box.right { mask.values[y * width + x] = value } }
    return mask
  }

  private func plan(_ mask: Picture, _ change: (inout RegionPlan.Settings) -> Void = { _ in }) -> RegionPlan {
    var settings = RegionPlan.Settings(Request(.sdInpaint), nativeSize: 512)
    change(&settings)
    return RegionPlan(
      MaskBoxes(mask.values, width: mask.width, height: mask.height), in: Rectangle(x: 0, y: 0, width: mask.width, height: mask.height), settings)
  }

  @Test func aSmallHoleIsSeenAtTheNativeSizeUnscaled() {
    let plan = plan(mask(4000, 3000, Rectangle(x: 1990, y: 1490, width: 20, height: 20)))
    #expect(plan.region == Rectangle(x: 1744, y: 1244, width: 512, height: 512))
    #expect((plan.workingWidth, plan.workingHeight) == (512, 512))
    #expect(plan.paint == Rectangle(x: 1986, y: 1486, width: 28, height: 28))
  }

  @Test func atACornerTheRegionMovesInside() {
    let plan = plan(mask(4000, 3000, Rectangle(x: 3990, y: 0, width: 10, height: 10)))
    #expect(plan.region == Rectangle(x: 3488, y: 0, width: 512, height: 512))
    #expect(plan.paint == Rectangle(x: 3986, y: 0, width: 14, height: 14))
  }

  @Test func aSmallImageIsSeenWholeAndEnlarged() {
    let plan = plan(mask(300, 200, Rectangle(x: 10, y: 10, width: 20, height: 20)))
    #expect(plan.region == Rectangle(x: 0, y: 0, width: 300, height: 200))
    #expect((plan.workingWidth, plan.workingHeight) == (512, 341))
  }

  @Test func contextIsAShareOfTheBoxesLongerSide() {
    let plan = plan(mask(4000, 3000, Rectangle(x: 1000, y: 1000, width: 800, height: 200))) { $0.context = 0.25 }
    #expect(plan.region == Rectangle(x: 800, y: 800, width: 1200, height: 600))
    #expect((plan.workingWidth, plan.workingHeight) == (512, 256))
  }

  @Test func aLargeHoleIsSeenWithContextAndMadeSmaller() {
    let plan = plan(mask(4000, 3000, Rectangle(x: 1000, y: 1000, width: 1000, height: 400)))
    #expect(plan.region == Rectangle(x: 500, y: 500, width: 2000, height: 1400))
    #expect((plan.workingWidth, plan.workingHeight) == (512, 358))
  }

  @Test func growAndFeatherWidenWhatIsPainted() {
    let box = Rectangle(x: 1990, y: 1490, width: 20, height: 20)
    #expect(plan(mask(4000, 3000, box)) { ($0.grow, $0.feather) = (5, 0) }.paint == box.expanded(by: 5))
    #expect(plan(mask(4000, 3000, box)) { ($0.grow, $0.feather) = (5, 2.5) }.paint == box.expanded(by: 8))
  }

  /// LaMa's: a part is seen as it is, but for a large one.
  @Test func aModelMayTakeRegionsAtTheirOwnSize() {
    func working(_ side: Int, image: Int) -> Int {
      let box = Rectangle(x: (image - side) / 2, y: (image - side) / 2, width: side, height: side)
      let plan = plan(mask(image, image, box)) { ($0.nativeSize, $0.largestOwnSize) = (256, 2048) }
      #expect(plan.region.width == min(max(256, 2 * side), image))
      return plan.workingWidth
    }
    #expect(working(20, image: 1000) == 256 && working(20, image: 100) == 100)
    #expect(working(300, image: 1000) == 600 && working(1200, image: 3000) == 2048)
  }

  @Test func theWholeImageKeepsItsSize() {
    let plan = plan(mask(300, 200, Rectangle(x: 10, y: 10, width: 20, height: 20))) { $0.cropsToMask = false }
    #expect(plan.region == Rectangle(x: 0, y: 0, width: 300, height: 200))
    #expect((plan.workingWidth, plan.workingHeight) == (300, 200))
  }

  @Test func workingSizeIsTheLongerSideThatTheModelSees() {
    let mask = mask(300, 200, Rectangle(x: 10, y: 10, width: 20, height: 20))
    let whole = plan(mask) { ($0.cropsToMask, $0.workingSize) = (false, 150) }
    #expect((whole.workingWidth, whole.workingHeight) == (150, 100))
    let cropped = plan(mask) { ($0.nativeSize, $0.workingSize) = (64, 128) }
    #expect(cropped.region == Rectangle(x: 0, y: 0, width: 64, height: 64))
    #expect((cropped.workingWidth, cropped.workingHeight) == (128, 128))
  }

  @Test func withoutPreserveTheWholeRegionIsPainted() {
    let plan = plan(mask(4000, 3000, Rectangle(x: 1990, y: 1490, width: 20, height: 20))) { $0.preserve = false }
    #expect(plan.paint == plan.region)
  }

  @Test func aSoftMasksSkirtLiesInsideTheRegion() {
    var soft = mask(2000, 2000, Rectangle(x: 500, y: 900, width: 1000, height: 200), value: 0.2)
    for y in 980..<1020 { for x in 980..<1020 { soft.values[y * 2000 + x] = 1 } }
    let skirt = Rectangle(x: 500, y: 900, width: 1000, height: 200)
    let plan = plan(soft)
    #expect(plan.region.intersection(skirt) == skirt)
    #expect(plan.paint == skirt)
  }

  @Test func theNoiseOfACompressedMaskDoesNotWidenTheRegion() {
    var noisy = mask(2000, 2000, Rectangle(x: 990, y: 990, width: 20, height: 20))
    noisy.values[0] = 4 / 255
    #expect(plan(noisy).region == Rectangle(x: 744, y: 744, width: 512, height: 512))
  }

  @Test(arguments: [(1, 1), (8191, 3), (3, 8191), (1, 8191)])
  func everySizeOfImageHasAPlan(_ size: (Int, Int)) {
    let (width, height) = size
    for crops in [true, false] {
      let plan = plan(mask(width, height, Rectangle(x: width / 2, y: height / 2, width: 1, height: 1))) {
        $0.cropsToMask = crops
      }
      let image = Rectangle(x: 0, y: 0, width: width, height: height)
      #expect(plan.region.intersection(image) == plan.region)
      #expect(plan.paint.intersection(plan.region) == plan.paint && !plan.paint.isEmpty)
      #expect(plan.workingWidth > 0 && plan.workingHeight > 0)
    }
  }

  @Test func boxesAreFoundBetweenValuesThatAreNotNumbers() {
    var mask = mask(40, 30, Rectangle(x: 10, y: 5, width: 7, height: 3))
    mask.values[0] = .nan
    mask.values[39] = -.infinity
    mask.values[29 * 40 + 39] = 0.25
    let boxes = MaskBoxes(mask.values, width: 40, height: 30)
    #expect(boxes.hole == Rectangle(x: 10, y: 5, width: 7, height: 3))
    #expect(boxes.visible == Rectangle(x: 10, y: 5, width: 30, height: 25))
    #expect(boxes.anything == boxes.visible)
    #expect(MaskBoxes([Float.nan, 0, -1], width: 3, height: 1).anything.isEmpty)
  }
}
