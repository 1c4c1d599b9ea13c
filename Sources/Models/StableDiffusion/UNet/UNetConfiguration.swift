// SPDX-License-Identifier: LGPL-3.0-or-later
import Checkpoints
import Layers
import Numerics

/// What shapes a `UNet2DConditionModel`; names as in diffusers' `unet/config.json`.
public struct UNetConfiguration: Equatable, Sendable {
  public var inChannels = 9
  public var outChannels = 4
  /// Channels of each level, finest first.
  public var blockOutChannels = [320, 640, 1280, 1280]
  /// Whether each level's blocks, going down, have transformers (`CrossAttnDownBlock2D`) or not (`DownBlock2D`).
  public var downAttention = [true, true, true, false]
  /// The same for the blocks going up, coarsest first.
  public var upAttention = [false, true, true, true]
  public var layersPerBlock = 2
  /// Attention heads of each level.
  public var heads = [8, 8, 8, 8]
  /// Transformer blocks in each spatial transformer of each level.
  public var transformerLayers = [1, 1, 1, 1]
  public var crossAttentionWidth = 768
  /// Values of the embedding by which latent consistency models are told their guidance; nil for other models.
  public var timeConditionWidth: Int?
  public var normGroups = 32
  public var normEpsilon: Float = 1e-5
  /// Latent cells along a side of the pictures that the model was trained on.
  public var sampleSize = 64

  /// SD 1.5 inpainting.
  public init() {}

  var levels: Int { blockOutChannels.count }
  /// Whether the model sees the mask and the masked picture, being made for inpainting, or the latents alone.
  var seesMask: Bool { inChannels != outChannels }
  var timeWidth: Int { 4 * blockOutChannels[0] }

  /// The most memory that the tensors of a pass take at once, over pictures of `cells` latent cells, of which there are
  /// two with guidance, in bytes: about forty feature maps of the finest level for each, with a LoRA's additions fifty;
  /// and what a convolution takes for itself, of a level's channels and those of the skip or of the level below.
  func activationBytes(cells: Int, pictures: Int, withLoRA: Bool) -> Int {
    let channels = blockOutChannels.enumerated().map { level, width in width >> (2 * level) }.max() ?? 0
    let below = Array(blockOutChannels.dropFirst()) + [blockOutChannels.last ?? 0]
    let scratch = zip(blockOutChannels, below).enumerated().map { level, widths in
      Conv2D.scratchBytes(images: pictures, pixels: cells >> (2 * level), channels: widths.0 + widths.1, outputs: widths.0)
    }.max() ?? 0
    return pictures * cells * channels * (withLoRA ? 50 : 40) * MemoryLayout<Float>.stride
      + scratch
  }
}

extension UNetConfiguration: PartConfiguration {
  public static let part = PackPart("unet", title: "the UNet", files: PackPart.diffusersFiles)

