// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics
import Properties

/// What a UNet predicts for latents x, [1, h, w, C], at a timestep; in x's shape.
public typealias Denoiser = (_ x: Tensor, _ timestep: Float) throws -> Tensor

/// Is told of each output of a denoiser, for x before a step.
typealias DenoisingObserver = (_ output: Tensor, _ x: Tensor, _ step: Int) throws -> Void

/// From noise, or a noised picture, to latents.
public struct DenoisingLoop {
  private let sampler: any Sampler
  private let prediction: PredictionType
  private let rePaint: RePaint?
  private let startsFromPicture: Bool
  private let keepsKnown: Bool

  /// keepsKnown: behind each step the known part is the picture's own, noised as far (the blended diffusion of Avrahami et
  /// al. 2022), for a denoiser that does not see it, and where parts are known for some of the steps.
  ///
  /// Throws `CheckpointError` where the configuration asks for what the sampler does not have, `SamplingError` where
  /// there can be no such steps.
  public init(_ configuration: SchedulerConfiguration, _ settings: SamplingSettings, keepsKnown: Bool = false) throws {
    let configuration = settings.spacing == .auto
      ? configuration : configuration.setting(["timestep_spacing": .string(settings.spacing.rawValue)])
    prediction = try configuration.predictionType()
    sampler = try settings.sampler.make(
      configuration, steps: settings.steps, strength: settings.strength, eta: settings.eta)
    rePaint = settings.sampler == .repaint
      ? try RePaint(sampler, jumpLength: settings.jumpLength, jumpSamples: settings.jumpSamples) : nil
    startsFromPicture = settings.strength < 1
    self.keepsKnown = keepsKnown
  }

  /// How often the denoiser is called; 0 leaves the picture as it is.
  public var count: Int { progress.count }

  /// Of each call the share of the steps that is behind, 0 ..< 1.
  public var progress: [Double] {
    let steps = sampler.timesteps.count
    return (rePaint?.indices ?? Array(0..<steps)).map { Double($0) / Double(steps) }
  }

  public var needsPicture: Bool { startsFromPicture || keepsKnown || rePaint != nil }

  /// Runs all steps, of which there must be some.
  ///
  /// picture: its latents, [1, h, w, C], where they are needed; hole: `Hole`; noise: each call a fresh draw of standard
  /// normal numbers, [1, h, w, C].  `show` is given what each output takes for the latents
  /// without noise, [1, h, w, C].  Throws what both throw.
  public func callAsFunction(
    _ picture: Tensor?, hole: Hole, noise: () -> Tensor, showing show: (_ original: () -> Tensor) throws -> Void = { _ in },
    _ denoise: Denoiser
  ) throws -> Tensor {
    precondition(count > 0, "no steps")
    precondition(picture != nil || !needsPicture, "steps that need a picture, and none")
    let draw = noise()
    var x = linearCombination((Double(sampler.initialNoiseSigma), draw))
    if startsFromPicture, let picture { x = sampler.level(at: 0).noised(picture, with: draw) }
    func observe(_ output: Tensor, _ x: Tensor, _ step: Int) throws {
      try show { prediction.original(output, x, at: sampler.level(at: step)) }
    }
    if let rePaint, let picture {
      return try rePaint.denoised(x, known: picture, hole: hole, noise: noise, observe, denoise)
    }
    guard keepsKnown, let picture else { return try sampler.denoised(x, noise: noise, observe, denoise) }
    return try sampler.denoised(x, noise: noise, observe, denoise) { x, step in
      let isLast = step == count - 1
      x.keepInPlace(
        where: hole.behind(step, of: count),
        of: isLast ? picture : sampler.level(at: step + 1).noised(picture, with: draw))
    }
  }
}

/// What of the latents is to be filled, and in which steps.
public struct Hole {
  /// [1, h, w, 1]: 1 in all steps, 0 in none, between them in so large a share, the last ones (the differential diffusion
  /// of Levin and Fried 2023).
  let shares: Tensor

  public init(_ shares: Tensor) { self.shares = shares }

  /// Behind a step, 0 ..< count: 1 where the next may fill, 0 where the picture is known; behind the last what any has filled.
  func behind(_ step: Int, of count: Int) -> Tensor { shares.atLeast((Float(count - step) - 0.5) / Float(count)) }
}

extension Sampler {
  /// From x before the first step to x behind the last.  `changed` is given x behind each step, and the step.  Throws what
  /// `observe` and `denoise` throw.
  func denoised(
    _ x: Tensor, noise: () -> Tensor, _ observe: DenoisingObserver, _ denoise: Denoiser,
    changed: (_ x: Tensor, _ step: Int) -> Void = { _, _ in }
  ) throws -> Tensor {
    var (sampler, x) = (self, x)
    for (step, timestep) in timesteps.enumerated() {
      let output = try denoise(sampler.scaled(x, at: step), timestep)
      try observe(output, x, step)
      x = sampler.step(output, x, at: step, noise: noise)
      changed(x, step)
    }
    return x
  }
}
