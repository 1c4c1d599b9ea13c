// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import TestSupport
import Testing

@testable import Diffusion
@testable import Numerics

/// The parts of local harmonization; whole runs: InpaintABITests.
@Suite struct LocalHarmonizationTests {
  /// As examples/training's `even_timesteps` gives them with PyTorch 2.13.
  @Test(arguments: [
    (4, 0.6, [149, 299, 449, 599]), (3, 1.0, [332, 666, 999]), (7, 0.35, [49, 99, 149, 199, 249, 299, 349]),
    (8, 0.5, [61, 124, 187, 249, 311, 374, 437, 499]), (4, 0.001, [0, 0, 0, 0]), (2, 0.0, []),
  ])
  func theTimestepsAreThoseOfTheTraining(_ steps: Int, _ strength: Double, _ expected: [Int]) {
    #expect(LocalHarmonization.evenTimesteps(steps, strength: strength, of: 1000) == expected)
  }

  /// A denoiser that predicts the noise plus x - x* by rights gives x - x*, whatever the levels.
  @Test(arguments: ["epsilon", "sample"]) func aPerfectDenoisersChangeIsTheKnownOne(_ prediction: String) throws {
    let workspace = Workspace()
    let configuration = SchedulerConfiguration(
      .object(["prediction_type": .string(prediction), "beta_schedule": .string("scaled_linear")]))
    var settings = SamplingSettings()
    (settings.steps, settings.strength) = (3, 0.6)
    let harmonization = try LocalHarmonization(configuration, settings)
    let schedule = try NoiseSchedule(configuration, terminal: 0)
    var generator = TorchGenerator(seed: 4)
    let x = generator.normal([1, 2, 3, 4], in: workspace)
    let known = generator.normal([1, 2, 3, 4], in: workspace)  // x - x*
    let noise = generator.normal([harmonization.count, 2, 3, 4], in: workspace)
    var step = 0
    let change = try harmonization.change(of: x, noise: noise) { noisy, timestep in
      let wanted = linearCombination((1, noise[image: step]), (1, known))
      step += 1
      guard prediction == "sample" else { return wanted }
      let level = NoiseLevel(alpha: Double(schedule.alphasCumprod[Int(timestep)]))
      return linearCombination((1 / level.signal, noisy), (-level.noise / level.signal, wanted))
    }
    #expect(mismatch(change, known, limit: 1e-4, prediction) == nil)
  }
}
