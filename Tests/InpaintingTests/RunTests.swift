import Glibc
import TestSupport
import Tensors
import Testing

@testable import Inpainting

@Suite struct RunTests {
  func request() -> Request {
    var request = Request(.sdInpaint)
    request.model = fixtures + "/packs/tiny-sd15"
    request.steps = 3
    return request
  }

  func run(_ plan: InpaintingPlan, width: Int, in workspace: Workspace) throws -> (pixels: [Float], fractions: [Double]) {
    let region = [Float](repeating: 0.5, count: plan.region.width * plan.region.height * 3)
    var pixels = [Float](repeating: 0.5, count: plan.paint.width * plan.paint.height * 3)
    var fractions: [Double] = []
    try region.withUnsafeBufferPointer { region in
      try pixels.withUnsafeMutableBufferPointer { pixels in
        try plan.run(
          InpaintingPlan.PictureAccess(
            region: region.baseAddress!, pixels: pixels.baseAddress!, channels: 3, fillsAlpha: false,
            convert: { $1.update(from: $0, count: 3 * $2) }),
          in: workspace) { fractions.append($0.fraction) }
      }
    }
    return (pixels, fractions)
  }

  func mask(_ width: Int, _ height: Int) -> [Float] {
    (0..<width * height).map { (30..<50).contains($0 % width) && (20..<40).contains($0 / width) ? 1 : 0 }
  }

  @Test func progressRisesToOneAndPixelsChange() throws {
    let plan = try InpaintingPlan(request(), mask: mask(120, 90), width: 120, height: 90)
    let result = try run(plan, width: 120, in: Workspace())
    #expect(result.fractions == result.fractions.sorted() && result.fractions.last == 1)
    #expect(result.pixels.contains { $0 != 0.5 })
  }

  @Test func anEmptyMaskAsksForNoModel() throws {
    var request = request()
    request.model = "/nowhere"
    let plan = try InpaintingPlan(request, mask: [Float](repeating: 0, count: 100), width: 10, height: 10)
    #expect(plan.paint.isEmpty && plan.region.isEmpty)
  }

  @Test func aCancelledRunChangesNothing() throws {
    let plan = try InpaintingPlan(request(), mask: mask(120, 90), width: 120, height: 90)
    let workspace = Workspace()
    workspace.cancel()
    #expect(throws: Cancelled.self) { try run(plan, width: 120, in: workspace) }
  }

  @Test func propertiesOutOfRangeAreNamed() {
    var request = request()
    request.guidance = .nan
    let error = #expect(throws: InpaintingError.self) { try request.validate() }
    #expect(error?.description.contains("guidance") == true)
  }
}
