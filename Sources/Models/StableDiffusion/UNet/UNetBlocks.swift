// SPDX-License-Identifier: LGPL-3.0-or-later
import Layers
import Numerics

/// A level on the way down: `down_blocks.N` (CrossAttnDownBlock2D, DownBlock2D).
struct DownBlock {
  let resnets: [ResnetBlock]
  let attentions: [SpatialTransformer]  // one a resnet, or none
  let downsample: Conv2D?  // downsamplers.0.conv

  init(_ builder: ModelBuilder, level: Int, _ c: UNetConfiguration) throws {
    let width = c.blockOutChannels[level]
    let above = c.blockOutChannels[max(level - 1, 0)]
    resnets = try (0..<c.layersPerBlock).map {
      try ResnetBlock(builder["resnets"][$0], in: $0 == 0 ? above : width, out: width, c)
    }
    attentions = try c.downAttention[level]
      ? (0..<c.layersPerBlock).map { try SpatialTransformer(builder["attentions"][$0], level: level, c) } : []
    downsample = level == c.levels - 1
      ? nil : try Conv2D(builder["downsamplers"][0]["conv"], in: width, out: width, stride: 2, padding: .one)
  }

  /// x: [N, H, W, C].  Appends each layer's result to `skips`; the last one is the block's result.
  func callAsFunction(
    _ x: Tensor, time: Tensor, _ context: inout PreparedContext.Reader, skips: inout [Tensor]
  ) throws -> Tensor {
    var h = try self(x, layers: resnets.indices, time: time, &context, skips: &skips)
    if let downsample {
      h = downsample(h)  // [N, ceil(H / 2), ceil(W / 2), C]
      skips.append(h)
    }
    return h
  }

  /// Some of its layers, at its own size.
  func callAsFunction(
    _ x: Tensor, layers: Range<Int>, time: Tensor, _ context: inout PreparedContext.Reader, skips: inout [Tensor]
  ) throws -> Tensor {
    var h = x
    for layer in layers {
      h = try resnets[layer](h, time: time)
      if !attentions.isEmpty { h = try attentions[layer](h, &context) }
      skips.append(h)
    }
    return h
  }
}

/// The coarsest level: `mid_block` (UNetMidBlock2DCrossAttn).
struct MidBlock {
  let resnet1: ResnetBlock  // resnets.0
  let attention: SpatialTransformer  // attentions.0
  let resnet2: ResnetBlock  // resnets.1

  init(_ builder: ModelBuilder, _ c: UNetConfiguration) throws {
    let (level, width) = (c.levels - 1, c.blockOutChannels[c.levels - 1])
    resnet1 = try ResnetBlock(builder["resnets"][0], in: width, out: width, c)
    attention = try SpatialTransformer(builder["attentions"][0], level: level, c)
    resnet2 = try ResnetBlock(builder["resnets"][1], in: width, out: width, c)
  }

  func callAsFunction(_ x: Tensor, time: Tensor, _ context: inout PreparedContext.Reader) throws -> Tensor {
    try resnet2(attention(resnet1(x, time: time), &context), time: time)
  }
}

/// A level on the way up: `up_blocks.N` (CrossAttnUpBlock2D, UpBlock2D), counted from the coarsest.
struct UpBlock {
  let resnets: [ResnetBlock]
  let attentions: [SpatialTransformer]  // one a resnet, or none
  let upsample: Conv2D?  // upsamplers.0.conv

  init(_ builder: ModelBuilder, index: Int, _ c: UNetConfiguration) throws {
    let level = c.levels - 1 - index
    let width = c.blockOutChannels[level]
    let below = c.blockOutChannels[min(level + 1, c.levels - 1)]
    // The skips of a level: its own results, and last the one that came into the level on the way down.
    let skips = [Int](repeating: width, count: c.layersPerBlock) + [c.blockOutChannels[max(level - 1, 0)]]
    resnets = try skips.enumerated().map { number, skip in
      try ResnetBlock(builder["resnets"][number], in: (number == 0 ? below : width) + skip, out: width, c)
    }
    attentions = try c.upAttention[index]
      ? skips.indices.map { try SpatialTransformer(builder["attentions"][$0], level: level, c) } : []
    upsample = level == 0 ? nil : try Conv2D(builder["upsamplers"][0]["conv"], in: width, out: width)
  }

  /// Takes a skip for each resnet from the end of `skips`.  What is left there last has the size to grow to.
  func callAsFunction(
    _ x: Tensor, time: Tensor, _ context: inout PreparedContext.Reader, skips: inout [Tensor]
  ) throws -> Tensor {
    let h = try self(x, layers: resnets.indices, time: time, &context, skips: &skips)
    guard let upsample, let next = skips.last else { return h }
    return upsample(.enlarged(h, height: next.dim(1), width: next.dim(2)))
  }

  /// Some of its layers, at its own size.
  func callAsFunction(
    _ x: Tensor, layers: Range<Int>, time: Tensor, _ context: inout PreparedContext.Reader, skips: inout [Tensor]
  ) throws -> Tensor {
    var h = x
    for layer in layers {
      h = try resnets[layer](Features(h, skips.removeLast()), time: time)
      if !attentions.isEmpty { h = try attentions[layer](h, &context) }
    }
    return h
  }
}

extension ResnetBlock {
  /// With the UNet's time embedding and norms.
  fileprivate init(_ builder: ModelBuilder, in channels: Int, out outputs: Int, _ c: UNetConfiguration) throws {
    try self.init(
      builder, in: channels, out: outputs, time: c.timeWidth, groups: c.normGroups, epsilon: c.normEpsilon)
  }
}

extension SpatialTransformer {
  /// Of one of the UNet's levels, counted from the finest.
  fileprivate init(_ builder: ModelBuilder, level: Int, _ c: UNetConfiguration) throws {
    try self.init(
      builder, channels: c.blockOutChannels[level], heads: c.heads[level], layers: c.transformerLayers[level],
      contextWidth: c.crossAttentionWidth, groups: c.normGroups)
  }
}
