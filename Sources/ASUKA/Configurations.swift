import Checkpoints
import StableDiffusion

/// What shapes a `MaskedAutoencoder`; names in `mae/config.json` as in transformers' ViTMAEConfig.
public struct MaskedAutoencoderConfiguration: Equatable, Sendable {
  public var imageSize = 256
  public var patchSize = 16
  public var encoder = TransformerSize(width: 768, depth: 12, heads: 12, hiddenWidth: 3072)
  public var decoder = TransformerSize(width: 512, depth: 8, heads: 16, hiddenWidth: 2048)
  public var normEpsilon: Float = 1e-6
  /// `feature_layer`: the features are what enters this block of the decoder.
  public var featureLayer = 6

  /// MAE-FAR's and ASUKA's: ViT-B over 256 x 256 pixels in 16 x 16 patches, without class token.
  public init() {}

  /// Patches along a side.
  public var grid: Int { imageSize / patchSize }

  /// The most memory that the tensors of a pass take at once, in bytes: about a dozen vectors of a block's width and
  /// two of its feed-forward for each patch, the picture, its mask and copies, and one widened weight matrix.
  package var activationBytes: Int {
    func floats(_ size: TransformerSize) -> Int {
      let tokens = grid * grid * (12 * size.width + 2 * size.hiddenWidth)
      return tokens + size.width * max(size.hiddenWidth, 3 * size.width)
    }
    return (max(floats(encoder), floats(decoder)) + 16 * imageSize * imageSize) * MemoryLayout<Float>.stride
  }
}

extension MaskedAutoencoderConfiguration {
  /// Throws `CheckpointError` for sizes that do not fit each other.
  package init(_ json: JSON) throws {
    imageSize = try json.value("image_size", or: 256, \.int)
    patchSize = try json.value("patch_size", or: 16, \.int)
    encoder.width = try json.value("hidden_size", or: 768, \.int)
    encoder.depth = try json.value("num_hidden_layers", or: 12, \.int)
    encoder.heads = try json.value("num_attention_heads", or: 12, \.int)
    encoder.hiddenWidth = try json.value("intermediate_size", or: 3072, \.int)
    decoder.width = try json.value("decoder_hidden_size", or: 512, \.int)
    decoder.depth = try json.value("decoder_num_hidden_layers", or: 8, \.int)
    decoder.heads = try json.value("decoder_num_attention_heads", or: 16, \.int)
    decoder.hiddenWidth = try json.value("decoder_intermediate_size", or: 2048, \.int)
    normEpsilon = Float(try json.value("layer_norm_eps", or: 1e-6, \.double))
    featureLayer = try json.value("feature_layer", or: 6, \.int)
    try checkSizes()
  }

  /// From a file without configuration.  Heads are 64 channels wide in the encoder and 32 in the decoder, as in all
  /// released models.
  package init(inferredFrom weights: Weights) throws {
    guard let patch = weights.shape(of: "patch_embed.proj.weight"), patch.count == 4,
      let positions = weights.shape(of: "pos_embed"), positions.count == 3,
      let embedding = weights.shape(of: "decoder_embed.weight"), embedding.count == 2,
      let hidden = weights.shape(of: "blocks.0.mlp.fc1.weight"), hidden.count == 2,
      let decoderHidden = weights.shape(of: "decoder_blocks.0.mlp.fc1.weight"), decoderHidden.count == 2
    else { throw CheckpointError("not a masked autoencoder of MAE-FAR or ASUKA; or add config.json") }
    try check(
      weights.shape(of: "cls_token") == nil, "a masked autoencoder with a class token, as Meta's; MAE-FAR's have none")
    try check((1...4096).contains(positions[1]) && (1...256).contains(patch[3]), "a size is out of range")
    patchSize = patch[3]
    imageSize = patchSize * Int(Double(positions[1]).squareRoot())
    encoder = TransformerSize(
      width: patch[0], depth: weights.count(of: "blocks"), heads: max(1, patch[0] / 64), hiddenWidth: hidden[0])
    decoder = TransformerSize(
      width: embedding[0], depth: weights.count(of: "decoder_blocks"), heads: max(1, embedding[0] / 32),
      hiddenWidth: decoderHidden[0])
    featureLayer = min(featureLayer, decoder.depth)
    try checkSizes()
  }

