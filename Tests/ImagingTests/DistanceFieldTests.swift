// SPDX-License-Identifier: LGPL-3.0-or-later
import Testing

@testable import Imaging

/// How far pixels lie from a hole.
@Suite struct DistanceFieldTests {
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

  @Test(arguments: [(61, 47), (1, 40), (40, 1)], [20, 300] as [UInt64])
  func distancesAreExact(_ size: (Int, Int), spacing: UInt64) {
    var mask = scattered(size.0, size.1, spacing: spacing)
    mask.values[size.0 * size.1 / 2] = 1
    let field = DistanceField(to: mask, in: Rectangle(x: 0, y: 0, width: size.0, height: size.1))
    for y in 0..<size.1 {
      for x in 0..<size.0 {
        #expect(field.squared[y * size.0 + x].squareRoot() == nearest(mask, x, y), "at \(x), \(y)")
      }
    }
  }

  @Test(arguments: [0, 1, 3, 20]) func dilationIsByADisc(_ radius: Int) {
    let mask = scattered(61, 47, spacing: 700)
    let grown = mask.dilated(by: radius)
    for y in 0..<47 {
      for x in 0..<61 {
        #expect(grown.values[y * 61 + x] == (nearest(mask, x, y) <= Float(radius) ? 1 : 0), "at \(x), \(y)")
      }
    }
    #expect(Picture(width: 5, height: 4).dilated(by: radius).values.allSatisfy { $0 == 0 })
  }
}
