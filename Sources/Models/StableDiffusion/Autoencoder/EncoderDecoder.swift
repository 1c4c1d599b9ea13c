// SPDX-License-Identifier: LGPL-3.0-or-later
import Layers
import Numerics

/// Pictures to latent moments: `encoder`.
struct Encoder {
  let convIn: Conv2D  // conv_in
  let downBlocks: [EncoderBlock]  // down_blocks
  let midBlock: AutoencoderMidBlock  // mid_block
  let normOut: GroupNorm  // conv_norm_out
  let convOut: Conv2D  // conv_out

  init(_ builder: ModelBuilder, _ c: AutoencoderConfiguration) throws {
    let widths = c.blockOutChannels
    let coarsest = widths[widths.count - 1]
    convIn = try Conv2D(builder["conv_in"], in: 3, out: widths[0])
    downBlocks = try widths.indices.map { level in
      try EncoderBlock(
        builder["down_blocks"][level], in: widths[max(level - 1, 0)], out: widths[level],
        isLast: level == widths.count - 1, c)
    }
    midBlock = try AutoencoderMidBlock(builder["mid_block"], channels: coarsest, c)
    normOut = try GroupNorm(builder["conv_norm_out"], channels: coarsest, c)
    convOut = try Conv2D(builder["conv_out"], in: coarsest, out: 2 * c.latentChannels)
  }

  /// [N, H, W, 3] -> [N, H / 8, W / 8, 2 x latent channels]
  func callAsFunction(_ x: Tensor) throws -> Tensor {
    var h = convIn(x)
    for block in downBlocks {
      try block(&h)
      h.workspace.trim()  // the next level's blocks have other sizes
    }
    return convOut(normOut(try midBlock(h), silu: true))
  }
}

/// Latents to pictures: `decoder`.
package struct Decoder {
  let convIn: Conv2D  // conv_in
  let midBlock: AutoencoderMidBlock  // mid_block
  let upBlocks: [DecoderBlock]  // up_blocks
  let normOut: GroupNorm  // conv_norm_out
  let convOut: Conv2D  // conv_out

  package init(_ builder: ModelBuilder, _ c: AutoencoderConfiguration) throws {
    let widths = Array(c.blockOutChannels.reversed())
    let finest = widths[widths.count - 1]
    convIn = try Conv2D(builder["conv_in"], in: c.latentChannels, out: widths[0])
    midBlock = try AutoencoderMidBlock(builder["mid_block"], channels: widths[0], c)
    upBlocks = try widths.indices.map { index in
      try DecoderBlock(
        builder["up_blocks"][index], in: widths[max(index - 1, 0)], out: widths[index], isLast: index == widths.count - 1, c)
    }
    normOut = try GroupNorm(builder["conv_norm_out"], channels: finest, c)
    convOut = try Conv2D(builder["conv_out"], in: finest, out: 3)
  }

  /// [N, h, w, latent channels] -> [N, 8 h, 8 w, 3]
  ///
  /// `change` may change the features in place: in front of each of the `up_blocks`, which are counted from 0, and
  /// behind the last.
  package func callAsFunction(
    _ z: Tensor, changingLevels change: (_ h: Tensor, _ block: Int) throws -> Void = { _, _ in }
  ) throws -> Tensor {
    var h = try midBlock(convIn(z))
    for (index, block) in upBlocks.enumerated() {
      try change(h, index)
      try block(&h)
      h.workspace.trim()
    }
    try change(h, upBlocks.count)
    return convOut(normOut(h, silu: true))
  }
}

/// A level of the encoder: `down_blocks.N` (DownEncoderBlock2D).
struct EncoderBlock {
  let resnets: [ResnetBlock]
  let downsample: Conv2D?  // downsamplers.0.conv

  init(_ builder: ModelBuilder, in channels: Int, out outputs: Int, isLast: Bool, _ c: AutoencoderConfiguration) throws {
    resnets = try (0..<c.layersPerBlock).map {
      try ResnetBlock(builder["resnets"][$0], in: $0 == 0 ? channels : outputs, out: outputs, c)
    }
    downsample = isLast
      ? nil
      : try Conv2D(
        builder["downsamplers"][0]["conv"], in: outputs, out: outputs, stride: 2, padding: Padding(before: 0, after: 1))
  }

