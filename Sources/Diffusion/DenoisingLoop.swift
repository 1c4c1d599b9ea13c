// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics
import Properties

/// What a UNet predicts for latents x, [1, h, w, C], at a timestep; in x's shape.
public typealias Denoiser = (_ x: Tensor, _ timestep: Float) throws -> Tensor

/// From noise, or a noised picture, to latents.
public struct DenoisingLoop {
  private let sampler: any Sampler
  private let rePaint: RePaint?
  private let startsFromPicture: Bool

  /// Throws `CheckpointError` where the configuration asks for what the sampler does not have, `SamplingError` where
  /// there can be no such steps.
  public init(_ configuration: SchedulerConfiguration, _ settings: SamplingSettings) throws {
    let configuration = settings.spacing == .auto
      ? configuration : configuration.setting(["timestep_spacing": .string(settings.spacing.rawValue)])
    sampler = try settings.sampler.make(
      configuration, steps: settings.steps, strength: settings.strength, eta: settings.eta)
    rePaint = settings.sampler == .repaint
      ? try RePaint(sampler, jumpLength: settings.jumpLength, jumpSamples: settings.jumpSamples) : nil
    startsFromPicture = settings.strength < 1
  }

  /// How often the denoiser is called; 0 leaves the picture as it is.
  public var count: Int { rePaint?.count ?? sampler.timesteps.count }

  public var needsPicture: Bool { startsFromPicture || rePaint != nil }

  /// Runs all steps, of which there must be some.
  ///
  /// picture: its latents, [1, h, w, C], where they are needed; hole: [1, h, w, 1], 1 = to be filled, else 0; noise: each
  /// call a fresh draw of standard normal numbers, [1, h, w, C].  Throws what `denoise` throws.
  public func callAsFunction(
    _ picture: Tensor?, hole: Tensor, noise: () -> Tensor, _ denoise: Denoiser
  ) throws -> Tensor {
    precondition(count > 0, "no steps")
    precondition(picture != nil || !needsPicture, "steps that need a picture, and none")
    let draw = noise()
    var x = linearCombination((Double(sampler.initialNoiseSigma), draw))
    if startsFromPicture, let picture { x = sampler.level(at: 0).noised(picture, with: draw) }
    if let rePaint, let picture { return try rePaint.denoised(x, known: picture, hole: hole, noise: noise, denoise) }
    return try sampler.denoised(x, noise: noise, denoise)
  }
}

extension Sampler {
  /// From x before the first step to x behind the last.  Throws what `denoise` throws.
  func denoised(_ x: Tensor, noise: () -> Tensor, _ denoise: Denoiser) throws -> Tensor {
    var (sampler, x) = (self, x)
    for (step, timestep) in timesteps.enumerated() {
      x = sampler.step(try denoise(sampler.scaled(x, at: step), timestep), x, at: step, noise: noise)
    }
    return x
  }
}
