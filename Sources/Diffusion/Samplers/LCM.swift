// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// Multistep sampling of latent consistency models (Luo et al. 2023, algorithm 3): each step predicts the latents without
/// noise, and noises them anew.
struct LCM: Sampler {
  private static let dataVariance = 0.25

  private let grid: ConsistencyGrid
  private let clip: Double?
  private let scaling: Double
  let timesteps: [Float]

  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int) throws {
    try configuration.refuse("thresholding")
    grid = try ConsistencyGrid(configuration, steps: steps, skipped: skipped, "lcm")
    clip = try configuration.clip(byDefault: false)
    scaling = try configuration.positive("timestep_scaling") ?? 10
    timesteps = grid.timesteps.map { Float($0) }
  }

  /// The last step leaves no noise.
  func level(at step: Int) -> NoiseLevel {
    step < timesteps.count ? grid.schedule.level(at: grid.timesteps[step]) : NoiseLevel(alpha: 1)
  }

  func step(_ output: Tensor, _ x: Tensor, at step: Int, noise: () -> Tensor) -> Tensor {
    let predicted = grid.prediction.original(output, x, at: level(at: step))
    let original = clip.map { predicted.clamped(to: Float($0)) } ?? predicted
    // x itself at the boundary of time 0 (Song et al. 2023, equation 5).
    let time = scaling * Double(timesteps[step])
    let variance = time * time + Self.dataVariance
    let (skip, out) = (Self.dataVariance / variance, time / variance.squareRoot())
    let next = level(at: step + 1)
    var terms = [(next.signal * out, original), (next.signal * skip, x)]
    if step < timesteps.count - 1 { terms.append((next.noise, noise())) }
    return linearCombination(terms)
  }
}
