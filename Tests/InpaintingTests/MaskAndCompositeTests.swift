import Testing

@testable import Inpainting

@Suite struct MaskAndCompositeTests {
  func dot(_ value: Float = 1) -> Picture {
    var mask = Picture(width: 21, height: 21)
    mask.values[10 * 21 + 10] = value
    return mask
  }

  @Test func growingIsADisc() {
    let hole = HoleMask(dot(), grow: 3, feather: 0).hole
    for y in 0..<21 {
      for x in 0..<21 {
        let inside = (x - 10) * (x - 10) + (y - 10) * (y - 10) <= 9
        #expect(hole.values[y * 21 + x] == (inside ? 1 : 0), "\(x), \(y)")
      }
    }
  }

  @Test func theRampFallsOutward() {
    let weight = HoleMask(dot(), grow: 0, feather: 4).weight
    let line = (10...16).map { weight.values[10 * 21 + $0] }
    #expect(zip(line, [1, 0.8, 0.6, 0.4, 0.2, 0, 0]).allSatisfy { abs($0 - $1) < 1e-6 }, "\(line)")
  }

  @Test func halfTheMaskIsAHoleAndLessIsOnlyBlended() {
    #expect(HoleMask(dot(0.5), grow: 0, feather: 0).hole.values[10 * 21 + 10] == 1)
    let faint = HoleMask(dot(0.3), grow: 0, feather: 0)
    #expect(faint.hole.values[10 * 21 + 10] == 0 && faint.weight.values[10 * 21 + 10] == 0.3)
  }

  @Test func aThinHoleSurvivesShrinking() {
    var line = Picture(width: 512, height: 512)
    for x in 0..<512 { line.values[200 * 512 + x] = 1 }
    let small = line.resizedHole(width: 64, height: 64)
    #expect((0..<64).allSatisfy { small.values[25 * 64 + $0] == 1 })
  }

  @Test func resizingKeepsAConstantAndItsOwnSizeIsACopy() {
    let grey = Picture(width: 37, height: 23, channels: 3, filledWith: 0.25)
    for (width, height) in [(10, 80), (74, 46), (1, 1)] {
      #expect(grey.resized(width: width, height: height).values.allSatisfy { abs($0 - 0.25) < 1e-5 })
    }
    #expect(grey.resized(width: 37, height: 23) == grey)
  }

  @Test func weightZeroLeavesEveryBit() {
    var pixels: [Float] = [.nan, -3, 1e30]
    let before = pixels.map(\.bitPattern)
    Compositing.composite(
      Picture(width: 1, height: 1, channels: 3, filledWith: 1), weight: Picture(width: 1, height: 1), fillsAlpha: false,
      into: &pixels, channels: 3)
    #expect(pixels.map(\.bitPattern) == before)
  }

  @Test func whatWasTransparentDoesNotShine() {
    var pixels: [Float] = [9, 9, 9, 0]
    Compositing.composite(
      Picture(width: 1, height: 1, channels: 3, filledWith: 0.5), weight: Picture(width: 1, height: 1, filledWith: 0.5),
      fillsAlpha: true, into: &pixels, channels: 4)
    #expect(pixels == [0.5, 0.5, 0.5, 0.5])
  }

  @Test func aColourShiftAroundTheHoleIsTakenOut() {
    let known = Picture(width: 64, height: 64, channels: 3, filledWith: 0.6)
    let decoded = Picture(width: 64, height: 64, channels: 3, filledWith: 0.5)
    var hole = Picture(width: 64, height: 64)
    for y in 20..<40 { for x in 20..<40 { hole.values[y * 64 + x] = 1 } }
    let matched = ColorMatch.applied(to: decoded, known: known, hole: hole)
    for index in hole.values.indices where hole.values[index] == 1 {
      #expect(abs(matched.values[index * 3] - 0.6) < 1e-3)
    }
    let everywhere = Picture(width: 64, height: 64, filledWith: 1)
    #expect(ColorMatch.applied(to: decoded, known: known, hole: everywhere) == decoded)
  }
}
