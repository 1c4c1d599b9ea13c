// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Glibc
import Layers
import Numerics

/// Sinusoidal embedding of the timestep (Vaswani et al. 2017, cosines first) through two layers: `time_embedding`.
struct TimeEmbedding {
  let linear1: Linear  // linear_1
  let linear2: Linear  // linear_2

  init(_ builder: ModelBuilder, channels: Int, width: Int) throws {
    linear1 = try Linear(builder["linear_1"], in: channels, out: width, activation: .silu)
    linear2 = try Linear(builder["linear_2"], in: width, out: width)
  }

  /// -> [1, width]
  func callAsFunction(_ timestep: Float, in workspace: Workspace) -> Tensor {
    let half = linear1.inputs / 2
    let frequencies = (0..<half).map { exp(-log(Float(10000)) * Float($0) / Float(half)) }
    let sinusoid = frequencies.map { cos(timestep * $0) } + frequencies.map { sin(timestep * $0) }
    return linear2(linear1(Tensor([1, 2 * half], sinusoid, in: workspace)))
  }
}
