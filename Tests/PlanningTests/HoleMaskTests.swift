// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging
import Properties
import Testing

@testable import Planning

/// From a mask to the hole and the composite's weight.
@Suite struct HoleMaskTests {
  /// Scattered pixels, one in about `spacing`.
  private func scattered(_ width: Int, _ height: Int, spacing: UInt64) -> Picture {
    var state: UInt64 = 7
    var mask = Picture(width: width, height: height)
    for index in mask.values.indices {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      if (state >> 33) % spacing == 0 { mask.values[index] = 1 }
    }
    return mask
  }

  private func nearest(_ mask: Picture, _ x: Int, _ y: Int) -> Float {
    var least = Float.infinity
    for v in 0..<mask.height {
      for u in 0..<mask.width where mask.values[v * mask.width + u] >= 0.5 {
        least = min(least, Float((u - x) * (u - x) + (v - y) * (v - y)))
      }
    }
    return least.squareRoot()
  }

  @Test(arguments: [0, 1, 2, 5, 20]) func growDilatesByADisc(_ radius: Int) {
    let mask = scattered(64, 48, spacing: 700)
    let grown = HoleMask(mask, grow: radius, feather: 4)
    for y in 0..<48 {
      for x in 0..<64 {
        let inside = nearest(mask, x, y) <= Float(radius)
        #expect(grown.hole.values[y * 64 + x] == (inside ? 1 : 0), "at \(x), \(y)")
      }
    }
  }

  @Test func growOfTwoIsTheFiveByFiveDisc() {
    var mask = Picture(width: 7, height: 7)
    mask.values[24] = 1
    let rows = (0..<7).map { y in (0..<7).map { HoleMask(mask, grow: 2, feather: 0).hole.values[y * 7 + $0] > 0 ? "#" : "." }.joined() }
    #expect(rows == [".......", "...#...", "..###..", ".#####.", "..###..", "...#...", "......."])
  }

  @Test func theRampFallsOutwardFromTheHole() {
    var mask = Picture(width: 20, height: 1)
    mask.values[5] = 1
    let weight = HoleMask(mask, grow: 0, feather: 4).weight.values
    #expect(weight[5] == 1)
    for (distance, expected) in [(1, 0.8), (2, 0.6), (3, 0.4), (4, 0.2), (5, 0), (6, 0)] {
      #expect(abs(Double(weight[5 + distance]) - expected) < 1e-6, "at \(distance)")
    }
  }

  @Test(arguments: [0, 1, 7]) func withoutFeatherTheWeightIsTheHole(grow: Int) {
    let result = HoleMask(scattered(64, 48, spacing: 500), grow: grow, feather: 0)
    #expect(result.weight == result.hole)
  }

  @Test func aSoftMaskIsBinaryForTheModelAndSoftInTheComposite() {
    let mask = Picture(width: 6, height: 1, values: [0, 0.25, 0.49, 0.5, 0.75, 1])
    let result = HoleMask(mask, grow: 0, feather: 0)
    #expect(result.hole.values == [0, 0, 0, 1, 1, 1])
    #expect(result.weight.values == [0, 0.25, 0.49, 1, 1, 1])
  }

  @Test func nothingIsPaintedOutsideThePaintRectangle() {
    for (grow, feather) in [(0, 0.0), (3, 0.5), (3, 4), (0, 7.3)] {
      let mask = scattered(64, 48, spacing: 1500)
      let boxes = MaskBoxes(mask.values, width: 64, height: 48)
      var settings = RegionPlan.Settings(Request(.sdInpaint), nativeSize: 512)
      (settings.grow, settings.feather) = (grow, feather)
      let plan = RegionPlan(boxes, in: Rectangle(x: 0, y: 0, width: 64, height: 48), settings)
      let weight = HoleMask(mask, grow: grow, feather: feather).weight
      let painted = MaskBoxes(weight.values, width: 64, height: 48).anything
      #expect(painted.intersection(plan.paint) == painted)
    }
  }

  @Test func emptyAndFullMasks() {
    let empty = HoleMask(Picture(width: 9, height: 9), grow: 5, feather: 4)
    #expect(empty.hole.values.allSatisfy { $0 == 0 } && empty.weight.values.allSatisfy { $0 == 0 })
    let full = HoleMask(Picture(width: 9, height: 9, filledWith: 1), grow: 5, feather: 4)
    #expect(full.hole.values.allSatisfy { $0 == 1 } && full.weight.values.allSatisfy { $0 == 1 })
  }
}
