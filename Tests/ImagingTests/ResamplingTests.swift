// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Testing

@testable import Imaging

/// From the region to working size and back.
@Suite struct ResamplingTests {
  private func picture(_ width: Int, _ height: Int, channels: Int = 3, _ value: (Int, Int, Int) -> Float) -> Picture {
    var result = Picture(width: width, height: height, channels: channels)
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<channels { result.values[(y * width + x) * channels + channel] = value(x, y, channel) }
      }
    }
    return result
  }

  private let sizes = [(64, 48), (33, 20), (200, 150), (1, 1), (1, 300), (97, 3)]

  @Test func anEvenColourStays() {
    for (width, height) in sizes {
      let resized = picture(50, 37) { _, _, channel in [0.2, 0.5, 1][channel] }.resized(width: width, height: height)
      for (index, value) in resized.values.enumerated() {
        #expect(abs(value - [0.2, 0.5, 1][index % 3]) < 1e-5, "\(width) x \(height)")
      }
    }
  }

  @Test func aRampStaysARampInPlace() {
    // Pixel centres correspond: nothing moves by a half pixel.
    for width in [40, 75, 160, 333] {
      let scale = 100 / Float(width)
      let resized = picture(100, 4, channels: 1) { x, _, _ in (Float(x) + 0.5) / 100 }.resized(width: width, height: 4)
      for x in 0..<width where Float(x) * scale > 4 * max(scale, 1) && Float(x) * scale < 100 - 5 * max(scale, 1) {
        let expected = (Float(x) + 0.5) / Float(width)
        #expect(abs(resized.values[x] - expected) < 1e-3, "\(width): pixel \(x)")
      }
    }
  }

  @Test func shrinkingAveragesFineTexture() {
    let resized = picture(128, 128, channels: 1) { x, y, _ in Float((x + y) % 2) }.resized(width: 32, height: 32)
    #expect(resized.values.allSatisfy { abs($0 - 0.5) < 0.02 })
  }

  @Test func anEdgeOvershootsByLittle() {
    let edge = picture(40, 1, channels: 1) { x, _, _ in x < 20 ? 0.25 : 0.75 }
    for width in [20, 77, 160] {
      let values = edge.resized(width: width, height: 1).values
      #expect(values.min()! > 0.25 - 0.05 && values.max()! < 0.75 + 0.05, "\(width): \(values.min()!) \(values.max()!)")
    }
  }

  @Test func theSameSizeIsTheSamePicture() {
    let original = picture(31, 17) { x, y, channel in Float(x * y + channel).truncatingRemainder(dividingBy: 1.7) }
    #expect(original.resized(width: 31, height: 17) == original)
  }

  @Test func aPartIsTheWholesPart() {
    let original = picture(31, 17) { x, y, channel in sinf(Float(x * y + channel)) }
    let part = Rectangle(x: 11, y: 3, width: 20, height: 25)
    for size in [(90, 40), (31, 28)] {
      let whole = original.resized(width: size.0, height: size.1).cropped(part)
      #expect(original.resized(width: size.0, height: size.1, part: part) == whole)
    }
  }

  /// A ramp in which a hole hides glaring colours.
  @Test(arguments: [(31, 20), (64, 48), (90, 70)]) func whatAHoleHidesIsNotMixedIntoItsBorder(_ size: (Int, Int)) {
    let hole = picture(64, 48, channels: 1) { x, y, _ in (20..<41).contains(x) && (9..<30).contains(y) ? 1 : 0 }
    func ramp(hiding hidden: Float) -> Picture {
      picture(64, 48) { x, y, _ in hole.values[y * 64 + x] == 1 ? hidden : Float(x) / 64 }
    }
    let working = hole.resizedHole(width: size.0, height: size.1)
    let (black, white) = (ramp(hiding: 0).resized(around: hole, working), ramp(hiding: 1).resized(around: hole, working))
    let whole = picture(64, 48) { x, _, _ in Float(x) / 64 }.resized(width: size.0, height: size.1)
    for index in working.values.indices {
      for channel in index * 3..<index * 3 + 3 where working.values[index] == 0 {
        #expect(black.values[channel] == white.values[channel])
        #expect(abs(black.values[channel] - whole.values[channel]) < 0.02)
      }
    }
  }

  @Test func croppingBeyondTheEdgeRepeatsIt() {
    let row = Picture(width: 3, height: 1, values: [1, 2, 3])
    #expect(row.cropped(Rectangle(x: -2, y: -1, width: 8, height: 2)).values == [1, 1, 1, 2, 3, 3, 3, 3] + [1, 1, 1, 2, 3, 3, 3, 3])
  }

  @Test func noHolePixelVanishesWhenAHoleShrinks() {
    for position in [0, 1, 500, 777, 998, 999] {
      var hole = Picture(width: 1000, height: 700)
      hole.values[333 * 1000 + position] = 1
      let resized = hole.resizedHole(width: 128, height: 90)
      #expect(resized.values.contains(1), "position \(position)")
      #expect(resized.values.allSatisfy { $0 == 0 || $0 == 1 })
      #expect(resized.values[333 * 90 / 700 * 128 + position * 128 / 1000] == 1, "position \(position)")
    }
  }

  @Test func aThinHoleSurvivesShrinking() {
    var line = Picture(width: 512, height: 512)
    for x in 0..<512 { line.values[200 * 512 + x] = 1 }
    let resized = line.resizedHole(width: 64, height: 64)
    #expect((0..<64).allSatisfy { resized.values[25 * 64 + $0] == 1 })
  }

  @Test func aHoleKeepsItsShapeWhenItGrows() {
    var hole = Picture(width: 8, height: 8)
    for y in 2..<5 { for x in 3..<7 { hole.values[y * 8 + x] = 1 } }
    let resized = hole.resizedHole(width: 32, height: 32)
    for y in 0..<32 {
      for x in 0..<32 { #expect(resized.values[y * 32 + x] == hole.values[y / 4 * 8 + x / 4], "at \(x), \(y)") }
    }
  }
}
