// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// Euler's method on the probability flow (Karras et al. 2022, algorithm 2 without added noise).
struct Euler: VarianceExploding {
  private let prediction: PredictionType
  let grid: SigmaGrid
  let timesteps: [Float]

  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int) throws {
    prediction = try configuration.predictionType()
    grid = try SigmaGrid(configuration, steps: steps, .euler, skipped: skipped)
    timesteps = grid.timesteps
    _ = try configuration.string("interpolation_type", or: "linear", of: ["linear"])
    _ = try configuration.string("timestep_type", or: "discrete", of: ["discrete"])
  }

  func step(_ output: Tensor, _ x: Tensor, at step: Int, noise: () -> Tensor) -> Tensor {
    let (sigma, next) = (grid.sigmas[step], grid.sigmas[step + 1])
    let original = prediction.original(output, x, at: level(at: step))
    let ratio = (next - sigma) / sigma
    return linearCombination((1 + ratio, x), (-ratio, original))
  }
}