  private func checkSizes() throws {
    let sizes = [encoder, decoder]
    try check(
      (1...256).contains(patchSize) && (patchSize...4096).contains(imageSize) && imageSize % patchSize == 0
        && grid <= 64 && normEpsilon > 0 && normEpsilon.isFinite
        && sizes.allSatisfy {
          [$0.width, $0.heads, $0.hiddenWidth].allSatisfy { (1...65536).contains($0) } && (0...256).contains($0.depth)
        }, "a size is out of range")
    try check(
      sizes.allSatisfy { $0.width % $0.heads == 0 && $0.width % 4 == 0 },
      "a width cannot be split into heads, or into the sines and cosines of two axes")
    try check((0...decoder.depth).contains(featureLayer), "\"feature_layer\" is no block of the decoder")
  }
}

/// What shapes an `AlignmentModule`; names in `alignment/config.json` as far as transformers has them.
public struct AlignmentConfiguration: Equatable, Sendable {
  public enum Attention: String, Sendable {
    case own = "self"
    case cross
  }

  /// `input_size`: the masked autoencoder's decoder width.
  public var inputWidth = 512
  /// `hidden_size`: the UNet's context width.
  public var width = 768
  /// `num_hidden_layers`; 0 is the linear variant.
  public var depth = 4
  public var heads = 12
  public var attention = Attention.own
  /// `num_queries`: tokens of the context, with cross-attention.
  public var queries = 256

  /// ASUKA's choice: four self-attentions, for Stable Diffusion 1.5.
  public init() {}

  /// The most memory that the tensors of a pass over so many features take at once, in bytes: about twenty vectors of
  /// its width for each token, and one widened weight matrix.
  package func activationBytes(features: Int) -> Int {
    let tokens = 20 * max(features, queries) * width
    return (tokens + 7 * width * width) * MemoryLayout<Float>.stride
  }
}

extension AlignmentConfiguration {
  /// Throws `CheckpointError` for sizes that do not fit each other.
  package init(_ json: JSON) throws {
    inputWidth = try json.value("input_size", or: 512, \.int)
    width = try json.value("hidden_size", or: 768, \.int)
    depth = try json.value("num_hidden_layers", or: 4, \.int)
    heads = try json.value("num_attention_heads", or: 12, \.int)
    queries = try json.value("num_queries", or: 256, \.int)
    let name = try json.value("attention", or: Attention.own.rawValue, \.string)
    guard let attention = Attention(rawValue: name) else {
      throw CheckpointError("\"attention\" \"\(name)\" is not supported; there are self and cross")
    }
    self.attention = attention
    try checkSizes()
  }

  /// From a file without configuration.
  package init(inferredFrom weights: Weights) throws {
    guard let first = weights.shape(of: "0.weight"), first.count == 2 else {
      throw CheckpointError("not an alignment module of ASUKA; or add config.json")
    }
    (width, inputWidth) = (first[0], first[1])
    depth = 0
    while weights[depth + 1].contains("linear1.weight") { depth += 1 }
    heads = width / max(1, weights.shape(of: "1.norm.query_norm.scale")?.first ?? width)
    if let queries = weights.shape(of: "queries"), queries.count == 3 {
      attention = .cross
      self.queries = queries[1]
    }
    try checkSizes()
  }

  private func checkSizes() throws {
    try check(
      [inputWidth, width, heads].allSatisfy { (1...65536).contains($0) } && (0...256).contains(depth)
        && (1...4096).contains(queries), "a size is out of range")
    try check(width % heads == 0, "\"hidden_size\" cannot be split into num_attention_heads heads")
  }
}

/// What shapes a `HarmonizingDecoder`; names in `harmonizing_decoder/config.json` as in diffusers' configuration of
/// AsymmetricAutoencoderKL, with four more.
public struct HarmonizingDecoderConfiguration: Equatable, Sendable {
  public enum MaskResampling: String, Sendable {
    /// A cell is a hole where any of its pixels is.
    case area
    /// A cell is as its first pixel.
    case nearest
  }

