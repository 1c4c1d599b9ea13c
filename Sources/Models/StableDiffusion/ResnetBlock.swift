// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// Residual block (He et al. 2016), with or without a time embedding: `resnets.N` of the UNet and the autoencoder.
struct ResnetBlock {
  let norm1: GroupNorm
  let conv1: Conv2D
  let timeProjection: Linear?  // time_emb_proj
  let norm2: GroupNorm
  let conv2: Conv2D
  let shortcut: Linear?  // conv_shortcut, 1x1, where the width changes

  /// `time`: width of the time embedding, nil for none.
  init(
    _ builder: ModelBuilder, in channels: Int, out outputs: Int, time: Int? = nil, groups: Int, epsilon: Float
  ) throws {
    norm1 = try GroupNorm(builder["norm1"], channels: channels, groups: groups, epsilon: epsilon)
    conv1 = try Conv2D(builder["conv1"], in: channels, out: outputs)
    timeProjection = try time.map { try Linear(builder["time_emb_proj"], in: $0, out: outputs) }
    norm2 = try GroupNorm(builder["norm2"], channels: outputs, groups: groups, epsilon: epsilon)
    conv2 = try Conv2D(builder["conv2"], in: outputs, out: outputs)
    shortcut = channels == outputs ? nil : try Linear(builder["conv_shortcut"], in: channels, out: outputs)
  }

  /// x: [N, H, W, Cin], time: SiLU of the embedding, [1, T] -> [N, H, W, Cout]
  func callAsFunction(_ x: Features, time: Tensor? = nil) throws -> Tensor {
    try x.workspace.checkCancellation()
    let projected = time.flatMap { time in timeProjection.map { $0(time) } }
    let h = conv1(norm1(x, silu: true), addingPerImage: projected)
    return conv2(norm2(h, silu: true), adding: shortcut.map { $0(x) } ?? x.first, inPlace: shortcut != nil)
  }

  func callAsFunction(_ x: Tensor, time: Tensor? = nil) throws -> Tensor { try self(Features(x), time: time) }

  /// The same without a time, where nobody else holds what comes in: it makes room for what goes out.
  func callAsFunction(replacing x: inout Tensor) throws {
    try x.workspace.checkCancellation()
    let h = conv1(norm1(x, silu: true))
    shortcut?(replacing: &x)
    x = conv2(norm2(h, silu: true), adding: x, inPlace: true)
  }
}
