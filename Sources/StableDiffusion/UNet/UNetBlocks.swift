import Checkpoints
import Tensors

/// A level on the way down: `down_blocks.N` (CrossAttnDownBlock2D, DownBlock2D).
struct DownBlock {
  let resnets: [ResnetBlock]
  let attentions: [SpatialTransformer]  // one a resnet, or none
  let downsample: Conv2D?  // downsamplers.0.conv

  /// x: [N, H, W, C].  Appends each layer's result to `skips`; the last one is the block's result.
  func callAsFunction(
    _ x: Tensor, time: Tensor, _ context: inout PreparedContext.Reader, skips: inout [Tensor]
  ) throws -> Tensor {
    var h = x
    for (index, resnet) in resnets.enumerated() {
      h = try resnet(h, time: time)
      if !attentions.isEmpty { h = try attentions[index](h, &context) }
      skips.append(h)
    }
    if let downsample {
      h = downsample(h)  // [N, ceil(H / 2), ceil(W / 2), C]
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

  func callAsFunction(_ x: Tensor, time: Tensor, _ context: inout PreparedContext.Reader) throws -> Tensor {
    try resnet2(attention(resnet1(x, time: time), &context), time: time)
  }
}

/// A level on the way up: `up_blocks.N` (CrossAttnUpBlock2D, UpBlock2D).
struct UpBlock {
  let resnets: [ResnetBlock]
  let attentions: [SpatialTransformer]  // one a resnet, or none
  let upsample: Conv2D?  // upsamplers.0.conv

  /// Takes a skip for each resnet from the end of `skips`.  What is left there last has the size to grow to.
  func callAsFunction(
    _ x: Tensor, time: Tensor, _ context: inout PreparedContext.Reader, skips: inout [Tensor]
  ) throws -> Tensor {
    var h = x
    for (index, resnet) in resnets.enumerated() {
      h = try resnet(Features(h, skips.removeLast()), time: time)
      if !attentions.isEmpty { h = try attentions[index](h, &context) }
    }
    if let upsample, let next = skips.last {
      h = upsample(.enlarged(h, height: next.dim(1), width: next.dim(2)))
    }
    return h
  }
}