  /// `up_block_out_channels`, `layers_per_up_block`, `latent_channels`, `norm_num_groups`, `scaling_factor`;
  /// `use_post_quant_conv`: whether there is a 1x1 convolution before the decoder.
  public var autoencoder = AutoencoderConfiguration()
  /// `shift_factor`: latents are (z - shift) x scaling factor.
  public var shiftFactor: Float = 0
  /// `condition_channels`: what the condition encoder sees, the known pixels (3) or those and the mask (4).
  public var conditionChannels = 4
  /// `mask_resampling`; ASUKA's is `area`, diffusers' and Asymmetric VQGAN's `nearest`.
  public var maskResampling = MaskResampling.area

  /// ASUKA's, for Stable Diffusion's latents.
  public init() {}
}

extension HarmonizingDecoderConfiguration {
  /// A configuration that does not say otherwise is diffusers': 3 channels, masks by the nearest pixel; with 4
  /// channels it is ASUKA's, masks by area.
  package init(_ json: JSON) throws {
    autoencoder.blockOutChannels = try json.integers("up_block_out_channels", or: [128, 256, 512, 512])
    autoencoder.layersPerBlock = try json.value("layers_per_up_block", or: 2, \.int)
    autoencoder.latentChannels = try json.value("latent_channels", or: 4, \.int)
    autoencoder.normGroups = try json.value("norm_num_groups", or: 32, \.int)
    autoencoder.scalingFactor = Float(try json.value("scaling_factor", or: 0.18215, \.double))
    autoencoder.quantConvolutions = try json.value("use_post_quant_conv", or: true, \.bool)
    shiftFactor = Float(try json.value("shift_factor", or: 0, \.double))
    conditionChannels = try json.value("condition_channels", or: 3, \.int)
    let implied = conditionChannels == 4 ? MaskResampling.area : .nearest
    let name = try json.value("mask_resampling", or: implied.rawValue, \.string)
    guard let resampling = MaskResampling(rawValue: name) else {
      throw CheckpointError("\"mask_resampling\" \"\(name)\" is not supported; there are area and nearest")
    }
    maskResampling = resampling
    try checkSizes()
  }

  /// From a file without configuration, as Asymmetric VQGAN's and ASUKA's are.  Latents of 16 channels are FLUX's.
  package init(inferredFrom weights: Weights) throws {
    let decoder = weights["decoder"]
    let levels = decoder.count(of: "up_blocks")
    let widths = (0..<levels).reversed().compactMap {
      decoder["up_blocks"][$0].shape(of: "resnets.0.conv2.weight")?.first
    }
    guard let first = decoder.shape(of: "conv_in.weight"), first.count == 4, widths.count == levels,
      let condition = decoder.shape(of: "condition_encoder.layers.0.weight"), condition.count == 4
    else { throw CheckpointError("not a decoder with a condition encoder; or add config.json") }
    autoencoder.blockOutChannels = widths
    autoencoder.layersPerBlock = decoder["up_blocks"][0].count(of: "resnets") - 1
    autoencoder.latentChannels = first[1]
    autoencoder.quantConvolutions = weights.contains("post_quant_conv.weight")
    if first[1] == 16 { (autoencoder.scalingFactor, shiftFactor) = (0.3611, 0.1159) }
    conditionChannels = condition[1]
    maskResampling = conditionChannels == 4 ? .area : .nearest
    try checkSizes()
  }

  private func checkSizes() throws {
    let c = autoencoder
    try check(
      (c.blockOutChannels + [c.layersPerBlock, c.latentChannels]).allSatisfy { (1...65536).contains($0) }
        && (1...8).contains(c.blockOutChannels.count) && c.scalingFactor.isNormal && shiftFactor.isFinite,
      "a size is out of range")
    try check(
      c.normGroups > 0 && c.blockOutChannels.allSatisfy { $0 % c.normGroups == 0 },
      "its widths are no multiples of \(c.normGroups), \"norm_num_groups\"; correct or add config.json")
    try check(conditionChannels == 3 || conditionChannels == 4, "\"condition_channels\" is neither 3 nor 4")
  }
}
