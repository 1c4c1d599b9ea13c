// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Numerics

/// Diffusion exponential integrator of order 1 or 2, multistep, whose polynomial is one in log rho (Zhang and Chen 2023,
/// equation 15; rho is sigma here).
struct DEIS: Sampler {
  private let prediction: PredictionType
  private let grid: SigmaGrid
  private let order: Int
  private let firstOrderAtEnd: Bool
  private var last: Tensor?  // the noise as predicted one step before
  let timesteps: [Float]

  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int) throws {
    prediction = try configuration.predictionType()
    grid = try SigmaGrid(configuration, steps: steps, .deis, skipped: skipped)
    timesteps = grid.timesteps
    order = try configuration.int("solver_order", or: 2)
    guard (1...2).contains(order) else {
      throw configuration.error("\"solver_order\" \(order) is not supported by deis, only 1, 2; use another sampler")
    }
    // diffusers takes other solvers' types and algorithms for its own.
    _ = try configuration.string(
      "solver_type", or: "logrho", of: ["logrho", "midpoint", "heun", "bh1", "bh2"])
    _ = try configuration.string("algorithm_type", or: "deis", of: ["deis", "dpmsolver", "dpmsolver++"])
    firstOrderAtEnd = try configuration.bool("lower_order_final", or: true) && grid.wholeCount < 15
  }

  func level(at step: Int) -> NoiseLevel { grid.level(at: step) }

  mutating func step(_ output: Tensor, _ x: Tensor, at step: Int, noise: () -> Tensor) -> Tensor {
    let (from, to) = (grid.level(at: step), grid.level(at: step + 1))
    let (sigma, next) = (grid.sigmas[step], grid.sigmas[step + 1])
    let original = prediction.original(output, x, at: from)
    let epsilon = prediction.epsilon(output, x, at: from)
    defer { last = epsilon }
    guard order == 2, let last, !(step == timesteps.count - 1 && firstOrderAtEnd) else {
      return to.noised(original, with: epsilon)
    }
    // The integrals over sigma of the lines in its logarithm that are 1 at one of the last two steps, 0 at the other.
    let before = grid.sigmas[step - 1]
    func integral(oneAt one: Double, zeroAt zero: Double) -> Double {
      func antiderivative(_ sigma: Double) -> Double { sigma * (log(sigma) - log(zero) - 1) / (log(one) - log(zero)) }
      return antiderivative(next) - antiderivative(sigma)
    }
    return linearCombination(
      (to.signal, original), (to.signal * (sigma + integral(oneAt: sigma, zeroAt: before)), epsilon),
      (to.signal * integral(oneAt: before, zeroAt: sigma), last))
  }
}
