// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Imaging
import Properties
import Testing

@testable import Planning

/// Long thin holes are painted in tiles along them.
@Suite struct HoleTilesTests {
  private static let image = Rectangle(x: 0, y: 0, width: 700, height: 600)

  /// A line of this thickness through points.
  private static func line(thickness: Int = 6, _ points: [(Double, Double)]) -> Picture {
    var mask = Picture(width: 700, height: 600)
    for (start, end) in zip(points, points.dropFirst()) {
      let steps = Int(max(abs(end.0 - start.0), abs(end.1 - start.1)))
      for step in 0...steps {
        let share = Double(step) / Double(max(steps, 1))
        let (x, y) = (start.0 + share * (end.0 - start.0), start.1 + share * (end.1 - start.1))
        let dot = Rectangle(x: Int(x) - thickness / 2, y: Int(y) - thickness / 2, width: thickness, height: thickness)
        mask.fill(dot, of: image, with: 1)
      }
    }
    return mask
  }

  private static let circle = (0...90).map { step in
    let angle = Double(step) * .pi / 45
    return (350 + 280 * cos(angle), 300 + 260 * sin(angle))
  }

  struct Wire: CustomTestStringConvertible {
    let testDescription: String
    let mask: Picture
    let most: Int
  }

  /// Steps of tiles of 64 are 48 pixels; `most` allows a quarter more.
  static let wires = [
    Wire(testDescription: "level", mask: line([(3, 300), (697, 300)]), most: 15),
    Wire(testDescription: "upright, at the border", mask: line([(3, 3), (3, 597)]), most: 13),
    Wire(testDescription: "falling", mask: line([(20, 20), (620, 580)]), most: 26),
    Wire(testDescription: "rising slowly", mask: line([(20, 580), (680, 420)]), most: 20),
    Wire(testDescription: "bent", mask: line([(20, 20), (680, 60), (340, 580), (20, 300)]), most: 60),
    Wire(testDescription: "a circle", mask: line(circle), most: 60),
    Wire(testDescription: "thick", mask: line(thickness: 40, [(60, 300), (660, 320)]), most: 13),
  ]

  private func plan(_ wire: Wire) -> PicturePlan {
    PaintedPicture.plan(wire.mask) { ($0.colorMatch, $0.grow) = (.never, 2) }
  }

  @Test(arguments: wires) func allOfItIsFilledAndNothingElse(_ wire: Wire) {
    let plan = plan(wire)
    let painted = PaintedPicture(plan, width: 700, height: 600) { _ in 1 }
    let hole = HoleMask(wire.mask, grow: 2, feather: 4)
    let isFilled = zip(hole.hole.values, painted.values.values).allSatisfy { $0 == 0 || $1 > 0.9999 }
    let isKept = zip(hole.weight.values, painted.values.values).allSatisfy { $0 > 0 || $1 == 0 }
    #expect(isFilled && isKept)
    #expect((6...wire.most).contains(plan.passes.count), "\(plan.passes.count) passes")
    #expect(plan.passes.allSatisfy { $0.seen.longerSide <= 90 && 60 * $0.seen.longerSide <= 90 * $0.size.width })
    #expect(plan.passes.map(\.number) == Array(0..<plan.passes.count), "each has noise of its own")
  }

  /// Tiles that differ by 1/2 leave no step that comes near it.
  @Test(arguments: wires) func oneTileFadesIntoTheNext(_ wire: Wire) {
    let painted = PaintedPicture(plan(wire), width: 700, height: 600) { $0 % 2 == 0 ? 0.25 : 0.75 }
    var largest: Float = 0
    for y in 1..<600 {
      for x in 1..<700 where wire.mask.values[y * 700 + x] == 1 {
        for (u, v) in [(x - 1, y), (x, y - 1)] where wire.mask.values[v * 700 + u] == 1 {
          largest = max(largest, abs(painted.at(x, y) - painted.at(u, v)))
        }
      }
    }
    #expect(largest < 0.12 && painted.values.values.contains(0.25) && painted.values.values.contains(0.75), "\(largest)")
  }

  @Test func aTileSeesWhatTheOneBeforeItHasPainted() {
    let plan = plan(Self.wires[0])
    let painted = PaintedPicture(plan, width: 700, height: 600) { _ in 1 }
    for (pass, job) in zip(plan.passes, painted.jobs).dropFirst() {
      let (x, y) = (0, 300 - pass.seen.y)
      #expect(job.hole.values[y * job.hole.width + x] == 0 && job.picture.values[(y * job.hole.width + x) * 3] == 1)
      #expect(job.hole.values[y * job.hole.width + job.hole.width / 2] == 1)
    }
  }

  /// Where tiles would show little more than the crop does, or less than a hole is thick.
  @Test func whatIsNotLongIsOneCrop() {
    for box in [Rectangle(x: 100, y: 200, width: 90, height: 4), Rectangle(x: 100, y: 100, width: 400, height: 180)] {
      #expect(PaintedPicture.plan(PaintedPicture.mask(700, 600, box)).passes.count == 1)
    }
    var disc = Picture(width: 700, height: 600)
    for index in disc.values.indices where hypot(Double(index % 700) - 350, Double(index / 700) - 300) < 200 {
      disc.values[index] = 1
    }
    #expect(PaintedPicture.plan(disc).passes.count == 1)
    #expect(PaintedPicture.plan(Self.wires[0].mask) { $0.workingSize = 512 }.passes.count == 1, "seen at its own size")
    #expect(PaintedPicture.plan(Self.wires[0].mask) { $0.crop = .whole }.passes.count == 1)
  }

  @Test func aWireLeavesOtherIslandsToTheirPasses() throws {
    var mask = Self.wires[0].mask
    mask.fill(Rectangle(x: 340, y: 325, width: 10, height: 10), of: Self.image, with: 1)
    let plan = PaintedPicture.plan(mask)
    let painted = PaintedPicture(plan, width: 700, height: 600) { $0 + 1 == plan.passes.count ? 0.5 : 1 }
    let count = try #require(plan.passes.last?.seen.longerSide)
    #expect(count == 64 || plan.passes.count < 16)
    let isFilled = zip(mask.values, painted.values.values).allSatisfy { $0 == 0 || $1 > 0 }
    #expect(isFilled)
  }
}
