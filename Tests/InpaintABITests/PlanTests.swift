// SPDX-License-Identifier: LGPL-3.0-or-later
import Engine
import Glibc
import Imaging
import Numerics
import Properties
import Testing
import TestSupport

@testable import InpaintABI
@testable import Planning

/// Whole runs over tiny models.
@Suite struct PlanTests {
  /// The mask over it would be gigabytes, and memory that is refused to an array ends the host.
  @Test func aCanvasThatDoesNotFitIsRefusedBeforeItsMaskIsMade() throws {
    var request = Request(.outpaint)
    request.model = fixtures + "/packs/tiny-sd15"
    request.crop = .whole
    (request.left, request.right, request.top, request.bottom) = (8192, 8192, 8192, 8192)
    let error = #expect(throws: InpaintingError.self) {
      try Plan(request, mask: TinyRun.mask(), width: TinyRun.width, height: TinyRun.height)
    }
    #expect(try #require(error).description.contains("of memory"))
  }

  @Test func theHoleIsFilledAndTheRestKeepsEveryBit() throws {
    let result = try TinyRun(TinyRun.request())
    let paint = result.passes[0].painted
    #expect(paint == Rectangle(x: 26, y: 16, width: 38, height: 38))
    for y in 0..<paint.height {
      for x in 0..<paint.width {
        let index = (y * paint.width + x) * 3
        let (across, down) = (max(4 - x, 0, x - 33), max(4 - y, 0, y - 33))
        if across * across + down * down >= 25 {
          #expect(result.after[index..<index + 3] == result.before[index..<index + 3], "at \(x), \(y)")
        } else if across == 0 && down == 0 {
          #expect(result.after[index..<index + 3] != result.before[index..<index + 3], "at \(x), \(y)")
        }
      }
    }
    #expect(result.after.allSatisfy { (0...1).contains($0) })
  }

  @Test func anEmptyMaskTouchesNoModel() throws {
    let faint = [Float](repeating: 0.3, count: TinyRun.width * TinyRun.height)
    let plan = try Plan(TinyRun.request { $0.model = "/nowhere" }, mask: faint, width: TinyRun.width, height: TinyRun.height)
    #expect(plan.passes.isEmpty)
  }

  @Test func aFullMaskWorks() throws {
    for matches in [false, true] {
      let full = [Float](repeating: 1, count: TinyRun.width * TinyRun.height)
      let result = try TinyRun(TinyRun.request { $0.colorMatch = matches ? .always : .never }, full)
      #expect(result.after.allSatisfy { (0...1).contains($0) } && result.after != result.before)
    }
  }

  @Test(arguments: [(1, 1), (700, 3), (3, 700), (65, 63)]) func everySizeOfImageWorks(_ size: (Int, Int)) throws {
    let (width, height) = size
    for crop in Crop.allCases {
      var mask = [Float](repeating: 0, count: width * height)
      mask[width * height / 2] = 1
      let job = try Plan(TinyRun.request { $0.crop = crop }, mask: mask, width: width, height: height)
      let colors = [Float](repeating: 0.5, count: job.passes[0].seen.area * 3)
      let fill = try job.run(pass: 0, colors, in: Workspace()) { _ in }
      #expect(fill.weight.values.count == job.passes[0].painted.area)
      #expect(fill.laid(over: [Float](repeating: 0.5, count: fill.picture.values.count)).allSatisfy { (0...1).contains($0) })
    }
  }

  @Test func theSameSeedGivesTheSamePicture() throws {
    let results = try [1, 1, 2].map { seed in try TinyRun(TinyRun.request { $0.seed = seed }).after }
    #expect(results[0] == results[1] && results[0] != results[2])
  }

  @Test func pixelsThatAreNotNumbersCountAsBlackAndBrightOnesAsWhite() throws {
    let odd = try TinyRun(TinyRun.request(), edit: { ($0[0], $0[1], $0[2], $0[3]) = (.nan, .infinity, -5, 40) })
    let plain = try TinyRun(TinyRun.request(), edit: { ($0[0], $0[1], $0[2], $0[3]) = (0, 1, 0, 1) })
    #expect(odd.after == plain.after)
  }

  @Test func progressRisesFromZeroToOne() throws {
    let result = try TinyRun(TinyRun.request { ($0.steps, $0.detail) = (3, .surroundings) })
    let fractions = result.progress.map(\.fraction)
    #expect(fractions == fractions.sorted() && fractions.last == 1 && fractions.allSatisfy { (0...1).contains($0) })
    let stages = result.progress.map(\.stage)
    for stage in [
      "Encoding the picture", "Reading the prompt", "Step 1 of 3", "Step 3 of 3", "Decoding the picture", "Matching detail",
    ] {
      #expect(stages.contains(stage))
    }
  }

  @Test(arguments: ["Encoding the picture", "Step 2 of 2", "Decoding the picture", "Matching detail"])
  func aCancelledRunStops(_ stage: String) throws {
    let workspace = Workspace()
    #expect(throws: Cancelled.self) {
      // Seeds of their own: what is painted once is not painted again.
      let request = TinyRun.request { ($0.detail, $0.seed) = (.surroundings, UInt64(stage.count)) }
      return try TinyRun(request, workspace: workspace, watch: { if $0.stage == stage { workspace.cancel() } })
    }
  }

  private static let large = TinyRun.mask(Rectangle(x: 20, y: 16, width: 60, height: 50))

  private static func refined(
    _ mask: [Float] = large, _ workspace: Workspace = Workspace(), seed: UInt64 = 1, detail: DetailChoice = .refine,
    watch: (Progress) -> Void = { _ in }
  ) throws -> TinyRun {
    try TinyRun(TinyRun.request { ($0.detail, $0.seed) = (detail, seed) }, mask, workspace: workspace, watch: watch)
  }

  @Test func aFillOfALargeHoleIsRefinedAndTheRestKeepsEveryBit() throws {
    let results = try [Self.refined(), Self.refined(seed: 2), Self.refined(), Self.refined(detail: .model)]
    let refined = results[0]
    let paint = refined.passes[0].painted
    var isExact = true
    for pixel in 0..<paint.area {
      let (across, down) = (max(4 - pixel % paint.width, 0, pixel % paint.width - 63), max(4 - pixel / paint.width, 0, pixel / paint.width - 53))
      guard across * across + down * down >= 25 else { continue }
      isExact = isExact && refined.after[pixel * 3..<pixel * 3 + 3] == refined.before[pixel * 3..<pixel * 3 + 3]
    }
    #expect(isExact)
    let (isSame, isOther) = (refined.after == results[2].after, refined.after != results[1].after)
    let isRefined = refined.after != results[3].after
    #expect(isSame && isOther && isRefined)
    let small = try [Self.refined(TinyRun.mask()).after, Self.refined(TinyRun.mask(), detail: .model).after]
    let isModels = small[0] == small[1]
    #expect(isModels, "a region that the model sees at its own size is painted once")
  }

  @Test func refiningTakesOneStepAtLeastAndCanBeStopped() throws {
    let stages = try Self.refined(seed: 7).progress
    #expect(stages.map(\.fraction) == stages.map(\.fraction).sorted() && stages.last?.fraction == 1)
    let tile = "Step 1 of 1, tile 2 of 4"
    #expect(stages.contains { $0.stage == tile }, "\(stages.map(\.stage))")
    let workspace = Workspace()
    #expect(throws: Cancelled.self) {
      try Self.refined(Self.large, workspace, seed: 8) { if $0.stage == tile { workspace.cancel() } }
    }
  }

  /// Two holes that lie apart: two passes.
  @Test func progressAndCancellationGoOverAllPasses() throws {
    var mask = TinyRun.mask(Rectangle(x: 4, y: 4, width: 8, height: 8))
    mask = zip(mask, TinyRun.mask(Rectangle(x: 84, y: 68, width: 6, height: 8))).map(max)
    let plan = try Plan(TinyRun.request { $0.seed = 31 }, mask: mask, width: TinyRun.width, height: TinyRun.height)
    #expect(plan.passes.count == 2)
    var progress: [Progress] = []
    func run(_ pass: Int, _ workspace: Workspace = Workspace(), watch: (Progress) -> Void = { _ in }) throws {
      let colors = [Float](repeating: 0.5, count: plan.passes[pass].seen.area * 3)
      _ = try plan.run(pass: pass, colors, in: workspace) {
        progress.append($0)
        watch($0)
      }
    }
    try run(0)
    let workspace = Workspace()
    #expect(throws: Cancelled.self) {
      try run(1, workspace) { if $0.stage == "Step 2 of 2, part 2 of 2" { workspace.cancel() } }
    }
    try run(1)
    let fractions = progress.map(\.fraction)
    #expect(progress.contains { $0.stage == "Step 2 of 2, part 1 of 2" && (0..<0.5).contains($0.fraction) })
    #expect(fractions.first! < 0.1 && fractions.last == 1 && (0...1).contains(fractions.max()!))
  }

  /// What a plan keeps and what a pass takes go by the region, not by the image.
  @Test func aSmallMaskIn24MegapixelsIsSeenAndKeptByItsRegion() throws {
    let (width, height) = (6000, 4000)
    var mask = [Float](repeating: 0, count: width * height)
    for y in 2000..<2200 { for x in 3000..<3300 { mask[y * width + x] = 1 } }
    let job = try Plan(TinyRun.request(), mask: mask, width: width, height: height)
    let pass = try #require(job.passes.first)
    guard case .island(let kept) = pass.mask else { throw InpaintingError("no mask") }
    #expect(job.passes.count == 1 && pass.seen.area == 600 * 500 && kept.mask.values.count == pass.seen.area)
  }
}
