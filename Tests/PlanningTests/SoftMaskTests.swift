// SPDX-License-Identifier: LGPL-3.0-or-later
import Imaging
import Properties
import Testing

@testable import Planning

/// Masks whose grey says in how much of the steps a pixel may change.
@Suite struct SoftMaskTests {
  private let side = 64

  /// What the models are asked to paint of a mask.
  private func jobs(
    _ mask: Picture, _ traits: PaintTraits = PaintTraits(nativeSize: 64), _ change: (inout Request) -> Void = { _ in }
  ) -> [PaintJob] {
    painted(mask, traits, change).jobs
  }

  /// White over black.
  private func painted(
    _ mask: Picture, _ traits: PaintTraits = PaintTraits(nativeSize: 64), _ change: (inout Request) -> Void = { _ in }
  ) -> PaintedPicture {
    var request = Request(.sdInpaint)
    (request.maskStrength, request.feather) = (.soft, 0)
    change(&request)
    return mask.values.withUnsafeBufferPointer { values in
      MaskedCanvas.of(request, mask: values.baseAddress!, width: mask.width, height: mask.height) { canvas in
        let plan = PicturePlan(request, canvas, traits) { _ in }
        return PaintedPicture(plan, width: mask.width, height: mask.height) { _ in 1 }
      }
    }
  }

  /// Grey of each column from 8 to 40, in the rows from 20 to 30.
  private func ramp(_ grey: (Int) -> Float) -> Picture {
    var mask = Picture(width: side, height: side)
    for y in 20..<30 { for x in 8..<40 { mask.values[y * side + x] = grey(x) } }
    return mask
  }

  @Test func whatIsNotBlackIsHoleAndTheGreyItsStrength() throws {
    let mask = ramp { Float($0 - 8) / 31 }
    let job = try #require(jobs(mask).first)
    for index in mask.values.indices {
      let isHole = mask.values[index] >= 0.05
      #expect(job.hole.values[index] == (isHole ? 1 : 0))
      #expect(job.strengths?.values[index] == (isHole ? mask.values[index] : 0))
    }
  }

  @Test func aBinaryMaskHasNoStrengths() throws {
    let job = try #require(jobs(ramp { Float($0 - 8) / 31 }) { $0.maskStrength = .binary }.first)
    #expect(job.strengths == nil && job.hole.values[25 * side + 20] == 0)
  }

  @Test func whatGrowsHasTheStrengthThatItGrowsFrom() throws {
    let strengths = try #require(jobs(ramp { $0 < 24 ? 0.25 : 0.75 }) { $0.grow = 4 }.first?.strengths)
    #expect(strengths.values[25 * side + 5] == 0.25 && strengths.values[25 * side + 43] == 0.75)
    #expect(strengths.values[17 * side + 12] == 0.25 && strengths.values[25 * side + 3] == 0)
  }

  /// A line that is thinner than what the models see of it.
  @Test func aThinMaskKeepsItsStrengthAtASmallerSize() throws {
    var mask = Picture(width: 256, height: 256)
    for x in 40..<210 { mask.values[100 * 256 + x] = 0.75 }
    let job = try #require(jobs(mask).first)
    let strengths = try #require(job.strengths)
    #expect(job.picture.width == 64)
    let inHole = zip(job.hole.values, strengths.values).filter { $0.0 == 1 }.map(\.1)
    #expect(inHole.count >= 40 && inHole.allSatisfy { abs($0 - 0.75) < 1e-5 })
  }

  @Test func aMarginForColorsIsAsStrongAsWhatItIsOf() throws {
    var traits = PaintTraits(nativeSize: 64)
    traits.matchesColor = true
    let job = try #require(jobs(ramp { _ in 0.5 }, traits).first)
    #expect(zip(job.hole.values, job.strengths?.values ?? []).allSatisfy { $0 == 1 ? $1 == 0.5 : $1 == 0 })
    #expect(job.hole.values[25 * side + 42] == 1)
  }

  @Test func whatIsLessThanHalfWhiteIsBlendedToo() throws {
    let mask = ramp { $0 < 16 ? 0.1 : $0 < 24 ? 0.25 : $0 < 32 ? 0.5 : 1 }
    let picture = painted(mask).values
    #expect([12, 20, 28, 36].map { picture.values[25 * side + $0] } == [0.2, 0.5, 1, 1])
    let feathered = painted(mask) { $0.feather = 4 }.values
    #expect(feathered.values[25 * side + 41] > 0.5 && feathered.values[25 * side + 7] < 0.2)
  }

  @Test func strengthsThatAreNoNumbersAreNone() throws {
    let job = try #require(jobs(ramp { $0 == 20 ? .nan : 1 }).first)
    #expect(job.hole.values[25 * side + 20] == 0 && job.strengths?.values[25 * side + 20] == 0)
  }

  @Test func tilesOfAnEnlargedFillHaveThem() throws {
    var mask = Picture(width: 256, height: 256)
    for y in 40..<210 { for x in 40..<210 { mask.values[y * 256 + x] = 0.5 } }
    var traits = PaintTraits(nativeSize: 64)
    traits.detail = .refined
    let jobs = jobs(mask, traits)
    #expect(jobs.count > 2)
    for job in jobs {
      #expect(zip(job.hole.values, job.strengths?.values ?? []).allSatisfy { abs($1 - ($0 == 1 ? 0.5 : 0)) < 1e-5 })
    }
  }
}
