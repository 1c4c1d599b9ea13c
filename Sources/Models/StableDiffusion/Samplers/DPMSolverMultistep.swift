import Checkpoints
import Glibc
import Numerics

/// DPM-Solver++ of order 1 or 2, multistep (Lu et al. 2022, arXiv 2211.01095, algorithm 2).
struct DPMSolverMultistep: Sampler {
  private let prediction: PredictionType
  private let grid: SigmaGrid
  private let skipped: Int
  private let order: Int
  private let isHeun: Bool
  private let firstOrderAtEnd: Bool
  private var last: Tensor?  // the picture predicted one step before
  let timesteps: [Float]

  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int) throws {
    prediction = try configuration.predictionType()
    grid = try SigmaGrid(configuration, steps: steps, .dpmSolver)
    self.skipped = skipped
    timesteps = Array(grid.timesteps.dropFirst(skipped))
    order = try configuration.int("solver_order", or: 2)
    guard (1...2).contains(order) else {
      throw configuration.error(
        "\"solver_order\" \(order) is not supported by dpmpp-2m, only 1, 2; use another sampler")
    }
    // diffusers takes UniPC's and DEIS's types for midpoint, and DEIS's algorithm for this one.
    isHeun = try configuration.string(
      "solver_type", or: "midpoint", of: ["midpoint", "heun", "logrho", "bh1", "bh2"]) == "heun"
    _ = try configuration.string("algorithm_type", or: "dpmsolver++", of: ["dpmsolver++", "deis"])
    firstOrderAtEnd = try configuration.bool("euler_at_final", or: false)
      || (configuration.bool("lower_order_final", or: true) && grid.timesteps.count < 15)
      || grid.sigmas.last == 0
  }

  func noised(_ original: Tensor, with noise: Tensor) -> Tensor {
    grid.noised(original, with: noise, at: skipped)
  }

  mutating func step(_ output: Tensor, _ x: Tensor, at step: Int) -> Tensor {
    let index = skipped + step
    let (from, to) = (grid.sigmas[index], grid.sigmas[index + 1])
    let original = prediction.original(output, x, sigma: from)
    defer { last = original }

    let (signal, noise) = SigmaGrid.signalAndNoise(to)
    let h = SigmaGrid.lambda(to) - SigmaGrid.lambda(from)
    let decay = exp(-h) - 1
    let xFactor = noise / SigmaGrid.signalAndNoise(from).noise
    guard order == 2, let last, !(index == grid.timesteps.count - 1 && firstOrderAtEnd) else {
      return combine((xFactor, x), (-signal * decay, original))
    }
    let before = SigmaGrid.lambda(from) - SigmaGrid.lambda(grid.sigmas[index - 1])
    let slope = (isHeun ? signal * (decay / h + 1) : -0.5 * signal * decay) * h / before
    return combine((xFactor, x), (-signal * decay + slope, original), (-slope, last))
  }
}
