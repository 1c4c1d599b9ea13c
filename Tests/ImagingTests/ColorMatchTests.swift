// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Testing

@testable import Imaging

/// What color-match takes out of the fill.
@Suite struct ColorMatchTests {
  private static let side = 96

  private func picture(_ value: (Int, Int, Int) -> Float) -> Picture {
    var result = Picture(width: Self.side, height: Self.side, channels: 3)
    for index in result.values.indices {
      result.values[index] = value(index / 3 % Self.side, index / 3 / Self.side, index % 3)
    }
    return result
  }

  private func hole(_ box: Rectangle) -> Picture {
    var hole = Picture(width: Self.side, height: Self.side)
    for y in box.y..<box.bottom { for x in box.x..<box.right { hole.values[y * Self.side + x] = 1 } }
    return hole
  }

  private let middle = Rectangle(x: 30, y: 24, width: 40, height: 50)

  /// The largest difference inside the hole.
  private func largest(_ a: Picture, _ b: Picture, in hole: Picture) -> Float {
    var largest: Float = 0
    for index in a.values.indices where hole.values[index / 3] == 1 {
      largest = max(largest, abs(a.values[index] - b.values[index]))
    }
    return largest
  }

  private func texture(_ x: Int, _ y: Int, _ channel: Int) -> Float {
    0.5 + 0.2 * sinf(Float(x) / 9 + Float(channel)) * cosf(Float(y) / 7)
  }

  @Test func anEvenShiftGoesAway() {
    let known = picture(texture)
    let decoded = picture { x, y, channel in texture(x, y, channel) + [0.1, -0.05, 0.02][channel] }
    let matched = ColorMatch.applied(to: decoded, known: known, hole: hole(middle))
    #expect(largest(matched, known, in: hole(middle)) < 1e-4)
  }

  @Test func aShiftThatGrowsAcrossTheHoleGoesAway() {
    let known = picture(texture)
    let decoded = picture { x, y, channel in texture(x, y, channel) + 0.1 * Float(x) / Float(Self.side) }
    let matched = ColorMatch.applied(to: decoded, known: known, hole: hole(middle))
    #expect(largest(matched, known, in: hole(middle)) < 0.02)
  }

  @Test func whatOnlyTheBorderShowsGoesAway() {
    // Cells that the hole covers in part have another colour; all others were decoded as they are.
    let known = picture(texture)
    let cells = Rectangle(x: middle.x - 2, y: middle.y - 2, width: middle.width + 4, height: middle.height + 4)
    let shifted = hole(cells)
    let decoded = picture { x, y, channel in texture(x, y, channel) + 0.1 * shifted.values[y * Self.side + x] }
    let matched = ColorMatch.applied(to: decoded, known: known, hole: hole(middle))
    #expect(largest(matched, known, in: hole(middle)) < 1e-4)
  }

  @Test func lostTextureIsNotCarriedIntoTheHole() {
    // The autoencoder smoothed a checkerboard away: around the hole single pixels differ, their means do not.
    let known = picture { x, y, _ in 0.5 + ((x + y) % 2 == 0 ? 0.1 : -0.1) }
    let decoded = picture { _, _, _ in 0.5 }
    let matched = ColorMatch.applied(to: decoded, known: known, hole: hole(middle))
    #expect(largest(matched, decoded, in: hole(middle)) < 0.01)
  }

  @Test func whatIsInsideTheHoleDoesNotCount() {
    let known = picture { x, y, channel in
      x >= 30 && x < 70 && y >= 24 && y < 74 ? 1 : texture(x, y, channel)
    }
    let matched = ColorMatch.applied(to: picture(texture), known: known, hole: hole(middle))
    #expect(largest(matched, picture(texture), in: hole(middle)) == 0)
  }

  @Test func aFullMaskLeavesTheFillAlone() {
    let decoded = picture(texture)
    let full = hole(Rectangle(x: 0, y: 0, width: Self.side, height: Self.side))
    #expect(ColorMatch.applied(to: decoded, known: picture { _, _, _ in 0 }, hole: full) == decoded)
  }

  @Test func oneKnownPixelIsEnough() {
    var almost = hole(Rectangle(x: 0, y: 0, width: Self.side, height: Self.side))
    almost.values[5] = 0
    let decoded = picture { _, _, _ in 0.5 }
    let matched = ColorMatch.applied(to: decoded, known: picture { _, _, _ in 0.6 }, hole: almost)
    #expect(matched.values.allSatisfy { abs($0 - 0.6) < 1e-4 })
  }

  @Test(arguments: [(1, 1), (1, 7), (5, 1), (2, 3)]) func tinyPictures(_ size: (Int, Int)) {
    var hole = Picture(width: size.0, height: size.1)
    hole.values[0] = 1
    let decoded = Picture(width: size.0, height: size.1, channels: 3, filledWith: 0.5)
    let known = Picture(width: size.0, height: size.1, channels: 3, filledWith: 0.25)
    let matched = ColorMatch.applied(to: decoded, known: known, hole: hole)
    let expected: Float = size == (1, 1) ? 0.5 : 0.25
    #expect(abs(matched.values[0] - expected) < 1e-4)
  }

  /// Of a picture in which the hole alone was painted: where it is darker, and where it is of another slope.
  @Test func bothSidesOfTheBorderMeet() {
    let known = picture { x, _, channel in 0.3 + 0.002 * Float(x + 10 * channel) }
    let hole = hole(middle)
    for change in [{ _ in -0.1 }, { 0.002 * Float($0 - 50) }] as [(Int) -> Float] {
      let painted = known.with(picture { x, _, channel in 0.3 + 0.002 * Float(x + 10 * channel) + change(x) }, in: hole)
      let joined = ColorMatch.joined(painted, in: hole)
      #expect(largest(joined, known, in: hole) < 0.5 * largest(painted, known, in: hole))
      #expect(zip(joined.values, known.values).enumerated().allSatisfy { hole.values[$0 / 3] == 1 || $1.0 == $1.1 })
    }
  }

  @Test func whatMeetsStaysAsItIs() {
    let known = picture { x, y, _ in 0.2 + 0.003 * Float(x) + 0.002 * Float(y) }
    #expect(largest(ColorMatch.joined(known, in: hole(middle)), known, in: hole(middle)) < 0.01)
    let all = Picture(width: Self.side, height: Self.side, filledWith: 1)
    #expect(ColorMatch.joined(known, in: all) == known)  // nothing to meet
  }
}
