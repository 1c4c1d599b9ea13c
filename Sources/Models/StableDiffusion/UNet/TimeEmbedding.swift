// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Glibc
import Layers
import Numerics

/// Sinusoidal embedding of the timestep (Vaswani et al. 2017, cosines first) through two layers: `time_embedding`.
///
/// Of latent consistency models (Luo et al. 2023) one of the guidance is added to it before.
struct TimeEmbedding {
  let conditionProjection: Linear?  // cond_proj
  let linear1: Linear  // linear_1
  let linear2: Linear  // linear_2

  /// condition: values of the guidance's embedding, 4 or more; nil for other models.
  init(_ builder: ModelBuilder, channels: Int, width: Int, condition: Int?) throws {
    conditionProjection = try condition.map { try Linear(builder["cond_proj"], in: $0, out: channels, bias: false) }
    linear1 = try Linear(builder["linear_1"], in: channels, out: width, activation: .silu)
    linear2 = try Linear(builder["linear_2"], in: width, out: width)
  }

  /// guidance: 1 for none; without one nothing is added.  -> [1, width]
  func callAsFunction(_ timestep: Float, guidance: Double?, in workspace: Workspace) -> Tensor {
    let half = linear1.inputs / 2
    let frequencies = (0..<half).map { exp(-log(Float(10000)) * Float($0) / Float(half)) }
    let sinusoid = frequencies.map { cos(timestep * $0) } + frequencies.map { sin(timestep * $0) }
    let time = Tensor([1, 2 * half], sinusoid, in: workspace)
    if let guidance, let conditionProjection {
      let condition = Self.condition(guidance, count: conditionProjection.inputs)
      time.addInPlace(conditionProjection(Tensor([1, condition.count], condition, in: workspace)))
    }
    return linear2(linear1(time))
  }

  /// 1000 (guidance - 1) as a time, sines first (diffusers: `get_guidance_scale_embedding`); an odd count ends with 0.
  private static func condition(_ guidance: Double, count: Int) -> [Float] {
    let half = count / 2
    let step = log(Float(10000)) / Float(half - 1)
    let angles = (0..<half).map { Float(guidance - 1) * 1000 * exp(Float($0) * -step) }
    return angles.map { sin($0) } + angles.map { cos($0) } + [Float](repeating: 0, count: count % 2)
  }
}
