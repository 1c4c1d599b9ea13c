// SPDX-License-Identifier: LGPL-3.0-or-later
import Testing

@testable import Imaging

/// The fill over the image's own pixels.
@Suite struct CompositingTests {
  /// One pixel after the fill (0.25, 0.5, 1) was laid over it.
  private func composited(_ pixel: [Float], weight: Float, fillsAlpha: Bool = false) -> [Float] {
    var pixel = pixel
    let channels = pixel.count
    pixel.withUnsafeMutableBufferPointer {
      Compositing.composite(
        [0.25, 0.5, 1], weight: [weight], count: 1, fillsAlpha: fillsAlpha, into: $0.baseAddress!, channels: channels)
    }
    return pixel
  }

  @Test(arguments: [[Float](arrayLiteral: 0.1, 7.5, -0.0), [.nan, .infinity, -3, 0.3]])
  func weightZeroKeepsEveryBit(_ pixel: [Float]) {
    for fillsAlpha in [false, true] {
      #expect(composited(pixel, weight: 0, fillsAlpha: fillsAlpha).map(\.bitPattern) == pixel.map(\.bitPattern))
    }
  }

  @Test func weightOneIsTheFill() {
    #expect(composited([0.9, 0.9, 0.9], weight: 1) == [0.25, 0.5, 1])
    #expect(composited([.nan, .infinity, -3], weight: 1) == [0.25, 0.5, 1])
  }

  @Test func betweenTheTwoItBlends() { #expect(composited([0.75, 0.5, 0], weight: 0.5) == [0.5, 0.5, 0.5]) }

  @Test func aMaskOnAuxKeepsTheAlpha() {
    #expect(composited([0.9, 0.9, 0.9, 0.3], weight: 1) == [0.25, 0.5, 1, 0.3])
    #expect(composited([0.75, 0.5, 0, 0], weight: 0.5) == [0.5, 0.5, 0.5, 0])
  }

  @Test func aMaskFromTheAlphaRaisesIt() {
    #expect(composited([0.9, 0.9, 0.9, 0], weight: 1, fillsAlpha: true) == [0.25, 0.5, 1, 1])
    #expect(composited([0.75, 0.5, 0, 1], weight: 0.5, fillsAlpha: true) == [0.5, 0.5, 0.5, 1])
    let half = composited([0.75, 0.5, 0, 0.5], weight: 0.5, fillsAlpha: true)
    #expect(half[3] == 0.75)
    // Two thirds of what shows now is the fill: 0.5 of 0.75.
    #expect(abs(half[0] - (0.25 * 2 / 3 + 0.75 / 3)) < 1e-6)
  }

  @Test(arguments: [Float.nan, 1000, -5]) func coloursUnderTransparentPixelsDoNotShow(_ garbage: Float) {
    #expect(composited([garbage, garbage, garbage, 0], weight: 0.4, fillsAlpha: true) == [0.25, 0.5, 1, 0.4])
  }
}
