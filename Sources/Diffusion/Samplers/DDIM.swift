// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics

/// Denoising diffusion implicit model (Song et al. 2021, equation 12).
struct DDIM: Sampler {
  private let schedule: NoiseSchedule
  private let prediction: PredictionType
  private let finalAlpha: Double
  private let clip: Double?
  private let eta: Double
  private let stride: Int
  let timesteps: [Float]

  /// diffusers' DDIMScheduler.  eta: 0 ... 1, the share of DDPM's noise that each step adds.
  init(_ configuration: SchedulerConfiguration, steps: Int, skipped: Int, eta: Double) throws {
    try configuration.refuse("thresholding")
    schedule = try NoiseSchedule(configuration, terminal: 0)
    prediction = try configuration.predictionType()
    finalAlpha = try configuration.bool("set_alpha_to_one", or: true) ? 1 : Double(schedule.alphasCumprod[0])
    clip = try configuration.clip(byDefault: true)
    self.eta = eta
    stride = schedule.trainSteps / steps
    let grid = try TimestepGrid(configuration, spacing: "leading", trainSteps: schedule.trainSteps)
    let visited = try grid.wholeTimesteps(steps).dropFirst(skipped)
    timesteps = visited.map { Float($0) }
    try schedule.requireSignal(at: visited, prediction, configuration, of: "ddim")
  }

  /// The steps of diffusers' RePaintScheduler: on the grid 0, n, 2 n, ... with the signal 1 at its end.
  ///
  /// eta: 0 ... 1; nil for the configuration's.
  init(rePaint configuration: SchedulerConfiguration, steps: Int, skipped: Int, eta: Double?) throws {
    schedule = try NoiseSchedule(configuration, terminal: nil)
    prediction = try configuration.predictionType()
    finalAlpha = 1
    clip = try configuration.bool("clip_sample", or: true) ? 1 : nil
    let ownEta = try configuration.double("eta", or: 0)
    guard (0...1).contains(ownEta) else { throw configuration.error("\"eta\" must be 0 to 1, not \(ownEta)") }
    self.eta = eta ?? ownEta
    guard steps <= schedule.trainSteps else { throw configuration.tooManySteps(steps, limit: schedule.trainSteps) }
    let stride = schedule.trainSteps / steps
    self.stride = stride
    timesteps = (0..<steps - skipped).reversed().map { Float($0 * stride) }
  }

  private func alpha(_ timestep: Int) -> Double { timestep < 0 ? finalAlpha : Double(schedule.alphasCumprod[timestep]) }

  func level(at step: Int) -> NoiseLevel {
    NoiseLevel(alpha: step < timesteps.count ? alpha(Int(timesteps[step])) : finalAlpha)
  }

  func step(_ output: Tensor, _ x: Tensor, at step: Int, noise: () -> Tensor) -> Tensor {
    let timestep = Int(timesteps[step])
    let (alpha, previous) = (alpha(timestep), alpha(timestep - stride))
    let level = NoiseLevel(alpha: alpha)
    let original = prediction.original(output, x, at: level)
    let variance = eta == 0 ? 0 : max(eta * eta * (1 - previous) / (1 - alpha) * (1 - alpha / previous), 0)
    var terms = [
      (previous.squareRoot(), clip.map { original.clamped(to: Float($0)) } ?? original),
      (max(1 - previous - variance, 0).squareRoot(), prediction.epsilon(output, x, at: level)),
    ]
    if eta > 0 { terms.append((variance.squareRoot(), noise())) }
    return linearCombination(terms)
  }
}
