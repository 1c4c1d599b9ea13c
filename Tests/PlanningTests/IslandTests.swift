// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging
import Properties
import Testing

@testable import Planning

/// Holes that lie apart get a crop each.
@Suite struct IslandTests {
  private typealias Painted = PaintedPicture

  private func box(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> Rectangle {
    Rectangle(x: x, y: y, width: width, height: height)
  }

  private func isSame(_ one: Pass, _ other: Pass) -> Bool {
    let masks = [one, other].map { $0.mask.hole(grow: 3, feather: 4, preserve: true) }
    return one.region == other.region && masks[0].hole == masks[1].hole && masks[0].weight == masks[1].weight
      && PicturePlan.seed(one.seed, pass: one.number) == PicturePlan.seed(other.seed, pass: other.number)
  }

  @Test func eachIsPaintedAsItIsAlone() {
    let boxes = [box(100, 20, 10, 10), box(700, 30, 90, 60), box(20, 300, 120, 130), box(640, 520, 1, 1)]
    let together = Painted.plan(Painted.mask(900, 600, boxes[0], boxes[1], boxes[2], boxes[3])) { $0.grow = 3 }
    #expect(together.passes.count == 4)
    for (pass, box) in zip(together.passes, boxes) {
      let alone = Painted.plan(Painted.mask(900, 600, box)) { $0.grow = 3 }
      #expect(alone.passes.count == 1 && isSame(pass, alone.passes[0]), "\(box)")
      #expect(alone.passes[0].number == 0, "it has the request's noise")
    }
  }

  @Test func oneIslandIsSeenAsEver() throws {
    var mask = Painted.mask(900, 600, box(300, 200, 100, 100))
    for x in 250..<450 { mask.values[190 * 900 + x] = 0.3 }
    mask.values[0] = 0.01
    let pass = try #require(Painted.plan(mask).passes.first)
    let boxes = MaskBoxes(mask.values, width: 900, height: 600)
    #expect(pass.region == RegionPlan(boxes, in: box(0, 0, 900, 600), pass.settings))
    #expect(pass.seen == box(250, 150, 200, 200))
  }

  /// Holes of 100 x 100 with a context of 100 around each: crops of 300.
  @Test(arguments: [(140, 1), (160, 2)]) func cropsThatOverlapByHalfAreOne(_ offset: Int, _ passes: Int) {
    let mask = Painted.mask(900, 600, box(200, 200, 100, 100), box(200 + offset, 200, 100, 100))
    #expect(Painted.plan(mask) { $0.context = 1 }.passes.count == passes)
  }

  @Test func theyComeInRowsFromTheTop() {
    let plan = Painted.plan(Painted.mask(900, 600, box(10, 400, 20, 20), box(800, 100, 20, 20), box(100, 100, 20, 20)))
    #expect(plan.passes.map(\.painted.y) == [96, 96, 396] && plan.passes.map(\.painted.x) == [96, 796, 6])
  }

  /// Two holes, each reaching into the other's crop.
  @Test func eachSeesWhatThoseBeforeHavePaintedAndNothingOfWhatLaterOnesHide() throws {
    let mask = Painted.mask(900, 600, box(200, 200, 100, 100), box(320, 230, 100, 100))
    let plan = Painted.plan(mask) { $0.colorMatch = .never }
    let painted = Painted(plan, width: 900, height: 600) { $0 == 0 ? 0.25 : 0.75 }
    try #require(plan.passes.count == 2)
    let holes = plan.passes.map { $0.mask.hole(grow: 0, feather: 4, preserve: true) }
    func at(_ picture: Picture, _ pass: Int, _ x: Int, _ y: Int) -> Float {
      picture.values[(y - plan.passes[pass].seen.y) * picture.width + x - plan.passes[pass].seen.x]
    }
    #expect(at(holes[0].hole, 0, 330, 240) == 1 && at(holes[0].weight, 0, 330, 240) == 0)
    #expect(at(holes[1].hole, 1, 290, 290) == 0 && at(holes[1].weight, 1, 290, 290) == 0)
    let scale = 64.0 / Double(plan.passes[1].seen.longerSide)
    let place = (290 - plan.passes[1].seen.x, 290 - plan.passes[1].seen.y)
    let seen = painted.jobs[1].picture
    #expect(abs(seen.values[(Int(Double(place.1) * scale) * seen.width + Int(Double(place.0) * scale)) * 3] - 0.25) < 0.01)
    #expect(painted.at(250, 250) == 0.25 && painted.at(330, 240) == 0.75 && painted.at(310, 250) == 0)
  }

  /// What is not known yet is no example for detail either.
  @Test func laterHolesGiveNoDetail() throws {
    var traits = PaintTraits(nativeSize: 64)
    traits.detail = .surroundings
    let plan = Painted.plan(Painted.mask(300, 200, box(100, 100, 40, 40), box(160, 90, 40, 40)), traits)
    try #require(plan.passes.count == 2)
    let pass = plan.passes[0]  // of the upper one
    let colors = (0..<pass.seen.area).flatMap { index -> [Float] in
      let (x, y) = (pass.seen.x + index % pass.seen.width, pass.seen.y + index / pass.seen.width)
      let isOther = (100..<140).contains(x) && (100..<140).contains(y)
      return [Float](repeating: isOther ? Float((x + y) % 2) : 0.5, count: 3)
    }
    let fill = pass.run(
      colors,
      paint: { job, _ in Picture(width: job.picture.width, height: job.picture.height, channels: 3, filledWith: 0.5) },
      matchingDetail: { _ in })
    let farthest = zip(fill.weight.values, 0...).map { $0 == 1 ? abs(fill.picture.values[$1 * 3] - 0.5) : 0 }.max()!
    #expect(farthest < 0.01, "patches of the other hole")
  }

  private func dust(_ count: Int, in area: Rectangle, of size: (Int, Int), _ seed: UInt64) -> Picture {
    var generator = SplitMix(state: seed)
    var mask = Picture(width: size.0, height: size.1)
    for _ in 0..<count {
      let x = Int.random(in: area.x..<area.right - 6, using: &generator)
      let y = Int.random(in: area.y..<area.bottom - 6, using: &generator)
      mask.fill(box(x, y, .random(in: 1...6, using: &generator), 4), of: box(0, 0, size.0, size.1), with: 1)
    }
    return mask
  }

  @Test func specksThatOneCropShowsAtItsOwnSizeTakeOnePass() {
    for seed in 1...20 as ClosedRange<UInt64> {
      let plan = Painted.plan(dust(100, in: box(200, 100, 450, 450), of: (2400, 1800), seed), PaintTraits(nativeSize: 512))
      #expect(plan.passes.count == 1 && plan.passes[0].seen.longerSide == 512)
    }
  }

  /// A grid of crops of 512 x 512 would be 20.
  @Test func aHundredSpecksTakeFewPassesThatShowThemWell() {
    for seed in 1...20 as ClosedRange<UInt64> {
      let plan = Painted.plan(dust(100, in: box(0, 0, 2400, 1800), of: (2400, 1800), seed), PaintTraits(nativeSize: 512))
      let largest = plan.passes.map(\.seen.longerSide).max()!
      #expect(plan.passes.count <= 30 && largest <= 768, "\(plan.passes.count) passes of up to \(largest) pixels")
    }
  }

  /// Of a model that sees parts at their own size, however large, as of one that sees them at one size.
  @Test(arguments: [nil, 2048]) func islandsCostLittleMoreThanOneCropThatShowsAsMuch(_ ownSize: Int?) {
    var generator = SplitMix(state: 9)
    var compared = 0
    for seed in 0..<300 as Range<UInt64> {
      let count = Int.random(in: 2...60, using: &generator)
      let side = Int.random(in: 40...1000, using: &generator)
      var traits = PaintTraits(nativeSize: 256)
      traits.largestOwnSize = ownSize
      let mask = dust(count, in: box(0, 0, side, side), of: (1000, 1000), seed)
      let plan = Painted.plan(mask, traits)
      let settings = plan.passes[0].settings
      let one = RegionPlan(MaskBoxes(mask.values, width: 1000, height: 1000), in: box(0, 0, 1000, 1000), settings)
      guard one.workingWidth >= one.region.width else { continue }
      let cost = plan.passes.reduce(0) { $0 + $1.region.workingWidth * $1.region.workingHeight }
      #expect(Double(cost) <= 1.3 * Double(one.workingWidth * one.workingHeight), "\(count) in \(side)")
      compared += 1
    }
    #expect(compared > 30)
  }

  @Test func whatSeesOrChangesAllStaysOne() {
    let mask = Painted.mask(900, 600, box(10, 10, 20, 20), box(800, 500, 30, 30))
    var change = PaintTraits(nativeSize: 64)
    change.kind = .change
    for plan in [Painted.plan(mask) { $0.crop = .whole }, Painted.plan(mask, change, .seeleHarmonize)] {
      #expect(plan.passes.map(\.seen) == [box(0, 0, 900, 600)])
    }
    #expect(Painted.plan(Picture(width: 900, height: 600, filledWith: 1)).passes.map(\.seen) == [box(0, 0, 900, 600)])
  }

  /// What is missing inside a picture whose canvas grows goes by islands, too, before what is around it.
  @Test func aCanvasThatGrowsHasIslandsInside() {
    let plan = Painted.plan(
      Painted.mask(400, 300, box(40, 40, 20, 20), box(300, 200, 20, 20)), PaintTraits(nativeSize: 64), .outpaint
    ) { $0.left = 10 }
    #expect(plan.passes.prefix(2).allSatisfy { IslandMask($0.mask) != nil } && plan.passes.map(\.number).prefix(2) == [0, 0])
    #expect(plan.passes.dropFirst(2).map(\.number) == Array(2..<plan.passes.count) && plan.passes.count > 4)
  }

  /// A host's copy of this mask takes 160 MB.
  @Test func aPanoramaWithTwentyHolesKeepsLittle() {
    let (width, height) = (16000, 2500)
    var mask = Picture(width: width, height: height)
    for hole in 0..<20 {
      mask.fill(box(300 + hole * 770, 200 + hole * 611 % 2000, 90 + hole * 7, 120), of: box(0, 0, width, height), with: 1)
    }
    let plan = Painted.plan(mask, PaintTraits(nativeSize: 512))
    #expect(plan.passes.count == 20 && plan.passes.allSatisfy { $0.seen.longerSide == 512 })
    let kept = plan.passes.compactMap { IslandMask($0.mask)?.mask.values.count }.reduce(0, +)
    #expect(kept * 4 < 25 << 20)
  }

  /// Noise, a million specks: neither minutes nor a crop for each.
  @Test func aMaskOfNoiseIsPlannedInTime() {
    var generator = SplitMix(state: 5)
    var mask = Picture(width: 2000, height: 1500)
    for index in mask.values.indices where Int.random(in: 0..<3, using: &generator) == 0 { mask.values[index] = 1 }
    var seconds = 0.0
    let plan = {
      let clock = ContinuousClock()
      var plan: PicturePlan?
      seconds = clock.measure { plan = Painted.plan(mask, PaintTraits(nativeSize: 512)) } / .seconds(1)
      return plan!
    }()
    #expect(plan.passes.count <= 30 && seconds < 5, "\(plan.passes.count) passes, \(seconds) s")
  }
}
