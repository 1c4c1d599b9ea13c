import Checkpoints

/// The models' configurations, read from a pack's JSON or found out from a one-file checkpoint's tensors.

extension UNetConfiguration {
  /// diffusers' `unet/config.json`.  Throws for what this UNet cannot do, naming the key.
  init(_ json: JSON) throws {
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
    for key in ["class_embed_type", "addition_embed_type", "encoder_hid_dim", "time_cond_proj_dim"]
    where json[key] != nil {
      throw CheckpointError("\"\(key)\" is not supported")
    }
    try check(
      downAttention.count == levels && upAttention.count == levels && levels > 0,
      "block_out_channels, down_block_types and up_block_types differ in length")
    try checkSizes()
  }

  /// SD 1.5 and SD 2 differ in the width of their context, and with it in their heads.
  init(inferredFrom weights: Weights) throws {
    self.init()
    guard let first = weights.shape(of: "conv_in.weight"), first.count == 4,
      let context = weights.shape(of: "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight"),
      context.count == 2
    else { throw CheckpointError("not the UNet of Stable Diffusion 1 or 2") }
    // A tensor without elements can be of any shape, whatever the file's size.
    try check((1...65536).contains(first[0]), "a size is out of range")
    inChannels = first[1]
    let widths = [first[0], 2 * first[0], 4 * first[0], 4 * first[0]]
    blockOutChannels = widths
    crossAttentionWidth = context[1]
    if crossAttentionWidth >= 1024 { heads = widths.map { max(1, $0 / 64) } }
    try checkSizes()
  }

  private func checkSizes() throws {
    try check(
      (blockOutChannels + heads + transformerLayers + [inChannels, outChannels, layersPerBlock, crossAttentionWidth])
        .allSatisfy { (1...65536).contains($0) } && (1...4096).contains(sampleSize), "a size is out of range")
    try check(
      zip(blockOutChannels, heads).allSatisfy { $0 % $1 == 0 } && blockOutChannels[0] % 2 == 0,
      "block_out_channels cannot be split into attention_head_dim heads")
  }
}

extension AutoencoderConfiguration {
  /// diffusers' `vae/config.json`.
  init(_ json: JSON) throws {
    self.init()
    blockOutChannels = try json.integers("block_out_channels", or: [64])
    layersPerBlock = try json.value("layers_per_block", or: 1, \.int)
    latentChannels = try json.value("latent_channels", or: 4, \.int)
    normGroups = try json.value("norm_num_groups", or: 32, \.int)
    scalingFactor = Float(try json.value("scaling_factor", or: 0.18215, \.double))
    quantConvolutions = try json.value("use_quant_conv", or: true, \.bool)
    try json.require("act_fn", "silu")
    for key in ["shift_factor", "latents_mean"] where json[key] != nil {
      throw CheckpointError("\"\(key)\" is not supported")
    }
    try check(try json.value("mid_block_add_attention", or: true, \.bool), "a middle without attention is not supported")
    try check(
      (blockOutChannels + [layersPerBlock, latentChannels]).allSatisfy { (1...65536).contains($0) }
        && (1...8).contains(blockOutChannels.count) && scalingFactor.isNormal, "a size is out of range")
  }
}

extension TextEncoderConfiguration {
  /// transformers' `text_encoder/config.json`.
  init(_ json: JSON) throws {
    self.init()
    vocabularySize = try json.value("vocab_size", or: 49408, \.int)
    hiddenSize = try json.value("hidden_size", or: 512, \.int)
    intermediateSize = try json.value("intermediate_size", or: 2048, \.int)
    layers = try json.value("num_hidden_layers", or: 12, \.int)
    heads = try json.value("num_attention_heads", or: 8, \.int)
    maximumLength = try json.value("max_position_embeddings", or: 77, \.int)
    normEpsilon = Float(try json.value("layer_norm_eps", or: 1e-5, \.double))
    let name = try json.value("hidden_act", or: "quick_gelu", \.string)
    guard let activation = Activation(rawValue: name) else {
      throw CheckpointError("\"hidden_act\" \"\(name)\" is not supported")
    }
    self.activation = activation
    try checkSizes()
  }

  /// CLIP ViT-L/14 (SD 1.5) or OpenCLIP ViT-H/14 without its last layer (SD 2), told apart by their width.
  init(inferredFrom weights: Weights) throws {
    self.init()
    guard let table = weights.shape(of: "embeddings.token_embedding.weight"), table.count == 2,
      let positions = weights.shape(of: "embeddings.position_embedding.weight"), positions.count == 2,
      let hidden = weights.shape(of: "encoder.layers.0.mlp.fc1.weight"), hidden.count == 2
    else { throw CheckpointError("not a CLIP text encoder") }
    vocabularySize = table[0]
    maximumLength = positions[0]
    hiddenSize = table[1]
    intermediateSize = hidden[0]
    layers = weights["encoder"].count(of: "layers")
    heads = max(1, hiddenSize / 64)
    if hiddenSize >= 1024 { activation = .gelu }
    try checkSizes()
  }

  private func checkSizes() throws {
    try check(
      [vocabularySize, hiddenSize, intermediateSize, layers, heads].allSatisfy { (1...1_000_000).contains($0) }
        && (2...4096).contains(maximumLength) && hiddenSize % heads == 0, "a size is out of range")
  }
}

/// Throws `CheckpointError` with `message` unless `condition` holds.
package func check(_ condition: Bool, _ message: String) throws {
  if !condition { throw CheckpointError(message) }
}

extension JSON {
  /// One integer for all, or a list (of `count`).
  package func integers(_ key: String, or fallback: [Int], count: Int? = nil) throws -> [Int] {
    var values = fallback
    if let member = self[key] {
      guard let list = member.int.map({ [$0] }) ?? member.array?.compactMap(\.int),
        list.count == member.array?.count ?? 1, !list.isEmpty
      else { throw CheckpointError("\"\(key)\" has an unexpected value") }
      values = list
    }
    if let count, values.count == 1 { values = Array(repeating: values[0], count: count) }
    guard values.count == count ?? values.count else {
      throw CheckpointError("\"\(key)\" has \(values.count) entries, expected \(count!)")
    }
    return values
  }

  fileprivate func blockTypes(_ key: String, with: String, without: String, or fallback: [Bool]) throws -> [Bool] {
    guard let list = self[key]?.array else { return fallback }
    return try list.map { name in
      guard name.string == with || name.string == without else {
        throw CheckpointError("\"\(key)\" has \"\(name.string ?? "?")\", which is not supported")
      }
      return name.string == with
    }
  }

  fileprivate func require(_ key: String, _ value: String) throws {
    guard try self.value(key, or: value, \.string) == value else {
      throw CheckpointError("\"\(key)\" \"\(self[key]?.string ?? "?")\" is not supported")
    }
  }
}