  /// h: [N, H, W, Cin], becomes [N, H / 2, W / 2, Cout], the last block's [N, H, W, Cout].
  func callAsFunction(_ h: inout Tensor) throws {
    for resnet in resnets { try resnet(replacing: &h) }
    if let downsample { h = downsample(h) }
  }
}

/// A level of the decoder: `up_blocks.N` (UpDecoderBlock2D), counted from the coarsest.
struct DecoderBlock {
  let resnets: [ResnetBlock]
  let upsample: Conv2D?  // upsamplers.0.conv

  init(_ builder: ModelBuilder, in channels: Int, out outputs: Int, isLast: Bool, _ c: AutoencoderConfiguration) throws {
    resnets = try (0..<c.layersPerBlock + 1).map {
      try ResnetBlock(builder["resnets"][$0], in: $0 == 0 ? channels : outputs, out: outputs, c)
    }
    upsample = isLast ? nil : try Conv2D(builder["upsamplers"][0]["conv"], in: outputs, out: outputs)
  }

  /// h: [N, H, W, Cin], becomes [N, 2 H, 2 W, Cout], the last block's [N, H, W, Cout].
  func callAsFunction(_ h: inout Tensor) throws {
    for resnet in resnets { try resnet(replacing: &h) }
    if let upsample {
      h.workspace.trim()  // the next level's blocks have other sizes
      h = upsample(.enlarged(h, height: 2 * h.dim(1), width: 2 * h.dim(2)))
    }
  }
}

/// The coarsest level of both: `mid_block`.
struct AutoencoderMidBlock {
  let resnet1: ResnetBlock  // resnets.0
  let attention: PixelAttention  // attentions.0
  let resnet2: ResnetBlock  // resnets.1

  init(_ builder: ModelBuilder, channels: Int, _ c: AutoencoderConfiguration) throws {
    resnet1 = try ResnetBlock(builder["resnets"][0], in: channels, out: channels, c)
    attention = try PixelAttention(builder["attentions"][0], channels: channels, c)
    resnet2 = try ResnetBlock(builder["resnets"][1], in: channels, out: channels, c)
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor { try resnet2(attention(resnet1(x))) }
}

/// Single-head self-attention over pixels with a residual: `attentions.0`.
struct PixelAttention {
  let norm: GroupNorm  // group_norm
  let query: Linear  // to_q
  let key: Linear  // to_k
  let value: Linear  // to_v
  let output: Linear  // to_out.0

  init(_ builder: ModelBuilder, channels: Int, _ c: AutoencoderConfiguration) throws {
    norm = try GroupNorm(builder["group_norm"], channels: channels, c)
    query = try Linear(builder["to_q"], in: channels, out: channels)
    key = try Linear(builder["to_k"], in: channels, out: channels)
    value = try Linear(builder["to_v"], in: channels, out: channels)
    output = try Linear(builder["to_out"][0], in: channels, out: channels)
  }

  /// [N, H, W, C] -> [N, H, W, C]
  func callAsFunction(_ x: Tensor) throws -> Tensor {
    try x.workspace.checkCancellation()
    let pixels = norm(x)
    func tokens(_ layer: Linear) -> Tensor { layer(pixels).reshaped([x.dim(0), x.dim(1) * x.dim(2), x.dim(3)]) }
    let (keys, values) = (tokens(key), tokens(value))
    let contexts = (0..<x.dim(0)).map {
      KeysValues(keys: keys[image: $0], values: values[image: $0], heads: 1, key.arithmetic)
    }
    return output(attention(queries: tokens(query), contexts).reshaped(x.shape), adding: x)
  }
}

extension ResnetBlock {
  /// Without time embedding, with the autoencoder's norms.
  fileprivate init(_ builder: ModelBuilder, in channels: Int, out outputs: Int, _ c: AutoencoderConfiguration) throws {
    try self.init(
      builder, in: channels, out: outputs, groups: c.normGroups, epsilon: AutoencoderConfiguration.normEpsilon)
  }
}

extension GroupNorm {
  fileprivate init(_ builder: ModelBuilder, channels: Int, _ c: AutoencoderConfiguration) throws {
    try self.init(builder, channels: channels, groups: c.normGroups, epsilon: AutoencoderConfiguration.normEpsilon)
  }
}
