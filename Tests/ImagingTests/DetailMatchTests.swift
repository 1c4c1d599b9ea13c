// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Testing

@testable import Imaging

/// What a fill takes of the known pixels around it.
@Suite struct DetailMatchTests {
  private func picture(_ width: Int, _ height: Int, _ value: (Int, Int, Int) -> Float) -> Picture {
    var result = Picture(width: width, height: height, channels: 3)
    for index in result.values.indices { result.values[index] = value(index / 3 % width, index / 3 / width, index % 3) }
    return result
  }

  private func hole(_ width: Int, _ height: Int, _ box: Rectangle) -> Picture {
    var hole = Picture(width: width, height: height)
    for y in box.y..<box.bottom { for x in box.x..<box.right { hole.values[y * width + x] = 1 } }
    return hole
  }

  private func rootMeanSquare(_ a: Picture, _ b: Picture, in hole: Picture) -> Float {
    var (sum, count) = (Float(0), Float(0))
    for index in a.values.indices where hole.values[index / 3] == 1 {
      sum += (a.values[index] - b.values[index]) * (a.values[index] - b.values[index])
      count += 1
    }
    return (sum / count).squareRoot()
  }

  private func matched(_ fill: Picture, _ known: Picture, _ hole: Picture, scale: Double = 1, seed: UInt64 = 1) -> Picture? {
    DetailMatch.applied(to: fill, known: known, hole: hole, scale: scale, seed: seed) { _ in }
  }

  /// Stripes that repeat, in two colours.
  private func stripes(_ x: Int, _ y: Int, _ channel: Int) -> Float {
    0.5 + 0.3 * sinf(Float(x) * 0.9 + Float(y) * 0.35) * (channel == 2 ? -1 : 1)
  }

  private let box = Rectangle(x: 50, y: 40, width: 28, height: 30)

  @Test(arguments: [1.0, 2, 3.7]) func aTextureGoesOnThroughABlurredFill(scale: Double) throws {
    let known = picture(128, 112, stripes)
    let hole = hole(128, 112, box)
    let grey = picture(128, 112) { _, _, _ in 0.5 }
    let result = try #require(matched(grey, known, hole, scale: scale))
    #expect(rootMeanSquare(grey, known, in: hole) > 0.2)
    #expect(rootMeanSquare(result, known, in: hole) < 0.07)
  }

  @Test func eachSideTakesItsOwnTexture() throws {
    let known = picture(160, 96) { x, y, channel in
      x < 80 ? 0.3 + 0.1 * Float((x / 2 + y / 2) % 2) : (channel == 0 ? 0.8 : 0.6) + 0.1 * sinf(Float(y) * 1.3)
    }
    let hole = hole(160, 96, Rectangle(x: 60, y: 30, width: 40, height: 36))
    let fill = picture(160, 96) { x, _, channel in x < 80 ? 0.35 : channel == 0 ? 0.8 : 0.6 }
    let result = try #require(matched(fill, known, hole))
    for (part, mean) in [(62..<78, Float(0.35)), (82..<98, 0.8)] {
      let reds = (32..<64).flatMap { y in part.map { x in result.values[(y * 160 + x) * 3] } }
      let found = reds.reduce(0, +) / Float(reds.count)
      #expect(abs(found - mean) < 0.03)
      #expect(reds.map { abs($0 - found) }.reduce(0, +) / Float(reds.count) > 0.02)
    }
  }

