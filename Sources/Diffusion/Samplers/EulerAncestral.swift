// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// Ancestral sampling with Euler's method: a step goes further down than it has to, and noise makes up for it (k-diffusion's
/// `euler_ancestral`).
struct EulerAncestral: VarianceExploding {
  private let prediction: PredictionType
  let grid: SigmaGrid
  let timesteps: [Float]

  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int) throws {
    prediction = try configuration.predictionType()
    guard prediction != .sample else {
      throw configuration.error(
        "\"prediction_type\" \"sample\" is not supported by euler-a, only epsilon, v_prediction; use euler")
    }
    grid = try SigmaGrid(configuration, steps: steps, .eulerAncestral, skipped: skipped)
    timesteps = grid.timesteps
  }

  func step(_ output: Tensor, _ x: Tensor, at step: Int, noise: () -> Tensor) -> Tensor {
    let (sigma, next) = (grid.sigmas[step], grid.sigmas[step + 1])
    let original = prediction.original(output, x, at: level(at: step))
    let added = max(next * next * (1 - next * next / (sigma * sigma)), 0)  // variance
    let ratio = (max(next * next - added, 0).squareRoot() - sigma) / sigma
    return linearCombination((1 + ratio, x), (-ratio, original), (added.squareRoot(), noise()))
  }
}
