// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// Transformer over the pixels of a feature map (Rombach et al. 2022): `attentions.N`, diffusers' Transformer2DModel.
///
/// The projections in and out are 1x1 convolutions in SD 1.5 and linear layers in SD 2: the same over NHWC.
struct SpatialTransformer {
  let norm: GroupNorm
  let projectionIn: Linear  // proj_in
  let blocks: [TransformerBlock]  // transformer_blocks
  let projectionOut: Linear  // proj_out

  /// diffusers has no key for it.
  private static let normEpsilon: Float = 1e-6

  init(_ builder: ModelBuilder, channels: Int, heads: Int, layers: Int, contextWidth: Int, groups: Int) throws {
    norm = try GroupNorm(builder["norm"], channels: channels, groups: groups, epsilon: Self.normEpsilon)
    projectionIn = try Linear(builder["proj_in"], in: channels, out: channels)
    blocks = try (0..<layers).map {
      try TransformerBlock(
        builder["transformer_blocks"][$0], channels: channels, heads: heads, contextWidth: contextWidth)
    }
    projectionOut = try Linear(builder["proj_out"], in: channels, out: channels)
  }

  /// x: [N, H, W, C] -> [N, H, W, C]
  func callAsFunction(_ x: Tensor, _ context: inout PreparedContext.Reader) throws -> Tensor {
    try x.workspace.checkCancellation()
    var tokens = projectionIn(norm(x)).reshaped([x.dim(0), x.dim(1) * x.dim(2), x.dim(3)])
    for block in blocks { tokens = block(tokens, context.next()) }
    return projectionOut(tokens.reshaped(x.shape), adding: x)
  }
}

/// Self-attention, cross-attention and feed-forward, each behind a layer norm: diffusers' BasicTransformerBlock.
struct TransformerBlock {
  let norm1: LayerNorm
  let selfAttention: Attention  // attn1
  let norm2: LayerNorm
  let crossAttention: Attention  // attn2
  let norm3: LayerNorm
  let feedForward: FeedForward  // ff

  /// PyTorch's default; diffusers has no key for it.
  private static let normEpsilon: Float = 1e-5

  init(_ builder: ModelBuilder, channels: Int, heads: Int, contextWidth: Int) throws {
    norm1 = try LayerNorm(builder["norm1"], channels: channels, epsilon: Self.normEpsilon)
    selfAttention = try Attention(builder["attn1"], channels: channels, heads: heads, contextWidth: channels)
    norm2 = try LayerNorm(builder["norm2"], channels: channels, epsilon: Self.normEpsilon)
    crossAttention = try Attention(builder["attn2"], channels: channels, heads: heads, contextWidth: contextWidth)
    norm3 = try LayerNorm(builder["norm3"], channels: channels, epsilon: Self.normEpsilon)
    feedForward = try FeedForward(builder["ff"], channels: channels)
  }

  /// x: [N, T, C]; context: one entry an image, or one for all -> [N, T, C]
  func callAsFunction(_ x: Tensor, _ context: [KeysValues]) -> Tensor {
    let normed = norm1(x)
    let attended = selfAttention(normed, selfAttention.keysValues(normed), adding: x)
    let crossed = crossAttention(norm2(attended), context, adding: attended)
    return feedForward(norm3(crossed), adding: crossed)
  }
}

/// Multi-head attention with a residual.
struct Attention {
  let query: Linear  // to_q
  let key: Linear  // to_k
  let value: Linear  // to_v
  let output: Linear  // to_out.0
  let heads: Int

  init(_ builder: ModelBuilder, channels: Int, heads: Int, contextWidth: Int) throws {
    query = try Linear(builder["to_q"], in: channels, out: channels, bias: false)
    key = try Linear(builder["to_k"], in: contextWidth, out: channels, bias: false)
    value = try Linear(builder["to_v"], in: contextWidth, out: channels, bias: false)
    output = try Linear(builder["to_out"][0], in: channels, out: channels)
    self.heads = heads
  }

  /// context: [N, S, contextWidth] -> one entry an image
  func keysValues(_ context: Tensor) -> [KeysValues] {
    let (keys, values) = (key(context), value(context))  // [N, S, C]
    return (0..<context.dim(0)).map {
      KeysValues(keys: keys[image: $0], values: values[image: $0], heads: heads, key.arithmetic)
    }
  }

  func callAsFunction(_ x: Tensor, _ context: [KeysValues], adding residual: Tensor) -> Tensor {
    output(attention(queries: query(x), context), adding: residual)
  }
}

/// Gated feed-forward (Shazeer 2020, GEGLU), four times as wide inside.
struct FeedForward {
  let projection: Linear  // net.0.proj, value and gate
  let output: Linear  // net.2

  init(_ builder: ModelBuilder, channels: Int) throws {
    projection = try Linear(builder["net"][0]["proj"], in: channels, out: 8 * channels, gated: true)
    output = try Linear(builder["net"][2], in: 4 * channels, out: channels)
  }

  func callAsFunction(_ x: Tensor, adding residual: Tensor) -> Tensor {
    output(projection(x), adding: residual)
  }
}
