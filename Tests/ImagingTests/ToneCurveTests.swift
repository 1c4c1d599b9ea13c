// SPDX-License-Identifier: LGPL-3.0-or-later
import Testing

@testable import Imaging

/// Lights beyond white, for models that know none.
@Suite struct ToneCurveTests {
  private let whole = Rectangle(x: 0, y: 0, width: 20, height: 10)

  /// For a picture of 200 pixels with a hole in the first row, which is `hidden`.
  private func curve(_ light: (Int) -> Float, hidden: Float = 0.5, in area: Rectangle? = nil) -> ToneCurve? {
    var hole = Picture(width: 20, height: 10)
    for x in 0..<20 { hole.values[x] = 1 }
    let colors: [Float] = (0..<200).flatMap { pixel -> [Float] in pixel < 20 ? [hidden, hidden, hidden] : [0.2, light(pixel), 0.4] }
    return ToneCurve(colors, around: hole, in: area ?? whole)
  }

  @Test func withinWhiteThereIsNone() {
    #expect(curve { Float($0) / 199 } == nil)
    #expect(curve { _ in 1 } == nil)
    #expect(curve { _ in -0.3 } == nil)
  }

  @Test(arguments: [Float(1).nextUp, 1.001, 1.6, 18, 1e4, 1e15]) func theBrightestLightBecomesWhiteAndComesBack(_ light: Float) throws {
    let curve = try #require(curve { _ in light })
    #expect(abs(curve.toned(light) - 1) < 1e-6)
    for step in 0...100 {
      let value = light * Float(step) / 100
      let toned = curve.toned(value)
      #expect(toned >= 0 && toned < 1 + 1e-6)
      #expect(abs(curve.light(toned) - value) <= 1e-4 * light, "\(value) of \(light)")
    }
  }

  @Test func valuesUpToMiddleGreyStay() throws {
    let curve = try #require(curve { _ in 3 })
    for value: Float in [-0.2, 0, 0.1, 0.5] { #expect(curve.toned(value) == value && curve.light(value) == value) }
    // Without a bend.
    #expect(abs(curve.toned(0.501) - 0.501) < 1e-5)
  }

  @Test func itRises() throws {
    let curve = try #require(curve { _ in 6 })
    let toned = (0...600).map { curve.toned(Float($0) / 100) }
    #expect(zip(toned, toned.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test func singleGlintsDoNotCount() throws {
    #expect(curve { $0 == 50 ? 1000 : 0.5 } == nil)
    #expect(try #require(curve { $0 == 50 ? 1000 : 2 }).brightest == 2)
    #expect(try #require(curve { $0 < 60 ? 1000 : 2 }).brightest == 1000)
  }

  @Test func onlyTheKnownPixelsOfTheAreaCount() {
    #expect(curve({ _ in 0.5 }, hidden: 9) == nil)
    #expect(curve({ $0 % 20 < 10 ? 9 : 0.5 }, in: Rectangle(x: 10, y: 0, width: 10, height: 10)) == nil)
  }

  @Test func whatIsNoNumberDoesNotCount() throws {
    #expect(curve { _ in .infinity } == nil)
    #expect(curve { _ in .nan } == nil)
    let curve = try #require(curve { $0 % 2 == 0 ? .infinity : 2 })
    #expect(curve.brightest == 2 && curve.toned(.infinity) == .infinity && curve.toned(.nan).isNaN)
  }
}
