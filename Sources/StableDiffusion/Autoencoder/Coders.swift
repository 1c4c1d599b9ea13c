import Checkpoints
import Tensors

private let epsilon: Float = 1e-6

/// Pictures to latent moments: `encoder`.
struct Encoder {
  let convIn: Conv2D  // conv_in
  let downBlocks: [(resnets: [ResnetBlock], downsample: Conv2D?)]  // down_blocks
  let midBlock: AutoencoderMidBlock  // mid_block
  let normOut: GroupNorm  // conv_norm_out
  let convOut: Conv2D  // conv_out

  init(_ weights: Weights, _ c: AutoencoderConfiguration) throws {
    let widths = c.blockOutChannels
    convIn = try Conv2D(weights["conv_in"], in: 3, out: widths[0])
    downBlocks = try widths.indices.map { level in
      let block = weights["down_blocks"][level]
      let before = widths[max(level - 1, 0)]
      return (
        resnets: try (0..<c.layersPerBlock).map {
          try ResnetBlock(
            block["resnets"][$0], in: $0 == 0 ? before : widths[level], out: widths[level], groups: c.normGroups,
            epsilon: epsilon)
        },
        downsample: level == widths.count - 1
          ? nil
          : try Conv2D(
            block["downsamplers"][0]["conv"], in: widths[level], out: widths[level], stride: 2,
            padding: Padding(before: 0, after: 1))
      )
    }
    midBlock = try AutoencoderMidBlock(weights["mid_block"], channels: widths[widths.count - 1], groups: c.normGroups)
    normOut = try GroupNorm(
      weights["conv_norm_out"], channels: widths[widths.count - 1], groups: c.normGroups, epsilon: epsilon)
    convOut = try Conv2D(weights["conv_out"], in: widths[widths.count - 1], out: 2 * c.latentChannels)
  }

  /// [N, H, W, 3] -> [N, H / 8, W / 8, 2 x latent channels]
  func callAsFunction(_ x: Tensor) throws -> Tensor {
    var h = convIn(x)
    for block in downBlocks {
      for resnet in block.resnets { h = try resnet(h) }
      if let downsample = block.downsample { h = downsample(h) }
      h.workspace.trim()  // the next level's blocks have other sizes
    }
    return convOut(normOut(try midBlock(h), silu: true))
  }
}

/// Latents to pictures: `decoder`.
package struct Decoder {
  let convIn: Conv2D  // conv_in
  let midBlock: AutoencoderMidBlock  // mid_block
  let upBlocks: [(resnets: [ResnetBlock], upsample: Conv2D?)]  // up_blocks
  let normOut: GroupNorm  // conv_norm_out
  let convOut: Conv2D  // conv_out

  package init(_ weights: Weights, _ c: AutoencoderConfiguration) throws {
    let widths = Array(c.blockOutChannels.reversed())
    convIn = try Conv2D(weights["conv_in"], in: c.latentChannels, out: widths[0])
    midBlock = try AutoencoderMidBlock(weights["mid_block"], channels: widths[0], groups: c.normGroups)
    upBlocks = try widths.indices.map { index in
      let block = weights["up_blocks"][index]
      let before = widths[max(index - 1, 0)]
      return (
        resnets: try (0..<c.layersPerBlock + 1).map {
          try ResnetBlock(
            block["resnets"][$0], in: $0 == 0 ? before : widths[index], out: widths[index], groups: c.normGroups,
            epsilon: epsilon)
        },
        upsample: index == widths.count - 1
          ? nil : try Conv2D(block["upsamplers"][0]["conv"], in: widths[index], out: widths[index])
      )
    }
    normOut = try GroupNorm(
      weights["conv_norm_out"], channels: widths[widths.count - 1], groups: c.normGroups, epsilon: epsilon)
    convOut = try Conv2D(weights["conv_out"], in: widths[widths.count - 1], out: 3)
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
      for resnet in block.resnets { h = try resnet(h) }
      if let upsample = block.upsample {
        h.workspace.trim()  // the next level's blocks have other sizes
        h = upsample(.enlarged(h, height: 2 * h.dim(1), width: 2 * h.dim(2)))
      }
      h.workspace.trim()
    }
    try change(h, upBlocks.count)
    return convOut(normOut(h, silu: true))
  }
}

/// The coarsest level of both: `mid_block`.
struct AutoencoderMidBlock {
  let resnet1: ResnetBlock  // resnets.0
  let attention: PixelAttention  // attentions.0
  let resnet2: ResnetBlock  // resnets.1

  init(_ weights: Weights, channels: Int, groups: Int) throws {
    resnet1 = try ResnetBlock(
      weights["resnets"][0], in: channels, out: channels, groups: groups, epsilon: epsilon)
    attention = try PixelAttention(weights["attentions"][0], channels: channels, groups: groups)
    resnet2 = try ResnetBlock(
      weights["resnets"][1], in: channels, out: channels, groups: groups, epsilon: epsilon)
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

  init(_ weights: Weights, channels: Int, groups: Int) throws {
    norm = try GroupNorm(weights["group_norm"], channels: channels, groups: groups, epsilon: epsilon)
    query = try Linear(weights["to_q"], in: channels, out: channels)
    key = try Linear(weights["to_k"], in: channels, out: channels)
    value = try Linear(weights["to_v"], in: channels, out: channels)
    output = try Linear(weights["to_out"][0], in: channels, out: channels)
  }

  /// [N, H, W, C] -> [N, H, W, C]
  func callAsFunction(_ x: Tensor) throws -> Tensor {
    try x.workspace.checkCancellation()
    let pixels = norm(x)
    func tokens(_ layer: Linear) -> Tensor { layer(pixels).reshaped([x.dim(0), x.dim(1) * x.dim(2), x.dim(3)]) }
    let (keys, values) = (tokens(key), tokens(value))
    let contexts = (0..<x.dim(0)).map { KeysValues(keys: keys[image: $0], values: values[image: $0], heads: 1) }
    return output(attention(queries: tokens(query), contexts).reshaped(x.shape), adding: x)
  }
}
