import Checkpoints
import Numerics

/// A solver that walks from noise to a picture along a UNet's predictions.
public protocol Sampler {
  /// The UNet's timestep at each step.
  var timesteps: [Float] { get }
  /// The standard deviation of the noise to begin with.
  var initialNoiseSigma: Float { get }
  /// What the UNet sees at a step.
  func scaled(_ x: Tensor, at step: Int) -> Tensor
  /// `original` with as much noise as there is before the first step.
  func noised(_ original: Tensor, with noise: Tensor) -> Tensor
  /// Whether the steps take what is known of the picture, and noise: then `hold` comes before the first.
  var holdsKnown: Bool { get }
  /// known: the picture's latents [1, h, w, C]; hole: [1, h, w, 1], 1 = to be filled, else 0; noise: each call's a new
  /// draw of standard normal numbers in the shape of `known`.
  mutating func hold(_ known: Tensor, hole: Tensor, noise: @escaping () -> Tensor)
  /// From before a step to behind it, by the UNet's output there.
  mutating func step(_ output: Tensor, _ x: Tensor, at step: Int) -> Tensor
}

extension Sampler {
  public var initialNoiseSigma: Float { 1 }
  public func scaled(_ x: Tensor, at step: Int) -> Tensor { x }
  public var holdsKnown: Bool { false }
  public func hold(_ known: Tensor, hole: Tensor, noise: @escaping () -> Tensor) {}
}

public enum SamplerKind: String, CaseIterable, Sendable {
  case ddim
  case pndm
  case dpmpp2M = "dpmpp-2m"
  case unipc
  case euler
  case repaint

  /// A sampler for one run.
  ///
  /// steps: 1 or more; strength: 0 ... 1, the share of the steps that is run, the last ones.
  /// jumpLength, jumpSamples: RePaint's, 1 or more.  Throws `CheckpointError` where the configuration asks for what is not
  /// implemented, or for fewer steps.
  public func make(
    _ configuration: SchedulerConfiguration, steps: Int, strength: Double, jumpLength: Int = 10, jumpSamples: Int = 10
  ) throws -> any Sampler {
    guard steps >= 1, (0...1).contains(strength) else {
      throw configuration.error("\(steps) steps of strength \(strength); there must be 1 or more, of strength 0 to 1")
    }
    let skipped = steps - min(Int(Double(steps) * strength), steps)
    switch self {
    case .ddim: return try DDIM(configuration, steps: steps, skipped: skipped)
    case .pndm: return try PNDM(configuration, steps: steps, skipped: skipped)
    case .dpmpp2M: return try DPMSolverMultistep(configuration, steps: steps, skipped: skipped)
    case .unipc: return try UniPC(configuration, steps: steps, skipped: skipped)
    case .euler: return try Euler(configuration, steps: steps, skipped: skipped)
    case .repaint:
      guard jumpLength >= 1, jumpSamples >= 1 else {
        throw configuration.error("jumps of length \(jumpLength), \(jumpSamples) times; both must be 1 or more")
      }
      return try RePaint(
        configuration, steps: steps, skipped: skipped, jumpLength: jumpLength, jumpSamples: jumpSamples)
    }
  }
}
