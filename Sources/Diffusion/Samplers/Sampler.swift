// SPDX-License-Identifier: LGPL-3.0-or-later
import Numerics
import Properties

/// A solver that leads from noise to latents along a UNet's predictions; for one run.
protocol Sampler {
  /// The UNet's timestep at each step.
  var timesteps: [Float] { get }
  /// The standard deviation of the noise to begin with.
  var initialNoiseSigma: Float { get }
  /// What x is made of before a step; 0 ... timesteps.count, which is behind the last.
  func level(at step: Int) -> NoiseLevel
  /// What the UNet sees at a step.
  func scaled(_ x: Tensor, at step: Int) -> Tensor
  /// From before a step to behind it, by the UNet's output there.
  ///
  /// noise: each call a fresh draw of standard normal numbers in x's shape.
  mutating func step(_ output: Tensor, _ x: Tensor, at step: Int, noise: () -> Tensor) -> Tensor
}

extension Sampler {
  var initialNoiseSigma: Float { 1 }
  func scaled(_ x: Tensor, at step: Int) -> Tensor { x }
}

extension SamplerKind {
  /// A sampler for one run; of repaint the one that its loop goes over.
  ///
  /// steps: 1 or more; strength: 0 ... 1, the share of the steps that is taken, the last ones; eta: 0 ... 1, how much noise
  /// is added on the way by samplers that can add any amount, nil for their own.
  /// Throws `CheckpointError` where the configuration asks for what is not implemented, `SamplingError` where there can be
  /// no such steps.
  func make(
    _ configuration: SchedulerConfiguration, steps: Int, strength: Double, eta: Double? = nil
  ) throws -> any Sampler {
    try SamplingError.check(steps: steps, strength: strength)
    if let eta, !(0...1).contains(eta) { throw SamplingError("an eta of \(eta); it must be 0 to 1") }
    let skipped = steps - min(Int(Double(steps) * strength), steps)
    return switch self {
    case .ddim: try DDIM(configuration, steps: steps, skipped: skipped, eta: eta ?? 0)
    case .pndm: try PNDM(configuration, steps: steps, skipped: skipped)
    case .dpmpp2M: try DPMSolverMultistep(configuration, steps: steps, skipped: skipped)
    case .unipc: try UniPC(configuration, steps: steps, skipped: skipped)
    case .euler: try Euler(configuration, steps: steps, skipped: skipped)
    case .repaint: try DDIM(rePaint: configuration, steps: steps, skipped: skipped, eta: eta)
    case .lcm: try LCM(configuration, steps: steps, skipped: skipped)
    case .tcd: try TCD(configuration, steps: steps, skipped: skipped, eta: eta ?? 0.3)
    case .eulerAncestral: try EulerAncestral(configuration, steps: steps, skipped: skipped)
    case .heun: try Heun(configuration, steps: steps, skipped: skipped)
    case .dpmpp2MKarras:
      try DPMSolverMultistep(configuration.setting(["use_karras_sigmas": .bool(true)]), steps: steps, skipped: skipped)
    case .dpmpp2MSDE:
      try DPMSolverMultistep(
        configuration.setting(["algorithm_type": .string("sde-dpmsolver++")]), steps: steps, skipped: skipped)
    case .deis: try DEIS(configuration, steps: steps, skipped: skipped)
    }
  }
}
