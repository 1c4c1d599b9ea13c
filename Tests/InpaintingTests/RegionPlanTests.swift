import Testing

@testable import Inpainting

@Suite struct RegionPlanTests {
  func boxes(_ hole: Rectangle, width: Int, height: Int) -> MaskBoxes {
    var mask = [Float](repeating: 0, count: width * height)
    for y in hole.y..<hole.y + hole.height { for x in hole.x..<hole.x + hole.width { mask[y * width + x] = 1 } }
    return MaskBoxes(mask, width: width, height: height)
  }

  @Test func aSmallHoleIsSeenAtTheModelsSize() {
    let plan = RegionPlan(
      boxes(Rectangle(x: 900, y: 600, width: 40, height: 30), width: 2000, height: 1500), width: 2000, height: 1500,
      RegionPlan.Settings())
    #expect(plan.region.width == 512 && plan.region.height == 512)
    #expect(plan.workingWidth == 512 && plan.workingHeight == 512)
    #expect(plan.paint == Rectangle(x: 896, y: 596, width: 48, height: 38))
  }

  @Test func aHoleInTheCornerIsSeenInside() {
    let plan = RegionPlan(
      boxes(Rectangle(x: 0, y: 0, width: 10, height: 10), width: 2000, height: 1500), width: 2000, height: 1500,
      RegionPlan.Settings())
    #expect(plan.region == Rectangle(x: 0, y: 0, width: 512, height: 512))
  }

  @Test func aLargeHoleIsSeenWithContextAndMadeSmaller() {
    let plan = RegionPlan(
      boxes(Rectangle(x: 1000, y: 1000, width: 1000, height: 400), width: 4000, height: 3000), width: 4000, height: 3000,
      RegionPlan.Settings())
    #expect(plan.region == Rectangle(x: 500, y: 500, width: 2000, height: 1400))
    #expect(plan.workingWidth == 512 && plan.workingHeight == 358)
  }

  @Test func theWholeImageIsNotResampled() {
    let plan = RegionPlan(
      boxes(Rectangle(x: 10, y: 10, width: 8, height: 8), width: 100, height: 60), width: 100, height: 60,
      RegionPlan.Settings(cropsToMask: false))
    #expect(plan.region == Rectangle(x: 0, y: 0, width: 100, height: 60))
    #expect(plan.workingWidth == 100 && plan.workingHeight == 60)
  }

  @Test func withoutPreserveTheWholeRegionMayChange() {
    let plan = RegionPlan(
      boxes(Rectangle(x: 10, y: 10, width: 8, height: 8), width: 100, height: 60), width: 100, height: 60,
      RegionPlan.Settings(preserve: false))
    #expect(plan.paint == plan.region)
  }
}