  /// diffusers' `unet/config.json`.  Throws for what this UNet cannot do, naming the key.
  public init(_ json: JSON) throws {
    self.init()
    inChannels = try json.value("in_channels", or: 4, \.int)
    outChannels = try json.value("out_channels", or: 4, \.int)
    sampleSize = try json.value("sample_size", or: 64, \.int)
    layersPerBlock = try json.value("layers_per_block", or: 2, \.int)
    crossAttentionWidth = try json.value("cross_attention_dim", or: 1280, \.int)
    normGroups = try json.value("norm_num_groups", or: 32, \.int)
    normEpsilon = Float(try json.value("norm_eps", or: 1e-5, \.double))
    blockOutChannels = try json.integers("block_out_channels", or: [320, 640, 1280, 1280])
    let levels = blockOutChannels.count
    // diffusers calls the number of heads `attention_head_dim` and keeps to it for compatibility.
    let headsKey = json["num_attention_heads"] == nil ? "attention_head_dim" : "num_attention_heads"
    heads = try json.integers(headsKey, or: [8], count: levels)
    transformerLayers = try json.integers("transformer_layers_per_block", or: [1], count: levels)
    downAttention = try json.blockTypes(
      "down_block_types", with: "CrossAttnDownBlock2D", without: "DownBlock2D", or: [true, true, true, false])
    upAttention = try json.blockTypes(
      "up_block_types", with: "CrossAttnUpBlock2D", without: "UpBlock2D", or: [false, true, true, true])

    try json.require("act_fn", "silu")
    try json.require("mid_block_type", "UNetMidBlock2DCrossAttn")
    try json.require("resnet_time_scale_shift", "default")
    try json.require("time_embedding_type", "positional")
    let fixed: [(String, JSON)] = [
      ("flip_sin_to_cos", .bool(true)), ("freq_shift", .integer(0)), ("center_input_sample", .bool(false)),
      ("downsample_padding", .integer(1)), ("dual_cross_attention", .bool(false)), ("conv_in_kernel", .integer(3)),
      ("conv_out_kernel", .integer(3)), ("only_cross_attention", .bool(false)),
    ]
    for (key, value) in fixed where json[key] != nil && json[key] != value {
      throw CheckpointError("\"\(key)\" has a value that is not supported")
    }
    timeConditionWidth = try json["time_cond_proj_dim"] == nil ? nil : json.value("time_cond_proj_dim", or: 0, \.int)
    for key in ["class_embed_type", "addition_embed_type", "encoder_hid_dim"]
    where json[key] != nil {
      throw CheckpointError("\"\(key)\" is not supported")
    }
    try require(
      downAttention.count == levels && upAttention.count == levels && levels > 0,
      "block_out_channels, down_block_types and up_block_types differ in length")
    try checkSizes()
  }

  /// SD 1.5 and SD 2 differ in the width of their context, and with it in their heads.
  public init(inferredFrom weights: Weights) throws {
    self.init()
    guard let first = weights.shape(of: "conv_in.weight"), first.count == 4,
      let context = weights.shape(of: "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight"),
      context.count == 2
    else { throw CheckpointError("not the UNet of Stable Diffusion 1 or 2") }
    // A tensor without elements can be of any shape, whatever the file's size.
    try require((1...65536).contains(first[0]), "a size is out of range")
    inChannels = first[1]
    let widths = [first[0], 2 * first[0], 4 * first[0], 4 * first[0]]
    blockOutChannels = widths
    crossAttentionWidth = context[1]
    timeConditionWidth = weights.shape(of: "time_embedding.cond_proj.weight")?.last
    if crossAttentionWidth >= 1024 { heads = widths.map { max(1, $0 / 64) } }
    try checkSizes()
    try require(
      seesMask || crossAttentionWidth < 1024,
      "Stable Diffusion 2 of 4 input channels predicts noise or velocity, and this does not say which; take its folder, "
        + "with unet/config.json and scheduler/")
  }

  private func checkSizes() throws {
    try require(
      inChannels == 2 * outChannels + 1 || inChannels == outChannels,
      "\(inChannels) input channels, \(outChannels) of output; inpainting models have 9 and 4 (latents, mask, masked picture), "
        + "others 4 and 4")
    try require((4...65536).contains(timeConditionWidth ?? 4), "\"time_cond_proj_dim\" must be 4 or more")
    try require(
      (blockOutChannels + heads + transformerLayers + [inChannels, outChannels, layersPerBlock, crossAttentionWidth])
        .allSatisfy { (1...65536).contains($0) } && (1...4096).contains(sampleSize), "a size is out of range")
    try require(
      zip(blockOutChannels, heads).allSatisfy { $0 % $1 == 0 } && blockOutChannels[0] % 2 == 0,
      "block_out_channels cannot be split into attention_head_dim heads")
  }
}

extension JSON {
  /// Which of a list of block types are `with`; throws `CheckpointError` for one that is neither that nor `without`.
  fileprivate func blockTypes(_ key: String, with: String, without: String, or fallback: [Bool]) throws -> [Bool] {
    guard let list = self[key]?.array else { return fallback }
    return try list.map { name in
      guard name.string == with || name.string == without else {
        throw CheckpointError("\"\(key)\" has \"\(name.string ?? "?")\", which is not supported")
      }
      return name.string == with
    }
  }
}
