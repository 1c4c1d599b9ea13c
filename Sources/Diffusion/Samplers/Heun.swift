// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// Heun's method on the probability flow (Karras et al. 2022, algorithm 1): each step but the last calls the UNet at both
/// of its ends, so that n steps are 2 n - 1 calls.
struct Heun: VarianceExploding {
  private let prediction: PredictionType
  private let clip: Double?
  let grid: SigmaGrid
  let timesteps: [Float]  // of the calls
  private var start: (x: Tensor, original: Tensor)?  // of a step whose second call is to come

  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int) throws {
    let configuration = configuration.filling(["beta_start": .number(0.00085), "beta_end": .number(0.012)])
    prediction = try configuration.predictionType()
    clip = try configuration.clip(byDefault: false)
    grid = try SigmaGrid(configuration, steps: steps, .heun, skipped: skipped)
    timesteps = grid.timesteps.prefix(1) + grid.timesteps.dropFirst().flatMap { [$0, $0] }
  }

  func level(at step: Int) -> NoiseLevel { NoiseLevel(signal: 1, noise: grid.sigmas[(step + 1) / 2]) }

  mutating func step(_ output: Tensor, _ x: Tensor, at step: Int, noise: () -> Tensor) -> Tensor {
    let (index, isSecond) = (step / 2, step % 2 == 1)
    let (sigma, next) = (grid.sigmas[index], grid.sigmas[index + 1])
    let predicted = prediction.original(output, x, at: level(at: step))
    let original = clip.map { predicted.clamped(to: Float($0)) } ?? predicted
    guard isSecond, let start else {
      self.start = (x, original)
      let ratio = (next - sigma) / sigma
      return linearCombination((1 + ratio, x), (-ratio, original))
    }
    // Half of the slope (x - x_0) / sigma at each end.
    let (first, second) = ((next - sigma) / (2 * sigma), (next - sigma) / (2 * next))
    self.start = nil
    return linearCombination((1 + first, start.x), (-first, start.original), (second, x), (-second, original))
  }
}
