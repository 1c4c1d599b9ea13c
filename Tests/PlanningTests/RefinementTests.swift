// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging
import Properties
import Testing

@testable import Planning

/// A fill that was enlarged is painted again in tiles.
@Suite struct RefinementTests {
  static let areas = [
    Rectangle(x: 0, y: 0, width: 200, height: 130), Rectangle(x: 70, y: 50, width: 10, height: 10),
    Rectangle(x: 3, y: 0, width: 197, height: 1), Rectangle(x: 100, y: 20, width: 65, height: 64),
    Rectangle(x: 199, y: 129, width: 1, height: 1),
  ]

  @Test(arguments: areas, [1, 7, 16, 64, 130, 150]) func tilesOfOneSizeCoverTheHoleWithOverlap(_ hole: Rectangle, _ side: Int) {
    let region = Rectangle(x: 0, y: 0, width: 200, height: 130)
    let tiles = RefinementTiles.tiles(over: hole, in: region, side: side)
    #expect(tiles.allSatisfy { ($0.width, $0.height) == (side, min(side, 130)) && $0.intersection(region) == $0 })
    for y in hole.y..<hole.bottom {
      for x in hole.x..<hole.right {
        let pixel = Rectangle(x: x, y: y, width: 1, height: 1)
        guard !tiles.contains(where: { $0.intersection(pixel) == pixel }) else { continue }
        Issue.record("\(x), \(y) is in no tile")
        return
      }
    }
    for (first, second) in zip(tiles, tiles.dropFirst()) {
      #expect((first.y, first.x) < (second.y, second.x), "rows from the top, each from left to right")
      if first.y == second.y { #expect(first.right - second.x >= 2 * (side / 8)) }
    }
    for (upper, lower) in zip(Set(tiles.map(\.y)).sorted(), Set(tiles.map(\.y)).sorted().dropFirst()) {
      #expect(upper + tiles[0].height - lower >= 2 * (side / 8))
    }
  }

  /// The pass over a hole in a picture of 200 x 130 for a model of pictures of 64 pixels, and its colours.
  private func pass(
    _ hole: Rectangle, matchesColor: Bool = false, kind: PaintKind = .fill, _ change: (inout Request) -> Void = { _ in }
  ) throws -> (pass: Pass, colors: [Float]) {
    var mask = [Float](repeating: 0, count: 200 * 130)
    for y in hole.y..<hole.bottom { for x in hole.x..<hole.right { mask[y * 200 + x] = 1 } }
    var request = Request(.sdInpaint)
    change(&request)
    var traits = PaintTraits(nativeSize: 64)
    (traits.detail, traits.matchesColor, traits.kind) = (.refined, matchesColor, kind)
    let plan = PicturePlan(request, MaskedCanvas(request, mask: mask, width: 200, height: 130), traits) { _ in }
    let pass = try #require(plan.passes.first)
    return (pass, (0..<pass.seen.area * 3).map { Float($0 % 11) / 11 })
  }

  private let large = Rectangle(x: 30, y: 25, width: 110, height: 80)

  /// The jobs of a pass that is painted flat, the region in 0.5 and the n-th tile in 0.5 + n / 100; the fill.
  private func jobs(_ pass: Pass, _ colors: [Float]) -> (jobs: [(job: PaintJob, part: PassPart)], fill: Fill) {
    var jobs: [(PaintJob, PassPart)] = []
    let fill = pass.run(
      colors,
      paint: { job, part in
        jobs.append((job, part))
        let value = 0.5 + Float(part.tile) / 100
        return Picture(width: job.picture.width, height: job.picture.height, channels: 3, filledWith: value)
      },
      matchingDetail: { _ in })
    return (jobs, fill)
  }

  @Test func allOfTheHoleIsPaintedAgainAtLowStrengthAndNothingElse() throws {
    let (pass, colors) = try pass(large)
    let (jobs, fill) = jobs(pass, colors)
    let tiles = pass.region.tiles(pass.traits)
    #expect(tiles.count > 3 && jobs.map(\.part.tile) == Array(0...tiles.count))
    #expect(jobs[0].job.strength == 1 && jobs.dropFirst().allSatisfy { $0.job.strength == 0.35 })
    #expect(Set(jobs.map { UInt32(truncatingIfNeeded: $0.job.seed) }).count == jobs.count, "each has noise of its own")
    let isPainted = zip(fill.picture.values, 0...).allSatisfy { value, index in
      fill.weight.values[index / 3] == 0 || value > 0.505
    }
    #expect(isPainted)
    // What is laid over the picture goes by the mask alone.
    var plain = pass.traits
    plain.detail = .model
    let model = Pass(
      region: pass.region, mask: pass.mask, settings: pass.settings, traits: plain, seed: pass.seed, number: pass.number)
    let isSame = self.jobs(model, colors).fill.weight == fill.weight
    #expect(isSame)
  }

  @Test(arguments: [false, true]) func aTileSeesKnownPixelsAsTheyAreAndWhatEarlierTilesHavePainted(_ matchesColor: Bool) throws {
    let (pass, colors) = try pass(large, matchesColor: matchesColor)
    let (jobs, _) = jobs(pass, colors)
    let tiles = pass.region.tiles(pass.traits)
    let hole = pass.mask.hole(grow: 0, feather: 4, preserve: true).hole
    var seesEarlier = 0
    for (job, part) in jobs.dropFirst() {
      let place = tiles[part.tile - 1].seen(from: pass.seen)
      let holeHere = hole.cropped(place)
      #expect((job.picture.width, job.picture.height) == (64, 64))
      var (isExact, isInHole) = (true, true)
      for pixel in holeHere.values.indices {
        let (x, y) = (place.x + pixel % place.width, place.y + pixel / place.width)
        let seen = job.picture.values[pixel * 3]
        if holeHere.values[pixel] == 0 {
          isExact = isExact && seen == colors[(y * pass.seen.width + x) * 3]
          isInHole = isInHole && (matchesColor || job.hole.values[pixel] == 0)
        } else if job.hole.values[pixel] == 0 && !matchesColor {
          isExact = isExact && seen > 0.505 && seen < 0.5 + Float(part.tile) / 100
          seesEarlier += 1
        }
      }
      #expect(isExact && isInHole, "tile \(part.tile)")
    }
    #expect(matchesColor || seesEarlier > 500)
  }

  /// One tile fades into the next: no step between neighbours is as large as that of their values.
  @Test func tilesFadeIntoEachOther() throws {
    let (pass, colors) = try pass(Rectangle(x: 30, y: 40, width: 110, height: 60))
    let (_, fill) = jobs(pass, colors)
    let row = (fill.picture.height / 2) * fill.picture.width
    let values = (0..<fill.picture.width).map { fill.picture.values[(row + $0) * 3] }
    let steps = zip(values.dropFirst(), values).map { abs($0 - $1) }
    #expect(values.max()! - values.min()! > 0.009 && steps.max()! < 0.005)
  }

  @Test func tilesWithoutAHoleAreLeftOut() throws {
    var request = Request(.sdInpaint)
    request.crop = .whole
    request.workingSize = 64
    var mask = [Float](repeating: 0, count: 200 * 130)
    for (x, y) in [(5, 5), (190, 120)] { mask[y * 200 + x] = 1 }
    var traits = PaintTraits(nativeSize: 64)
    traits.detail = .refined
    let plan = PicturePlan(request, MaskedCanvas(request, mask: mask, width: 200, height: 130), traits) { _ in }
    let pass = try #require(plan.passes.first)
    let colors = [Float](repeating: 0, count: pass.seen.area * 3)
    #expect(jobs(pass, colors).jobs.map(\.part.tiles) == [2, 2, 2] && pass.region.tiles(traits).count > 6)
  }

  @Test func whatTheModelsSeeAtItsOwnSizeIsPaintedOnce() throws {
    let small = Rectangle(x: 60, y: 50, width: 40, height: 20)
    let cases = [
      try pass(Rectangle(x: 60, y: 50, width: 30, height: 30)), try pass(small) { $0.workingSize = 128 },
      try pass(large) { $0.crop = .whole }, try pass(large, kind: .change), try pass(large, kind: .map),
    ]
    for (pass, colors) in cases {
      #expect(pass.size.detail.isEmpty && pass.size.tile.isEmpty)
      if pass.traits.kind != .map { #expect(jobs(pass, colors).jobs.count == 1) }
    }
    #expect(try !pass(small).pass.size.tile.isEmpty)
  }

  @Test func theModelsSeeNoMoreThanTheyAreAllowedTo() throws {
    let (pass, _) = try pass(large) { $0.workingSize = 48 }
    #expect((pass.size.tile.width, pass.size.tile.height) == (48, 48))
    #expect(pass.region.tiles(pass.traits).allSatisfy { $0.intersection(pass.size.detail) == $0 })
  }

  @Test func withoutPreserveTheModelsPictureIsAround() throws {
    let (pass, colors) = try pass(large) { $0.preserve = false }
    let fill = jobs(pass, colors).fill
    #expect((fill.picture.width, fill.picture.height) == (pass.seen.width, pass.seen.height))
    #expect(abs(fill.picture.values[0] - 0.5) < 1e-3 && fill.picture.values.max()! > 0.505)
  }

  @Test func progressRisesOverTheParts() {
    let fractions = (0...3).flatMap { tile in [0, 0.5, 1].map { PassPart(tile: tile, tiles: 3).fraction($0) } }
    #expect(fractions == fractions.sorted() && fractions.first == 0 && fractions.last == 1)
    #expect(PassPart(tile: 0, tiles: 0).fraction(0.3) == 0.3)
    #expect(PassPart(tile: 2, tiles: 3).stage("Step 1 of 7") == "Step 1 of 7, tile 2 of 3")
    #expect(PassPart(tile: 0, tiles: 3).stage("Step 1 of 7") == "Step 1 of 7")
  }
}
