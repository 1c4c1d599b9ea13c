// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging
import Properties
import Testing

@testable import Planning

/// A growing canvas is filled part by part.
@Suite struct OutpaintPassesTests {
  struct Case: CustomTestStringConvertible {
    let known: (Int, Int)
    let growth: (left: Int, right: Int, top: Int, bottom: Int)
    var native = 64

    var testDescription: String { "\(known) grown by \(growth)" }

    var canvas: Rectangle {
      var margins = Margins()
      (margins.left, margins.right, margins.top, margins.bottom) = growth
      return Rectangle(x: 0, y: 0, width: known.0, height: known.1).expanded(by: margins)
    }
  }

  static let cases = [
    Case(known: (200, 150), growth: (1, 0, 0, 0)), Case(known: (200, 150), growth: (0, 1, 0, 0)),
    Case(known: (200, 150), growth: (0, 0, 1, 0)), Case(known: (200, 150), growth: (0, 0, 0, 1)),
    Case(known: (200, 150), growth: (30, 30, 30, 30)), Case(known: (200, 150), growth: (200, 10, 0, 77)),
    Case(known: (30, 20), growth: (60, 60, 60, 60)), Case(known: (1, 1), growth: (9, 9, 9, 9)),
    Case(known: (5, 300), growth: (100, 0, 0, 0)), Case(known: (40, 300), growth: (0, 0, 40, 40)),
    Case(known: (200, 150), growth: (800, 800, 600, 600)), Case(known: (3000, 2000), growth: (0, 512, 0, 0), native: 512),
  ]

  /// What is known before each pass, as pixels of the canvas, and after all.
  private func walk(_ test: Case, _ visit: (Rectangle, (Int, Int) -> Bool) -> Void = { _, _ in }) -> [Bool] {
    let canvas = test.canvas
    let known = Rectangle(x: 0, y: 0, width: test.known.0, height: test.known.1)
    var isKnown = [Bool](repeating: false, count: canvas.area)
    func index(_ x: Int, _ y: Int) -> Int { (y - canvas.y) * canvas.width + x - canvas.x }
    func mark(_ area: Rectangle) {
      for y in area.y..<area.bottom { for x in area.x..<area.right { isKnown[index(x, y)] = true } }
    }
    mark(known)
    for region in OutpaintPasses(known: known, canvas: canvas, nativeSize: test.native).regions {
      visit(region) { isKnown[index($0, $1)] }
      mark(region)
    }
    return isKnown
  }

  @Test(arguments: cases) func everyPixelIsFilled(_ test: Case) { #expect(walk(test).allSatisfy { $0 }) }

  @Test(arguments: cases) func eachPartIsKnownToAtLeastOneHalf(_ test: Case) {
    _ = walk(test) { region, isKnown in
      var known = 0
      for y in region.y..<region.bottom { for x in region.x..<region.right where isKnown(x, y) { known += 1 } }
      #expect(2 * known >= region.area, "\(known) of \(region.area) pixels of \(region)")
    }
  }

  @Test(arguments: cases) func partsLieInTheCanvasAndAreAtMostTwiceTheNativeSize(_ test: Case) {
    _ = walk(test) { region, _ in
      #expect(region.intersection(test.canvas) == region)
      #expect(region.longerSide <= 2 * test.native)
    }
  }

  /// There are hundreds of parts: what each keeps of the others must not be all of them.
  @Test func aPartKeepsItsNeighboursOnly() {
    let growth = Margins(left: 1000, right: 1000, top: 1000, bottom: 1000)
    let passes = [Float](repeating: 0, count: 64 * 64).withUnsafeBufferPointer { mask in
      MaskedCanvas(mask.baseAddress!, width: 64, height: 64, growth: growth, goesByParts: true)
        .passes(RegionPlan.Settings(Request(.outpaint), nativeSize: 64), admit: { _ in })
    }
    #expect(passes.count > 500)
    for pass in passes { if case .part(let part) = pass.mask { #expect(part.filled.count < 30) } }
  }

  /// Left half known, lower right filled by an earlier pass, upper right missing.
  @Test(arguments: [2.0, 20, 256]) func aPartPaintsAStripOfItsNeighboursAnewAndFadesOutInIt(_ overlap: Double) {
    let part = CanvasPart(
      region: Rectangle(x: 10, y: 20, width: 64, height: 64), known: Rectangle(x: 10, y: 20, width: 32, height: 64),
      filled: [Rectangle(x: 42, y: 52, width: 32, height: 60)], strip: 8)
    let mask = PassMask.part(part).hole(grow: 0, feather: overlap, preserve: true)
    func at(_ picture: Picture, _ x: Int, _ y: Int) -> Float { picture.values[y * 64 + x] }
    #expect(at(mask.hole, 50, 31) == 1 && at(mask.weight, 50, 31) == 1)
    for step in 1...8 {
      #expect(at(mask.hole, 50, 31 + step) == 1)
      #expect(abs(at(mask.weight, 50, 31 + step) - (1 - Float(step) / 9)) < 1e-6)
    }
    #expect(at(mask.hole, 50, 40) == 0 && at(mask.weight, 50, 40) == 0)
    // What was there from the start is blended over the overlap, as far as the part sees it, and not painted.
    let depth = min(overlap, 32)
    #expect(at(mask.hole, 31, 10) == 0 && at(mask.weight, 31, 10) > 0)
    let last = Float(1 / (depth + 1))
    #expect(abs(at(mask.weight, 32 - Int(depth), 10) - last) < 1e-6)
    #expect(depth == 32 || at(mask.weight, 31 - Int(depth), 10) == 0)
    let raw = PassMask.part(part).hole(grow: 0, feather: overlap, preserve: false)
    #expect(at(raw.weight, 0, 10) == 1 && raw.hole == mask.hole && at(raw.weight, 50, 40) == 0)
  }

  @Test func cornersComeAfterTheSides() {
    let passes = OutpaintPasses(
      known: Rectangle(x: 0, y: 0, width: 64, height: 64), canvas: Rectangle(x: -20, y: -20, width: 104, height: 104),
      nativeSize: 64)
    #expect(passes.regions.count == 8)
    #expect(passes.regions.suffix(4).allSatisfy { $0.x != 0 && $0.y != 0 })
  }
}
