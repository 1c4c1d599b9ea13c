// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// Strategic stochastic sampling of trajectory consistency models (Zheng et al. 2024, algorithm 4): each step goes along
/// the trajectory to before its end, by `eta` of the way to no noise, and noises the latents up to there.
struct TCD: Sampler {
  private let grid: ConsistencyGrid
  private let eta: Double
  let timesteps: [Float]

  /// eta: 0 ... 1; 0 adds no noise.
  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int, eta: Double) throws {
    grid = try ConsistencyGrid(configuration, steps: steps, skipped: skipped, "tcd")
    timesteps = grid.timesteps.map { Float($0) }
    self.eta = eta
  }

  /// The last step ends at the first training step.
  func level(at step: Int) -> NoiseLevel { grid.schedule.level(at: step < timesteps.count ? grid.timesteps[step] : 0) }

  func step(_ output: Tensor, _ x: Tensor, at step: Int, noise: () -> Tensor) -> Tensor {
    let from = level(at: step)
    let isLast = step == timesteps.count - 1
    let next = isLast ? 0 : timesteps[step + 1]
    let reached = grid.schedule.level(at: Int((Float(1 - eta) * next).rounded(.down)))
    let x = reached.noised(grid.prediction.original(output, x, at: from), with: grid.prediction.epsilon(output, x, at: from))
    return eta > 0 && !isLast ? level(at: step + 1).noised(x, from: reached, with: noise()) : x
  }
}