  @Test func aroundTheHoleThePictureStays() throws {
    let (known, hole) = (picture(128, 112, stripes), hole(128, 112, box))
    let result = try #require(matched(picture(128, 112) { _, _, _ in 0.5 }, known, hole))
    for index in known.values.indices where hole.values[index / 3] == 0 { #expect(result.values[index] == known.values[index]) }
  }

  @Test func aColourThatIsNowhereAroundStays() throws {
    let known = picture(128, 112) { x, y, _ in 0.45 + 0.1 * Float((x + y) % 2) }
    let hole = hole(128, 112, box)
    let red = picture(128, 112) { _, _, channel in channel == 0 ? 0.8 : 0.2 }
    let result = try #require(matched(red, known, hole))
    for channel in 0..<3 {
      let values = hole.values.indices.filter { hole.values[$0] == 1 }.map { result.values[$0 * 3 + channel] }
      #expect(abs(values.reduce(0, +) / Float(values.count) - (channel == 0 ? 0.8 : 0.2)) < 0.06)
      #expect(values.max()! - values.min()! > 0.05, "the texture of what is around")
    }
    // It is there to be blended.
    #expect(result.values[((box.y + 10) * 128 + box.x - 1) * 3] > 0.7)
  }

  @Test(arguments: [1.0, 4]) func thinPartsOfAHoleGetNoOtherColour(scale: Double) throws {
    let known = picture(128, 112) { _, _, _ in 0.5 }
    var hole = hole(128, 112, box)
    for x in 8..<box.x { hole.values[60 * 128 + x] = 1 }
    hole.values[20 * 128 + 100] = 1
    let result = try #require(matched(picture(128, 112) { _, _, channel in channel == 0 ? 0.6 : 0.5 }, known, hole, scale: scale))
    #expect(result.values.allSatisfy { $0 > 0.49 && $0 < 0.61 })
  }

  @Test func holesAtTheBordersOfOddPictures() throws {
    for box in [Rectangle(x: 90, y: 60, width: 41, height: 53), Rectangle(x: 0, y: 0, width: 30, height: 113)] {
      let (known, hole) = (picture(131, 113, stripes), hole(131, 113, box))
      let grey = picture(131, 113) { _, _, _ in 0.5 }
      let contrast = rootMeanSquare(try #require(matched(grey, known, hole)), grey, in: hole)
      #expect(contrast > 0.7 * rootMeanSquare(known, grey, in: hole))
    }
  }

  @Test func theSeedDecides() {
    let known = picture(128, 112) { x, y, channel in Float((x * x * 31 + y * y * 17 + x * y * 7 + channel) % 97) / 97 }
    let (hole, fill) = (hole(128, 112, box), picture(128, 112) { _, _, _ in 0.5 })
    #expect(matched(fill, known, hole) == matched(fill, known, hole))
    #expect(matched(fill, known, hole) != matched(fill, known, hole, seed: 2))
  }

  @Test func withoutAKnownPatchThereIsNone() {
    let (fill, known) = (picture(64, 64, stripes), picture(64, 64) { _, _, _ in 0 })
    #expect(matched(fill, known, Picture(width: 64, height: 64, filledWith: 1)) == nil)
    #expect(matched(fill, known, hole(64, 64, Rectangle(x: 4, y: 4, width: 56, height: 56))) == nil)
  }

  @Test(arguments: [(1, 1), (1, 40), (4, 4), (5, 5), (6, 9), (33, 7)]) func smallPictures(width: Int, height: Int) {
    let fill = picture(width, height) { _, _, _ in 0.5 }
    for part in [Rectangle(x: 0, y: 0, width: 1, height: 1), Rectangle(x: width / 2, y: height / 2, width: 1, height: 1)] {
      let result = matched(fill, picture(width, height, stripes), hole(width, height, part), scale: 20)
      #expect(result?.values.allSatisfy { $0.isFinite && $0 >= 0 && $0 <= 1 } ?? true)
    }
  }

  @Test func progressRisesAndStops() {
    struct Stop: Error {}
    let (known, hole) = (picture(128, 112, stripes), hole(128, 112, box))
    var fractions: [Double] = []
    _ = DetailMatch.applied(to: known, known: known, hole: hole, scale: 1, seed: 1) { fractions.append($0) }
    #expect(fractions.count > 10 && fractions == fractions.sorted() && fractions.first == 0 && fractions.last! < 1)
    #expect(throws: Stop.self) {
      try DetailMatch.applied(to: known, known: known, hole: hole, scale: 1, seed: 1) { if $0 > 0.5 { throw Stop() } }
    }
  }
}
