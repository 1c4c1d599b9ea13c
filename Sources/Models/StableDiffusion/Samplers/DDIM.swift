import Checkpoints
import Glibc
import Numerics

/// Denoising diffusion implicit model without added noise, eta = 0 (Song et al. 2021, equation 12).
struct DDIM: Sampler {
  private let schedule: NoiseSchedule
  private let prediction: PredictionType
  private let finalAlpha: Double
  private let clip: Double?
  private let stride: Int
  let timesteps: [Float]

  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int) throws {
    try configuration.refuse("thresholding")
    schedule = try NoiseSchedule(configuration, terminal: 0)
    prediction = try configuration.predictionType()
    finalAlpha = try configuration.bool("set_alpha_to_one", or: true) ? 1 : Double(schedule.alphasCumprod[0])
    clip = try configuration.bool("clip_sample", or: true)
      ? configuration.double("clip_sample_range", or: 1) : nil
    stride = schedule.trainSteps / steps
    let grid = try TimestepGrid(configuration, spacing: "leading", trainSteps: schedule.trainSteps)
    let visited = try grid.wholeTimesteps(steps).dropFirst(skipped)
    timesteps = visited.map { Float($0) }
    guard prediction != .epsilon || visited.allSatisfy({ schedule.alphasCumprod[$0] > 0 }) else {
      throw configuration.error(
        "\"rescale_betas_zero_snr\" leaves nothing of the picture at the first step, which ddim needs where the model "
          + "predicts \"epsilon\"; use euler or dpmpp-2m")
    }
  }

  private func alpha(_ timestep: Int) -> Double { timestep < 0 ? finalAlpha : Double(schedule.alphasCumprod[timestep]) }

  func noised(_ original: Tensor, with noise: Tensor) -> Tensor {
    schedule.noised(original, with: noise, at: Int(timesteps[0]))
  }

  func step(_ output: Tensor, _ x: Tensor, at step: Int) -> Tensor {
    let timestep = Int(timesteps[step])
    let (alpha, previous) = (alpha(timestep), alpha(timestep - stride))
    let (original, epsilon) = prediction.originalAndEpsilon(output, x, alpha: alpha)
    return combine(
      (previous.squareRoot(), clip.map { original.clamped(to: Float($0)) } ?? original),
      ((1 - previous).squareRoot(), epsilon))
  }
}

extension PredictionType {
  /// The picture and the noise that make up `x` by a UNet's output, where `alpha` of the signal is left.
  func originalAndEpsilon(_ output: Tensor, _ x: Tensor, alpha: Double) -> (original: Tensor, epsilon: Tensor) {
    let (signal, noise) = (alpha.squareRoot(), (1 - alpha).squareRoot())
    return switch self {
    case .epsilon: (combine((1 / signal, x), (-noise / signal, output)), output)
    case .sample: (output, combine((1 / noise, x), (-signal / noise, output)))
    case .velocity: (combine((signal, x), (-noise, output)), combine((signal, output), (noise, x)))
    }
  }
}
