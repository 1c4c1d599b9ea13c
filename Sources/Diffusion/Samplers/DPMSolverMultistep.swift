// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import Numerics

/// DPM-Solver++ of order 1 or 2, multistep (Lu et al. 2022, arXiv 2211.01095, algorithm 2), of the probability flow or of
/// the diffusion SDE (there, appendix; diffusers' `sde-dpmsolver++`), which adds noise at each step.
struct DPMSolverMultistep: Sampler {
  private let prediction: PredictionType
  private let grid: SigmaGrid
  private let order: Int
  private let isHeun: Bool
  private let isSDE: Bool
  private let firstOrderAtEnd: Bool
  private var last: Tensor?  // x_0 as predicted one step before
  let timesteps: [Float]

  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int) throws {
    prediction = try configuration.predictionType()
    grid = try SigmaGrid(configuration, steps: steps, .dpmSolver, skipped: skipped)
    timesteps = grid.timesteps
    order = try configuration.int("solver_order", or: 2)
    guard (1...2).contains(order) else {
      throw configuration.error(
        "\"solver_order\" \(order) is not supported by dpmpp-2m, only 1, 2; use another sampler")
    }
    // diffusers takes UniPC's and DEIS's types for midpoint, and DEIS's algorithm for that of the flow.
    isHeun = try configuration.string(
      "solver_type", or: "midpoint", of: ["midpoint", "heun", "logrho", "bh1", "bh2"]) == "heun"
    isSDE = try configuration.string(
      "algorithm_type", or: "dpmsolver++", of: ["dpmsolver++", "deis", "sde-dpmsolver++"]) == "sde-dpmsolver++"
    firstOrderAtEnd = try configuration.bool("euler_at_final", or: false)
      || (configuration.bool("lower_order_final", or: true) && grid.wholeCount < 15)
      || grid.sigmas.last == 0
  }

  func level(at step: Int) -> NoiseLevel { grid.level(at: step) }

  mutating func step(_ output: Tensor, _ x: Tensor, at step: Int, noise: () -> Tensor) -> Tensor {
    let (from, to) = (grid.level(at: step), grid.level(at: step + 1))
    let original = prediction.original(output, x, at: from)
    defer { last = original }

    let h = grid.lambda(at: step + 1) - grid.lambda(at: step)
    let speed = isSDE ? 2.0 : 1  // at which x forgets what it was
    let decay = exp(-speed * h) - 1
    let xFactor = to.noise / from.noise * (isSDE ? exp(-h) : 1)
    var terms = [(xFactor, x), (-to.signal * decay, original)]
    if order == 2, let last, !(step == timesteps.count - 1 && firstOrderAtEnd) {
      let before = grid.lambda(at: step) - grid.lambda(at: step - 1)
      // Of a step of no length, to Karras's last sigma once more, diffusers makes no number.
      let mean = isHeun ? (h > 0 ? decay / (speed * h) + 1 : 0) : -0.5 * decay
      let slope = to.signal * mean * h / before
      terms += [(slope, original), (-slope, last)]
    }
    if isSDE { terms.append((to.noise * max(-decay, 0).squareRoot(), noise())) }
    return linearCombination(terms)
  }
}
