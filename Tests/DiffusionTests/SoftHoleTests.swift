// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Properties
import Testing
import TestSupport

@testable import Diffusion
@testable import Numerics

/// Holes that are filled in some of the steps.
@Suite struct SoftHoleTests {
  @Test func aCellIsFilledInItsShareOfTheSteps() {
    let hole = Hole(Tensor([1, 1, 6, 1], [0, 0.12, 0.13, 0.5, 0.9, 1], in: Workspace()))
    let filled = (0..<4).map { hole.behind($0, of: 4).array }
    #expect(filled == [[0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1]])
  }

  /// Fills 1 x 4 cells in 8 steps.  shares: of each cell; strength: of the run.
  private func filled(
    _ sampler: SamplerKind, shares: [Float], strength: Double = 1, keepsKnown: Bool = true
  ) throws -> [Float] {
    let workspace = Workspace()
    var settings = SamplingSettings()
    (settings.steps, settings.sampler, settings.strength) = (8, sampler, strength)
    (settings.jumpLength, settings.jumpSamples) = (8, 1)
    var generator = TorchGenerator(seed: 3)
    let picture = Tensor([1, 1, 4, 1], [0.5, -0.25, 0.75, -1], in: workspace)
    let loop = try DenoisingLoop(.stableDiffusion, settings, keepsKnown: keepsKnown)
    return try loop(
      picture, hole: Hole(Tensor([1, 1, 4, 1], shares, in: workspace)),
      noise: { generator.normal(picture.shape, in: workspace) }
    ) { x, timestep in linearCombination((0.3 + Double(timestep) / 4000, x)) }.array
  }

  @Test(arguments: [SamplerKind.ddim, .euler]) func greyIsThatStrength(_ sampler: SamplerKind) throws {
    for share in [0.25, 0.5, 0.75] {
      let soft = try filled(sampler, shares: [Float](repeating: Float(share), count: 4))
      let whole = try filled(sampler, shares: [1, 1, 1, 1], strength: share, keepsKnown: false)
      #expect(zip(soft, whole).allSatisfy { abs($0 - $1) < 1e-5 }, "\(share): \(soft), \(whole)")
    }
  }

  @Test(arguments: SamplerKind.allCases) func whatIsKnownStaysWithEachSampler(_ sampler: SamplerKind) throws {
    let result = try filled(sampler, shares: [0, 1, 0, 1])
    #expect(abs(result[0] - 0.5) < 1e-6 && abs(result[2] - 0.75) < 1e-6)
    #expect(abs(result[1] + 0.25) > 1e-3 && abs(result[3] + 1) > 1e-3)
  }
}
