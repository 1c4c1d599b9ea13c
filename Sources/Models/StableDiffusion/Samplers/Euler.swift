import Checkpoints
import Numerics

/// Euler's method on the probability flow (Karras et al. 2022, algorithm 2 without added noise).
struct Euler: Sampler {
  private let prediction: PredictionType
  private let grid: SigmaGrid
  private let skipped: Int
  let timesteps: [Float]
  let initialNoiseSigma: Float

  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int) throws {
    prediction = try configuration.predictionType()
    grid = try SigmaGrid(configuration, steps: steps, .euler)
    self.skipped = skipped
    timesteps = Array(grid.timesteps.dropFirst(skipped))
    _ = try configuration.string("interpolation_type", or: "linear", of: ["linear"])
    _ = try configuration.string("timestep_type", or: "discrete", of: ["discrete"])
    let largest = grid.sigmas.max() ?? 0
    initialNoiseSigma = Float(grid.spacing == "leading" ? (largest * largest + 1).squareRoot() : largest)
  }

  func scaled(_ x: Tensor, at step: Int) -> Tensor {
    let sigma = grid.sigmas[skipped + step]
    return combine((1 / (sigma * sigma + 1).squareRoot(), x))
  }

  func noised(_ original: Tensor, with noise: Tensor) -> Tensor {
    combine((1, original), (grid.sigmas[skipped], noise))
  }

  func step(_ output: Tensor, _ x: Tensor, at step: Int) -> Tensor {
    let (sigma, next) = (grid.sigmas[skipped + step], grid.sigmas[skipped + step + 1])
    let variance = sigma * sigma + 1
    let original = switch prediction {
    case .epsilon: combine((1, x), (-sigma, output))
    case .sample: output
    case .velocity: combine((-sigma / variance.squareRoot(), output), (1 / variance, x))
    }
    let ratio = (next - sigma) / sigma
    return combine((1 + ratio, x), (-ratio, original))
  }
}
