// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging
import Properties
import Testing

@testable import Planning

/// What of a hole's surroundings reaches the models, and what of their fill reaches the picture.
@Suite struct SurroundingsTests {
  private static let (width, height) = (120, 90)
  private static let box = Rectangle(x: 40, y: 30, width: 30, height: 20)

  private func isHole(_ pixel: Int) -> Bool { Self.box.contains(pixel % Self.width, pixel / Self.width) }

  /// The pass over the box in a picture that the models see as it is.
  private func pass(
    _ kind: PaintKind = .fill, matchesColor: Bool = false, detail: DetailSource = .model, feather: Double = 0
  ) throws -> Pass {
    let mask = (0..<Self.width * Self.height).map { isHole($0) ? Float(1) : 0 }
    var request = Request(.sdInpaint)
    (request.crop, request.feather) = (.whole, feather)
    var traits = PaintTraits(nativeSize: 64)
    (traits.kind, traits.matchesColor, traits.detail) = (kind, matchesColor, detail)
    let plan = mask.withUnsafeBufferPointer {
      PicturePlan(
        request, MaskedCanvas(request, mask: $0.baseAddress!, width: Self.width, height: Self.height), traits) { _ in }
    }
    return try #require(plan.passes.first)
  }

  /// The job of a pass and its fill, laid over the colours; `paint` is told what the models see.
  private func run(
    _ pass: Pass, _ colors: [Float], _ paint: (Picture) -> Picture = { $0 }
  ) throws -> (job: PaintJob, result: [Float], weight: Picture) {
    var job: PaintJob?
    let fill = pass.run(colors, paint: { made, _ in
      job = made
      return paint(made.picture)
    }, matchingDetail: { _ in })
    var (result, weight) = (colors, Picture(width: Self.width, height: Self.height))
    let area = pass.painted
    for y in 0..<area.height {
      for x in 0..<area.width {
        let (source, target) = (y * area.width + x, (area.y + y) * Self.width + area.x + x)
        weight.values[target] = fill.weight.values[source]
        for channel in 0..<3 where fill.weight.values[source] == 1 {
          result[target * 3 + channel] = fill.picture.values[source * 3 + channel]
        }
      }
    }
    return (try #require(job), result, weight)
  }

  private func colors(_ value: (Int, Int) -> Float) -> [Float] {
    (0..<Self.width * Self.height * 3).map { value($0 / 3, $0 % 3) }
  }

  // MARK: - Lights

  @Test func aPictureWithinWhiteIsSeenAndGivenBackBitForBit() throws {
    let colors = colors { Float(($0 * 7 + $1 * 13) % 256) / 255 }
    let (job, result, _) = try run(try pass(), colors)
    let isSeen = job.picture.values == colors, isGiven = result == colors
    #expect(isSeen && isGiven)
  }

  @Test(arguments: [PaintKind.fill, .change], [Float(1.2), 1.612, 20])
  func lightsBeyondWhiteAreSeenWithinItAndComeBack(_ kind: PaintKind, _ light: Float) throws {
    let colors = colors { pixel, channel in light * Float((pixel + channel * 5) % 9 + 1) / 9 }
    let none = Picture(width: Self.width, height: Self.height, channels: 3)
    let (job, result, _) = try run(try pass(kind), colors) { kind == .change ? none : $0 }
    let isWithin = job.picture.values.allSatisfy { $0 >= 0 && $0 <= 1 }
    let largest = zip(result, colors).map { abs($0 - $1) / light }.max() ?? 1
    #expect(isWithin && largest < 1e-4)
    // Told apart: nothing but the brightest light is white.
    let white = job.picture.values.filter { $0 > 0.999 }.count
    #expect(white < colors.count / 8)
  }

  @Test func aMapIsNoLight() throws {
    let half = Picture(width: Self.width, height: Self.height, filledWith: 0.75)
    let (_, result, weight) = try run(try pass(.map), colors { _, _ in 3 }) { _ in half }
    let isHalf = weight.values.indices.filter { weight.values[$0] == 1 }.allSatisfy { result[$0 * 3] == 0.75 }
    #expect(isHalf)
  }

  // MARK: - The rim of what the mask was cut along

  /// Grey around a red box that is mixed with it over two pixels beyond the mask.
  private func softEdged(_ pixel: Int, _ channel: Int) -> Float {
    let inside = (0...3).first { Self.box.expanded(by: $0).contains(pixel % Self.width, pixel / Self.width) } ?? 3
    let share = 1 - Float(inside) / 3
    return share * (channel == 0 ? 0.9 : 0.1) + (1 - share) * 0.5
  }

  @Test(arguments: [(true, DetailSource.model, 0.0), (false, .surroundings, 0), (false, .model, 4)])
  func theModelsPaintTheRimToo(matchesColor: Bool, detail: DetailSource, feather: Double) throws {
    let pass = try pass(matchesColor: matchesColor, detail: detail, feather: feather)
    let hole = try run(pass, colors(softEdged)).job.hole
    let rim = Self.box.expanded(by: 2)
    #expect((rim.x..<rim.right).allSatisfy { hole.values[(rim.y + 9) * Self.width + $0] == 1 })
  }

  @Test func withoutBlendAndMatchingTheModelsSeeAllThatIsKnown() throws {
    let job = try run(try pass(), colors(softEdged)).job
    let isMask = job.hole.values.indices.allSatisfy { job.hole.values[$0] == (isHole($0) ? 1 : 0) }
    #expect(isMask)
  }

  @Test(arguments: [DetailSource.model, .surroundings], [0.0, 1, 4])
  func theRimDoesNotColourTheFillAndIsBlendedAway(_ detail: DetailSource, feather: Double) throws {
    let colors = colors(softEdged)
    let pass = try pass(matchesColor: true, detail: detail, feather: feather)
    // A model that paints all a little darker than it is.
    let result = try run(pass, colors) { $0.mapped { _ in 0.4 } }
    for pixel in colors.indices where pixel % 3 == 0 {
      let (x, y) = (pixel / 3 % Self.width, pixel / 3 / Self.width)
      let distance = (0...6).first { Self.box.expanded(by: $0).contains(x, y) } ?? 6
      if distance == 0 || Double(distance) <= min(feather, 2) && isBeside(x, y) {
        guard abs(result.result[pixel] - 0.5) > 0.02 else { continue }
        Issue.record("\(result.result[pixel]) at \(x), \(y)")
        return
      } else if Double(distance) > feather, result.weight.values[pixel / 3] != 0 {
        Issue.record("\(x), \(y) is beyond the blend")
        return
      }
    }
  }

  /// Not at a corner, where distances are others.
  private func isBeside(_ x: Int, _ y: Int) -> Bool {
    (Self.box.x..<Self.box.right).contains(x) || (Self.box.y..<Self.box.bottom).contains(y)
  }
}
