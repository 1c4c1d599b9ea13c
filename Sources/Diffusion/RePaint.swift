// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// RePaint (Lugmayr et al. 2022, algorithm 1): a sampler's steps, behind each of which the known part gives way to the
/// picture's own, noised as far, and jumps back to more noise, so that the fill and what surrounds it come to agree.
///
/// diffusers' RePaintScheduler, where the known part is noised by the step's own draw.  One thing differs.  To take back
/// the step from t to t - n, diffusers adds the noise of the training steps t ..< t + n instead of those behind t - n up
/// to t, which leaves a fifth more of it than the UNet is told of, with 20 steps and a jump over 10.  Here it is the
/// grid's own transition in one draw.  On a grid of all training steps both are the same.
struct RePaint {
  private let sampler: any Sampler
  private let schedule: [JumpSchedule.Step]
  /// How many steps there are, those behind jumps too.
  var count: Int { schedule.count }
  /// Of each the sampler's.
  var indices: [Int] { schedule.map(\.index) }

  /// sampler: one that remembers nothing from step to step.  Throws `SamplingError` unless both numbers are 1 or more.
  init(_ sampler: any Sampler, jumpLength: Int, jumpSamples: Int) throws {
    guard jumpLength >= 1, jumpSamples >= 1 else {
      throw SamplingError("jumps of length \(jumpLength), \(jumpSamples) times; both must be 1 or more")
    }
    self.sampler = sampler
    schedule = JumpSchedule.steps(sampler.timesteps.count, jumpLength: jumpLength, jumpSamples: jumpSamples)
  }

  /// From x before the first step to x behind the last.
  ///
  /// x, known: [1, h, w, C]; hole: `Hole`; noise: each call a fresh draw of standard
  /// normal numbers in x's shape.  Throws what `observe` and `denoise` throw.
  func denoised(
    _ x: Tensor, known: Tensor, hole: Hole, noise: () -> Tensor, _ observe: DenoisingObserver = { _, _, _ in },
    _ denoise: Denoiser
  ) throws -> Tensor {
    var (sampler, x) = (sampler, x)
    for step in schedule {
      let index = step.index
      let output = try denoise(sampler.scaled(x, at: index), sampler.timesteps[index])
      try observe(output, x, index)
      let draw = noise()
      x = sampler.step(output, x, at: index) { draw }
      x.keepInPlace(
        where: hole.behind(index, of: sampler.timesteps.count), of: sampler.level(at: index + 1).noised(known, with: draw))
      for undone in (0..<step.stepsBack).map({ index - $0 }) {
        x = sampler.level(at: undone).noised(x, from: sampler.level(at: undone + 1), with: noise())
      }
    }
    return x
  }
}
