// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// How latents have to change for a subject in them to fit its surroundings (local harmonization: Wang et al. 2024,
/// SEELE, section 3.2).
///
/// The denoiser sees the noised latents x of a picture whose subject does not fit, and x itself.  It was trained to
/// predict the noise plus x - x*, where x* are the latents of the picture as it should be.  Sampling from an ideal one
/// would give x back; but the noise is known here, so x - x* is the mean of what is predicted beside it, over levels of
/// noise that rise evenly to `strength`, each counted by `PredictionType.minSNRWeight`.  No sampler plays a part.
public struct LocalHarmonization {
  private let prediction: PredictionType
  private let timesteps: [Int]
  private let levels: [NoiseLevel]

  /// Throws `CheckpointError` where the configuration cannot be used, `SamplingError` where there can be no such steps.
  public init(_ configuration: SchedulerConfiguration, _ settings: SamplingSettings) throws {
    try SamplingError.check(steps: settings.steps, strength: settings.strength)
    let schedule = try NoiseSchedule(configuration, terminal: 0)
    prediction = try configuration.predictionType()
    timesteps = Self.evenTimesteps(settings.steps, strength: settings.strength, of: schedule.trainSteps)
    levels = timesteps.map(schedule.level)
  }

  /// How often the denoiser is called; 0 with a strength of 0.
  public var count: Int { timesteps.count }

  /// x - x* of latents x, [1, h, w, C].
  ///
  /// noise: [count, h, w, C] standard normal numbers.  Throws what `denoise` throws.
  public func change(of x: Tensor, noise: Tensor, _ denoise: Denoiser) throws -> Tensor {
    precondition(noise.shape == [count] + x.shape.dropFirst(), "noise \(noise.shape) of \(count) steps for \(x.shape)")
    let change = Tensor(x.shape, repeating: 0, in: x.workspace)
    let weights = levels.map(prediction.minSNRWeight)
    let total = weights.reduce(0, +)
    for (step, timestep) in timesteps.enumerated() {
      let draw = noise[image: step]
      let noisy = levels[step].noised(x, with: draw)
      let predicted = prediction.epsilon(try denoise(noisy, Float(timestep)), noisy, at: levels[step])
      let share = weights[step] / total
      change.addInPlace(linearCombination((share, predicted), (-share, draw)))
    }
    return change
  }

  /// The last of each of `steps` equal parts of the first strength x trainSteps training steps, rounded (half to even)
  /// in float32 as by PyTorch; none with a strength of 0.
  static func evenTimesteps(_ steps: Int, strength: Double, of trainSteps: Int) -> [Int] {
    guard strength > 0 else { return [] }
    return (1...steps).map { number in
      let end = Float(number) * Float(strength) * Float(trainSteps) / Float(steps)
      return min(max(Int(end.rounded(.toNearestOrEven)), 1), trainSteps) - 1
    }
  }
}
